"""The tables of a treatment session: the chair, the session with its order, its append-only log, the patient's call."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from surcease.web.append import AppendOnly
from surcease.web.clinic.models import Site
from surcease.web.patients.models import ClinicalRow, Patient


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
    at_home = models.BooleanField(default=False, help_text="supervised where the person lives")
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


class PumpProgramme(AppendOnly):
    """What one person entered for the pump (weight, vial, bag) and what followed from it. ``version`` counts up within
    the session; its author and the second person who checked it blindly are signatures on it."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    session = models.ForeignKey(TreatmentSession, models.PROTECT, related_name="programmes")
    version = models.PositiveIntegerField()
    entries = models.JSONField(help_text="weight, vial, bag, preparation, overfill, dead volume, diluent, lot as typed")
    figures = models.JSONField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        ordering = ["version"]
        constraints = [models.UniqueConstraint(fields=["session", "version"], name="one_programme_a_version")]

    def __str__(self) -> str:
        return f"programme {self.version}"


class AdverseEventRow(ClinicalRow):
    """Something unwanted: how strong (CTCAE grade), and apart from it whether serious, related, and how it ended.

    A later judgement of the same happening is a new row that ``follows`` the first; the latest standing one counts.
    """

    session = models.ForeignKey(TreatmentSession, models.PROTECT, null=True, related_name="adverse_events")
    follows = models.UUIDField(null=True, blank=True)
    term = models.CharField(_("what"), max_length=60)
    words = models.TextField(_("what happened"))
    at = models.DateTimeField(_("when"))
    grade = models.PositiveSmallIntegerField(_("grade"), null=True)
    because = models.JSONField(default=list, help_text="numbers and signs that gave the grade")
    serious = models.JSONField(default=list, help_text="criteria of seriousness that hold")
    related = models.CharField(_("related"), max_length=40)
    outcome = models.CharField(_("outcome"), max_length=40)

    class Meta(ClinicalRow.Meta):
        indexes = [models.Index(fields=["patient", "at"])]

    def __str__(self) -> str:
        return f"{self.term} {self.grade}"


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
