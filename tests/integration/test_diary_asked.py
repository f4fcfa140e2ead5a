"""The diary's questions over HTTP: by the outbox's door, help beside the answer, a named physician, closed hours."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from tests.integration.test_diary_sync import post, sent

from surcease.knowledge.catalogue import catalogue
from surcease.web.clinic.settings import put_setting
from surcease.web.diary import hours
from surcease.web.diary.models import EntryRow
from surcease.web.diary.record import diary_of
from surcease.web.intake.at_hand import instruments
from surcease.web.limits.models import Readiness
from surcease.web.patients.models import AnswersRow, CareRelation, ConditionRow
from surcease.web.patients.record import make_record
from surcease.web.worklist.actions import escalate, take
from surcease.web.worklist.models import Todo
from surcease.web.worklist.queries import waiting_for

pytestmark = pytest.mark.django_db
WEEK = {day: ["08:00", "17:00"] for day in ("mon", "tue", "wed", "thu", "fri")}
CODES = {0: "LA6568-5", 1: "LA6569-3", 2: "LA6570-1", 3: "LA6571-9"}


def phq9(item_9: int) -> dict[str, str]:
    return {str(n): CODES[0] for n in range(1, 9)} | {"9": CODES[item_9]}


def answers(world, item_9: int, **more):
    return sent(world.now, kind="answers", instrument="phq-9", items=phq9(item_9), **more)


def test_a_questionnaire_by_the_outbox_is_scored_once(world, client_as):
    me, body = client_as("patient"), answers(world, 0)
    assert [post(me, body).status_code for _ in range(3)] == [201, 200, 200]
    row = AnswersRow.objects.get()
    assert row.instrument == "phq-9"
    assert abs(row.at - world.now) < timedelta(seconds=61)
    assert list(diary_of(world.patient)) == []  # it is no diary entry
    assert len(make_record(world.patient).answers) == 1


@pytest.mark.parametrize(
    ("instrument", "items"),
    [("phq-9", {"10": "x"}), ("phq-9", {"1": "often"}), ("peg", {"pain": "11"}), ("no-such", {}), ("c-ssrs", {})],
)  # fmt: skip
def test_answers_that_cannot_be_are_refused_whole(instrument, items, world, client_as):
    answer = post(client_as("patient"), sent(world.now, kind="answers", instrument=instrument, items=items))
    assert (answer.status_code, bool(answer.json()["said"])) == (400, True)
    assert not EntryRow.objects.exists()
    assert not AnswersRow.objects.exists()


def test_a_conflict_does_not_score_twice(world, client_as):
    me, first = client_as("patient"), answers(world, 0)
    post(me, first)
    assert post(me, answers(world, 1, entry_id=first["id"])).status_code == 409
    assert AnswersRow.objects.count() == 1
    assert '"LA6569-3"' in EntryRow.objects.get().others.get().content  # the other text is kept, a person looks


def test_item_nine_reaches_the_named_physician_and_escalates_until_somebody_takes_it(world, client_as):
    CareRelation.objects.create(patient=world.patient, user=world.users.physician, since=world.now)
    assert post(client_as("patient"), answers(world, 1)).json()["show"] == "red_flag"
    todo = Todo.objects.get(kind="red flag")
    assert (todo.for_user, todo.urgent) == (world.users.physician, True)
    assert todo.due_at - world.now < timedelta(minutes=31)
    assert "call now" in todo.what
    assert todo in waiting_for(world.users.physician)
    assert todo not in waiting_for(world.users.nurse)
    escalate(todo.due_at + timedelta(seconds=1))
    assert todo in waiting_for(world.users.nurse)
    escalate(todo.due_at + timedelta(minutes=31))
    assert todo in waiting_for(world.users.lead)
    take(by=world.users.nurse, now=todo.due_at, todo=todo)
    assert Todo.objects.get(pk=todo.pk).taken_by == world.users.nurse


def test_a_steady_answer_is_called_the_same_day_and_a_rise_at_once(world, client_as):
    me = client_as("patient")
    for n, value in enumerate((1, 1, 2)):
        with time_machine.travel(world.now + timedelta(minutes=n), tick=False):
            post(me, sent(world.now + timedelta(minutes=n), kind="answers", instrument="phq-9", items=phq9(value)))
    due = [
        (t.due_at - t.asked_at).total_seconds() / 60 for t in Todo.objects.filter(kind="red flag").order_by("asked_at")
    ]
    assert due == [30, 240, 30]


def test_thoughts_of_self_harm_go_to_the_physician_and_the_clinic_s_own_pathway(world, client_as):
    steps = [{"after_min": 5, "role": "pharmacist"}, {"after_min": 10, "role": "lead"}]
    hours.set_pathway(by=world.users.lead, now=world.now, site=world.site, steps=steps)
    CareRelation.objects.create(patient=world.patient, user=world.users.physician, since=world.now)
    post(client_as("patient"), sent(world.now, kind="now", red_flags=["self_harm"]))
    todo = Todo.objects.get(kind="red flag")
    assert (todo.for_user, todo.escalation) == (world.users.physician, steps)


# --- help and hours -------------------------------------------------------------------------------------------


@pytest.fixture
def crisis(world) -> str:
    Readiness(
        site=world.site, thing="crisis_numbers", text="Lifeline 116 123", by=world.users.lead, at=world.now
    ).save()
    put_setting(hours.HOURS, WEEK, site=world.site, effective_at=datetime(2026, 1, 1, tzinfo=UTC))
    return "Lifeline 116 123"


SATURDAY = datetime(2026, 3, 7, 12, tzinfo=UTC)


@pytest.mark.parametrize("page", ["/diary/", "/diary/ask/phq-9/"])
def test_help_comes_with_the_page_and_says_who_does_not_read(page, world, client_as, crisis):
    with time_machine.travel(SATURDAY, tick=False):
        text = client_as("patient").get(page).content.decode()
    assert crisis in text
    assert "no nurse and no doctor reads this before Monday 9 Mar, 08:00" in text
    with time_machine.travel(SATURDAY + timedelta(days=2), tick=False):
        assert "reads this during opening hours" in client_as("patient").get(page).content.decode()


def test_the_form_carries_which_answers_reveal_help(world, client_as, crisis):
    text = client_as("patient").get("/diary/ask/phq-9/").content.decode()
    told = json.loads(text.split('id="reveals" type="application/json">')[1].split("</script>")[0])
    assert told == {"9": [CODES[1], CODES[2], CODES[3]]}


@pytest.mark.parametrize("page", ["/diary/offline/", "/diary/offline/ask/phq-9/"])
def test_the_shells_carry_help_and_nobody(page, world, client, crisis):
    text = client.get(page).content.decode()
    assert crisis in text
    assert "At all other times nobody does" in text
    assert world.patient.family not in text


def test_without_hours_the_entry_page_says_nobody_watches(world, client_as):
    assert "Nobody watches this page" in client_as("patient").get("/diary/").content.decode()


def test_the_lead_sets_hours_and_pathway(world, client_as):
    lead = client_as("lead")
    sent_form = {"mon_opens": "08:00", "mon_closes": "17:00", "closed": "2026-12-24", "role_0": "nurse", "after_0": "5"}
    assert lead.post("/diary/clinic/", sent_form).status_code == 302
    assert hours.week_of(world.site) == {"mon": ["08:00", "17:00"]}
    wrong = [
        {"mon_opens": "17:00", "mon_closes": "08:00"},
        {"closed": "Christmas"},
        {"role_0": ""},
        {"after_0": "soon"},
    ]
    for change in wrong:
        assert lead.post("/diary/clinic/", sent_form | change).status_code == 200
    assert hours.week_of(world.site) == {"mon": ["08:00", "17:00"]}


# --- cards ----------------------------------------------------------------------------------------------------


def test_the_page_follows_the_condition(world, client_as):
    me = client_as("patient")
    assert "attack today" not in me.get("/diary/").content.decode()
    from surcease.web.patients import actions as patients

    row = ConditionRow(
        codes=[{"system": "http://hl7.org/fhir/sid/icd-10-cm", "code": "G43.719", "display": ""}], text="Migraine",
        status="active",
    )  # fmt: skip
    patients.enter(by=world.users.nurse, now=world.now, patient=world.patient, rows=[row], what="a condition")
    assert "attack today" in me.get("/diary/").content.decode()
    assert post(me, sent(world.now, headache="no", acute_drug="yes")).status_code == 201
    (entry,) = diary_of(world.patient)
    assert (entry.values["headache"], entry.values["acute_drug"]) == (False, True)


def test_weekly_cards_rest_after_they_were_answered(world, client_as):
    me = client_as("patient")
    assert "how well have you been this week" in me.get("/diary/").content.decode()
    post(me, sent(world.now, wellbeing="6", quality_of_life="5"))
    assert "how well have you been this week" not in me.get("/diary/").content.decode()


def test_what_is_due_is_asked_and_not_again_when_done(world, client_as):
    me = client_as("patient")
    page = me.get("/diary/").content.decode()
    assert all(f"/diary/ask/{one}/" in page for one in ("peg", "phq-9", "gad-7"))
    post(me, answers(world, 0))
    assert "/diary/ask/phq-9/" not in me.get("/diary/").content.decode()


def test_the_side_effect_tool_is_asked_where_the_site_has_loaded_it(world, client_as, settings, tmp_path):
    from surcease.web.home import Home

    me = client_as("patient")
    assert "kset-r" not in me.get("/diary/").content.decode()
    settings.HOME = Home.at(tmp_path / "home")
    (settings.HOME / "instruments").mkdir()
    (settings.HOME / "instruments" / "kset-r.yaml").write_text(
        'instrument: kset-r\nlanguage: en\npermission: "Written for a test"\n'
        "items: {form: Which form is this?}\n"
        "add:\n  - {id: nausea, type: boolean, scored: false, text: Did you feel sick?}\n"
    )
    assert instruments()["kset-r"].item("nausea").text == "Did you feel sick?"
    assert "/diary/ask/kset-r/?form=screening" in me.get("/diary/").content.decode()
    page = me.get("/diary/ask/kset-r/?form=screening").content.decode()
    assert 'value="screening" class="" id' in page or "checked" in page


def test_scores_over_time_with_bands_and_what_matters(world, client_as):
    for days, value in ((28, "8"), (0, "5")):
        at = world.now - timedelta(days=days)
        items = {"pain": value, "enjoyment": value, "activity": value}
        with time_machine.travel(at, tick=False):
            post(client_as("patient"), sent(at, kind="answers", instrument="peg", items=items))
    me = client_as("patient")
    post(me, answers(world, 0))
    mine = me.get("/diary/scores/").content.decode()
    theirs = client_as("nurse").get(f"/diary/person/{world.patient.pk}/scores/").content.decode()
    for text in (mine, theirs):
        assert "3 points better since the first, a change that matters (30 % or 1 point)" in text
        assert "minimal" in text  # the band of a PHQ-9 of 0
    assert catalogue()["peg"].title in theirs


def test_somebody_elses_entry_on_a_shared_phone_waits(world, client_as):
    body = sent(world.now, pain=4) | {"owner": "somebody else"}
    answer = post(client_as("patient"), body)
    assert (answer.status_code, EntryRow.objects.count()) == (403, 0)
    page = client_as("patient").get("/diary/").content.decode()
    mine = page.split('data-owner="')[1].split('"')[0]
    assert str(world.patient.pk) not in page.split("<main")[1].split("</main")[0]
    assert post(client_as("patient"), sent(world.now, pain=4) | {"owner": mine}).status_code == 201
