"""To-dos: asked once, taken by one, escalated until taken, seen by whom they are for."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from tests.web_fixtures import World, make_user

from surcease.web import tick
from surcease.web.audit.models import AuditRow
from surcease.web.clinic.models import JobRun, Site
from surcease.web.worklist import day
from surcease.web.worklist.actions import ask, end, end_by_key, escalate, give_back, take
from surcease.web.worklist.models import Todo
from surcease.web.worklist.queries import lines, waiting_for

pytestmark = pytest.mark.django_db


@pytest.fixture
def todo(world: World) -> Todo:
    """A call that a nurse makes within the hour, else a physician, else the lead."""
    return ask(
        by="server", now=world.now, key="call:1", kind="call", what="Call after the session", for_role="nurse",
        patient=world.patient, due_at=world.now + timedelta(hours=1),
        escalation=[{"after_min": 0, "role": "physician"}, {"after_min": 30, "user": str(world.users.lead.pk)}],
    )  # fmt: skip


def who_sees(world: World, todo: Todo) -> set[str]:
    """Roles whose list holds it."""
    staff = ("physician", "nurse", "pharmacist", "lead", "front_desk")
    return {role for role in staff if todo in waiting_for(world.user(role))}


def test_asking_twice_is_asking_once(world: World, todo: Todo) -> None:
    again = ask(by="server", now=world.now, key="call:1", kind="call", what="Other words", for_role="lead")
    assert again == todo
    assert again.what == "Call after the session"
    assert AuditRow.objects.filter(action="ask").count() == 1


def test_it_moves_up_its_chain_until_taken(world: World, todo: Todo) -> None:
    due = world.now + timedelta(hours=1)
    assert who_sees(world, todo) == {"nurse"}
    assert escalate(due - timedelta(seconds=1)) == 0
    assert escalate(due) == 1
    assert who_sees(world, todo) == {"nurse", "physician"}
    assert escalate(due + timedelta(minutes=29)) == 0
    assert escalate(due + timedelta(minutes=30)) == 1
    assert who_sees(world, todo) == {"nurse", "physician", "lead"}
    assert escalate(due + timedelta(days=9)) == 0
    assert AuditRow.objects.filter(action="escalate").count() == 2


def test_a_missed_round_catches_up(world: World, todo: Todo) -> None:
    escalate(world.now + timedelta(days=1))
    assert who_sees(world, todo) == {"nurse", "physician", "lead"}


def test_done_moves_no_further(world: World, todo: Todo) -> None:
    end(by=world.users.nurse, now=world.now, todo=todo)
    assert escalate(world.now + timedelta(days=1)) == 0
    assert who_sees(world, todo) == set()


def test_taking_is_not_doing(world: World) -> None:
    """A taken one gets the first step's patience and then escalates as well."""
    due = world.now + timedelta(hours=1)
    row = ask(by="server", now=world.now, key="k", kind="call", what="x", for_role="nurse", due_at=due,
              escalation=[{"after_min": 20, "role": "physician"}])  # fmt: skip
    take(by=world.users.nurse, now=world.now, todo=row)
    assert escalate(due + timedelta(minutes=39)) == 0
    assert escalate(due + timedelta(minutes=40)) == 1


def test_one_takes_it_and_another_is_told_who(world: World, todo: Todo) -> None:
    take(by=world.users.nurse, now=world.now, todo=todo)
    other = make_user("nurse", world.site, name="Second Nurse")
    with pytest.raises(ValueError, match="Nurse Person has already taken"):
        take(by=other, now=world.now, todo=todo)
    give_back(by=world.users.nurse, now=world.now, todo=todo)
    assert take(by=other, now=world.now, todo=todo).taken_by == other


def test_dropping_needs_a_reason_and_ending_twice_changes_nothing(world: World, todo: Todo) -> None:
    with pytest.raises(ValueError, match="reason"):
        end(by=world.users.nurse, now=world.now, todo=todo, done=False)
    end(by=world.users.nurse, now=world.now, todo=todo, note="came by herself", done=False)
    assert end(by=world.users.physician, now=world.now, todo=todo, note="x").end_note == "came by herself"
    end_by_key(by="server", now=world.now, key="call:1")
    assert Todo.objects.get().state == "dropped"


@pytest.mark.parametrize(
    "wrong",
    [{}, {"for_role": "janitor"}, {"for_role": "nurse", "escalation": [{"after_min": 1, "role": "lead"}]}],
)
def test_a_todo_is_for_someone_and_escalates_from_a_time(world: World, wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="to-do"):
        ask(by="server", now=world.now, key="k", kind="x", what="x", **wrong)


