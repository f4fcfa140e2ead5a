"""Writes about a person: keyword-only, ``by=``, one transaction, one audit row in it.

``by`` is a User, or a word ("import", "demo") for what acts without one. Every function raises ValueError with
one sentence for what it refuses.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction

from surcease.knowledge.fact import Fact
from surcease.web.accounts.models import User
from surcease.web.audit import trail
from surcease.web.clinic.models import Site
from surcease.web.forms import StaleVersion
from surcease.web.patients.models import (
    CareRelation,
    ClinicalRow,
    Identifier,
    Patient,
    PatientChange,
    folded,
)
from surcease.web.patients.rows import statement_row

Actor = User | str
PARTICULARS = (
    "family", "given", "born", "sex", "deceased", "died", "zone", "language", "phone", "email", "address", "contact",
    "comfort", "pressing_hand", "usual_gait", "usual_orientation",
)  # fmt: skip


@transaction.atomic
def register_patient(
    *,
    by: Actor,
    now: datetime,
    family: str,
    site: Site | None,
    identifiers: Iterable[tuple[str, str]] = (),
    **particulars: Any,
) -> Patient:
    """A new person, in the care of a site's team."""
    _known_particulars(particulars)
    patient = Patient(family=family, created_at=now, created_by=_user(by), **particulars)
    patient.search_name = folded(f"{patient.given} {patient.family}")
    patient.save(force_insert=True)
    for system, value in identifiers:
        Identifier.objects.create(patient=patient, system=system, value=value)
    if site is not None:
        CareRelation.objects.create(patient=patient, site=site, since=now, made_by=_user(by))
    trail.write("register", by=by, about=patient, patient=patient)
    return patient


@transaction.atomic
def change_particulars(
    *, by: Actor, now: datetime, patient: Patient, version: int, changes: Mapping[str, Any], reason: str = ""
) -> Patient:
    """Change particulars; what stood before is kept. Raises StaleVersion when someone else changed them meanwhile."""
    _known_particulars(changes)
    row = Patient.objects.select_for_update().get(pk=patient.pk)
    if row.version != version:
        raise StaleVersion(current=row)
    before = {name: _plain(getattr(row, name)) for name in changes}
    for name, value in changes.items():
        setattr(row, name, value)
    after = {name: _plain(getattr(row, name)) for name in changes}
    if before == after:
        return row
    row.version += 1
    row.search_name = folded(f"{row.given} {row.family}")
    row.save()
    PatientChange(
        patient=row, version=row.version, before=before, after=after, reason=reason, by=_user(by), at=now
    ).save()
    trail.write("change particulars", by=by, about=row, patient=row, why=reason, details={"fields": sorted(changes)})
    return row


@transaction.atomic
def enter(*, by: Actor, now: datetime, patient: Patient, rows: Sequence[ClinicalRow], what: str = "") -> None:
    """Keep clinical rows (unsaved, of any kind) as written by ``by``. ``what`` is how the trail calls it."""
    for row in rows:
        row.patient, row.created_by, row.created_at = patient, _user(by), now
        row.save()
    kinds = sorted({row._meta.model_name or "" for row in rows})
    trail.write(what or "enter", by=by, patient=patient, details={"rows": len(rows), "kinds": kinds})


@transaction.atomic
def strike(*, by: User, now: datetime, row: ClinicalRow, reason: str, instead: ClinicalRow | None = None) -> None:
    """Strike a row through; ``instead`` is the unsaved row that takes its place."""
    row.strike(by=by, reason=reason, now=now)
    trail.write("strike through", by=by, about=row, why=reason)
    if instead is not None:
        enter(by=by, now=now, patient=row.patient, rows=[instead], what="enter instead")


@transaction.atomic
def state(*, by: Actor, now: datetime, patient: Patient, facts: Mapping[str, Fact | None], what: str = "") -> None:
    """Keep answered facts by name; None says that a fact is not known (any more). A newer answer supersedes."""
    rows = [statement_row(name, fact) for name, fact in facts.items()]
    enter(by=by, now=now, patient=patient, rows=rows, what=what or "state facts")


@transaction.atomic
def give_care(
    *, by: Actor, now: datetime, patient: Patient, site: Site | None = None, user: User | None = None
) -> CareRelation:
    """Let a site's team, or one user, open this person's chart."""
    row = CareRelation.objects.create(patient=patient, site=site, user=user, since=now, made_by=_user(by))
    trail.write("give care", by=by, patient=patient, about=row)
    return row


@transaction.atomic
def end_care(*, by: Actor, now: datetime, relation: CareRelation) -> None:
    """End a care relation now."""
    relation.until = now
    relation.save(update_fields=["until"])
    trail.write("end care", by=by, patient=relation.patient_id, about=relation)


@transaction.atomic
def merge(*, by: User, now: datetime, patient: Patient, into: Patient, reason: str) -> None:
    """Say that two records are one person. Nothing moves: ``access`` follows the arrow. Never done automatically."""
    if patient.pk == into.pk or into.merged_into_id is not None:
        raise ValueError("A record is merged into another record that is not itself merged.")
    if not reason.strip():
        raise ValueError("Merging two records needs a reason: say how you know that they are one person.")
    patient.merged_into = into
    patient.save(update_fields=["merged_into"])
    trail.write("merge", by=by, about=patient, patient=patient, why=reason, details={"into": str(into.pk)})


def _known_particulars(changes: Mapping[str, Any]) -> None:
    unknown = set(changes) - set(PARTICULARS)
    if unknown:
        raise TypeError(f"A person has no particular {min(unknown)!r}: use {', '.join(PARTICULARS)}.")


def _user(by: Actor) -> User | None:
    return by if isinstance(by, User) else None


def _plain(value: Any) -> Any:
    return value.isoformat() if hasattr(value, "isoformat") else value
