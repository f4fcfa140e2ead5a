"""The job that reminds: it plans what is due, sends it, and keeps the ledger of what became of each reminder."""

from __future__ import annotations

from datetime import datetime, timedelta
from smtplib import SMTPException

from django.core.mail import EmailMessage
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from surcease.care.reminders import TEXT, WINDOW, due_reminders, gives_up
from surcease.web.audit import trail
from surcease.web.diary.models import EntryRow, Reminder, ReminderPlan
from surcease.web.treatment.models import TreatmentSession
from surcease.web.worklist import actions as worklist

LOOK_BACK = timedelta(days=4)  # the last pulse comes 72 h after a dose


def remind(now: datetime) -> int:
    """One round: expire what is over, plan what is due, send it. How many were sent."""
    Reminder.objects.filter(sent_at__lt=now - WINDOW, answered_at=None, expired_at=None).update(expired_at=now)
    plans = ReminderPlan.objects.filter(by_mail=True).exclude(patient__email="").select_related("patient")
    return sum(_remind_one(plan, now) for plan in plans)


def _remind_one(plan: ReminderPlan, now: datetime) -> int:
    """Plan and send for one person."""
    asked = Reminder.objects.filter(patient=plan.patient, sent_at__isnull=False)
    first = asked.order_by("sent_at").values_list("sent_at", flat=True).first()
    last_answer = EntryRow.objects.filter(patient=plan.patient).order_by("-received_at").first()
    if gives_up(asked_since=first, last_answer=last_answer.received_at if last_answer else None, now=now):
        _ask_somebody(plan, now)
        return 0
    doses = TreatmentSession.objects.filter(patient=plan.patient, closed_at__gt=now - LOOK_BACK)
    due = due_reminders(
        times=plan.times, zone=plan.patient.zone, doses=[s.closed_at for s in doses if s.closed_at], now=now,
        quiet_until=plan.quiet_until,
    )  # fmt: skip
    return sum(_send(plan, f"{plan.patient_id}:{one.key}", one.why, one.at, now) for one in due)


def _send(plan: ReminderPlan, key: str, why: str, at: datetime, now: datetime) -> int:
    """Send once: the row is there before the letter, and a letter that cannot go says why."""
    with transaction.atomic():
        row, new = Reminder.objects.get_or_create(
            key=key, defaults={"patient": plan.patient, "why": why, "channel": "mail", "scheduled_for": at}
        )
        if not new:
            return 0
        trail.write("remind", by="server", about=row, patient=plan.patient)
    letter = EmailMessage(
        _(TEXT), _("The diary is open when you are. To pause reminders, open it."), to=[plan.patient.email]
    )
    try:
        letter.send()
    except (OSError, SMTPException) as error:
        Reminder.objects.filter(pk=row.pk).update(failed=type(error).__name__)
        return 0
    Reminder.objects.filter(pk=row.pk).update(sent_at=timezone.now())
    return 1


def _ask_somebody(plan: ReminderPlan, now: datetime) -> None:
    """A week without an answer: a nurse calls instead."""
    worklist.ask(
        by="server", now=now, key=f"silent:{plan.patient_id}:{now:%G-%V}", kind="silent diary", for_role="nurse",
        what="No diary for a week: call", due_at=now + timedelta(days=2), patient=plan.patient,
        link=f"/diary/person/{plan.patient_id}/",
    )  # fmt: skip
