"""Writes of the diary: entries, messages, reminders. Each in one transaction with its audit row."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction

from surcease.web.accounts.models import User
from surcease.web.audit import trail
from surcease.web.diary.arrival import Arrival
from surcease.web.diary.models import EntryRow, Message, OtherEntry, Reminder, ReminderPlan
from surcease.web.patients.banner import put_item
from surcease.web.patients.models import Patient
from surcease.web.worklist import actions as worklist

PROMISE_H = 24  # a message is answered within one day


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
    known = EntryRow.objects.select_for_update().filter(pk=arrival.entry_id).first()
    if known is not None and known.patient_id != patient.pk:
        raise PermissionError("This entry's id is taken.")
    if known is not None:
        return _known(known, arrival, by=by, now=now)
    row = EntryRow(
        entry_id=arrival.entry_id, patient=patient, kind=arrival.kind, at=arrival.at,
        utc_offset_min=arrival.utc_offset_min, local_date=arrival.local_date, received_at=now,
        clock_error_s=arrival.clock_error_s, pain=arrival.pain, site=arrival.site, values=arrival.values,
        note=arrival.note, late=arrival.late, replaces=arrival.replaces, sent_hash=arrival.sent_hash,
        content=arrival.content, came_by=came_by,
    )  # fmt: skip
    row.save(force_insert=True)
    trail.write("diary entry", by=by, about=row, patient=patient)
    Reminder.objects.filter(patient=patient, sent_at__isnull=False, answered_at=None, expired_at=None).update(
        answered_at=now
    )
    if arrival.red_flags:
        raise_flag(by=by, now=now, patient=patient, row=row, flags=arrival.red_flags)
    return Receipt(str(row.entry_id), arrival.sent_hash, new=True, show="red_flag" if arrival.red_flags else "")


def _known(known: EntryRow, arrival: Arrival, *, by: Any, now: datetime) -> Receipt:
    if known.sent_hash == arrival.sent_hash:
        return Receipt(str(known.entry_id), known.sent_hash, new=False)
    OtherEntry.objects.get_or_create(
        entry=known, sent_hash=arrival.sent_hash, defaults={"content": arrival.content, "received_at": now}
    )
    trail.write("keep another text", by=by, about=known, patient=known.patient_id)
    return Receipt(str(known.entry_id), arrival.sent_hash, new=False, conflict=True)


def raise_flag(*, by: Any, now: datetime, patient: Patient, row: Any, flags: tuple[str, ...]) -> None:
    """A red flag reaches a named role at once and goes on until somebody takes it."""
    words = ", ".join(f.replace("_", " ") for f in flags)
    worklist.ask(
        by=by, now=now, key=f"flag:{row.pk}", kind="red flag", what=f"Red flag in the diary: {words}"[:300],
        urgent=True, for_role="nurse", due_at=now + timedelta(minutes=30), patient=patient, source=row,
        link=f"/diary/person/{patient.pk}/",
        escalation=[{"after_min": 0, "role": "physician"}, {"after_min": 30, "role": "lead"}],
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
