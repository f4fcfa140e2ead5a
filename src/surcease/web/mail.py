"""Outgoing mail: the clinic's SMTP server when SURCEASE_SMTP names one, else files in home/outbox."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import Any
from urllib.parse import unquote, urlsplit

from django.conf import settings
from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend
from django.core.mail.backends.filebased import EmailBackend as Outbox
from django.core.mail.backends.smtp import EmailBackend as Smtp


class Backend(BaseEmailBackend):
    """Chooses by the environment, at each sending."""

    def __init__(self, fail_silently: bool = False, **kwargs: Any) -> None:
        super().__init__(fail_silently=fail_silently)

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        """How many were handed over."""
        return self._way().send_messages(email_messages) or 0

    def _way(self) -> BaseEmailBackend:
        address = os.environ.get("SURCEASE_SMTP", "")
        if not address:
            return Outbox(file_path=str(settings.HOME / "outbox"), fail_silently=self.fail_silently)
        parts = urlsplit(address)
        return Smtp(
            host=parts.hostname or "localhost",
            port=parts.port or 25,
            username=unquote(parts.username or ""),
            password=unquote(parts.password or ""),
            use_ssl=parts.scheme == "smtps",
            use_tls=parts.scheme == "smtp+tls",
            timeout=20,
            fail_silently=self.fail_silently,
        )
