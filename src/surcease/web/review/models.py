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
