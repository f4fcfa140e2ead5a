"""Forms of the intake step."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from surcease.web.accounts.stepup import SignForm
from surcease.web.forms import NumberField
from surcease.web.intake.models import TREATMENT_KINDS, EligibilityDecision

REGIONS = (
    "head", "face", "neck", "left_shoulder", "right_shoulder", "left_upper_arm", "right_upper_arm", "left_hand",
    "right_hand", "chest", "abdomen", "upper_back", "lower_back", "left_hip", "right_hip", "left_thigh", "right_thigh",
    "left_knee", "right_knee", "left_foot", "right_foot",
)  # fmt: skip


class StoryForm(forms.Form):
    """Where it hurts, what was tried, what the person wants. Each part may be left empty and added to later."""

    regions = forms.MultipleChoiceField(
        label=_("Where it hurts"),
        required=False,
        choices=[(r, r.replace("_", " ")) for r in REGIONS],
        widget=forms.CheckboxSelectMultiple,
    )
    since = forms.CharField(label=_("Since"), required=False, max_length=60)
    character = forms.CharField(
        label=_("What it is like"), required=False, max_length=200, help_text=_("burning, shooting, aching …")
    )
    treatment = forms.CharField(label=_("A treatment that was tried"), required=False, max_length=160)
    treatment_kind = forms.ChoiceField(label=_("Its class"), required=False, choices=[("", "–"), *TREATMENT_KINDS])
    dose = forms.CharField(label=_("Dose"), required=False, max_length=80)
    weeks = forms.IntegerField(label=_("Weeks"), required=False, min_value=0, max_value=2000)
    response = forms.CharField(label=_("What it did, why it ended"), required=False, max_length=160)
    failed = forms.ChoiceField(
        label=_("Failed?"), required=False, choices=[("", _("not known")), ("yes", _("yes")), ("no", _("no"))]
    )
    goal = forms.CharField(
        label=_("What should be different, in the person's own words"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    activity_1 = forms.CharField(label=_("Activity 1"), required=False, max_length=120)
    rating_1 = NumberField(label=_("how well now, 0–10"), required=False, least=0, most=10)
    activity_2 = forms.CharField(label=_("Activity 2"), required=False, max_length=120)
    rating_2 = NumberField(label=_("how well now, 0–10"), required=False, least=0, most=10)
    activity_3 = forms.CharField(label=_("Activity 3"), required=False, max_length=120)
    rating_3 = NumberField(label=_("how well now, 0–10"), required=False, least=0, most=10)
    barriers = forms.CharField(
        label=_("What may stand in the way"),
        required=False,
        max_length=300,
        help_text=_("distance, escort, cost, language, internet"),
    )


class DecideForm(SignForm):
    """The decision and its reason or conditions."""

    verdict = forms.ChoiceField(label=_("Decision"), choices=EligibilityDecision.Verdict.choices)
    reason = forms.CharField(
        label=_("Reason or conditions"), required=False, widget=forms.Textarea(attrs={"rows": 3}), max_length=2000
    )
    field_order = ("verdict", "reason", "secret")
