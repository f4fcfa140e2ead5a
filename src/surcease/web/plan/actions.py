"""Writes of the plan step: saving a draft, signing a version, ending it, and what becomes of a visit."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date, datetime, timedelta
from typing import Any
from uuid import uuid4

from django.db import transaction

from surcease.care.visits import Kept, Kind, may_move, plan_visits
from surcease.care.visits import Visit as PlannedVisit
from surcease.knowledge import load
from surcease.knowledge.protocol import load_protocols
from surcease.web.accounts.models import User
from surcease.web.audit import trail
from surcease.web.forms import StaleVersion
from surcease.web.patients.access import hold
from surcease.web.patients.models import Patient
from surcease.web.plan.models import PlanDraft, PlanEnd, PlanVersion, Visit, VisitChange
from surcease.web.plan.queries import Desk, current
from surcease.web.plan.record import Choices, plan_json, plan_of, rhythm_of
from surcease.web.plan.renew import end_asked
from surcease.web.signing.actions import sign
from surcease.web.worklist import actions as worklist


@transaction.atomic
def save_draft(*, by: User, now: datetime, patient: Patient, choices: Choices, edit: int) -> PlanDraft:
    """Keep what was chosen. Raises StaleVersion when somebody saved since ``edit`` was shown."""
    hold(patient)
    draft = PlanDraft.objects.filter(patient=patient).first()
    if draft is not None and draft.edit != edit:
        raise StaleVersion(current=draft)
    if draft is None:
        draft = PlanDraft(patient=patient, edit=0, changed_by=by, changed_at=now)
    draft.content, draft.edit, draft.changed_by, draft.changed_at = asdict(choices), draft.edit + 1, by, now
    draft.save()
    trail.write("save plan draft", by=by, about=draft, patient=patient)
    return draft


@transaction.atomic
def sign_plan(*, by: User, now: datetime, method: str, patient: Patient, desk: Desk, reason: str = "") -> PlanVersion:
    """Sign what is on the desk as the next version and plan its visits. ValueError says why not.

    The sums that two signatures could break together are taken under the lock of the person's row.
    """
    hold(patient)
    _refuse(desk)
    assert desk.worked is not None
    assert desk.check is not None
    last = PlanVersion.objects.filter(patient=patient).order_by("-version").first()
    version = (last.version if last else 0) + 1
    plan_id = uuid4()
    plan = plan_of(desk.worked, plan_id=str(plan_id), version=version, signed_by=by.printed_name, signed_at=now)
    findings = [
        {"id": f.id, "outcome": str(f.outcome), "say": f.say, "version": f.version}
        for f in desk.check.findings
        if f.counts
    ]
    row = PlanVersion(
        id=plan_id, patient=patient, version=version, content=asdict(desk.choices), order=plan_json(plan),
        findings=findings, knowledge=load().hash, reason=reason, signed_by=by, signed_at=now,
    )  # fmt: skip
    row.save()
    content = row.order | {"findings": findings}
    sign(
        by=by, now=now, record_kind="plan", record_id=row.pk, version=version, content=content, meaning="author",
        method=method, patient=patient.pk,
    )  # fmt: skip
    if last is not None:
        _drop_visits(last, by=by, now=now)
    _plan_visits(row, desk)
    PlanDraft.objects.filter(patient=patient).update(edit=desk.edit + 1)
    end_asked(by=by, now=now, patient=patient)
    trail.write("sign plan", by=by, about=row, patient=patient, details={"version": version})
    return row


def _refuse(desk: Desk) -> None:
    if desk.worked is None or desk.check is None:
        raise ValueError(desk.said or "There is nothing to sign yet: choose a protocol.")
    if not desk.check.may_be_signed:
        stopped = ", ".join(desk.check.stopped_by) or ", ".join(desk.check.missing)
        raise ValueError(f"The plan cannot be signed while this stands: {stopped}.")
    for name, said in (("endpoint", "an endpoint"), ("stop_rule", "a stop rule"), ("start", "the first day")):
        if not getattr(desk.choices, name).strip():
            raise ValueError(f"The plan needs {said} before it is signed.")


def _plan_visits(row: PlanVersion, desk: Desk) -> None:
    """The dates of the plan. The call after a session is asked for when that session closes, not here."""
    assert desk.worked is not None
    start = desk.choices.start_day
    assert start is not None
    for visit in plan_visits(start=start, sessions=desk.worked.sessions, rhythm=desk.worked.rhythm):
        kept = Visit(
            plan=row, patient=row.patient, kind=visit.kind, number=visit.number, day=visit.day, earliest=visit.earliest,
            latest=visit.latest,
        )  # fmt: skip
        kept.save()


def _drop_visits(row: PlanVersion, *, by: User, now: datetime) -> None:
    """The open visits of the version before: the new version plans its own."""
    for visit in row.visits.filter(state__in=(Kept.PLANNED, Kept.MOVED)):
        _change(visit, Kept.CANCELLED, by=by, now=now, reason="other", note="superseded by a new plan")


@transaction.atomic
def end_plan(*, by: User, now: datetime, plan: PlanVersion, reason: str) -> PlanEnd:
    """No further session of this plan. The reason stands beside it."""
    if not reason.strip():
        raise ValueError("Ending a plan needs its reason.")
    row = PlanEnd(plan=plan, reason=reason.strip(), by=by, at=now)
    row.save()
    _drop_visits(plan, by=by, now=now)
    trail.write("end plan", by=by, about=row, patient=plan.patient_id, why=reason.strip())
    return row


@transaction.atomic
def keep_visit(*, by: User, now: datetime, patient: Patient, number: int) -> Visit | None:
    """The person came for this session."""
    plan = current(patient)
    visit = plan.visits.filter(kind=Kind.SESSION, number=number).first() if plan else None
    if visit is not None and visit.state in (Kept.PLANNED, Kept.MOVED):
        visit.kept_at = now
        _change(visit, Kept.KEPT, by=by, now=now)
    return visit


@transaction.atomic
def change_visit(
    *, by: User, now: datetime, visit: Visit, state: str, reason: str = "", to_day: date | None = None, note: str = ""
) -> Visit:
    """Keep, move, cancel or miss a visit. ValueError says why it may not; a missed session makes a to-do."""
    if visit.state in (Kept.KEPT, Kept.CANCELLED):
        raise ValueError(f"This visit is already {visit.state}.")
    if state in (Kept.MOVED, Kept.CANCELLED, Kept.MISSED) and not reason:
        raise ValueError("Choose a reason.")
    if state == Kept.MOVED:
        _refuse_move(visit, to_day)
    _change(visit, Kept(state), by=by, now=now, reason=reason, to_day=to_day, note=note)
    if state == Kept.MISSED:
        worklist.ask(
            by=by, now=now, key=f"missed:{visit.pk}:{visit.day}", kind="missed visit", for_role="nurse",
            what=f"{visit.get_kind_display().capitalize()} {visit.number} was missed: call and settle it",
            due_at=now + timedelta(hours=24), patient=visit.patient, link=f"/plan/person/{visit.patient_id}/visits/",
            source=visit, escalation=[{"after_min": 0, "role": "physician"}],
        )  # fmt: skip
    return visit


def _refuse_move(visit: Visit, to_day: date | None) -> None:
    if to_day is None:
        raise ValueError("Choose the day to move to.")
    if visit.kind != Kind.SESSION:
        return
    others = visit.plan.visits.filter(kind=Kind.SESSION).exclude(pk=visit.pk).exclude(state=Kept.CANCELLED)
    planned = PlannedVisit(Kind.SESSION, visit.number, visit.day, visit.earliest, visit.latest)
    rhythm = rhythm_of(load_protocols()[visit.plan.order["protocol"]])
    if said := may_move(planned, to_day, tuple(others.values_list("day", flat=True)), rhythm):
        raise ValueError(said)


def _change(
    visit: Visit, state: Kept, *, by: Any, now: datetime, reason: str = "", to_day: date | None = None, note: str = ""
) -> None:
    change = VisitChange(
        visit=visit, state=state, from_day=visit.day, to_day=to_day, reason=reason, note=note, by=by, at=now
    )
    change.save()
    visit.state = state
    visit.day = to_day or visit.day
    visit.save(update_fields=["state", "day", "kept_at"])
    trail.write(f"visit {state}", by=by, about=visit, patient=visit.patient_id, why=reason)
