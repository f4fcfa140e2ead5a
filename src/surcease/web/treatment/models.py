"""The tables of a treatment session: the chair, the session with its order, its append-only log, the patient's call."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from surcease.web.append import AppendOnly
from surcease.web.clinic.models import Site
from surcease.web.patients.models import Patient


class Chair(models.Model):
    """A place where people are treated."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    site = models.ForeignKey(Site, models.PROTECT, related_name="chairs")
    name = models.CharField(_("name"), max_length=40)
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["position", "name"]
        constraints = [models.UniqueConstraint(fields=["site", "name"], name="one_chair_a_name")]

    def __str__(self) -> str:
        return self.name


class TreatmentSession(models.Model):
    """One monitored administration. What happened is its log; here stand the order it runs under and where it is.

    ``order`` is the signed plan's order for this session as it was when the person arrived (care.order.Order as
    JSON). ``closed_at`` follows the log's end; the drug record closes separately (``drug_closed_at``).
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    patient = models.ForeignKey(Patient, models.PROTECT, related_name="treatment_sessions")
    site = models.ForeignKey(Site, models.PROTECT, related_name="+")
    chair = models.ForeignKey(Chair, models.PROTECT, null=True, blank=True, related_name="sessions")
    plan = models.CharField(max_length=80)
    plan_version = models.PositiveIntegerField()
    number = models.PositiveIntegerField()
    order = models.JSONField()
    arrived_at = models.DateTimeField()
    opened_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    closed_at = models.DateTimeField(null=True, blank=True)
    drug_closed_at = models.DateTimeField(null=True, blank=True)
    last_seq = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ["-arrived_at"]
        indexes = [models.Index(fields=["site", "closed_at"]), models.Index(fields=["patient", "arrived_at"])]
        constraints = [
            models.UniqueConstraint(
                fields=["chair"], condition=models.Q(closed_at__isnull=True), name="one_open_session_a_chair"
            ),
            models.UniqueConstraint(
                fields=["patient"], condition=models.Q(closed_at__isnull=True), name="one_open_session_a_person"
            ),
        ]

    def __str__(self) -> str:
        return f"session {self.number}"


class SessionEvent(AppendOnly):
    """One line of a session's log. ``sent_hash`` is the hash the tablet computed over the text it sent."""

    event_id = models.UUIDField(primary_key=True)
    session = models.ForeignKey(TreatmentSession, models.PROTECT, related_name="log")
    seq = models.PositiveIntegerField()
    kind = models.CharField(max_length=20)
    payload = models.JSONField()
    at = models.DateTimeField()
    utc_offset_min = models.SmallIntegerField()
    received_at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    by_name = models.CharField(max_length=120)
    source = models.CharField(max_length=6, default="human")
    corrects = models.UUIDField(null=True, blank=True)
    content_hash = models.CharField(max_length=64)
    sent_hash = models.CharField(max_length=64)
    clock_error_s = models.IntegerField(default=0)

    class Meta:
        ordering = ["seq"]
        constraints = [models.UniqueConstraint(fields=["session", "seq"], name="one_event_a_place")]

    def __str__(self) -> str:
        return f"{self.kind} {self.at:%H:%M}"


class OtherText(AppendOnly):
    """What came under an id that was taken: kept beside the first, for a person to look at. Nothing is lost."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    event_id = models.UUIDField()
    session = models.ForeignKey(TreatmentSession, models.PROTECT, related_name="+")
    sent_hash = models.CharField(max_length=64)
    content = models.TextField()
    received_at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["event_id", "sent_hash"], name="one_other_text")]

    def __str__(self) -> str:
        return f"another text for {self.event_id}"


class PatientCall(models.Model):
    """The person touched the screen. It stays on the board until somebody goes."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    session = models.ForeignKey(TreatmentSession, models.PROTECT, related_name="calls")
    called_at = models.DateTimeField()
    answered_at = models.DateTimeField(null=True, blank=True)
    answered_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["session"], condition=models.Q(answered_at__isnull=True), name="one_call_waiting"
            )
        ]

    def __str__(self) -> str:
        return f"call {self.called_at:%H:%M}"
