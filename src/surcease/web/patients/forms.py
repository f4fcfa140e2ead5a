"""Forms of a person's particulars."""

from __future__ import annotations

from typing import Any
from zoneinfo import available_timezones

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from surcease.web.clinic.models import Site
from surcease.web.forms import OnceForm, VersionedForm
from surcease.web.patients.models import LimbRestriction, Patient

LANGUAGES = [("", _("not known")), ("en", _("English")), ("es", _("Spanish"))]


class DateField(forms.DateField):
    """A date-only value, entered by picker or as 2026-03-02; no other order of day and month is read."""

    widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    input_formats = ("%Y-%m-%d",)
    default_error_messages = {"invalid": _("Write the date as 1988-03-24: year, month, day.")}


class _Particulars(forms.Form):
    """The fields of a person that a desk may fill in."""

    family = forms.CharField(label=_("Family name"), max_length=120)
    given = forms.CharField(label=_("Given names"), max_length=120, required=False)
    born = DateField(label=_("Born"), required=False)
    sex = forms.ChoiceField(label=_("Sex"), choices=Patient.Sex.choices, initial="unknown")
    language = forms.ChoiceField(label=_("Language"), choices=LANGUAGES, required=False)
    zone = forms.CharField(
        label=_("Time zone"), max_length=64, required=False, help_text=_("Where the diary is kept, as Europe/Berlin.")
    )
    phone = forms.CharField(label=_("Phone"), max_length=40, required=False)
    email = forms.EmailField(label=_("E-mail"), required=False)
    address = forms.CharField(label=_("Address"), required=False, widget=forms.Textarea(attrs={"rows": 2}))
    contact = forms.CharField(label=_("Person to call"), required=False, widget=forms.Textarea(attrs={"rows": 2}))

    def clean_zone(self) -> str:
        """A zone of the zone database, or nothing."""
        zone: str = self.cleaned_data["zone"]
        if zone and zone not in available_timezones():
            raise ValidationError(gettext("“%(zone)s” is not a time zone: write it as Europe/Berlin.") % {"zone": zone})
        return zone


class RegisterForm(OnceForm, _Particulars):
    """A new person."""

    identifier = forms.CharField(label=_("Identifier of this clinic"), max_length=120, required=False)
    site = forms.ModelChoiceField(label=_("In the care of"), queryset=Site.objects.none())

    def __init__(self, *args: Any, sites: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["site"]
        field.queryset = sites  # type: ignore[attr-defined]
        field.initial = sites.first()


class ParticularsForm(VersionedForm, _Particulars):
    """Changing particulars; a stale save becomes a choice."""

    comfort = forms.CharField(label=_("Comfort needs"), required=False, widget=forms.Textarea(attrs={"rows": 2}))
    pressing_hand = forms.CharField(label=_("Hand that can press the call"), max_length=40, required=False)
    usual_gait = forms.CharField(label=_("Usual gait"), max_length=160, required=False)
    usual_orientation = forms.CharField(label=_("Usual orientation"), max_length=160, required=False)


class GlassForm(forms.Form):
    """Why the glass is broken."""

    reason = forms.CharField(label=_("What is the emergency?"), min_length=10, widget=forms.Textarea(attrs={"rows": 3}))


class LimbForm(OnceForm):
    """A limb that must not be used."""

    limb = forms.ChoiceField(label=_("Limb"), choices=LimbRestriction.Limb.choices)
    no_cuff = forms.BooleanField(label=_("no cuff"), required=False)
    no_cannula = forms.BooleanField(label=_("no cannula"), required=False)
    no_touch = forms.BooleanField(label=_("no touch"), required=False)
    why = forms.CharField(label=_("Why"), max_length=200, required=False)

    def clean(self) -> dict[str, Any]:
        """At least one thing must not happen."""
        given: dict[str, Any] = super().clean() or self.cleaned_data
        if not any(given.get(name) for name in ("no_cuff", "no_cannula", "no_touch")):
            raise ValidationError(gettext("Say what must not happen there: cuff, cannula or touch."))
        return given
