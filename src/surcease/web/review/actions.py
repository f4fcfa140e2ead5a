"""Signing a review: one decision, its reason where it departs, the plan's next version, and the next contact."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db import transaction
from django.utils import timezone

from surcease.care.plain_words import copy
from surcease.knowledge import load
from surcease.web.accounts.models import User
from surcease.web.audit import trail
from surcease.web.patients.models import Patient
from surcease.web.plan.actions import end_plan
from surcease.web.plan.queries import current
from surcease.web.plan.renew import NEW_PLAN, draft_again, renew_plan
from surcease.web.review.models import NEXT_KINDS, REFERRALS, ForecastShown, OutlookRelease, ReviewDecision
from surcease.web.review.queries import Reviewed
from surcease.web.signing.actions import sign
from surcease.web.worklist import actions as worklist

REFERRED = {"physical_therapy": ("physical",), "psychotherapy": ("psychological",), "mood_pathway": (),
            "combination": ("physical", "psychological")}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the physician decided; ``forecast`` is what was on the page."""

    action: str
    reason: str
    next_contact: date
    next_kind: str
    refer_to: str = ""
    forecast: ForecastShown | None = None


@transaction.atomic
def sign_review(
    *, by: User, now: datetime, method: str, patient: Patient, found: Reviewed, verdict: Verdict
) -> ReviewDecision:
    """Sign one decision. Departing from every proposal needs a reason; without a next contact nothing is signed.

    Continue and refer make the plan's next version; adjust and booster a draft for one that a physician is asked to
    sign; a stop ends the plan. Every review asks somebody for the next contact in time.
    """
    _refuse(verdict, found, now)
    last = ReviewDecision.objects.filter(patient=patient).order_by("-version").first()
    version = (last.version if last else 0) + 1
    plan = _plan(verdict, by=by, now=now, method=method, patient=patient, version=version)
    plain = copy(found.response, action=verdict.action, contact=verdict.next_contact,
                 kind=str(dict(NEXT_KINDS)[verdict.next_kind]))  # fmt: skip
    row = ReviewDecision(
        patient=patient, version=version, action=verdict.action, reason=verdict.reason.strip(),
        refer_to=verdict.refer_to, plan_version=plan, forecast=verdict.forecast, next_contact=verdict.next_contact,
        next_kind=verdict.next_kind, proposed=[asdict(p) for p in found.proposals], knowledge=load().hash, by=by,
        at=now, shown={"summary": [line.said for line in found.summary], "plain": list(plain)},
    )  # fmt: skip
    row.save()
    sign(
        by=by, now=now, record_kind="review", record_id=row.pk, version=row.version, content=_content(row),
        meaning="author", method=method, patient=patient.pk, reason=row.reason,
    )  # fmt: skip
    if last is not None:
        worklist.end_by_key(by=by, now=now, key=f"contact:{last.pk}", note=f"review {row.version} signed")
    _ask_next(row, by=by, now=now)
    trail.write("sign review", by=by, about=row, patient=patient, details={"action": verdict.action})
    return row


def _refuse(verdict: Verdict, found: Reviewed, now: datetime) -> None:
    if verdict.action not in ReviewDecision.Action.values:
        raise ValueError(f"{verdict.action!r} is not a decision: {', '.join(ReviewDecision.Action.values)}.")
    if verdict.next_kind not in dict(NEXT_KINDS):
        raise ValueError("Say how the next contact is made: visit, call or questionnaire.")
    if verdict.next_contact < now.date():
        raise ValueError("The next contact lies in the past: choose a day from today on.")
    if (verdict.action == "refer") != bool(verdict.refer_to) or verdict.refer_to not in ("", *dict(REFERRALS)):
        raise ValueError("A referral says to whom, and only a referral does.")
    if verdict.action not in {p.action for p in found.proposals} and not verdict.reason.strip():
        raise ValueError("This departs from what is proposed: say why.")


def _plan(verdict: Verdict, *, by: User, now: datetime, method: str, patient: Patient, version: int) -> int | None:
    """What becomes of the plan; the version made, None where none was."""
    why = f"review {version}: {ReviewDecision.Action(verdict.action).label}"
    plan = current(patient)
    if verdict.action in ("stop_futility", "stop_harm"):
        if plan is not None:
            end_plan(by=by, now=now, plan=plan, reason=why)
        return None
    if verdict.action in ("continue", "refer"):
        beside = {name: dict(REFERRALS)[verdict.refer_to] for name in REFERRED.get(verdict.refer_to, ())}
        row = renew_plan(by=by, now=now, method=method, patient=patient, reason=why,
                         beside={k: str(v) for k, v in beside.items()})  # fmt: skip
        return None if row is None else row.version
    if draft_again(by=by, now=now, patient=patient, start=_start(verdict), note=why) is not None:
        worklist.ask(
            by=by, now=now, key=f"plan:{patient.pk}:{version}", kind=NEW_PLAN, for_role="physician", patient=patient,
            what=f"Change and sign the plan ({why})", due_at=now + timedelta(days=2), source=None,
            link=f"/plan/person/{patient.pk}/", escalation=[{"after_min": 24 * 60, "role": "lead"}],
        )  # fmt: skip
    return None


def _start(verdict: Verdict) -> date | None:
    """A booster's first day: the window's, when the forecast has one."""
    booster = verdict.forecast.result["booster"] if verdict.forecast and verdict.action == "booster" else None
    return date.fromisoformat(booster["first"]) if booster and booster["first"] else None


def _content(row: ReviewDecision) -> dict[str, Any]:
    return {
        "action": row.action, "reason": row.reason, "shown": row.shown, "next": row.next_contact,
        "kind": row.next_kind, "refer_to": row.refer_to, "plan_version": row.plan_version,
        "forecast": row.forecast.inputs_hash if row.forecast else "",
    }  # fmt: skip


def _ask_next(row: ReviewDecision, *, by: User, now: datetime) -> None:
    zone = ZoneInfo(row.patient.zone) if row.patient.zone else timezone.get_current_timezone()
    due = datetime.combine(row.next_contact, time(17), zone)
    worklist.ask(
        by=by, now=now, key=f"contact:{row.pk}", kind="next contact", for_role="physician",
        what=f"Next contact ({row.get_next_kind_display()}) after review {row.version}", due_at=due,
        patient=row.patient, link=f"/review/person/{row.patient_id}/", source=row,
        escalation=[{"after_min": int(timedelta(days=1).total_seconds() // 60), "role": "lead"}],
    )  # fmt: skip


@transaction.atomic
def release_outlook(
    *, by: User, now: datetime, patient: Patient, forecast: ForecastShown, decide_on: date | None, shown: bool = True
) -> OutlookRelease:
    """Let the person see the trial's people and the day on which we decide together, or take it back."""
    if shown and (decide_on is None or decide_on < now.date()):
        raise ValueError("Choose the day on which you decide together: today or later.")
    row = OutlookRelease(
        patient=patient, forecast=forecast, shown=shown, decide_on=decide_on or now.date(), by=by, at=now
    )
    row.save()
    trail.write("release outlook" if shown else "take outlook back", by=by, about=row, patient=patient)
    return row
