"""Signing a limit or a readiness statement: with a signature over exactly what was decided."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

from django.db import transaction

from surcease.care.session_limits import refuse_personal
from surcease.knowledge import load
from surcease.knowledge.rule import Rule
from surcease.knowledge.site import SiteLimit
from surcease.web.accounts.models import User
from surcease.web.audit import trail
from surcease.web.clinic.models import Site
from surcease.web.limits.models import Readiness, SignedLimit
from surcease.web.limits.queries import WASTE_WITNESS
from surcease.web.patients.models import Patient
from surcease.web.signing.actions import sign


@transaction.atomic
def sign_limit(
    *,
    by: User,
    now: datetime,
    method: str,
    rule: str,
    threshold: str,
    value: Decimal | None,
    reason: str,
    site: Site | None = None,
    patient: Patient | None = None,
    expires: date | None = None,
) -> SignedLimit:
    """A site's number of a configurable rule, or a physician's limit for one person; without threshold and value, the
    stricter outcome that a rule offers for the site's signature. ValueError says why not."""
    knowledge = load()
    limit = SiteLimit(rule, by.printed_name, now, reason.strip(), threshold, value, expires, person=patient is not None)
    if patient is not None and (said := refuse_personal(limit, knowledge)):
        raise ValueError(said)
    _refuse_unknown(knowledge.rule(rule), threshold, value)
    if not reason.strip():
        raise ValueError("A signed limit needs its reason.")
    if expires is not None and expires < now.date():
        raise ValueError(f"{expires.isoformat()} is over: choose a day that is still to come.")
    row = SignedLimit(
        site=site, patient=patient, rule=rule, threshold=threshold, value=value, reason=reason.strip(), expires=expires,
        by=by, at=now,
    )  # fmt: skip
    row.save()
    sign(
        by=by, now=now, record_kind="limit", record_id=row.pk, version=1, content=limit, meaning="author",
        method=method, patient=patient.pk if patient else None,
    )  # fmt: skip
    trail.write("sign limit", by=by, about=row, patient=patient, why=reason.strip(), details={"rule": rule})
    return row


def _refuse_unknown(known: Rule, threshold: str, value: Decimal | None) -> None:
    if not threshold and value is None and known.signed_outcome is not None:
        return
    if threshold not in known.thresholds:
        allowed = ", ".join(known.thresholds) or "none"
        raise ValueError(f"{known.id} has no number {threshold!r} to sign: it has {allowed}.")
    if value is None:
        raise ValueError(f"{threshold} needs its number: type one.")


@transaction.atomic
def settle(
    *, by: User, now: datetime, method: str, site: Site, thing: str, text: str, waste_witness: str = ""
) -> Readiness:
    """Sign one readiness statement. ``waste_witness`` (one of queries.WASTE_WITNESS) belongs to the witness rule."""
    if thing not in Readiness.Thing.values:
        raise ValueError(f"{thing!r} is not something to settle: {', '.join(Readiness.Thing.values)}.")
    if not text.strip():
        raise ValueError("Write down what was decided before signing it.")
    if waste_witness and (thing != Readiness.Thing.WITNESS or waste_witness not in WASTE_WITNESS):
        raise ValueError("Whether waste needs a witness belongs to the witness rule: needed, or not needed.")
    rule = {"waste_witness": waste_witness} if waste_witness else {}
    row = Readiness(site=site, thing=thing, text=text.strip(), rule=rule, by=by, at=now)
    row.save()
    content = {"thing": thing, "site": str(site.pk), "text": row.text} | rule
    sign(by=by, now=now, record_kind="readiness", record_id=row.pk, version=1, content=content, meaning="author",
         method=method)  # fmt: skip
    trail.write("settle", by=by, about=row, details={"thing": thing})
    return row
