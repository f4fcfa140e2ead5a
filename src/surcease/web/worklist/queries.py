"""What waits for one person today."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import F, Q, QuerySet

from surcease.web.accounts.models import User
from surcease.web.patients.access import PatientLine, lines_of
from surcease.web.worklist.models import Todo


@dataclass(frozen=True, slots=True)
class TodoLine:
    """A to-do as a list shows it: what, who, by when."""

    todo: Todo
    what: str
    who: str
    by_when: datetime | None
    overdue: bool
    patient: PatientLine | None
    mine: bool
    later: bool


def waiting_for(user: User) -> QuerySet[Todo]:
    """Open to-dos for this user, their role at their sites, or escalated to either; oldest due first."""
    role = Q(for_role=user.role) & Q(for_user__isnull=True) & (Q(site__isnull=True) | Q(site__in=user.sites.all()))
    asked = role | Q(for_user=user) | Q(escalated__gt=0, pk__in=_escalated_to(user))
    rows = Todo.objects.filter(asked, state__in=(Todo.State.OPEN, Todo.State.TAKEN))
    return rows.select_related("taken_by", "for_user").order_by("-urgent", F("due_at").asc(nulls_last=True), "asked_at")


def _escalated_to(user: User) -> list[object]:
    """Ids of escalated to-dos that reached ``user``: few at any time, so their lists are read here."""
    rows = Todo.objects.filter(escalated__gt=0, state__in=(Todo.State.OPEN, Todo.State.TAKEN))
    reached = rows.values_list("pk", "also_role", "also_user")
    return [pk for pk, roles, users in reached if user.role in roles or str(user.pk) in users]


SOON = timedelta(hours=24)  # what is due later than this stands folded under the day's work


def lines(user: User, *, now: datetime, most: int = 100) -> list[TodoLine]:
    """The lines of the day's page, with the names of people in this user's care; one row on the trail."""
    todos = list(waiting_for(user)[:most])
    names = lines_of(user, {t.patient_id for t in todos if t.patient_id}, why="today")
    return [_line(todo, user, names, now) for todo in todos]


def _line(todo: Todo, user: User, names: dict[UUID, PatientLine], now: datetime) -> TodoLine:
    who = str(todo.taken_by or todo.for_user or todo.get_for_role_display())
    late = todo.due_at is not None and todo.due_at < now
    later = todo.due_at is not None and todo.due_at > now + SOON and not todo.urgent
    patient = names.get(todo.patient_id) if todo.patient_id else None
    return TodoLine(todo, todo.what, who, todo.due_at, late, patient, mine=todo.taken_by_id == user.pk, later=later)
