"""The tables of the review step: what was shown, and the signed decision with its next contact."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from surcease.web.append import AppendOnly
from surcease.web.patients.models import Patient

NEXT_KINDS = [("visit", _("visit")), ("call", _("call")), ("questionnaire", _("questionnaire"))]


class ForecastShown(AppendOnly):
    """A forecast as it was shown: inputs, model, code version, seed, result. It never changes: we said / it was."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    patient = models.ForeignKey(Patient, models.PROTECT, related_name="forecasts")
    at = models.DateTimeField()
    inputs_hash = models.CharField(max_length=64)
    model = models.CharField(max_length=60)
    code_version = models.CharField(max_length=20)
    seed = models.PositiveIntegerField()
    result = models.JSONField()

    class Meta:
        indexes = [models.Index(fields=["patient", "at"])]

    def __str__(self) -> str:
        return f"{self.model} {self.at:%Y-%m-%d}"


class OutlookRelease(AppendOnly):
    """A clinician lets the person see what happened to the trial's people, or takes it back (``shown`` False). The
    latest row holds; it never carries a chance of this person's own."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    patient = models.ForeignKey(Patient, models.PROTECT, related_name="outlook_releases")
    forecast = models.ForeignKey(ForecastShown, models.PROTECT, related_name="+")
    shown = models.BooleanField(default=True)
    decide_on = models.DateField(_("we decide together on"))
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["patient", "at"])]

    def __str__(self) -> str:
        return f"released {self.at:%Y-%m-%d}" if self.shown else f"taken back {self.at:%Y-%m-%d}"


REFERRALS = [
    ("physical_therapy", _("physical therapy")),
    ("psychotherapy", _("psychotherapy")),
    ("combination", _("physical therapy and psychotherapy")),
    ("mood_pathway", _("mood pathway")),
]


class ReviewDecision(AppendOnly):
    """A signed review: one proposal taken or departed from with a reason, and when we speak next."""

    class Action(models.TextChoices):
        """What comes next."""

        CONTINUE = "continue", _("continue")
        ADJUST = "adjust", _("adjust dose or route")
        BOOSTER = "booster", _("booster")
        STOP_FUTILITY = "stop_futility", _("stop, not enough benefit")
        STOP_HARM = "stop_harm", _("stop, harm")
        REFER = "refer", _("refer")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    patient = models.ForeignKey(Patient, models.PROTECT, related_name="reviews")
    version = models.PositiveIntegerField()
    action = models.CharField(max_length=14, choices=Action.choices)
    reason = models.TextField(blank=True)
    proposed = models.JSONField(default=list)
    shown = models.JSONField(default=dict, help_text="the numbers of the summary as they stood")
    forecast = models.ForeignKey(ForecastShown, models.PROTECT, null=True, blank=True, related_name="+")
    refer_to = models.CharField(_("refer to"), max_length=20, choices=REFERRALS, blank=True)
    plan_version = models.PositiveIntegerField(null=True, blank=True, help_text="the version this review made")
    next_contact = models.DateField(_("next contact"))
    next_kind = models.CharField(max_length=14, choices=NEXT_KINDS)
    knowledge = models.CharField(max_length=64)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        ordering = ["-version"]
        constraints = [models.UniqueConstraint(fields=["patient", "version"], name="one_review_a_version")]

    def __str__(self) -> str:
        return f"{self.action} {self.at:%Y-%m-%d}"
