"""The tables of the live feed. Samples lie in a file of their own on SQLite and are not events.

A sample is never confirmed by being kept: only a person's reading, which cites it, enters a session's log.
"""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from surcease.web.append import AppendOnly
from surcease.web.clinic.models import Site
from surcease.web.fields import AmountField
from surcease.web.treatment.models import Chair, TreatmentSession


class UseStatement(AppendOnly):
    """What a site's clinic lead signed about the feed's intended use. The latest one holds; without one it is off."""

    class Scope(models.TextChoices):
        """How far the feed goes."""

        OFF = "off", _("off: nothing is received or shown")
        SHOWN = "shown", _("shown: grey and unconfirmed beside the chart, no marks on it")
        MARKED = "marked", _("shown and marked: unconfirmed values outside the limits carry a mark")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    site = models.ForeignKey(Site, models.PROTECT, related_name="+")
    scope = models.CharField(max_length=6, choices=Scope.choices)
    text = models.TextField(_("what was decided"))
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["site", "at"])]

    def __str__(self) -> str:
        return f"feed {self.scope}"


class Device(models.Model):
    """A monitor that a person has accepted. ``sent_as`` is what it calls itself."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    site = models.ForeignKey(Site, models.PROTECT, related_name="+")
    name = models.CharField(_("name"), max_length=40)
    sent_as = models.CharField(max_length=120)
    chair = models.ForeignKey(Chair, models.PROTECT, null=True, blank=True, related_name="+")
    interval_s = models.PositiveSmallIntegerField(_("sends every … seconds"), default=5)
    cuff_min = models.PositiveSmallIntegerField(_("cuff every … minutes"), default=5)
    accepted_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    accepted_at = models.DateTimeField()
    retired_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(
                fields=["sent_as"], condition=models.Q(retired_at__isnull=True), name="one_device_a_name_sent"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Pairing(models.Model):
    """A person confirmed that this monitor is on this person, in this session. It ends; it is never changed.

    ``person_ids`` are the identifiers of the person as they stood then: a message that names another is refused.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    device = models.ForeignKey(Device, models.PROTECT, related_name="pairings")
    session = models.ForeignKey(TreatmentSession, models.PROTECT, related_name="pairings")
    chair = models.ForeignKey(Chair, models.PROTECT, related_name="+")
    person_ids = models.JSONField(default=list)
    confirmed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    confirmed_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        ordering = ["confirmed_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["device"], condition=models.Q(ended_at__isnull=True), name="one_person_a_device"
            )
        ]

    def __str__(self) -> str:
        return f"{self.device} on {self.chair}"

    @property
    def patient_id(self) -> uuid.UUID:
        """Whom the trail's row is about."""
        return self.session.patient_id


class SiteCode(AppendOnly):
    """A code of a site's own monitors and what it means; the latest row of a code holds, an empty one ends it."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    site = models.ForeignKey(Site, models.PROTECT, related_name="+")
    system = models.CharField(_("code system"), max_length=40, blank=True)
    code = models.CharField(_("code"), max_length=40)
    parameter = models.CharField(_("means"), max_length=20, blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.system} {self.code}"


class Silence(models.Model):
    """A monitor that should be heard was not. It stays in view until data come again; seeing it does not end it."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    pairing = models.ForeignKey(Pairing, models.PROTECT, related_name="silences")
    since = models.DateTimeField()
    noticed_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)
    seen_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    seen_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["since"]
        constraints = [
            models.UniqueConstraint(
                fields=["pairing"], condition=models.Q(ended_at__isnull=True), name="one_silence_a_pairing"
            )
        ]

    def __str__(self) -> str:
        return f"silent since {self.since:%H:%M:%S}"


class Sample(AppendOnly):
    """One value of one monitor. Its place (device, parameter, at) is its name; readings cite it by that."""

    keeps = "samples"

    id = models.BigAutoField(primary_key=True)
    device = models.UUIDField()
    session = models.UUIDField()
    parameter = models.CharField(max_length=20)
    value = AmountField()
    at = models.DateTimeField()
    received_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["device", "parameter", "at"], name="one_sample_a_moment")]
        indexes = [models.Index(fields=["session", "parameter", "at"])]

    def __str__(self) -> str:
        return f"{self.parameter} {self.at:%H:%M:%S}"

    @property
    def name(self) -> str:
        """How a reading cites it."""
        return f"{self.device}/{self.parameter}/{self.at:%Y-%m-%dT%H:%M:%S.%fZ}"


class Heard(models.Model):
    """When something that calls itself so was last heard. Only what the listener needs, no patient data."""

    keeps = "samples"

    sent_as = models.CharField(primary_key=True, max_length=120)
    first_at = models.DateTimeField()
    last_at = models.DateTimeField()
    messages = models.BigIntegerField(default=0)
    clock_error_s = models.IntegerField(null=True)

    def __str__(self) -> str:
        return self.sent_as


class Counted(models.Model):
    """How often something was not taken, by reason and day. ``code`` is the device's code, "" for whole messages."""

    keeps = "samples"

    id = models.BigAutoField(primary_key=True)
    sent_as = models.CharField(max_length=120)
    day = models.DateField()
    reason = models.CharField(max_length=30)
    code = models.CharField(max_length=40, blank=True)
    count = models.BigIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["sent_as", "day", "reason", "code"], name="one_count_a_reason")]

    def __str__(self) -> str:
        return f"{self.reason} {self.count}"
