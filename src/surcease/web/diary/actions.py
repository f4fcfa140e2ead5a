"""Writes of the diary: entries, messages, reminders. Each in one transaction with its audit row."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.crypto import salted_hmac

from surcease.web.accounts.models import User
from surcease.web.audit import trail
from surcease.web.diary.arrival import ANSWERS, Arrival
from surcease.web.diary.asked import items_of
from surcease.web.diary.models import EntryRow, Message, OtherEntry, Reminder, ReminderPlan
from surcease.web.diary.remind import channels
from surcease.web.intake.actions import keep_answers
from surcease.web.intake.calls import pathway, responsible, site_of
from surcease.web.patients.banner import put_item
from surcease.web.patients.models import Patient
from surcease.web.worklist import actions as worklist

PROMISE_H = 24  # a message is answered within one day
# Which kind of entry answers which reminder.
ANSWERS_WHAT = {
    "average": ("evening",),
    "bad_day": ("evening",),
    "now": ("evening",),
    "pulse": ("pulse",),
    ANSWERS: ("instrument",),
}


@dataclass(frozen=True, slots=True)
class Receipt:
    """What the phone gets back; only its own hash lets it forget the entry."""

    id: str
    hash: str
    new: bool
    conflict: bool = False
    show: str = ""


@transaction.atomic
def receive(*, by: Any, now: datetime, patient: Patient, arrival: Arrival, came_by: str = "signed_in") -> Receipt:
    """Keep one entry: once, however often it comes. Another text under its id is kept beside it."""
    if arrival.owner and arrival.owner != owner_of(patient):
        raise PermissionError("This entry was written by somebody else: it waits on the phone for them.")
    row, new = _keep(patient, arrival, now=now, came_by=came_by)
    if row.patient_id != patient.pk:
        raise PermissionError("This entry's id is taken.")
    if not new:
        return _known(row, arrival, by=by, now=now)
    trail.write("diary entry", by=by, about=row, patient=patient)
    show = _act_on(row, arrival, by=by, now=now, patient=patient)
    answered = Reminder.objects.filter(patient=patient, sent_at__isnull=False, answered_at=None, expired_at=None)
    answered.filter(why__in=ANSWERS_WHAT.get(arrival.kind, ())).update(answered_at=now)
    return Receipt(str(row.entry_id), arrival.sent_hash, new=True, show=show)


def owner_of(patient: Patient) -> str:
    """A word for a person that says nothing of them: a phone keeps it beside what waits to be sent."""
    return salted_hmac("surcease.diary.owner", str(patient.pk)).hexdigest()[:20]


def _keep(patient: Patient, arrival: Arrival, *, now: datetime, came_by: str) -> tuple[EntryRow, bool]:
    """The row of this id and whether it is new; two requests at once agree on the first."""
    known = EntryRow.objects.select_for_update().filter(pk=arrival.entry_id).first()
    if known is not None:
        return known, False
    row = EntryRow(
        entry_id=arrival.entry_id, patient=patient, kind=arrival.kind, at=arrival.at,
        utc_offset_min=arrival.utc_offset_min, local_date=arrival.local_date, received_at=now,
        clock_error_s=arrival.clock_error_s, pain=arrival.pain, site=arrival.site, values=arrival.values,
        note=arrival.note, late=arrival.late, replaces=arrival.replaces, sent_hash=arrival.sent_hash,
        content=arrival.content, came_by=came_by,
    )  # fmt: skip
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError:  # the other request was first; every way to another text takes this row's lock before it
        return EntryRow.objects.select_for_update().get(pk=arrival.entry_id), False
    return row, True


def _act_on(row: EntryRow, arrival: Arrival, *, by: Any, now: datetime, patient: Patient) -> str:
    """What an entry sets in motion beside being kept; the word for what the page must show now."""
    if arrival.kind == ANSWERS:
        items = items_of(arrival.instrument, arrival.items)
        result = keep_answers(
            by=by, now=now, patient=patient, instrument_id=arrival.instrument, items=items, at=arrival.at
        )
        return "red_flag" if result.triggers else ""
    if arrival.red_flags:
        raise_flag(by=by, now=now, patient=patient, row=row, flags=arrival.red_flags)
        return "red_flag"
    return ""


def _known(known: EntryRow, arrival: Arrival, *, by: Any, now: datetime) -> Receipt:
    if known.sent_hash == arrival.sent_hash:
        return Receipt(str(known.entry_id), known.sent_hash, new=False)
    OtherEntry.objects.get_or_create(
        entry=known, sent_hash=arrival.sent_hash, defaults={"content": arrival.content, "received_at": now}
    )
    trail.write("keep another text", by=by, about=known, patient=known.patient_id)
    return Receipt(str(known.entry_id), arrival.sent_hash, new=False, conflict=True)


def raise_flag(*, by: Any, now: datetime, patient: Patient, row: Any, flags: tuple[str, ...]) -> None:
    """A red flag reaches a named role at once and goes on until somebody takes it.

    Thoughts of self-harm go to the person's own physician, everything else to the nurses.
    """
    words = ", ".join(f.replace("_", " ") for f in flags)
    site = site_of(patient)
    harm = "self_harm" in flags
    role, named = ("physician", responsible(patient)) if harm else ("nurse", None)
    worklist.ask(
        by=by, now=now, key=f"flag:{row.pk}", kind="red flag", what=f"Red flag in the diary: {words}"[:300],
        urgent=True, for_role=role, for_user=named,
        due_at=now + timedelta(minutes=30), patient=patient, site=site, source=row,
        link=f"/diary/person/{patient.pk}/", escalation=pathway(site, asked="" if named else role),
    )  # fmt: skip
    put_item(patient=patient, key="diary_flag", text=f"Diary {now:%d %b}: {words}", level="red", now=now,
             link=f"/diary/person/{patient.pk}/")  # fmt: skip


@transaction.atomic
def send_message(*, by: User, now: datetime, patient: Patient, text: str, about: str = "") -> Message:
    """A message; one from the person asks the team for an answer within the promised time."""
    if not text.strip():
        raise ValueError("Write something before sending.")
    from_patient = by.role == "patient"
    row = Message(
        patient=patient, from_patient=from_patient, author=by, text=text.strip()[:4000], about=about[:120], at=now
    )
    row.save()
    trail.write("message", by=by, about=row, patient=patient)
    if from_patient:
        worklist.ask(
            by=by, now=now, key=f"message:{row.pk}", kind="message", what="Answer a message", for_role="nurse",
            due_at=now + timedelta(hours=PROMISE_H), patient=patient, link=f"/diary/person/{patient.pk}/#messages",
            source=row, escalation=[{"after_min": 0, "role": "physician"}],
        )  # fmt: skip
    return row


@transaction.atomic
def plan_reminders(
    *, by: User, now: datetime, patient: Patient, times: list[str], by_mail: bool, by_push: bool, quiet_until: Any
) -> ReminderPlan:
    """The person's own times; at most four a day."""
    clean = sorted({t for t in times if t})[:4]
    row, _new = ReminderPlan.objects.update_or_create(
        patient=patient,
        defaults={"times": clean, "by_mail": by_mail, "by_push": by_push, "quiet_until": quiet_until},
    )
    trail.write("plan reminders", by=by, about=row, patient=patient)
    return row


@transaction.atomic
def pause_reminders(*, by: User, now: datetime, patient: Patient, what: str, hour: timedelta) -> None:
    """``hour``: once more in an hour; a day (2026-11-27): quiet until then; ``on``: not quiet any more."""
    plan, _new = ReminderPlan.objects.get_or_create(patient=patient)
    if what == "hour":
        for channel in channels(plan):
            later = now + hour
            Reminder.objects.get_or_create(
                key=f"{patient.pk}:snooze:{later:%Y-%m-%dT%H:%M}:{channel}",
                defaults={"patient": patient, "why": "evening", "channel": channel, "scheduled_for": later},
            )
    else:
        try:
            plan.quiet_until = None if what == "on" else date.fromisoformat(what)
        except ValueError as error:
            raise ValueError(f"{what!r} is not a day: write 2026-11-27.") from error
        plan.save(update_fields=["quiet_until"])
    trail.write("pause reminders", by=by, about=plan, patient=patient, details={"until": what})
