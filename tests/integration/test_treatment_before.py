"""Before the drug: cuff and cannula on allowed limbs, the person's own words, red flags in view, home where signed."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from tests.integration.samples.steps import treated

from surcease.care.event import Checked, Ended, Note, Reading, Started, Stopped
from surcease.knowledge.fact import Fact
from surcease.web.limits import actions as limits
from surcease.web.limits.queries import home_offered, why_not_treat
from surcease.web.patients import actions as patients
from surcease.web.patients.models import LimbRestriction
from surcease.web.treatment import actions
from surcease.web.treatment.day import go_no_go, red_flags
from surcease.web.treatment.last import last_time
from surcease.web.treatment.models import SessionEvent
from surcease.web.treatment.queries import sheet_of
from surcease.web.worklist import actions as worklist

pytestmark = pytest.mark.django_db
WELL = {
    "systolic_today": "118", "diastolic_today": "74", "heart_rate_today": "70", "resp_rate_today": "14",
    "spo2_today": "98", "temperature_today": "36.6", "solids_hours_ago": "9", "clear_fluids_hours_ago": "4",
    "escort_named": "yes", "medicines_reconciled_today": "yes", "opioid_raised_24h": "no", "intoxicated_today": "no",
    "acute_illness_today": "no", "cssrs_since_last_q4": "no", "cssrs_since_last_q5": "no", "cssrs_since_last_q6": "no",
    "hcg_positive": "no",
}  # fmt: skip
SEAT = {"seat-cuff_limb": "left_arm", "seat-cannula_limb": "left_arm", "seat-cannula_place": "back of the hand, 22 G",
        "seat-cannula_tries": "2", "seat-stop_word": "harbour", "seat-music": "no music", "seat-escort": "Ida, 555 01",
        "seat-today": "slept badly"}  # fmt: skip


@pytest.fixture
def session(world):
    """An open session of a person with a right arm that must not be used and a consent."""
    row = treated(world)
    barred = LimbRestriction(limb="right_arm", no_cuff=True, no_cannula=True, why="CRPS")
    patients.enter(by=world.users.nurse, now=world.now, patient=world.patient, rows=[barred])
    signed = Fact(world.now.date() - timedelta(days=30), at=world.now, source="test")
    patients.state(by=world.users.nurse, now=world.now, patient=world.patient, facts={"consent_signed_on": signed})
    return row


def page(session) -> str:
    return f"/treatment/{session.pk}/before/"


@pytest.mark.parametrize(("field", "word"), [("seat-cuff_limb", "cuff"), ("seat-cannula_limb", "cannula")])
def test_a_restricted_limb_is_refused_at_its_field(session, client_as, field, word):
    answer = client_as("nurse").post(page(session), WELL | SEAT | {field: "right_arm", "go": "1"})
    assert f"No {word} on the right arm: CRPS" in answer.content.decode()
    assert not SessionEvent.objects.filter(session=session).exists()


def test_what_was_settled_goes_into_the_log_and_onto_the_chairs_page(session, client_as):
    nurse = client_as("nurse")
    assert nurse.post(page(session), WELL | SEAT | {"go": "1"}).headers["Location"] == f"/treatment/{session.pk}/"
    checks = dict(sheet_of(session, at=session.arrived_at + timedelta(hours=1)).state.checks)
    assert (checks["cuff.limb"], checks["cannula.tries"], checks["stop_word"]) == ("left_arm", "2", "harbour")
    shown = nurse.get(f"/treatment/{session.pk}/").content.decode()
    for words in ("harbour", "slept badly", "right arm", "Ida, 555 01"):
        assert words in shown
    before = SessionEvent.objects.filter(session=session).count()
    nurse.post(page(session), WELL | SEAT)
    assert SessionEvent.objects.filter(session=session).count() == before  # nothing new was said


def test_without_cuff_and_cannula_there_is_no_go(session, client_as, world):
    nurse = client_as("nurse")
    nurse.post(page(session), WELL | {"go": "1"})
    assert not SessionEvent.objects.filter(session=session, payload__item="go").exists()
    order = sheet_of(session, at=world.now).order
    checks = {"cuff.limb": "left_arm"}
    assert not go_no_go(world.patient, now=world.now, order=order, checks=checks).may_start
    checks["cannula.limb"] = "left_arm"
    assert go_no_go(world.patient, now=world.now, order=order, checks=checks).may_start


def test_a_weight_of_yesterday_defers_until_the_person_is_weighed(session, client_as, world):
    later = world.now + timedelta(days=2)
    order = sheet_of(session, at=world.now).order
    checks = {"cuff.limb": "left_arm", "cannula.limb": "left_arm"}
    stale = go_no_go(world.patient, now=later, site=world.site, order=order, checks=checks)
    assert "DOS-19d" in {f.id for f in stale.standing}
    client_as("nurse").post(page(session), SEAT | {"seat-weight": "61.8"})
    weighed = world.patient.measurementrows.filter(name="weight").order_by("-created_at")[0]
    assert (str(weighed.value), weighed.unit) == ("61.8", "kg")


def test_an_old_consent_defers(session, world, client_as):
    client_as("nurse").post(page(session), WELL | SEAT)
    old = Fact(world.now.date() - timedelta(days=400), at=world.now, source="test")
    patients.state(
        by=world.users.nurse,
        now=world.now + timedelta(seconds=1),
        patient=world.patient,
        facts={"consent_signed_on": old},
    )
    sheet = sheet_of(session, at=world.now + timedelta(minutes=5))
    day = go_no_go(world.patient, now=world.now, order=sheet.order, checks=dict(sheet.state.checks))
    assert [f.id for f in day.standing if f.outcome == "DEFER"] == ["ELG-07"]


def test_red_flags_of_the_diary_are_in_view_unread_ones_first(session, world, client_as):
    for n, words in enumerate(("chest pain", "weakness")):
        todo = worklist.ask(
            by="server", now=world.now - timedelta(days=n), key=f"flag:{n}", kind="red flag", for_role="nurse",
            what=f"Red flag in the diary: {words}", patient=world.patient,
        )  # fmt: skip
        if words == "chest pain":
            worklist.end(by=world.users.nurse, now=world.now, todo=todo, note="called")
    flags = red_flags(world.patient, now=world.now)
    assert [(f.what, bool(f.read_by)) for f in flags] == [("weakness", False), ("chest pain", True)]
    shown = client_as("nurse").get(page(session)).content.decode()
    assert "nobody has read it" in shown
    assert world.users.nurse.name in shown
    assert not red_flags(world.patient, now=world.now + timedelta(days=40))


def test_the_last_time_card_says_what_to_start_from(world, client_as, session):
    start = world.now - timedelta(days=1)
    log = [
        (-5, Reading(systolic=Decimal(171), diastolic=Decimal(90))), (0, Started(Decimal(20), Decimal("0.434"))),
        (-9, Checked("cannula.limb", "left_arm")), (-9, Checked("cannula.tries", "2")), (-9, Checked("music", "harp")),
        (31, Reading(systolic=Decimal(160), diastolic=Decimal(90))), (60, Note("blanket", topic="helped")),
        (240, Stopped("planned")), (301, Checked("frightening", "6")), (302, Note("dim light", topic="next_time")),
        (303, Ended("criteria")),
    ]  # fmt: skip
    for minute, payload in log:
        at = start + timedelta(minutes=minute)
        actions.add_event(by=world.users.nurse, now=at, session=session, payload=payload, at=at)
    card = last_time(world.patient.pk, before=world.now)
    assert card is not None
    assert (card.given, card.highest_rate) == ("34.7", "8.7")  # 20 mL/h of 0.434 mg/mL for 4 h: 34.72 mg
    assert (card.top, card.top_minute) == ("160/90", 31)  # the highest during the session, not before it
    assert (card.cannula, card.music, card.frightening) == ("left arm, 2 tries", "harp", "6")
    assert (card.helped, card.next_time) == (("blanket",), ("dim light",))
    assert last_time(world.patient.pk, before=start) is None


def test_home_is_off_until_the_clinic_signs_it_and_off_again(world):
    site, sign = world.site, {"by": world.users.lead, "now": world.now, "method": "password", "site": world.site}
    assert not home_offered(site)
    assert "home" not in why_not_treat(site)  # a clinic treats without it
    limits.settle(**sign, thing="home_on", text="Two nurses, daytime only.")
    assert home_offered(site)
    limits.settle(**(sign | {"now": world.now + timedelta(days=1)}), thing="home_off", text="No staff.")
    assert not home_offered(site)


def test_a_home_plan_and_a_session_at_home_are_refused_without_the_signature(world, session):
    from dataclasses import replace

    from surcease.web.plan.queries import signed_plan

    plan = signed_plan(world.patient)
    assert plan is not None
    home, spray = replace(plan, protocol="P17"), replace(plan, protocol="P21", product="esketamine_spray")
    assert "not switched home treatment on" in actions.why_not_home(home, world.site, at_home=False)
    assert "not switched home treatment on" in actions.why_not_home(plan, world.site, at_home=True)
    assert actions.why_not_home(plan, world.site, at_home=False) == ""
    limits.settle(by=world.users.lead, now=world.now, method="password", site=world.site, thing="home_on", text="yes")
    assert actions.why_not_home(home, world.site, at_home=True) == ""
    assert "under observation" in actions.why_not_home(spray, world.site, at_home=True)
