"""What the clinic has signed: numbers of rules, a physician's limits for one person, and that it is ready to treat."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from surcease.web.append import AppendOnly
from surcease.web.clinic.models import Site
from surcease.web.fields import AmountField
from surcease.web.patients.models import Patient


class SignedLimit(AppendOnly):
    """A number of a rule as a site or a physician signed it. A later one for the same place supersedes it."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    site = models.ForeignKey(Site, models.PROTECT, null=True, blank=True, related_name="+")
    patient = models.ForeignKey(Patient, models.PROTECT, null=True, blank=True, related_name="signed_limits")
    rule = models.CharField(max_length=40)
    threshold = models.CharField(max_length=60, blank=True)
    value = AmountField(null=True, blank=True)
    reason = models.TextField(_("reason"))
    expires = models.DateField(_("expires"), null=True, blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["patient", "at"]), models.Index(fields=["site", "at"])]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(site__isnull=False) | models.Q(patient__isnull=False), name="limit_of_someone"
            )
        ]

    def __str__(self) -> str:
        return f"{self.rule} {self.threshold} {self.value}"


class Readiness(AppendOnly):
    """One thing the clinic must have signed before a real session: its text, by whom, when. The latest one holds."""

    class Thing(models.TextChoices):
        """What must be settled."""

        LIMITS = "limits", _("the limits that sessions are marked by")
        RESCUE = "rescue", _("the rescue formulary, with doses, by a named pharmacist")
        WITNESS = "witness", _("who witnesses waste and the second check")
        CRISIS = "crisis_numbers", _("the crisis numbers patients are shown")
        HOURS = "hours", _("when messages and diaries are read, and when not")
        ESCALATION = "escalation", _("whom an unanswered red flag reaches next")
        HOME_ON = "home_on", _("that supervised sessions at home are offered")
        HOME_OFF = "home_off", _("that sessions at home are not offered any more")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    site = models.ForeignKey(Site, models.PROTECT, related_name="readiness")
    thing = models.CharField(max_length=20, choices=Thing.choices)
    text = models.TextField(_("what was decided"))
    rule = models.JSONField(default=dict, blank=True, help_text="what of it a program must know")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["site", "thing", "at"])]

    def __str__(self) -> str:
        return f"{self.thing} of {self.site}"
