"""What the order allows, verbal orders and their countersign, drugs asked about, the restart after a red mark."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from tests.integration.samples.steps import treated
from tests.integration.test_treatment_events import post, sent

from surcease.care.event import Paused, Reading, Started
from surcease.knowledge.fact import Fact
from surcease.web.patients import actions as patients
from surcease.web.signing.actions import signatures_of
from surcease.web.treatment import actions
from surcease.web.treatment.models import SessionEvent
from surcease.web.worklist.models import Todo

pytestmark = pytest.mark.django_db
PASSWORD = "correct horse battery"


def said(client, session, **data):
    return client.get(f"/treatment/{session.pk}/check/", data).json()


def test_a_verbal_order_widens_the_order_and_its_prescriber_signs_it(world, client_as):
    session, nurse = treated(world), client_as("nurse")
    assert "needs a new signature or a verbal order" in said(nurse, session, rate="15")["said"]
    page = f"/treatment/{session.pk}/verbal-order/"
    order = {"prescriber": str(world.users.physician.pk), "said": "up to 15 mg/h", "rate_mg_per_h": "15"}
    assert "read back" in nurse.post(page, order | {"read_back": "no"}).content.decode()
    assert "safely" in nurse.post(page, order | {"rate_mg_per_h": "1,5", "read_back": "yes"}).content.decode()
    assert not SessionEvent.objects.filter(kind="verbal_order").exists()
    assert nurse.post(page, order | {"read_back": "yes"}).status_code == 302
    assert said(nurse, session, rate="15")["said"] == ""
    assert "cap" in said(nurse, session, rate="22")["said"]
    row = SessionEvent.objects.get(kind="verbal_order")
    todo = Todo.objects.get(key=f"countersign:{row.pk}")
    assert todo.link == f"/treatment/{session.pk}/countersign/{row.pk}/"
    doctor = client_as("physician")
    assert "up to 15 mg/h" in doctor.get(todo.link).content.decode()
    assert doctor.post(todo.link, {"secret": "wrong"}).status_code == 200
    assert doctor.post(todo.link, {"secret": PASSWORD}).status_code == 302
    [signature] = signatures_of("verbal order", row.pk)
    assert (signature.meaning, signature.signer) == ("countersign", world.users.physician)
    todo.refresh_from_db()
    assert not todo.is_open


def test_only_the_named_prescriber_countersigns(world, client_as):
    from tests.web_fixtures import make_user

    session = treated(world)
    other = make_user("physician", world.site, name="Other Doctor")
    data = {"prescriber": str(other.pk), "said": "midazolam 1 mg", "read_back": "yes"}
    client_as("nurse").post(f"/treatment/{session.pk}/verbal-order/", data)
    row = SessionEvent.objects.get(kind="verbal_order")
    answer = client_as("physician").post(f"/treatment/{session.pk}/countersign/{row.pk}/", {"secret": PASSWORD})
    assert "only they can sign it" in answer.content.decode()
    assert Todo.objects.get(kind="countersign").is_open


def test_flumazenil_is_a_named_physicians_decision_with_a_benzodiazepine_at_home(world, client_as):
    session, nurse = treated(world), client_as("nurse")
    known = {"med_classes": Fact(("benzodiazepine",), at=world.now), "seizure_history": Fact(False, at=world.now)}
    patients.state(by=world.users.nurse, now=world.now, patient=world.patient, facts=known)
    asked = said(nurse, session, drug="Flumazenil ")
    assert "may cause a seizure" in asked["said"]
    assert asked["needs"] == "ordered_by"
    calm = known | {"med_classes": Fact(("opioid",), at=world.now)}
    patients.state(by=world.users.nurse, now=world.now + timedelta(seconds=1), patient=world.patient, facts=calm)
    assert said(nurse, session, drug="flumazenil") == {"said": "", "needs": ""}
    assert said(nurse, session, drug="midazolam") == {"said": "", "needs": ""}


def test_labetalol_with_asthma_says_what_to_give_instead(world, client_as):
    session = treated(world)
    facts = {"asthma": Fact(True, at=world.now), "heart_block": Fact(False, at=world.now)}
    patients.state(by=world.users.nurse, now=world.now, patient=world.patient, facts=facts)
    assert "another drug of the rescue formulary" in said(client_as("nurse"), session, drug="labetalol")["said"]


def test_after_a_red_mark_the_restart_is_asked_differently_from_a_rate(world, client_as):
    session, nurse = treated(world), client_as("nurse")
    start = world.now - timedelta(minutes=40)
    for minute, payload in (
        (0, Started(Decimal(25), Decimal("0.434"))), (20, Reading(spo2=Decimal(87))), (21, Paused()),
        (25, Reading(spo2=Decimal(97))),
    ):  # fmt: skip
        at = start + timedelta(minutes=minute)
        actions.add_event(by=world.users.nurse, now=at, session=session, payload=payload, at=at)
    assert said(nurse, session, rate="5")["said"] == ""
    asked = said(nurse, session, resume="5")
    assert "normal for 15 minutes" in asked["said"]
    assert "supervising clinician" in asked["note"]


def test_the_check_gives_the_pumps_number_and_refuses_what_it_cannot_read(world, client_as):
    session, nurse = treated(world), client_as("nurse")
    post(nurse, session, sent("start", {"rate_ml_per_h": "25", "concentration_mg_per_ml": "0.434"}, world.now))
    assert said(nurse, session, rate="8.68")["ml_per_h"] == "20.0"  # 8.68 mg/h of 0.434 mg/mL
    assert nurse.get(f"/treatment/{session.pk}/check/?bolus=x").status_code == 400
    assert nurse.get(f"/treatment/{session.pk}/check/").status_code == 400


def test_the_forecast_is_a_fragment_of_the_open_page(world, client_as):
    session, nurse = treated(world), client_as("nurse")
    assert "Nothing is given yet" in nurse.get(f"/treatment/{session.pk}/predicted/").content.decode()
    start = {"rate_ml_per_h": "25", "concentration_mg_per_ml": "0.434", "volume_left_ml": "100"}
    post(nurse, session, sent("start", start, world.now - timedelta(minutes=30), sent_at=world.now))
    shown = nurse.get(f"/treatment/{session.pk}/predicted/").content.decode()
    assert "kamp_2020" in shown
    page = nurse.get(f"/treatment/{session.pk}/").content.decode()
    assert "Planning model, not measured. Do not titrate or discharge on it." in page
    assert "kamp_2020" not in page  # computed only when somebody unfolds it
    assert "88 mL left" in page or "87 mL left" in page  # 12.5 of 100 mL are gone after half an hour
    replay = nurse.get(f"/treatment/{session.pk}/replay/").content.decode()
    assert "kamp_2020" in replay
