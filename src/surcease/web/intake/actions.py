"""Writes of the intake step: the block that was asked, what was set aside, the signed decision."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db import transaction

from surcease.care.decision import basis, decide
from surcease.care.eligibility import asked_none_of_these
from surcease.care.override import override
from surcease.care.urgency import points_of
from surcease.knowledge import load
from surcease.knowledge.instrument import Instrument
from surcease.knowledge.score import Score, score
from surcease.web.accounts.models import User
from surcease.web.audit import trail
from surcease.web.intake.calls import call
from surcease.web.intake.models import EligibilityDecision, SetAside
from surcease.web.intake.queries import Assessed, instrument
from surcease.web.patients import actions as patients
from surcease.web.patients.models import AnswersRow, Patient
from surcease.web.patients.record import answers_of, value_to
from surcease.web.signing.actions import sign
from surcease.web.worklist import actions as worklist


@transaction.atomic
def ask_block(*, by: User, now: datetime, patient: Patient, found: Assessed, yes: Iterable[str]) -> tuple[str, ...]:
    """Record the signed block "asked: none of these": a No for each contraindication, a Yes for those named.

    Returns the names where the record already says yes: those are answered one by one.
    """
    facts, against = asked_none_of_these(found.result.facts, load().facts, by=by.printed_name, at=now, except_=yes)
    said = {n: facts[n] for n in facts if facts[n].at == now and facts[n].source.startswith("asked by")}
    patients.state(by=by, now=now, patient=patient, facts=said, what="asked: none of these")
    return against


@transaction.atomic
def keep_answers(
    *,
    by: User,
    now: datetime,
    patient: Patient,
    instrument_id: str,
    items: Mapping[str, Any],
    at: datetime | None = None,
) -> Score:
    """Keep one filled-in instrument and act on what it triggers: an answer that needs somebody asks for them.

    ``at`` is when it was answered (None: now): a phone without a network sends later.
    """
    asked = instrument(instrument_id)
    result = score(asked, items)
    before = {t.item: _points_before(asked, patient, t.item) for t in result.triggers}
    row = AnswersRow(
        instrument=asked.id,
        instrument_version=str(asked.version),
        items={k: value_to(v) for k, v in items.items()},
        at=at or now,
        language="en",
    )
    patients.enter(by=by, now=now, patient=patient, rows=[row], what=f"answers {asked.id}")
    for trigger in result.triggers:
        points = points_of(asked, trigger.item, items.get(trigger.item))
        call(by=by, now=now, patient=patient, trigger=trigger, points=points, before=before[trigger.item], source=row)
    return result


def _points_before(asked: Instrument, patient: Patient, item: str) -> Decimal | None:
    """The points an item had when it was last answered, None when it never was."""
    rows = AnswersRow.objects.standing().filter(patient=patient, instrument=asked.id)
    found = [answers_of(row) for row in rows]
    last = max((a for a in found if a.items.get(item) is not None), key=lambda a: str(a.at), default=None)
    return points_of(asked, item, last.items[item]) if last else None


@transaction.atomic
def set_aside(
    *, by: User, now: datetime, patient: Patient, found: Assessed, rule: str, reason: str, second: User | None = None
) -> SetAside:
    """Set one finding aside. OverrideError (a ValueError) says why it may not be."""
    finding = next((f for f in found.result.findings if f.id == rule), None)
    if finding is None:
        raise ValueError(f"There is no finding {rule} on this person now.")
    held = override(
        finding, load(), by=by.printed_name, at=now, reason=reason, second_by=second.printed_name if second else ""
    )
    row = SetAside(
        patient=patient, rule=held.rule, reason=held.reason, facts=[list(f) for f in held.facts], by=by, second=second,
        at=now,
    )  # fmt: skip
    row.save()
    trail.write("set aside", by=by, about=row, patient=patient, why=held.reason, details={"rule": rule})
    return row


@transaction.atomic
def sign_decision(
    *, by: User, now: datetime, method: str, patient: Patient, found: Assessed, verdict: str, reason: str = ""
) -> EligibilityDecision:
    """Sign the decision. A STOP allows only *not eligible* or *deferred*; a DEFER allows no *eligible*."""
    outcome = str(found.result.outcome or "none")
    kinds = EligibilityDecision.Verdict
    if verdict not in kinds.values:
        raise ValueError(f"{verdict!r} is not a decision: {', '.join(kinds.values)}.")
    if outcome == "STOP" and verdict not in (kinds.NOT, kinds.DEFERRED):
        raise ValueError("A STOP stands: the decision is not eligible or deferred. It ends when a fact changes.")
    if outcome == "DEFER" and verdict in (kinds.ELIGIBLE, kinds.CONDITIONS):
        raise ValueError("Something is still open (DEFER): settle it first, or decide deferred.")
    if verdict == kinds.CONDITIONS and not reason.strip():
        raise ValueError("Eligible with conditions needs its conditions in words.")
    last = EligibilityDecision.objects.filter(patient=patient).order_by("-version").first()
    decision = decide(found.result, by=by.printed_name, at=now, reason=reason.strip())
    row = EligibilityDecision(
        patient=patient, version=(last.version if last else 0) + 1, verdict=verdict, outcome=outcome,
        headline=found.result.headline, basis=basis(found.result), knowledge=found.result.knowledge,
        reason=reason.strip(), by=by, at=now,
    )  # fmt: skip
    row.save()
    content = {"verdict": verdict, "decision": decision, "basis": row.basis}
    sign(
        by=by, now=now, record_kind="eligibility", record_id=str(row.pk), version=row.version, content=content,
        meaning="author", method=method, patient=patient.pk, reason=reason.strip(),
    )  # fmt: skip
    trail.write("decide eligibility", by=by, about=row, patient=patient, details={"verdict": verdict})
    return row


@transaction.atomic
def ask_for_missing(*, by: User, now: datetime, patient: Patient, found: Assessed, days: int = 7) -> int:
    """Turn what is missing into to-dos, one for each owner, due in ``days``. How many were asked."""
    roles = {"physician": "physician", "nurse": "nurse", "pharmacist": "pharmacist", "front_desk": "front_desk"}
    groups: dict[str, list[str]] = {}
    for one in found.result.missing:
        groups.setdefault(roles.get(one.owner, "nurse"), []).append(one.label)
    for role, labels in groups.items():
        worklist.ask(
            by=by, now=now, key=f"missing:{patient.pk}:{role}:{now:%Y-%m-%d}", kind="missing facts", for_role=role,
            what=f"Intake: settle {', '.join(labels)}"[:300], due_at=now + timedelta(days=days), patient=patient,
            link=f"/intake/person/{patient.pk}/",
        )  # fmt: skip
    return len(groups)
