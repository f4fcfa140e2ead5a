"""Signing in, signing out and failing to leave their rows on the trail."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.signals import user_logged_in, user_logged_out, user_login_failed
from django.db import transaction
from django.dispatch import receiver

from surcease.web.audit import trail


@receiver(user_logged_in)
def _signed_in(sender: Any, user: Any, **more: Any) -> None:
    with transaction.atomic():
        trail.write("sign in", by=user)


@receiver(user_logged_out)
def _signed_out(sender: Any, user: Any, **more: Any) -> None:
    if user is not None:
        with transaction.atomic():
            trail.write("sign out", by=user)


@receiver(user_login_failed)
def _failed(sender: Any, credentials: dict[str, Any], **more: Any) -> None:
    """The address that was tried, never what was typed as password."""
    with transaction.atomic():
        trail.write("sign in failed", by="nobody", details={"tried": str(credentials.get("email", ""))[:254]})
