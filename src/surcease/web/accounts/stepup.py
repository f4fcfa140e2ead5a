"""Showing once more who you are, at the moment of signing."""

from __future__ import annotations

import time

from allauth.account import app_settings
from allauth.account.internal.flows.login import get_authentication_records
from allauth.core.internal import ratelimit
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP
from django import forms
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from surcease.web.accounts.models import Role, User
from surcease.web.accounts.role import LINK_KEY, LOCKED_KEY

_PATIENT_FRESH_S = 1800  # a patient has no password: the e-mailed code of this half hour is what they show


class NotShown(PermissionDenied):
    """The person did not show who they are; the sentence may be shown at the field."""


def show(request: HttpRequest, secret: str) -> str:
    """Check a typed password or authenticator code of the signed-in user; the method that fitted.

    An empty ``secret`` is enough within five minutes of a passkey or password check on the re-authentication page,
    and for a patient within half an hour of the e-mailed code. Raises NotShown in one sentence, also after five
    wrong tries a minute.
    """
    user = request.user
    if not isinstance(user, User) or LOCKED_KEY in request.session or LINK_KEY in request.session:
        raise NotShown(_("Sign in fully before you sign."))
    if not secret:
        return _recent(request, user)
    if not _try(request, user, dry_run=True):
        raise NotShown(_("Too many tries. Wait a minute, then try again."))
    if user.check_password(secret):
        return "password"
    if _totp_fits(user, secret):
        return "totp"
    _try(request, user)
    raise NotShown(_("That is not your password or your authenticator's code."))


def _try(request: HttpRequest, user: User, *, dry_run: bool = False) -> object:
    """Only wrong tries count, so that signing ten plans in a minute is no offence."""
    return ratelimit.consume(request, app="allauth.account", action="reauthenticate", user=user, dry_run=dry_run)


def _recent(request: HttpRequest, user: User) -> str:
    for shown in reversed(get_authentication_records(request, user)):
        age_s = time.time() - shown.get("at", 0)
        if shown.get("reauthenticated") and age_s < app_settings.REAUTHENTICATION_TIMEOUT:
            return {"webauthn": "passkey", "totp": "totp"}.get(shown.get("type", ""), shown["method"])
        if user.role == Role.PATIENT and shown["method"] == "code" and age_s < _PATIENT_FRESH_S:
            return "code"
    raise NotShown(_("Type your password or your authenticator's code to sign."))


def _totp_fits(user: User, code: str) -> bool:
    if len(code) != 6 or not code.isascii() or not code.isdigit():
        return False
    row = Authenticator.objects.filter(user=user, type=Authenticator.Type.TOTP).first()
    return row is not None and TOTP(row).validate_code(code)


class SignForm(forms.Form):
    """The field that every signing form has."""

    secret = forms.CharField(
        label=gettext_lazy("Your password or authenticator code"),
        required=False,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )

    def method_of(self, request: HttpRequest) -> str | None:
        """How the person showed who they are; None when not, and then the sentence stands at the field."""
        try:
            return show(request, self.cleaned_data.get("secret", ""))
        except NotShown as error:
            self.add_error("secret", str(error))
            return None
