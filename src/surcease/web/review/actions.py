"""Signing a review: one decision, its reason where it departs, and the next contact."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.db import transaction
from django.utils import timezone

from surcease.knowledge import load
from surcease.web.accounts.models import User
from surcease.web.audit import trail
from surcease.web.patients.models import Patient
from surcease.web.plan.actions import end_plan
from surcease.web.plan.queries import current
from surcease.web.review.models import ReviewDecision
from surcease.web.review.queries import Reviewed
from surcease.web.signing.actions import sign
from surcease.web.worklist import actions as worklist


@transaction.atomic
def sign_review(
    *, by: User, now: datetime, method: str, patient: Patient, found: Reviewed, action: str, reason: str,
    next_contact: date, next_kind: str,
) -> ReviewDecision:  # fmt: skip
    """Sign one decision. Departing from every proposal needs a reason; without a next contact nothing is signed.

    A stop ends the plan in force; every review asks somebody for the next contact in time.
    """
    if action not in ReviewDecision.Action.values:
        raise ValueError(f"{action!r} is not a decision: {', '.join(ReviewDecision.Action.values)}.")
    if next_contact < now.date():
        raise ValueError("The next contact lies in the past: choose a day from today on.")
    proposed = [p.action for p in found.proposals]
    if action not in proposed and not reason.strip():
        raise ValueError("This departs from what is proposed: say why.")
    last = ReviewDecision.objects.filter(patient=patient).order_by("-version").first()
    row = ReviewDecision(
        patient=patient, version=(last.version if last else 0) + 1, action=action, reason=reason.strip(),
        proposed=[asdict(p) for p in found.proposals], shown={"summary": [line.said for line in found.summary]},
        next_contact=next_contact, next_kind=next_kind, knowledge=load().hash, by=by, at=now,
    )  # fmt: skip
    row.save()
    content = {"action": action, "reason": row.reason, "shown": row.shown, "next": next_contact, "kind": next_kind}
    sign(
        by=by, now=now, record_kind="review", record_id=row.pk, version=row.version, content=content, meaning="author",
        method=method, patient=patient.pk, reason=row.reason,
    )  # fmt: skip
    _next(row, by=by, now=now)
    plan = current(patient)
    if action in ("stop_futility", "stop_harm") and plan is not None:
        end_plan(by=by, now=now, plan=plan, reason=row.get_action_display())
    trail.write("sign review", by=by, about=row, patient=patient, details={"action": action})
    return row


def _next(row: ReviewDecision, *, by: User, now: datetime) -> None:
    zone = ZoneInfo(row.patient.zone) if row.patient.zone else timezone.get_current_timezone()
    due = datetime.combine(row.next_contact, time(17), zone)
    worklist.ask(
        by=by, now=now, key=f"contact:{row.pk}", kind="next contact", for_role="physician",
        what=f"Next contact ({row.get_next_kind_display()}) after review {row.version}", due_at=due,
        patient=row.patient, link=f"/review/person/{row.patient_id}/", source=row,
        escalation=[{"after_min": int(timedelta(days=1).total_seconds() // 60), "role": "lead"}],
    )  # fmt: skip
