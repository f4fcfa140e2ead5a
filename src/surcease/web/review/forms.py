"""Forms of the review: the decision with its next contact, and the release to the person."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from surcease.web.accounts.stepup import SignForm
from surcease.web.review.models import NEXT_KINDS, REFERRALS, ReviewDecision

_DAY = {"type": "date"}


class ReviewForm(SignForm):
    """One decision and the next contact."""

    action = forms.ChoiceField(label=_("Decision"), choices=ReviewDecision.Action.choices)
    refer_to = forms.ChoiceField(label=_("Refer to"), required=False, choices=[("", "–"), *REFERRALS])
    reason = forms.CharField(
        label=_("Reason"), required=False, max_length=2000, widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Needed when you depart from what is proposed."),
    )  # fmt: skip
    next_contact = forms.DateField(label=_("Next contact"), widget=forms.DateInput(attrs=_DAY))
    next_kind = forms.ChoiceField(label=_("By"), choices=NEXT_KINDS)
    forecast = forms.UUIDField(required=False, widget=forms.HiddenInput)
    field_order = ("action", "refer_to", "reason", "next_contact", "next_kind", "secret", "forecast")

    def clean(self) -> dict[str, Any]:
        """A referral without a place is refused at its own field."""
        data = super().clean() or self.cleaned_data
        if data.get("action") == "refer" and not data.get("refer_to"):
            self.add_error("refer_to", _("Say to whom."))
        return data


class ReleaseForm(forms.Form):
    """The day on which the clinic and the person decide together."""

    decide_on = forms.DateField(label=_("We decide together on"), widget=forms.DateInput(attrs=_DAY))
