"""Plan and review over HTTP: stale saves, signing, visits, the response and the signed decision."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from tests.integration.samples.steps import answer_plan_facts, treated, weekday
from tests.web_fixtures import PASSWORD

from surcease.care.event import Started, Stopped
from surcease.web.diary.models import EntryRow
from surcease.web.patients import actions as patients
from surcease.web.patients.models import MeasurementRow
from surcease.web.plan.actions import change_visit
from surcease.web.plan.models import PlanDraft, PlanVersion, Visit
from surcease.web.review.models import ReviewDecision
from surcease.web.signing.actions import signatures_of, still_holds
from surcease.web.treatment import actions as treatment
from surcease.web.worklist.models import Todo

pytestmark = pytest.mark.django_db


def weigh(world, kg: str = "62") -> None:
    rows = [
        MeasurementRow(name="weight", value=Decimal(kg), unit="kg", at=world.now),
        MeasurementRow(name="height", value=Decimal(168), unit="cm", at=world.now),
    ]
    patients.enter(by=world.users.nurse, now=world.now, patient=world.patient, rows=rows)


def choices(world, **more) -> dict:
    return {
        "version": "0",
        "protocol": "P01",
        "start": weekday(world.now).isoformat(),
        "endpoint": "write",
        "stop_rule": "30 %",
        **more,
    }


def test_the_dose_is_computed_on_this_weight_in_every_dialect(world, client_as):
    weigh(world)
    doctor = client_as("physician")
    doctor.post(f"/plan/person/{world.patient.pk}/", choices(world))
    page = doctor.get(f"/plan/person/{world.patient.pk}/").content.decode()
    assert "21.7 mg/h = 0.35 mg/kg/h = 5.83 mcg/kg/min" in page
    assert "86.8 mg = 1.74 mL of 50 mg/mL" in page


def test_two_people_at_one_plan_the_second_sees_both_and_chooses(world, client_as):
    weigh(world)
    doctor, page = client_as("physician"), f"/plan/person/{world.patient.pk}/"
    assert doctor.post(page, choices(world)).status_code == 302
    stale = doctor.post(page, choices(world, endpoint="walk"))
    body = stale.content.decode()
    assert stale.status_code == 200
    assert "Someone else saved this meanwhile" in body
    assert "walk" in body
    assert PlanDraft.objects.get().content["endpoint"] == "write"
    assert doctor.post(page, choices(world, endpoint="walk", version="1", keep="mine")).status_code == 302
    assert PlanDraft.objects.get().content["endpoint"] == "walk"


def test_a_dose_text_that_cannot_be_read_is_said_at_the_field_and_kept(world, client_as):
    weigh(world)
    page = client_as("physician").post(f"/plan/person/{world.patient.pk}/", choices(world, own_dose="half a vial iv"))
    body = page.content.decode()
    assert "half" in body
    assert "is not a dose" in body


def test_signing_needs_identity_and_password_and_plans_the_visits(world, client_as):
    weigh(world)
    doctor, page = client_as("physician"), f"/plan/person/{world.patient.pk}/"
    doctor.post(page, choices(world))
    answer_plan_facts(world)
    wrong = doctor.post(f"{page}sign/", {"born": "1999-01-01", "secret": PASSWORD})
    assert "Check whose plan is open" in wrong.content.decode()
    assert "password" in doctor.post(f"{page}sign/", {"born": "1988-03-24", "secret": "no"}).content.decode()
    assert not PlanVersion.objects.exists()
    assert doctor.post(f"{page}sign/", {"born": "1988-03-24", "secret": PASSWORD}).status_code == 302
    row = PlanVersion.objects.get()
    assert Visit.objects.filter(plan=row, kind="session").count() == 10
    assert Visit.objects.filter(plan=row, kind="call").count() == 10
    assert not Todo.objects.filter(kind="call").exists()
    (signature,) = signatures_of("plan", row.pk)
    assert still_holds(signature, row.order | {"findings": row.findings})
    assert not still_holds(signature, row.order | {"findings": row.findings, "weight_kg": "26"})


def test_a_tenfold_dose_cannot_be_signed(world, client_as):
    weigh(world)
    doctor, page = client_as("physician"), f"/plan/person/{world.patient.pk}/"
    doctor.post(page, choices(world, own_dose="217 mg/h for 4 h iv"))
    answer_plan_facts(world)
    answer = doctor.post(f"{page}sign/", {"born": "1988-03-24", "secret": PASSWORD})
    assert answer.status_code == 400
    assert "cannot be signed" in answer.content.decode()


def test_a_nurse_may_not_sign(world, client_as):
    assert client_as("nurse").post(f"/plan/person/{world.patient.pk}/sign/", {}).status_code == 403


def test_a_missed_visit_needs_a_reason_and_makes_a_to_do(world):
    treated(world)
    visit = Visit.objects.filter(kind="session", state="planned").first()
    assert visit is not None
    with pytest.raises(ValueError, match="reason"):
        change_visit(by=world.users.nurse, now=world.now, visit=visit, state="missed")
    change_visit(by=world.users.nurse, now=world.now, visit=visit, state="missed", reason="unwell")
    assert Todo.objects.filter(kind="missed visit").count() == 1
    with pytest.raises(ValueError, match="reason|day"):
        change_visit(by=world.users.nurse, now=world.now, visit=visit, state="moved", reason="unwell")


def test_arrival_keeps_the_visit(world):
    treated(world)
    assert Visit.objects.get(kind="session", number=1).state == "kept"


def reviewed_person(world):
    """A session 20 days ago, eight before and five after, with its diary."""
    session = treated(world)
    then = world.now - timedelta(days=20)
    for payload, minutes in ((Started(None, Decimal(1), rate_mg_per_h=Decimal("21.7")), 0), (Stopped("planned"), 240)):
        treatment.add_event(
            by=world.users.nurse, now=then, session=session, payload=payload, at=then + timedelta(minutes=minutes)
        )
    for day in range(1, 40):
        at = world.now - timedelta(days=day)
        pain = 8 if at < then else 5
        EntryRow(
            entry_id=f"00000000-0000-4000-8000-{day:012d}",
            patient=world.patient,
            kind="average",
            at=at,
            utc_offset_min=0,
            local_date=at.date(),
            received_at=at,
            pain=Decimal(pain),
            sent_hash="",
            content="",
        ).save(force_insert=True)
    return session


def test_the_review_says_what_the_diary_says(world, client_as):
    reviewed_person(world)
    page = client_as("physician").get(f"/review/person/{world.patient.pk}/").content.decode()
    assert "Pain fell by 37.5 %" in page
    assert "no second method agrees yet" in page
    assert "86.8 mg racemic" in page


def test_no_review_without_a_next_contact_and_a_departure_needs_a_reason(world, client_as):
    reviewed_person(world)
    doctor, page = client_as("physician"), f"/review/person/{world.patient.pk}/sign/"
    day = (world.now + timedelta(days=14)).date().isoformat()
    assert (
        "required" in doctor.post(page, {"action": "adjust", "next_kind": "call", "secret": PASSWORD}).content.decode()
    )
    body = {"action": "stop_harm", "next_contact": day, "next_kind": "call", "secret": PASSWORD}
    assert "departs" in doctor.post(page, body).content.decode()
    assert doctor.post(page, body | {"reason": "liver tests"}).status_code == 302
    row = ReviewDecision.objects.get()
    assert row.action == "stop_harm"
    assert row.shown["summary"]
    assert Todo.objects.filter(kind="next contact").count() == 1
    assert hasattr(PlanVersion.objects.get(), "end")
    for name in ("summary", "letter"):
        assert doctor.get(f"/review/person/{world.patient.pk}/{name}.pdf").content.startswith(b"%PDF")
