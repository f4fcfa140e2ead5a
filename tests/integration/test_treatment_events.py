"""The log of a session over HTTP: kept once, both texts of a conflict, nothing future, nothing unread."""

from __future__ import annotations

import hashlib
import json
from datetime import timedelta
from decimal import Decimal as D
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest
from tests.integration.samples.steps import treated

from surcease.care.event import Started, Stopped
from surcease.web.audit.models import AuditRow
from surcease.web.treatment.actions import add_event
from surcease.web.treatment.models import OtherText, SessionEvent
from surcease.web.treatment.queries import sheet_of
from surcease.web.worklist.models import Todo

pytestmark = pytest.mark.django_db


def sent(kind: str, payload: dict, at, *, event_id: str = "", sent_at=None, **more) -> dict:
    """What the tablet sends."""
    event_id = event_id or str(uuid4())
    content = json.dumps(
        {"kind": kind, "payload": payload, "id": event_id, "at": at.isoformat(), "utc_offset_min": 60, "v": 1, **more}
    )
    return {
        "id": event_id,
        "hash": hashlib.sha256(content.encode()).hexdigest(),
        "content": content,
        "sent_at": (sent_at or at).isoformat(),
    }


def post(client, session, body):
    return client.post(f"/treatment/{session.pk}/events/", json.dumps(body), content_type="application/json")


def test_an_event_is_kept_once_and_its_receipt_echoes_the_hash(world, client_as):
    session, nurse = treated(world), client_as("nurse")
    body = sent("reading", {"systolic": "160", "diastolic": "90"}, world.now)
    first, again = post(nurse, session, body), post(nurse, session, body)
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.json() == again.json()
    assert first.json()["hash"] == body["hash"]
    assert SessionEvent.objects.filter(session=session, kind="reading").count() == 1
    row = SessionEvent.objects.get(pk=body["id"])
    assert (row.payload["systolic"], row.by_name) == ("160", world.users.nurse.printed_name)
    assert AuditRow.objects.filter(action="session reading", object_id=str(row.pk)).count() == 1


def test_another_text_under_a_known_id_is_kept_beside_it(world, client_as):
    session, nurse = treated(world), client_as("nurse")
    body = sent("note", {"text": "first"}, world.now)
    other = sent("note", {"text": "second"}, world.now, event_id=body["id"])
    post(nurse, session, body)
    answer = post(nurse, session, other)
    assert (answer.status_code, answer.json()["conflict"]) == (409, True)
    assert answer.json()["hash"] == other["hash"]
    assert SessionEvent.objects.get(pk=body["id"]).payload["text"] == "first"
    assert "second" in OtherText.objects.get(event_id=body["id"]).content


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (lambda b: b | {"hash": "0" * 64}, "do not match"),
        (lambda b: b | {"id": str(uuid4())}, "differ"),
        (lambda b: {}, "do not match"),
    ],
)
def test_what_cannot_be_read_is_refused_in_one_sentence(world, client_as, change, sentence):
    session = treated(world)
    answer = post(client_as("nurse"), session, change(sent("pause", {}, world.now)))
    assert answer.status_code == 400
    assert sentence in answer.json()["said"]
    assert not SessionEvent.objects.filter(session=session).exists()


@pytest.mark.parametrize(
    ("kind", "payload"),
    [
        ("reading", {"systolic": "NaN?"}),
        ("reading", {"pulse": "70"}),
        ("dance", {}),
        ("bolus", {}),
        ("rate", {"rate_mg_per_h": "1,5"}),
    ],
)
def test_unknown_kinds_fields_and_numbers_are_refused(world, client_as, kind, payload):
    session = treated(world)
    assert post(client_as("nurse"), session, sent(kind, payload, world.now)).status_code == 400


def test_the_future_is_refused_and_a_wrong_clock_is_corrected_and_marked(world, client_as):
    session, nurse = treated(world), client_as("nurse")
    late = world.now + timedelta(minutes=30)
    assert post(nurse, session, sent("pause", {}, late, sent_at=world.now)).status_code == 400
    fast = sent("note", {"text": "tablet 40 minutes fast"}, world.now + timedelta(minutes=40))
    assert post(nurse, session, fast).status_code == 201
    row = SessionEvent.objects.get(pk=fast["id"])
    assert abs(row.clock_error_s + 2400) < 30
    assert abs((row.at - world.now).total_seconds()) < 30


def test_a_struck_reading_does_not_count_and_stays_readable(world, client_as):
    session, nurse = treated(world), client_as("nurse")
    body = sent("reading", {"systolic": "260"}, world.now)
    post(nurse, session, body)
    assert nurse.post(f"/treatment/{session.pk}/strike/{body['id']}/", {"reason": ""}).status_code == 400
    nurse.post(f"/treatment/{session.pk}/strike/{body['id']}/", {"reason": "typed 260 for 160"})
    sheet = sheet_of(session, at=world.now + timedelta(minutes=1))
    assert not any(e.kind == "reading" for e in sheet.state.counted)
    assert "typed 260 for 160" in nurse.get(f"/treatment/{session.pk}/log/").content.decode()


