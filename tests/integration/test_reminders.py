"""Reminders through a real SMTP server, with a ledger of what became of each."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from typing import Any

import pytest
import time_machine
from aiosmtpd.controller import Controller

from surcease.web.diary.models import Reminder, ReminderPlan
from surcease.web.diary.remind import remind
from surcease.web.patients.models import Patient
from surcease.web.tick import Ticker
from surcease.web.worklist.models import Todo

pytestmark = pytest.mark.django_db
NINE_BERLIN = datetime(2026, 3, 2, 20, 1, tzinfo=UTC)


class Box:
    """What the server received."""

    def __init__(self) -> None:
        self.letters: list[Any] = []

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        self.letters.append(envelope)
        return "250 kept"


@pytest.fixture
def box(monkeypatch: pytest.MonkeyPatch, settings: Any) -> Iterator[Box]:
    settings.EMAIL_BACKEND = "surcease.web.mail.Backend"
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    kept = Box()
    controller = Controller(kept, hostname="127.0.0.1", port=port)
    controller.start()
    monkeypatch.setenv("SURCEASE_SMTP", f"smtp://127.0.0.1:{port}")
    yield kept
    controller.stop()


@pytest.fixture
def plan(world: Any) -> ReminderPlan:
    Patient.objects.filter(pk=world.patient.pk).update(email="mara@example.test")
    world.patient.refresh_from_db()
    return ReminderPlan.objects.create(patient=world.patient, times=["21:00"], by_mail=True)


def test_one_discreet_letter_however_often_the_job_runs(plan, box):
    assert [remind(NINE_BERLIN), remind(NINE_BERLIN), remind(NINE_BERLIN + timedelta(hours=1))] == [1, 0, 0]
    (letter,) = box.letters
    message = message_from_bytes(letter.content)
    assert (message["Subject"], letter.rcpt_tos) == ("Your minute", ["mara@example.test"])
    text = str(message.get_payload()).lower()
    assert not any(word in text for word in ("pain", "ketamine", "clinic", "lindqvist"))
    row = Reminder.objects.get(why="evening")
    assert row.sent_at is not None
    assert row.expired_at is None


def test_the_ledger_says_expired_and_answered(plan, box):
    remind(NINE_BERLIN)
    sent = Reminder.objects.get(why="evening").sent_at
    remind(sent + timedelta(hours=9))
    assert Reminder.objects.order_by("scheduled_for").first().expired_at is not None


def test_one_letter_stands_for_the_questionnaires_that_are_due_too(plan, box):
    remind(NINE_BERLIN)
    asked = Reminder.objects.filter(why="instrument", sent_at__isnull=False)
    assert {row.key.split(":")[2] for row in asked} >= {"peg", "phq-9", "gad-7"}
    assert len(box.letters) == 1


def test_each_kind_of_entry_answers_its_own_reminder(plan, box, world, client_as):
    from tests.integration.test_diary_sync import post, sent

    remind(NINE_BERLIN)
    me = client_as("patient")
    post(me, sent(world.now, kind="pulse", pain=3))
    assert not Reminder.objects.filter(answered_at__isnull=False).exists()
    post(me, sent(world.now, pain=3))
    assert set(Reminder.objects.filter(answered_at__isnull=False).values_list("why", flat=True)) == {"evening"}
    post(me, sent(world.now, kind="answers", instrument="peg", items={"pain": "4", "enjoyment": "4", "activity": "4"}))
    assert not Reminder.objects.filter(answered_at=None).exists()


def test_what_could_not_be_sent_is_tried_again(plan, box, monkeypatch):
    working = settings_address()
    monkeypatch.setenv("SURCEASE_SMTP", "smtp://127.0.0.1:1")
    assert remind(NINE_BERLIN) == 0
    monkeypatch.setenv("SURCEASE_SMTP", working)
    assert remind(NINE_BERLIN + timedelta(minutes=1)) == 0  # not every minute
    assert remind(NINE_BERLIN + timedelta(minutes=9)) == 1
    assert Reminder.objects.get(why="evening").failed == ""


def settings_address() -> str:
    return os.environ["SURCEASE_SMTP"]


def test_once_more_in_an_hour_and_quiet_until_friday(plan, box, world, client_as):
    me = client_as("patient")
    me.post("/diary/reminders/pause/", {"pause": "hour"})
    row = Reminder.objects.get(why="evening")
    assert timedelta(minutes=59) < row.scheduled_for - world.now <= timedelta(minutes=61)
    remind(world.now)  # may send another one: what is due depends on the hour
    row.refresh_from_db()
    assert row.sent_at is None
    with time_machine.travel(world.now + timedelta(minutes=61), tick=False):
        assert remind(row.scheduled_for) >= 1
    day = (NINE_BERLIN + timedelta(days=3)).date().isoformat()
    me.post("/diary/reminders/pause/", {"pause": day})
    plan.refresh_from_db()
    assert plan.quiet_until.isoformat() == day
    box.letters.clear()
    assert remind(NINE_BERLIN + timedelta(days=1)) == 0
    assert "is not a day" in me.post("/diary/reminders/pause/", {"pause": "soon"}, follow=True).content.decode()


def test_a_server_that_is_not_there_is_written_down(plan, monkeypatch, settings):
    settings.EMAIL_BACKEND = "surcease.web.mail.Backend"
    monkeypatch.setenv("SURCEASE_SMTP", "smtp://127.0.0.1:1")
    assert remind(NINE_BERLIN) == 0
    assert Reminder.objects.get(why="evening").failed


def test_a_week_of_silence_asks_a_nurse_instead(plan, box, world):
    Reminder.objects.create(
        patient=plan.patient,
        key="old",
        why="evening",
        channel="mail",
        scheduled_for=NINE_BERLIN,
        sent_at=NINE_BERLIN - timedelta(days=8),
    )
    assert remind(NINE_BERLIN) == 0
    assert Todo.objects.get(kind="silent diary").for_role == "nurse"
    assert not box.letters


def test_the_running_server_sends_them_by_itself(plan, box, monkeypatch):
    monkeypatch.setattr("surcease.web.tick.close_old_connections", lambda: None)  # the test's own is needed
    with time_machine.travel(NINE_BERLIN, tick=False):
        Ticker().once(1.0)
    assert [letter.rcpt_tos for letter in box.letters] == [["mara@example.test"]]
