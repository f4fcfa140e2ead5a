"""Sample addresses of the step apps: one person with a signed plan, an open session and its event."""

from decimal import Decimal
from typing import Any

from surcease.care.adverse import Judgement
from surcease.care.event import Reading
from surcease.knowledge import load
from surcease.knowledge.fact import Fact
from surcease.web.patients import actions as patients
from surcease.web.patients.models import MeasurementRow
from surcease.web.plan import actions as plans
from surcease.web.plan.models import Visit
from surcease.web.plan.queries import desk, signed_plan
from surcease.web.plan.record import Choices
from surcease.web.treatment import actions as treatment
from surcease.web.treatment.adverse import Happening, record
from surcease.web.treatment.models import Chair
from surcease.web.treatment.orders import verbal_order

NOT_SERIOUS = Judgement(related="probable", outcome="recovered")


def samples(world: Any) -> dict[str, dict[str, Any]]:
    """Route name → keyword arguments."""
    session = treated(world)
    event = treatment.add_event(
        by=world.users.nurse, now=world.now, session=session, payload=Reading(systolic=Decimal(120))
    )
    said = verbal_order(
        by=world.users.nurse, now=world.now, session=session, prescriber=world.users.physician, said="midazolam 1 mg",
        read_back=True,
    )  # fmt: skip
    dizzy = Happening("dizziness", "dizzy for an hour", world.now, chosen_grade=1, judgement=NOT_SERIOUS)
    unwanted = record(by=world.users.nurse, now=world.now, patient=world.patient, what=dizzy, session=session)
    call = treatment.call_nurse(now=world.now, session=session)
    person, one = {"patient_id": world.patient.pk}, {"session_id": session.pk}
    return {
        "intake:person": person,
        "intake:ask": person | {"section": "pain"},
        "intake:block": person,
        "intake:instrument": person | {"instrument_id": "peg"},
        "intake:story": person,
        "intake:todos": person,
        "intake:set_aside": person,
        "intake:decide": person,
        "plan:person": person,
        "plan:forecast": person,
        "plan:consent": person,
        "plan:sign": person,
        "plan:end": person,
        "plan:visits": person,
        "plan:visit": {"visit_id": Visit.objects.filter(patient=world.patient).order_by("number")[0].pk},
        "treatment:person": person,
        "treatment:arrive": person,
        **{f"treatment:{name}": one for name in (
            "before", "session", "log", "replay", "events", "check", "verbal", "after", "screen", "call", "predicted",
            "programme", "programme_pdf", "flowsheet_pdf", "slip_pdf", "paper_pdf",
        )},
        "treatment:countersign": one | {"event_id": said.pk},
        "treatment:adverse": person,
        "treatment:strike_adverse": {"row_id": unwanted.pk},
        "treatment:strike": one | {"event_id": event.pk},
        "treatment:answer": {"call_id": call.pk},
        "diary:ask": {"instrument_id": "peg"},
        "diary:ask_offline": {"instrument_id": "peg"},
        "diary:person_scores": person,
        "diary:person": person,
        "diary:answer": person,
        "review:person": person,
        "review:sign": person,
        "review:outlook": person,
        "review:release": person,
        "review:copy_pdf": person,
        "review:summary_pdf": person,
        "review:letter_pdf": person,
    }  # fmt: skip


def treated(world: Any) -> Any:
    """The first session of a signed plan at 62 kg, 0.35 mg/kg/h, in the first chair."""
    now, by = world.now, world.users
    weighed = [
        MeasurementRow(name="weight", value=Decimal(62), unit="kg", at=now, text="scale 2"),
        MeasurementRow(name="height", value=Decimal(168), unit="cm", at=now),
    ]
    patients.enter(by=by.nurse, now=now, patient=world.patient, rows=weighed)
    choices = Choices(
        protocol="P01", start=weekday(now).isoformat(), endpoint="write by week 4", stop_rule="30 % or stop"
    )
    plans.save_draft(by=by.physician, now=now, patient=world.patient, choices=choices, edit=0)
    answer_plan_facts(world)
    found = desk(world.patient, now=now, site=world.site)
    plans.sign_plan(by=by.physician, now=now, method="password", patient=world.patient, desk=found)
    chair, _new = Chair.objects.get_or_create(site=world.site, name="Chair 1")
    plan = signed_plan(world.patient)
    assert plan is not None
    return treatment.open_session(
        by=by.nurse, now=now, patient=world.patient, plan=plan, number=1, site=world.site, chair=chair
    )


def weekday(now: Any) -> Any:
    """Today, or the Monday after a weekend."""
    from datetime import timedelta

    day = now.date()
    while day.weekday() > 4:
        day += timedelta(days=1)
    return day


def answer_plan_facts(world: Any) -> None:
    """Whatever the plan's rules still wait for, answered as in a healthy person."""
    check = desk(world.patient, now=world.now, site=world.site).check
    assert check is not None
    known = load().facts
    empty = {"bool": False, "number": Decimal(0), "text": "none", "codes": ("opioid",), "date": world.now.date()}
    said = {}
    for name in check.missing:
        spec = known[name]
        value = spec.values[0] if spec.type == "choice" else empty[spec.type]
        said[name] = Fact(value, spec.unit if spec.type == "number" else "", world.now, "test")
    patients.state(by=world.users.nurse, now=world.now, patient=world.patient, facts=said)
