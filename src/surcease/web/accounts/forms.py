"""Forms of the front door and of the clinic lead's people page."""

from __future__ import annotations

from typing import Any
from zoneinfo import available_timezones

from allauth.account.forms import RequestLoginCodeForm
from django import forms
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from surcease.web.accounts.models import Role, User
from surcease.web.clinic.models import Site

STAFF_ROLES = [choice for choice in Role.choices if choice[0] != Role.PATIENT]


class RequestCode(RequestLoginCodeForm):
    """A sign-in code by e-mail is for patients. Staff get the same answer as an address nobody has."""

    def clean(self) -> dict[str, Any]:
        """Forget a staff user that the address found."""
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        user = getattr(self, "_user", None)
        if user is not None and user.role != Role.PATIENT:
            self._user = None
        return cleaned


class FirstForm(forms.Form):
    """Naming a new clinic and its first account."""

    organisation = forms.CharField(label=_("Name of the clinic"), max_length=160)
    site = forms.CharField(label=_("Name of the first site"), max_length=120)
    zone = forms.CharField(label=_("Time zone of the site"), max_length=64, help_text=_("For example Europe/Berlin."))
    name = forms.CharField(label=_("Your name, as printed on papers"), max_length=120)
    credentials = forms.CharField(
        label=_("Your credentials"), max_length=60, required=False, help_text=_("For example MD.")
    )
    email = forms.EmailField(label=_("Your e-mail address"))
    password = forms.CharField(
        label=_("A password of at least 12 characters"),
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )

    def clean_zone(self) -> str:
        """A zone of the zone database."""
        return known_zone(self.cleaned_data["zone"])

    def clean_password(self) -> str:
        """Long enough, and not a common one."""
        password: str = self.cleaned_data["password"]
        validate_password(password, User(email=self.cleaned_data.get("email"), name=self.cleaned_data.get("name", "")))
        return password


def known_zone(zone: str) -> str:
    """The zone, or a sentence at its field."""
    if zone not in available_timezones():
        raise ValidationError(gettext("“%(zone)s” is not a time zone: write it as Europe/Berlin.") % {"zone": zone})
    return zone


class StaffForm(forms.Form):
    """One staff account. The address cannot change: it is who signs in."""

    email = forms.EmailField(label=_("E-mail"))
    name = forms.CharField(label=_("Name, as printed on papers"), max_length=120)
    credentials = forms.CharField(label=_("Credentials"), max_length=60, required=False)
    role = forms.ChoiceField(label=_("Role"), choices=STAFF_ROLES)
    sites = forms.ModelMultipleChoiceField(
        label=_("Sites"), queryset=Site.objects.all(), widget=forms.CheckboxSelectMultiple
    )
    is_active = forms.BooleanField(label=_("May sign in"), required=False, initial=True)


class PinForm(forms.Form):
    """One's own PIN for chair tablets."""

    pin = forms.CharField(
        label=_("PIN, four to eight digits"),
        max_length=8,
        widget=forms.PasswordInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
    )


class UnlockForm(forms.Form):
    """Resuming a locked tablet: a badge alone, or who and a PIN."""

    badge = forms.CharField(
        label=_("Badge"),
        required=False,
        max_length=120,
        widget=forms.PasswordInput(attrs={"autocomplete": "off", "autofocus": True}),
    )
    who = forms.ModelChoiceField(label=_("Who"), queryset=User.objects.none(), required=False, empty_label=_("Choose"))
    pin = forms.CharField(
        label=_("PIN"),
        required=False,
        max_length=8,
        widget=forms.PasswordInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
    )

    def __init__(self, *args: Any, staff: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["who"].queryset = staff  # type: ignore[attr-defined]
