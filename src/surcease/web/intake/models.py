"""The tables of the intake step: pain sites, goals, treatments that were tried, overrides and the signed decision."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from surcease.web.append import AppendOnly
from surcease.web.fields import AmountField
from surcease.web.patients.models import ClinicalRow, Patient

TREATMENT_KINDS = [
    ("nerve_block", _("nerve block")),
    ("opioid", _("opioid")),
    ("nsaid", _("non-opioid pain medicine")),
    ("anticonvulsant", _("anticonvulsant")),
    ("antidepressant", _("antidepressant")),
    ("muscle_relaxant", _("muscle relaxant")),
    ("physical", _("physical therapy")),
    ("psychological", _("psychological therapy")),
    ("neuromodulation", _("neuromodulation")),
    ("other", _("other")),
]


class PainSite(ClinicalRow):
    """Where it hurts, since when, and what it is like. ``region`` is a region of the body map."""

    region = models.CharField(_("where"), max_length=40)
    since = models.CharField(_("since"), max_length=60, blank=True)
    character = models.CharField(_("what it is like"), max_length=200, blank=True)
    worst = models.BooleanField(_("the worst place"), default=False)

    class Meta(ClinicalRow.Meta):
        pass

    def __str__(self) -> str:
        return self.region.replace("_", " ")


class TriedTreatment(ClinicalRow):
    """A treatment that was tried: what, how much, how long, what it did and why it ended."""

    what = models.CharField(_("treatment"), max_length=160)
    kind = models.CharField(
        _("class"),
        max_length=30,
        choices=TREATMENT_KINDS,
    )
    dose = models.CharField(_("dose"), max_length=80, blank=True)
    weeks = models.PositiveIntegerField(_("weeks"), null=True, blank=True)
    response = models.CharField(_("what it did"), max_length=160, blank=True)
    failed = models.BooleanField(_("failed"), null=True)

    class Meta(ClinicalRow.Meta):
        pass

    def __str__(self) -> str:
        return self.what


class Goal(ClinicalRow):
    """What the person wants, in their words, and up to three activities rated 0–10 now."""

    words = models.TextField(_("in the person's own words"), blank=True)
    activity = models.CharField(_("activity"), max_length=120, blank=True)
    rating = AmountField(_("how well it goes now, 0–10"), null=True, blank=True)

    class Meta(ClinicalRow.Meta):
        pass

    def __str__(self) -> str:
        return self.activity or self.words[:40]


class SetAside(AppendOnly):
    """A finding that was set aside: who, when, why, and on which facts. It ends when the facts change."""

    patient = models.ForeignKey(Patient, models.PROTECT, related_name="set_aside")
    rule = models.CharField(max_length=40)
    reason = models.TextField()
    facts = models.JSONField(default=list)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    second = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField()

    def __str__(self) -> str:
        return self.rule


class EligibilityDecision(AppendOnly):
    """The signed decision, and the text it stands on: it can be taken again years later."""

    class Verdict(models.TextChoices):
        """What was decided."""

        ELIGIBLE = "eligible", _("eligible")
        CONDITIONS = "with_conditions", _("eligible with conditions")
        DEFERRED = "deferred", _("deferred")
        NOT = "not_eligible", _("not eligible")

    patient = models.ForeignKey(Patient, models.PROTECT, related_name="eligibility")
    version = models.PositiveIntegerField()
    verdict = models.CharField(max_length=16, choices=Verdict.choices)
    outcome = models.CharField(max_length=8)
    headline = models.TextField()
    basis = models.TextField()
    knowledge = models.CharField(max_length=64)
    reason = models.TextField(blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        ordering = ["-version"]
        constraints = [models.UniqueConstraint(fields=["patient", "version"], name="one_decision_a_version")]

    def __str__(self) -> str:
        return self.verdict