def test_order_overdue_names_and_other_sites(world: World, todo: Todo) -> None:
    elsewhere = Site.objects.create(name="South")
    ask(by="server", now=world.now, key="s", kind="x", what="Elsewhere", for_role="nurse", site=elsewhere)
    ask(by="server", now=world.now, key="u", kind="x", what="Urgent", for_role="nurse", urgent=True)
    ask(
        by="server",
        now=world.now,
        key="o",
        kind="x",
        what="Overdue",
        for_role="nurse",
        due_at=world.now - timedelta(hours=2),
    )
    shown = lines(world.users.nurse, now=world.now)
    assert [line.what for line in shown] == ["Urgent", "Overdue", "Call after the session"]
    assert [line.overdue for line in shown] == [False, True, False]
    assert shown[2].patient is not None
    assert shown[2].patient.name == "Mara Lindqvist"
    assert AuditRow.objects.filter(action="list").count() == 1


def test_in_the_browser(world: World, todo: Todo, client_as: Callable[[str], Client]) -> None:
    nurse = client_as("nurse")
    page = nurse.get("/worklist/").content.decode()
    assert "Call after the session" in page
    assert "Mara Lindqvist" in page
    nurse.post(reverse("worklist:take", args=[todo.pk]))
    assert "Give back" in nurse.get("/worklist/").content.decode()
    nurse.post(reverse("worklist:end", args=[todo.pk]), {"how": "drop"})
    assert Todo.objects.get().state == "taken"  # no reason, not dropped
    nurse.post(reverse("worklist:end", args=[todo.pk]), {"how": "done", "note": "reached her"})
    assert Todo.objects.get().end_note == "reached her"
    assert client_as("front_desk").post(reverse("worklist:take", args=[todo.pk])).status_code == 404


def test_the_list_speaks_the_sites_time(world: World, client_as: Callable[[str], Client]) -> None:
    """Berlin in March: UTC + 1; in July + 2."""
    for month, shown in ((3, "09:10"), (7, "10:10")):
        ask(by="server", now=world.now, key=f"t{month}", kind="x", what="x", for_role="nurse",
            due_at=datetime(2026, month, 2, 8, 10, tzinfo=UTC))  # fmt: skip
        assert shown in client_as("nurse").get("/worklist/").content.decode()


def test_the_list_costs_the_same_queries_however_long_it_is(world: World, client_as: Callable[[str], Client]) -> None:
    def queries() -> int:
        client = client_as("nurse")
        client.get("/worklist/")
        with CaptureQueriesContext(connection) as caught:
            client.get("/worklist/")
        return len(caught)

    ask(by="server", now=world.now, key="0", kind="x", what="x", for_role="nurse", patient=world.patient)
    few = queries()
    for n in range(1, 60):
        ask(by="server", now=world.now, key=str(n), kind="x", what="x", for_role="nurse", patient=world.patient)
    assert queries() == few


def test_steps_add_panels_for_their_roles(world: World, client_as: Callable[[str], Client]) -> None:
    before = dict(day._panels)
    day.panel("test", roles={"nurse"}, template="errors/page.html", read=lambda _user, _now: {"error_title": "A panel"})
    day.panel("none", roles={"nurse"}, template="errors/page.html", read=lambda _user, _now: None)
    try:
        assert client_as("nurse").get("/worklist/").content.decode().count("A panel") >= 1
        assert "A panel" not in client_as("lead").get("/worklist/").content.decode()
    finally:
        day._panels.clear()
        day._panels.update(before)


def test_a_periodic_job_runs_once_a_slot_whoever_ticks(world: World) -> None:
    ran = []
    job = tick.Job("test.job", 60, ran.append)
    assert [tick.run_job(job, world.now) for _process in range(3)] == [True, False, False]
    assert tick.run_job(job, world.now + timedelta(seconds=60))
    assert len(ran) == 2
    assert JobRun.objects.get(name="test.job").slot == int((world.now + timedelta(seconds=60)).timestamp() // 60)


def test_a_failing_job_stops_no_other(world: World, caplog: pytest.LogCaptureFixture) -> None:
    def fail(_now: Any) -> None:
        raise ZeroDivisionError("Mara Lindqvist")

    assert not tick.run_job(tick.Job("test.fails", 1, fail), world.now)
    assert "test.fails failed" in caplog.text


def test_what_is_due_after_tomorrow_stands_folded_unless_it_is_urgent(world: World, todo: Todo) -> None:
    common = {"by": "server", "now": world.now, "kind": "call", "for_role": "nurse"}
    ask(key="later", what="In a week", due_at=world.now + timedelta(days=7), **common)
    ask(key="soon", what="In a week, urgent", due_at=world.now + timedelta(days=7), urgent=True, **common)
    ask(key="open", what="Some time", **common)
    found = {line.what: line.later for line in lines(world.users.nurse, now=world.now)}
    assert found == {"Call after the session": False, "In a week": True, "In a week, urgent": False, "Some time": False}
