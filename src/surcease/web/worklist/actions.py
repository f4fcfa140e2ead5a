"""Asking, taking, doing and escalating: each an audit row in its transaction."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction

from surcease.web.accounts.models import Role, User
from surcease.web.audit import trail
from surcease.web.patients.models import Patient
from surcease.web.worklist.models import Todo

Actor = User | str


@transaction.atomic
def ask(
    *,
    by: Actor,
    now: datetime,
    key: str,
    kind: str,
    what: str,
    for_role: str = "",
    for_user: User | None = None,
    due_at: datetime | None = None,
    patient: Patient | None = None,
    site: Any = None,
    link: str = "",
    source: Any = None,
    urgent: bool = False,
    escalation: Sequence[dict[str, Any]] = (),
) -> Todo:
    """Ask a role or a person to do something. The same ``key`` again gives back the to-do that already stands.

    ``escalation``: steps ``{"after_min": minutes after due, "role": …}`` or ``{"after_min": …, "user": id}``.
    """
    _check(for_role, for_user, due_at, escalation)
    row, new = Todo.objects.get_or_create(
        key=key,
        defaults={
            "kind": kind, "what": what, "for_role": for_role, "for_user": for_user, "due_at": due_at,
            "patient": patient, "site": site, "link": link, "urgent": urgent, "escalation": list(escalation),
            "source_kind": source._meta.label_lower if source is not None else "",
            "source_id": str(source.pk) if source is not None else "",
            "asked_by": by if isinstance(by, User) else None, "asked_at": now,
        },
    )  # fmt: skip
    if new:
        trail.write("ask", by=by, patient=patient, about=row, details={"kind": kind, "who": for_role or str(for_user)})
    return row


def _check(for_role: str, for_user: User | None, due_at: datetime | None, escalation: Sequence[dict[str, Any]]) -> None:
    if not for_role and for_user is None:
        raise ValueError("A to-do is for a role or a person: give for_role or for_user.")
    if for_role and for_role not in Role.values:
        raise ValueError(f"A to-do cannot be for the role {for_role!r}: use one of {', '.join(Role.values)}.")
    if escalation and due_at is None:
        raise ValueError("A to-do that escalates needs a time by which it is due.")


@transaction.atomic
def take(*, by: User, now: datetime, todo: Todo) -> Todo:
    """Say "I do this". Someone else's stays theirs."""
    row = Todo.objects.select_for_update().get(pk=todo.pk)
    if row.state == Todo.State.TAKEN and row.taken_by_id != by.pk:
        raise ValueError(f"{row.taken_by} has already taken this.")
    if row.state == Todo.State.OPEN:
        row.state, row.taken_by, row.taken_at = Todo.State.TAKEN, by, now
        row.save(update_fields=["state", "taken_by", "taken_at"])
        trail.write("take", by=by, patient=row.patient_id, about=row)
    return row


@transaction.atomic
def give_back(*, by: User, now: datetime, todo: Todo) -> Todo:
    """Put a taken to-do back for the others."""
    row = Todo.objects.select_for_update().get(pk=todo.pk)
    if row.state == Todo.State.TAKEN:
        row.state, row.taken_by, row.taken_at = Todo.State.OPEN, None, None
        row.save(update_fields=["state", "taken_by", "taken_at"])
        trail.write("give back", by=by, patient=row.patient_id, about=row)
    return row


@transaction.atomic
def end(*, by: Actor, now: datetime, todo: Todo, note: str = "", done: bool = True) -> Todo:
    """Done, or (``done=False``) no longer needed, which wants a reason. Ending twice changes nothing."""
    row = Todo.objects.select_for_update().get(pk=todo.pk)
    if not row.is_open:
        return row
    if not done and not note.strip():
        raise ValueError("Dropping a to-do needs a reason: say why it is no longer needed.")
    row.state = Todo.State.DONE if done else Todo.State.DROPPED
    row.ended_by, row.ended_at, row.end_note = by if isinstance(by, User) else None, now, note.strip()
    row.save(update_fields=["state", "ended_by", "ended_at", "end_note"])
    trail.write("done" if done else "drop", by=by, patient=row.patient_id, about=row, why=note.strip())
    return row


def end_by_key(*, by: Actor, now: datetime, key: str, note: str = "", done: bool = True) -> None:
    """End the to-do of a key when it stands: for a step that sees its question answered."""
    for row in Todo.objects.filter(key=key, state__in=(Todo.State.OPEN, Todo.State.TAKEN)):
        end(by=by, now=now, todo=row, note=note, done=done)


def escalate(now: datetime) -> int:
    """Ask the next in the chain for every to-do that is due and that nobody has ended or taken. How many moved.

    A taken one escalates as well once it is overdue: taking is not doing, but it gets one chain step of patience.
    """
    moved = 0
    due = Todo.objects.filter(state__in=(Todo.State.OPEN, Todo.State.TAKEN), due_at__lte=now).exclude(escalation=[])
    for pk in list(due.values_list("pk", flat=True)):
        moved += _escalate_one(pk, now)
    return moved


@transaction.atomic
def _escalate_one(pk: Any, now: datetime) -> int:
    row = Todo.objects.select_for_update().get(pk=pk)
    steps, taken = row.escalation, row.escalated
    patience = timedelta(minutes=steps[0]["after_min"]) if row.state == Todo.State.TAKEN and steps else timedelta(0)
    while row.is_open and row.due_at and taken < len(steps):
        step = steps[taken]
        if row.due_at + timedelta(minutes=step["after_min"]) + patience > now:
            break
        taken += 1
        _also_ask(row, step)
    if taken == row.escalated:
        return 0
    row.escalated = taken
    row.save(update_fields=["escalated", "also_role", "also_user"])
    trail.write("escalate", by="server", patient=row.patient_id, about=row, details={"step": taken})
    return 1


def _also_ask(row: Todo, step: dict[str, Any]) -> None:
    if step.get("role"):
        row.also_role = [*row.also_role, step["role"]]
    if step.get("user"):
        row.also_user = [*row.also_user, str(step["user"])]
