"""Forms of the organisation."""

from __future__ import annotations

from typing import Any
from zoneinfo import available_timezones

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from surcease.web.clinic.models import Site
from surcease.web.forms import NumberField


class SessionForm(forms.Form):
    """How long a session lasts."""

    idle_minutes = NumberField(
        label=_("Sign out after this long without an act"), unit="min", least=2, most=60,
        help_text=_("A chair tablet locks instead."),
    )  # fmt: skip
    absolute_hours = NumberField(label=_("Sign in again after"), unit="h", least=1, most=24)
    reason = forms.CharField(label=_("Reason"), required=False, max_length=300)


class SiteForm(forms.ModelForm[Site]):
    """One site."""

    class Meta:
        model = Site
        fields = ("name", "zone", "address", "phone")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["zone"].help_text = _("For example Europe/Berlin.")
        self.fields["address"].widget.attrs["rows"] = 3

    def clean_zone(self) -> str:
        """A zone of the zone database."""
        zone: str = self.cleaned_data["zone"]
        if zone not in available_timezones():
            raise ValidationError(gettext("“%(zone)s” is not a time zone: write it as Europe/Berlin.") % {"zone": zone})
        return zone
