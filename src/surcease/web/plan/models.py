"""The tables of the plan step: the draft being written, its signed versions, and the dated visits of a series."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from surcease.care.visits import REASONS, Kept, Kind
from surcease.web.append import AppendOnly
from surcease.web.patients.models import Patient


class PlanDraft(models.Model):
    """A plan being written. ``edit`` counts its saves: a stale save is shown, never swallowed."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    patient = models.OneToOneField(Patient, models.PROTECT, related_name="plan_draft")
    edit = models.PositiveIntegerField(default=1)
    content = models.JSONField(default=dict)
    changed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    changed_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"draft {self.edit}"


class PlanVersion(AppendOnly):
    """One signed version of a plan: the choices as typed, and the order computed from them (care.record.Plan)."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    patient = models.ForeignKey(Patient, models.PROTECT, related_name="plans")
    version = models.PositiveIntegerField()
    content = models.JSONField()
    order = models.JSONField()
    findings = models.JSONField(default=list)
    forecast = models.JSONField(default=dict)
    knowledge = models.CharField(max_length=64)
    reason = models.TextField(blank=True)
    signed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    signed_at = models.DateTimeField()

    class Meta:
        ordering = ["-version"]
        constraints = [models.UniqueConstraint(fields=["patient", "version"], name="one_plan_a_version")]

    def __str__(self) -> str:
        return f"plan {self.version}"


class PlanEnd(AppendOnly):
    """A plan was ended before its last session, and why."""

    plan = models.OneToOneField(PlanVersion, models.PROTECT, related_name="end")
    reason = models.TextField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField()

    def __str__(self) -> str:
        return self.reason


class Visit(models.Model):
    """A planned day. Its history is its changes; the row holds where it stands."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    plan = models.ForeignKey(PlanVersion, models.PROTECT, related_name="visits")
    patient = models.ForeignKey(Patient, models.PROTECT, related_name="visits")
    kind = models.CharField(max_length=10, choices=[(k.value, k.value.replace("_", " ")) for k in Kind])
    number = models.PositiveIntegerField()
    day = models.DateField(_("day"))
    earliest = models.DateField()
    latest = models.DateField()
    state = models.CharField(max_length=9, choices=[(k.value, k.value) for k in Kept], default=Kept.PLANNED)
    kept_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["day", "kind", "number"]
        indexes = [models.Index(fields=["day", "state"]), models.Index(fields=["patient", "state"])]
        constraints = [models.UniqueConstraint(fields=["plan", "kind", "number"], name="one_visit_a_place")]

    def __str__(self) -> str:
        return f"{self.kind} {self.number} on {self.day}"


class VisitChange(AppendOnly):
    """A visit was kept, moved, cancelled or missed, with its coded reason."""

    visit = models.ForeignKey(Visit, models.PROTECT, related_name="changes")
    state = models.CharField(max_length=9)
    from_day = models.DateField()
    to_day = models.DateField(null=True, blank=True)
    reason = models.CharField(max_length=20, choices=[(r, r.replace("_", " ")) for r in REASONS], blank=True)
    note = models.TextField(blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.state} ({self.reason})"