def test_a_rate_above_the_order_is_answered_before_it_is_written(world, client_as):
    session, nurse = treated(world), client_as("nurse")
    assert nurse.get(f"/treatment/{session.pk}/check/?rate=10").json()["said"] == ""
    assert "needs" in nurse.get(f"/treatment/{session.pk}/check/?rate=40").json()["said"]
    assert nurse.get(f"/treatment/{session.pk}/check/?rate=1,5").status_code == 400


def test_a_verbal_order_needs_read_back_and_asks_for_a_countersignature(world, client_as):
    session, nurse = treated(world), client_as("nurse")
    data = {"prescriber": str(world.users.physician.pk), "said": "midazolam 1 mg iv"}
    assert nurse.post(f"/treatment/{session.pk}/verbal-order/", data).status_code == 400
    assert nurse.post(f"/treatment/{session.pk}/verbal-order/", data | {"read_back": "yes"}).status_code == 302
    todo = Todo.objects.get(kind="countersign")
    assert todo.for_user == world.users.physician
    assert timedelta(hours=23) < todo.due_at - world.now < timedelta(hours=25)


def test_a_call_reaches_the_board_until_somebody_goes(world, client_as):
    session, nurse = treated(world), client_as("nurse")
    assert nurse.post(f"/treatment/{session.pk}/call/").status_code == 201
    assert nurse.post(f"/treatment/{session.pk}/call/").status_code == 201
    assert "calls" in nurse.get("/treatment/board/").content.decode()
    call = session.calls.get()
    nurse.post(f"/treatment/call/{call.pk}/answer/")
    assert "calls" not in nurse.get("/treatment/board/").content.decode()


def test_a_locked_tablet_keeps_stop_and_pause_only(world, client_as):
    session, nurse = treated(world), client_as("nurse")
    kept = nurse.session
    kept["chair"], kept["locked_at"] = "Chair 1", 1.0
    kept.save()
    assert post(nurse, session, sent("stop", {}, world.now)).status_code == 201
    assert post(nurse, session, sent("note", {"text": "x"}, world.now)).status_code == 403
    assert SessionEvent.objects.get(session=session).by is None


def test_a_session_closes_only_when_its_way_is_open(world, client_as):
    session, nurse = treated(world), client_as("nurse")
    post(
        nurse,
        session,
        sent("start", {"rate_ml_per_h": "25", "concentration_mg_per_ml": "0.434", "volume_infused_ml": "0"}, world.now),
    )
    post(nurse, session, sent("stop", {"why": "request"}, world.now + timedelta(seconds=1)))
    page = f"/treatment/{session.pk}/after/"
    tried = nurse.post(page, {"close": "1", "way-way": "criteria", "way-secret": "correct horse battery"})
    assert "still needs" in tried.content.decode()
    left = {
        "way-way": "against_advice",
        "way-capacity": "oriented",
        "way-advice_given": "stay",
        "way-call_booked": "nurse",
        "way-secret": "correct horse battery",
    }
    assert nurse.post(page, {"close": "1", **left}).status_code == 302
    session.refresh_from_db()
    assert session.closed_at is not None
    assert Todo.objects.get(kind="left against advice").urgent
    for name in ("flowsheet", "slip", "paper"):
        assert nurse.get(f"/treatment/{session.pk}/{name}.pdf").content.startswith(b"%PDF")


def test_board_queries_do_not_grow_with_the_log(world, client_as, django_assert_max_num_queries):
    session, nurse = treated(world), client_as("nurse")
    nurse.get("/treatment/board/")
    for n in range(30):
        post(nurse, session, sent("reading", {"systolic": str(120 + n)}, world.now))
    with django_assert_max_num_queries(24):
        nurse.get("/treatment/board/")


def test_the_board_says_until_when_somebody_is_observed(world, client_as):
    """Not "minute 70 of 240": the drug is over, the observation clock runs from the stop."""
    session, begun = treated(world), world.now - timedelta(minutes=70)
    add_event(by=world.users.nurse, now=begun, session=session, payload=Started(D(25), D("0.868"), D(0)), at=begun)
    stopped = world.now - timedelta(minutes=20)
    add_event(by=world.users.nurse, now=stopped, session=session, payload=Stopped(), at=stopped)
    watch = sheet_of(session, at=world.now).watch
    assert watch.observed_until is not None
    assert watch.minutes_to_go == (watch.observed_until - world.now).total_seconds() / 60
    page = client_as("nurse").get("/treatment/board/").content.decode()
    assert f"observed until {watch.observed_until.astimezone(ZoneInfo('Europe/Berlin')):%H:%M}" in page
    assert "minute 70 of" not in page
