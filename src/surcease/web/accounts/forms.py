"""Forms of the front door."""

from __future__ import annotations

from typing import Any

from allauth.account.forms import RequestLoginCodeForm

from surcease.web.accounts.models import Role


class RequestCode(RequestLoginCodeForm):
    """A sign-in code by e-mail is for patients. Staff get the same answer as an address nobody has."""

    def clean(self) -> dict[str, Any]:
        """Forget a staff user that the address found."""
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        user = getattr(self, "_user", None)
        if user is not None and user.role != Role.PATIENT:
            self._user = None
        return cleaned
