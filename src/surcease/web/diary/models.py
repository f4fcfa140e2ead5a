"""The tables of the diary: entries that are never lost or doubled, their other texts, reminders with their ledger,
messages both ways."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from surcease.web.append import AppendOnly
from surcease.web.fields import AmountField
from surcease.web.patients.models import Patient


class EntryRow(AppendOnly):
    """One entry as the phone sent it. ``sent_hash`` is over the very text; ``replaces`` an earlier entry of the same
    day that the person changed, which stays."""

    entry_id = models.UUIDField(primary_key=True)
    patient = models.ForeignKey(Patient, models.PROTECT, related_name="diary")
    kind = models.CharField(max_length=12)
    at = models.DateTimeField()
    utc_offset_min = models.SmallIntegerField()
    local_date = models.DateField()
    received_at = models.DateTimeField()
    clock_error_s = models.IntegerField(default=0)
    pain = AmountField(null=True, blank=True)
    site = models.CharField(max_length=40, blank=True)
    values = models.JSONField(default=dict)
    note = models.TextField(blank=True)
    late = models.BooleanField(default=False)
    replaces = models.UUIDField(null=True, blank=True)
    sent_hash = models.CharField(max_length=64)
    content = models.TextField(help_text="the text as sent")
    came_by = models.CharField(max_length=12, default="signed_in")

    class Meta:
        ordering = ["at"]
        indexes = [models.Index(fields=["patient", "local_date"]), models.Index(fields=["patient", "kind", "at"])]

    def __str__(self) -> str:
        return f"{self.kind} {self.local_date}"


class OtherEntry(AppendOnly):
    """Another text under a known id: both are kept, the first one counts, a person looks."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    entry = models.ForeignKey(EntryRow, models.PROTECT, related_name="others")
    sent_hash = models.CharField(max_length=64)
    content = models.TextField()
    received_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["entry", "sent_hash"], name="one_other_entry")]

    def __str__(self) -> str:
        return f"another text for {self.entry_id}"


class ReminderPlan(models.Model):
    """When a person wants to be reminded, on their own clock. ``quiet_until`` is "quiet until Friday"."""

    patient = models.OneToOneField(Patient, models.PROTECT, related_name="reminder_plan")
    times = models.JSONField(default=list, help_text='["21:00"] on the person\'s clock')
    by_mail = models.BooleanField(_("by e-mail"), default=True)
    by_push = models.BooleanField(_("on this phone"), default=False)
    quiet_until = models.DateField(_("quiet until"), null=True, blank=True)
    version = models.PositiveIntegerField(default=1)

    def __str__(self) -> str:
        return ", ".join(self.times)


class PushSubscription(models.Model):
    """A browser that may be pushed to; ended when it says it is gone."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    patient = models.ForeignKey(Patient, models.PROTECT, related_name="push_subscriptions")
    endpoint = models.URLField(max_length=1000, unique=True)
    keys = models.JSONField()
    made_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return str(self.id)


class Reminder(models.Model):
    """One reminder and what became of it: the ledger that proves it."""

    class Why(models.TextChoices):
        """What it asks for."""

        EVENING = "evening", _("the evening's number")
        PULSE = "pulse", _("a short pulse after a dose")
        INSTRUMENT = "instrument", _("a questionnaire that is due")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    patient = models.ForeignKey(Patient, models.PROTECT, related_name="reminders")
    key = models.CharField(max_length=120, unique=True)
    why = models.CharField(max_length=10, choices=Why.choices)
    channel = models.CharField(max_length=5)
    scheduled_for = models.DateTimeField()
    sent_at = models.DateTimeField(null=True, blank=True)
    displayed_at = models.DateTimeField(null=True, blank=True)
    answered_at = models.DateTimeField(null=True, blank=True)
    expired_at = models.DateTimeField(null=True, blank=True)
    failed = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering = ["-scheduled_for"]
        indexes = [models.Index(fields=["patient", "scheduled_for"]), models.Index(fields=["sent_at", "expired_at"])]

    def __str__(self) -> str:
        return f"{self.why} {self.scheduled_for:%Y-%m-%d %H:%M}"

    @property
    def state(self) -> str:
        """Where it is on its way, in one word."""
        if self.answered_at:
            return str(_("answered"))
        if self.expired_at:
            return str(_("expired"))
        if self.displayed_at:
            return str(_("displayed"))
        return str(_("sent") if self.sent_at else _("scheduled"))


class Message(AppendOnly):
    """A message to or from the team. It says when an answer may be expected."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    patient = models.ForeignKey(Patient, models.PROTECT, related_name="messages")
    from_patient = models.BooleanField()
    author = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    text = models.TextField(max_length=4000)
    about = models.CharField(max_length=120, blank=True)
    at = models.DateTimeField()

    class Meta:
        ordering = ["at"]
        indexes = [models.Index(fields=["patient", "at"])]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d}"
