"""The job that reminds: it plans what is due, sends it, and keeps the ledger of what became of each reminder.

scheduled → sent → displayed (a phone said so) → answered, or expired. A reminder that could not be sent is tried again
every ten minutes while it still makes sense; after a week without an answer a person of the clinic calls instead.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from smtplib import SMTPException
from zoneinfo import ZoneInfo

from django.core.mail import EmailMessage
from django.db import transaction
from django.db.models import Q
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from surcease.care.reminders import TEXT, WINDOW, due_reminders, gives_up
from surcease.web.audit import trail
from surcease.web.diary import push
from surcease.web.diary.asked import concerns_of_person, questionnaires_of
from surcease.web.diary.models import EntryRow, Reminder, ReminderPlan
from surcease.web.patients.record import make_record
from surcease.web.treatment.models import TreatmentSession
from surcease.web.worklist import actions as worklist

LOOK_BACK = timedelta(days=4)  # the last pulse comes 72 h after a dose
AGAIN_MIN = 10


def remind(now: datetime) -> int:
    """One round: expire what is over, plan what is due, send it. How many were sent."""
    _expire(now)
    able = Q(by_mail=True) & ~Q(patient__email="") | Q(by_push=True)
    for plan in ReminderPlan.objects.filter(able).select_related("patient"):
        _plan_one(plan, now)
    waiting = Reminder.objects.filter(sent_at=None, expired_at=None, scheduled_for__lte=now).select_related("patient")
    if now.minute % AGAIN_MIN:
        waiting = waiting.filter(failed="")
    return sum(_send(row, now) for row in waiting.order_by("scheduled_for"))


def _expire(now: datetime) -> None:
    over = Q(sent_at__lt=now - WINDOW) | Q(sent_at=None, scheduled_for__lt=now - WINDOW)
    Reminder.objects.filter(over, answered_at=None, expired_at=None).update(expired_at=now)


def _plan_one(plan: ReminderPlan, now: datetime) -> None:
    """Write down what is due for one person, once for each channel."""
    doses = TreatmentSession.objects.filter(patient=plan.patient, closed_at__gt=now - LOOK_BACK)
    due = due_reminders(
        times=plan.times, zone=plan.patient.zone, doses=[s.closed_at for s in doses if s.closed_at], now=now,
        quiet_until=plan.quiet_until,
    )  # fmt: skip
    due = tuple(d for d in due if not Reminder.objects.filter(key__startswith=f"{plan.patient_id}:{d.key}:").exists())
    if not due:
        return
    if _stopped(plan, now):
        _ask_somebody(plan, now)
        return
    for one in due:
        _schedule(plan, one.key, one.why, one.at)
        if one.why == Reminder.Why.EVENING:
            for key in _questionnaires(plan, one.at):
                _schedule(plan, key, Reminder.Why.INSTRUMENT, one.at)


def _stopped(plan: ReminderPlan, now: datetime) -> bool:
    asked = Reminder.objects.filter(patient=plan.patient, sent_at__isnull=False)
    first = asked.order_by("sent_at").values_list("sent_at", flat=True).first()
    last = EntryRow.objects.filter(patient=plan.patient).order_by("-received_at").first()
    return gives_up(asked_since=first, last_answer=last.received_at if last else None, now=now)


def _questionnaires(plan: ReminderPlan, at: datetime) -> Iterator[str]:
    """The questionnaires that the evening's reminder also stands for, each once."""
    patient, record = plan.patient, make_record(plan.patient, without=("diary", "given"))
    today = at.astimezone(ZoneInfo(patient.zone or "UTC")).date()
    concerns = concerns_of_person(patient, record, now=at)
    for line in questionnaires_of(patient, record, concerns, today=today):
        yield f"instrument:{line.id}:{today.isoformat()}"


def channels(plan: ReminderPlan) -> list[str]:
    """The ways this person is reminded by, as far as they work now."""
    mail = ["mail"] if plan.by_mail and plan.patient.email else []
    return mail + (["push"] if plan.by_push and push.keys() else [])


def _schedule(plan: ReminderPlan, key: str, why: str, at: datetime) -> None:
    for channel in channels(plan):
        with transaction.atomic():
            row, new = Reminder.objects.get_or_create(
                key=f"{plan.patient_id}:{key}:{channel}",
                defaults={"patient": plan.patient, "why": why, "channel": channel, "scheduled_for": at},
            )
            if new:
                trail.write("remind", by="server", about=row, patient=plan.patient)


def _send(row: Reminder, now: datetime) -> int:
    """Send one; a questionnaire that is asked together with an evening's number goes with its message."""
    with translation.override(row.patient.language or "en"):
        failed = "" if _goes_along(row) else _hand_over(row, now)
    if failed:
        Reminder.objects.filter(pk=row.pk).update(failed=failed[:200])
        return 0
    Reminder.objects.filter(pk=row.pk).update(sent_at=timezone.now(), failed="")
    return 0 if row.why == Reminder.Why.INSTRUMENT else 1


def _goes_along(row: Reminder) -> bool:
    return row.why == Reminder.Why.INSTRUMENT and (
        Reminder.objects.filter(
            patient=row.patient, why=Reminder.Why.EVENING, channel=row.channel, scheduled_for=row.scheduled_for,
            expired_at=None,
        ).exclude(sent_at=None, failed="").exists()
    )  # fmt: skip


def _hand_over(row: Reminder, now: datetime) -> str:
    """Give it to the post or to the push service; "" or why that did not work."""
    if row.channel == "push":
        return push.send(row, _(TEXT), now=now)
    letter = EmailMessage(
        _(TEXT), _("The diary is open when you are. To pause reminders, open it."), to=[row.patient.email]
    )
    try:
        letter.send()
    except (OSError, SMTPException) as error:
        return type(error).__name__
    return ""


def _ask_somebody(plan: ReminderPlan, now: datetime) -> None:
    """A week without an answer: a nurse calls instead."""
    worklist.ask(
        by="server", now=now, key=f"silent:{plan.patient_id}:{now:%G-%V}", kind="silent diary", for_role="nurse",
        what="No diary for a week: call", due_at=now + timedelta(days=2), patient=plan.patient,
        link=f"/diary/person/{plan.patient_id}/",
    )  # fmt: skip
