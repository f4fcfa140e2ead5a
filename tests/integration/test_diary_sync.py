"""The diary over HTTP: once, with receipts; both texts of a conflict; red flags; links that write and show nothing."""

from __future__ import annotations

import hashlib
import json
from datetime import timedelta
from uuid import uuid4

import pytest

from surcease.web.diary.models import EntryRow, OtherEntry
from surcease.web.diary.record import diary_of
from surcease.web.patients.models import BannerItem
from surcease.web.worklist.models import Todo

pytestmark = pytest.mark.django_db


def sent(at, *, entry_id: str = "", sent_at=None, **body) -> dict:
    entry_id = entry_id or str(uuid4())
    content = json.dumps(
        {"kind": "average", **body, "id": entry_id, "at": at.isoformat(), "utc_offset_min": 60, "v": 1}
    )
    return {
        "id": entry_id,
        "hash": hashlib.sha256(content.encode()).hexdigest(),
        "content": content,
        "sent_at": (sent_at or at).isoformat(),
    }


def post(client, body):
    return client.post("/diary/sync/", json.dumps(body), content_type="application/json")


def test_one_entry_however_often_it_comes(world, client_as):
    me, body = client_as("patient"), sent(world.now, pain=6, sleep="4", medicines=["duloxetine"], note="señal €")
    answers = [post(me, body) for _ in range(5)]
    assert [a.status_code for a in answers] == [201, 200, 200, 200, 200]
    assert {a.json()["hash"] for a in answers} == {body["hash"]}
    (entry,) = diary_of(world.patient)
    assert (entry.pain, entry.values["sleep"], entry.note) == (6, 4, "señal €")


def test_the_same_id_with_other_words_keeps_both(world, client_as):
    me, first = client_as("patient"), sent(world.now, pain=6)
    other = sent(world.now, entry_id=first["id"], pain=2)
    post(me, first)
    answer = post(me, other)
    assert (answer.status_code, answer.json()["hash"]) == (409, other["hash"])
    assert EntryRow.objects.get().pain == 6
    assert '"pain": 2' in OtherEntry.objects.get().content


@pytest.mark.parametrize("body", [{"pain": "11"}, {"pain": "-1"}, {"pain": "1,5"}, {"kind": "poem"}, {"sleep": "٥"}])
def test_what_is_not_zero_to_ten_is_refused_and_nothing_kept(world, client_as, body):
    answer = post(client_as("patient"), sent(world.now, **body))
    assert answer.status_code == 400
    assert answer.json()["said"]
    assert not EntryRow.objects.exists()


@pytest.mark.parametrize("text", ["", "[]", '{"a":1,"a":2}', '{"content": NaN}', "[" * 5000, '{"id":"x"}'])
def test_hostile_text_is_a_400(world, client_as, text):
    answer = client_as("patient").post("/diary/sync/", text, content_type="application/json")
    assert answer.status_code == 400


def test_yesterday_is_late_and_a_clock_forty_minutes_off_is_corrected(world, client_as):
    me = client_as("patient")
    day = (world.now - timedelta(days=1)).date().isoformat()
    late = sent(world.now, pain=5, day=day)
    off = sent(world.now + timedelta(minutes=40), pain=4)
    assert post(me, late).status_code == 201
    assert post(me, off).status_code == 201
    assert EntryRow.objects.get(pk=late["id"]).late
    row = EntryRow.objects.get(pk=off["id"])
    assert abs(row.clock_error_s + 2400) < 30
    assert abs((row.at - world.now).total_seconds()) < 30


def test_a_partial_entry_counts_and_blank_is_not_zero(world, client_as):
    assert post(client_as("patient"), sent(world.now, mood="3")).status_code == 201
    (entry,) = diary_of(world.patient)
    assert entry.pain is None


def test_a_red_flag_reaches_the_nurse_at_once(world, client_as):
    answer = post(client_as("patient"), sent(world.now, kind="now", red_flags=["chest_pain"]))
    assert answer.json()["show"] == "red_flag"
    todo = Todo.objects.get(kind="red flag")
    assert (todo.for_role, todo.urgent) == ("nurse", True)
    assert [step["role"] for step in todo.escalation] == ["physician", "lead"]
    assert BannerItem.objects.get(patient=world.patient).level == "red"


def test_a_personal_link_writes_and_shows_no_day(world, client_as):
    by_link = client_as("link")
    assert post(by_link, sent(world.now, pain=7)).status_code == 201
    assert EntryRow.objects.get().came_by == "link"
    page = by_link.get("/diary/").content.decode()
    assert "last 14 days" not in page
    assert by_link.get("/diary/days/").status_code == 403


def test_someone_elses_entry_is_not_overwritten(world, client_as):
    from datetime import date

    from tests.web_fixtures import make_user

    from surcease.web.patients.actions import register_patient
    from surcease.web.patients.models import Patient

    body = sent(world.now, pain=6)
    post(client_as("patient"), body)
    other = register_patient(by="test", now=world.now, family="Other", born=date(1980, 1, 1), site=world.site)
    user = make_user("patient", world.site, name="Other Person")
    Patient.objects.filter(pk=other.pk).update(user=user)
    from django.test import Client

    client = Client()
    client.force_login(user)
    assert post(client, body).status_code == 403
    assert EntryRow.objects.get().patient == world.patient


def test_item_nine_shows_help_and_asks_a_physician(world, client_as):
    from surcease.knowledge.catalogue import catalogue

    item = catalogue()["phq-9"].item("9")
    answer = client_as("patient").post("/diary/ask/phq-9/", {"9": item.options[1].code})
    assert "not alone" in answer.content.decode()
    assert Todo.objects.filter(kind="red flag", for_role="physician").exists()


def test_my_record_comes_out_as_csv_and_fhir_without_formulas(world, client_as):
    me = client_as("patient")
    post(me, sent(world.now, pain=6, note="=HYPERLINK(1)"))
    text = me.get("/diary/mine/diary.csv").content.decode()
    assert text.splitlines()[0].startswith("at,score,site,kind,day,late,note")
    assert "'=HYPERLINK(1)" in text
    bundle = json.loads(me.get("/diary/mine/record.json").content)
    assert bundle["resourceType"] == "Bundle"


def test_messages_go_both_ways_with_a_promise(world, client_as):
    me, nurse = client_as("patient"), client_as("nurse")
    me.post("/diary/messages/", {"text": "May I swim?"})
    todo = Todo.objects.get(kind="message")
    assert todo.due_at - world.now < timedelta(hours=25)
    nurse.post(f"/diary/person/{world.patient.pk}/answer/", {"text": "Yes, from tomorrow."})
    assert "Yes, from tomorrow." in me.get("/diary/messages/").content.decode()


def test_the_offline_shell_holds_nobodys_data(world, client_as, client):
    page = client.get("/diary/offline/").content.decode()
    assert "Average pain" in page
    assert world.patient.family not in page
    assert client.get("/diary/sw.js")["Content-Type"].startswith("text/javascript")
