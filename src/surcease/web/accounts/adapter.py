"""How allauth behaves here: nobody signs up, a new session starts its clock, sign-ins leave a trail."""

from __future__ import annotations

import time
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.mfa.adapter import DefaultMFAAdapter
from cryptography.fernet import Fernet
from django.conf import settings
from django.http import HttpRequest

from surcease.web.accounts.middleware import SEEN, STARTED


class Adapter(DefaultAccountAdapter):
    """Accounts are made by the clinic."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Never."""
        return False

    def login(self, request: HttpRequest, user: Any) -> None:
        """Sign in, and start the session's clock anew."""
        super().login(request, user)
        request.session[STARTED] = request.session[SEEN] = time.time()

    def add_message(self, request: HttpRequest, level: int, *args: Any, **kwargs: Any) -> None:
        """Only what went wrong is worth a line: the page itself shows that someone is signed in."""
        if level >= 30:
            super().add_message(request, level, *args, **kwargs)


class SecondFactorAdapter(DefaultMFAAdapter):
    """Second-factor secrets are kept encrypted: a copy of the database alone signs nobody in."""

    def encrypt(self, text: str) -> str:
        """With the key of the home folder."""
        return _cipher().encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text: str) -> str:
        """With the key of the home folder."""
        return _cipher().decrypt(encrypted_text.encode()).decode()


def _cipher() -> Fernet:
    return Fernet(settings.HOME.secret_bytes("second_factor", Fernet.generate_key))
