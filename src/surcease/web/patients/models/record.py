"""What is known of a person, row by row: the tables behind care.record."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from surcease.web.fields import AmountField, DayField
from surcease.web.patients.models.row import ClinicalRow


class ConditionRow(ClinicalRow):
    """A diagnosis or problem. ``codes`` is a list of {system, code, display}."""

    codes = models.JSONField(default=list)
    text = models.CharField(_("condition"), max_length=300, blank=True)
    status = models.CharField(max_length=10, default="unknown")
    onset = DayField(null=True, blank=True)
    ended = DayField(null=True, blank=True)
    verified = models.BooleanField(null=True)
    note = models.TextField(blank=True)

    class Meta(ClinicalRow.Meta):
        pass

    def __str__(self) -> str:
        return self.text


class MedicationRow(ClinicalRow):
    """A medicine. No amount means the dose is not known, which is not zero."""

    codes = models.JSONField(default=list)
    text = models.CharField(_("medicine"), max_length=300)
    status = models.CharField(max_length=10, default="unknown")
    amount = AmountField(null=True, blank=True)
    unit = models.CharField(max_length=20, blank=True)
    per_day = AmountField(null=True, blank=True)
    as_needed = models.BooleanField(default=False)
    route = models.CharField(max_length=20, blank=True)
    dose_text = models.CharField(max_length=300, blank=True)
    started = DayField(null=True, blank=True)
    stopped = DayField(null=True, blank=True)
    changed = DayField(null=True, blank=True)
    directions = models.TextField(blank=True)

    class Meta(ClinicalRow.Meta):
        pass

    def __str__(self) -> str:
        return self.text


class AllergyRow(ClinicalRow):
    """An allergy. ``none_known`` is an answer; no row at all means nobody asked."""

    codes = models.JSONField(default=list)
    text = models.CharField(_("allergy"), max_length=300, blank=True)
    status = models.CharField(max_length=10, default="active")
    reaction = models.CharField(_("reaction"), max_length=300, blank=True)
    none_known = models.BooleanField(default=False)

    class Meta(ClinicalRow.Meta):
        pass

    def __str__(self) -> str:
        return self.text or str(_("none known"))


class MeasurementRow(ClinicalRow):
    """A measured number in the unit it came in. ``name`` is ours, empty when not mapped."""

    name = models.CharField(max_length=60, blank=True)
    value = AmountField(null=True, blank=True)
    unit = models.CharField(max_length=40, blank=True)
    at = DayField(null=True)
    codes = models.JSONField(default=list)
    text = models.CharField(max_length=300, blank=True)
    absent = models.CharField(max_length=120, blank=True)
    upper_normal = AmountField(null=True, blank=True)
    result = models.JSONField(default=list, help_text="a coded result")

    class Meta(ClinicalRow.Meta):
        indexes = [models.Index(fields=["patient", "name", "at"])]

    def __str__(self) -> str:
        return f"{self.name} {self.value} {self.unit}"


class AnswersRow(ClinicalRow):
    """A filled-in instrument: items by id; amounts are text, so that no digit is lost."""

    instrument = models.CharField(max_length=60)
    instrument_version = models.CharField(max_length=30, blank=True)
    items = models.JSONField(default=dict)
    at = DayField(null=True)
    score = AmountField(null=True, blank=True, help_text="as reported by another system")
    language = models.CharField(max_length=16, blank=True)

    class Meta(ClinicalRow.Meta):
        indexes = [models.Index(fields=["patient", "instrument", "at"])]

    def __str__(self) -> str:
        return f"{self.instrument} {self.at}"


class StatementRow(ClinicalRow):
    """One answered fact by its name in the dictionary of facts. The latest standing one holds."""

    name = models.CharField(max_length=80)
    value = models.JSONField(help_text='{"kind": "bool|number|text|date|codes", "value": …}')
    unit = models.CharField(max_length=40, blank=True)
    at = DayField(null=True)
    source = models.CharField(max_length=200, blank=True)

    class Meta(ClinicalRow.Meta):
        indexes = [models.Index(fields=["patient", "name", "created_at"])]

    def __str__(self) -> str:
        return self.name


class LimbRestriction(ClinicalRow):
    """A limb that takes no cuff, no cannula or no touch, and why."""

    class Limb(models.TextChoices):
        """Where."""

        LEFT_ARM = "left_arm", _("left arm")
        RIGHT_ARM = "right_arm", _("right arm")
        LEFT_LEG = "left_leg", _("left leg")
        RIGHT_LEG = "right_leg", _("right leg")

    limb = models.CharField(_("limb"), max_length=9, choices=Limb.choices)
    no_cuff = models.BooleanField(_("no cuff"), default=False)
    no_cannula = models.BooleanField(_("no cannula"), default=False)
    no_touch = models.BooleanField(_("no touch"), default=False)
    why = models.CharField(_("why"), max_length=200, blank=True)

    class Meta(ClinicalRow.Meta):
        pass

    def __str__(self) -> str:
        barred = [w for w, on in (("cuff", self.no_cuff), ("cannula", self.no_cannula), ("touch", self.no_touch)) if on]
        return f"{self.get_limb_display()}: no {', no '.join(barred)}"


class Consent(ClinicalRow):
    """What a person agreed to, or took back: the text as shown, its version and its language."""

    class Kind(models.TextChoices):
        """What it is about."""

        TREATMENT = "treatment", _("treatment")
        DIARY = "diary", _("diary and its use in care")
        MESSAGES = "messages", _("reminders and messages")
        REGISTRY = "registry", _("registry and research")

    kind = models.CharField(max_length=10, choices=Kind.choices)
    given = models.BooleanField()
    text = models.TextField()
    text_version = models.CharField(max_length=64)
    language = models.CharField(max_length=16)
    about_kind = models.CharField(max_length=60, blank=True)
    about_id = models.CharField(max_length=80, blank=True)
    at = models.DateTimeField()
    valid_until = models.DateTimeField(null=True, blank=True)

    class Meta(ClinicalRow.Meta):
        indexes = [models.Index(fields=["patient", "kind", "at"])]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {'given' if self.given else 'withdrawn'}"
