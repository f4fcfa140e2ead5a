"""Reads of the plan step: the draft as computed and judged, the signed plan, the next session, the day's visits."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from django.db.models import QuerySet

from surcease.care.facts import derive
from surcease.care.plan_check import PlanCheck, check_plan
from surcease.care.record import Plan, Record
from surcease.care.visits import Kept, Kind
from surcease.knowledge import load
from surcease.knowledge.fact import Fact, Facts
from surcease.web.accounts.models import User
from surcease.web.clinic.models import Site
from surcease.web.limits.queries import home_offered, limits_for
from surcease.web.patients.models import Patient
from surcease.web.patients.record import make_record
from surcease.web.patients.ribbon import StepState
from surcease.web.plan.models import PlanDraft, PlanVersion, Visit
from surcease.web.plan.record import Choices, Worked, choices_from, plan_from, work_out


@dataclass(frozen=True, slots=True)
class Desk:
    """What a physician has before them: the choices, what they come to, what the rules say. ``said`` explains
    why nothing can be computed yet."""

    choices: Choices
    edit: int
    record: Record
    facts: Facts
    worked: Worked | None
    check: PlanCheck | None
    said: str = ""


def desk(patient: Patient, *, now: datetime, choices: Choices | None = None, site: Site | None = None) -> Desk:
    """The desk for a draft, or for choices that are being tried."""
    draft = PlanDraft.objects.filter(patient=patient).first()
    chosen = choices or choices_from(draft.content if draft else {})
    edit = draft.edit if draft else 0
    record, knowledge = make_record(patient), load()
    facts = _with_the_clinics(derive(record, now=now, knowledge=knowledge), chosen, site, now)
    try:
        worked = work_out(chosen, record, facts, now=now)
        if worked is None:
            return Desk(chosen, edit, record, facts, None, None, _why_not(chosen, facts))
        check = check_plan(
            worked.order, knowledge=knowledge, now=now, known=facts, overrides=limits_for(patient, site, now=now)
        )
    except ValueError as error:
        return Desk(chosen, edit, record, facts, None, None, str(error))
    return Desk(chosen, edit, record, facts, worked, check)


def _with_the_clinics(facts: Facts, choices: Choices, site: Site | None, now: datetime) -> Facts:
    """With what the clinic has signed about treatment at home, where that is what is planned."""
    protocol = load().schemes.get(choices.protocol)
    if protocol is None or protocol.setting != "home":
        return facts
    return Facts({**facts.known, "home_switched_on": Fact(home_offered(site), at=now, source="signed by the clinic")})


def _why_not(choices: Choices, facts: Facts) -> str:
    if not choices.protocol:
        return "Choose a protocol to see what it comes to for this person."
    return "No weight is recorded: measure it first, every dose stands on it." if "weight_kg" not in facts else ""


def current(patient: Patient) -> PlanVersion | None:
    """The latest signed version that was not ended."""
    row = PlanVersion.objects.filter(patient=patient).select_related("signed_by").order_by("-version").first()
    return None if row is None or hasattr(row, "end") else row


def signed_plan(patient: Patient) -> Plan | None:
    """The plan in force as treatment reads it."""
    row = current(patient)
    return None if row is None else plan_from(row.order)


def next_session(patient: Patient) -> int | None:
    """The number of the first session of the plan in force that was neither kept nor cancelled."""
    row = current(patient)
    if row is None:
        return None
    return (
        row.visits.filter(kind=Kind.SESSION, state__in=(Kept.PLANNED, Kept.MOVED))
        .order_by("number")
        .values_list("number", flat=True)
        .first()
    )


def visits_of(patient: Patient) -> QuerySet[Visit]:
    """All visits of a person, in date order."""
    return Visit.objects.filter(patient=patient).select_related("plan")


def visits_on(user: User, day: date) -> QuerySet[Visit]:
    """The visits of a day at the user's sites' patients."""
    return (
        Visit.objects.filter(day=day, patient__care_relations__site__in=user.sites.all())
        .exclude(state=Kept.CANCELLED)
        .select_related("plan")
        .distinct()
    )


def step_state(patient: Patient) -> StepState:
    """For the ribbon."""
    return StepState(done=PlanVersion.objects.filter(patient=patient).exists())


def planned_weight(patient: Patient) -> tuple[Decimal, str] | None:
    """What a new weight is compared with: the actual weight of the signed plan."""
    row = current(patient)
    if row is None or row.order.get("weight_basis") != "actual":
        return None
    return Decimal(row.order["weight_kg"]), "plan"
