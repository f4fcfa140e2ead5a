"""Personal links: the link is shown once and kept only as a hash."""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime, timedelta

from django.db import transaction
from django.http import HttpRequest
from django.urls import reverse

from surcease.web.accounts.models import PersonalLink, Role, User
from surcease.web.audit import trail

DAYS = 120


@transaction.atomic
def make_link(*, by: User, now: datetime, user: User, days: int = DAYS) -> tuple[PersonalLink, str]:
    """A new link for a patient's user, and its path. Only the diary opens with it."""
    if user.role != Role.PATIENT:
        raise ValueError("Only a patient can have a personal link: staff sign in.")
    token = secrets.token_urlsafe(32)
    row = PersonalLink.objects.create(
        user=user, token_hash=_hash(token), made_by=by, expires_at=now + timedelta(days=days)
    )
    trail.write("make personal link", by=by, about=row, details={"days": days})
    return row, reverse("accounts:link", kwargs={"token": token})


@transaction.atomic
def revoke_link(*, by: User, now: datetime, link: PersonalLink) -> None:
    """End a link now; whoever is in by it is out at the next page."""
    if link.revoked_at is None:
        link.revoked_at = now
        link.save(update_fields=["revoked_at"])
        trail.write("revoke personal link", by=by, about=link)


def working_link(token: str, now: datetime) -> PersonalLink | None:
    """The link of a token, None when it expired, was revoked or never was."""
    row = PersonalLink.objects.select_related("user").filter(token_hash=_hash(token)).first()
    return row if row is not None and row.works(now) else None


def still_works(request: HttpRequest, link_id: str, now: datetime) -> bool:
    """Whether the link a session came by still stands."""
    row = PersonalLink.objects.select_related("user").filter(pk=link_id).first()
    return row is not None and row.user_id == request.user.pk and row.works(now)


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
