"""PIN and badge: resuming a locked chair tablet in seconds. They open nothing that is not already open."""

from __future__ import annotations

import hashlib
import hmac
import time
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.contrib.auth import login
from django.contrib.auth.hashers import check_password, make_password
from django.db import transaction
from django.http import HttpRequest

from surcease.web.accounts.middleware import CHAIR, SEEN, STARTED
from surcease.web.accounts.models import QuickUnlock, User
from surcease.web.accounts.role import LOCKED_KEY
from surcease.web.audit import trail

PIN_DIGITS = range(4, 9)
WRONG_MOST = 5
LOCKED_FOR = timedelta(minutes=5)
_STAYS = (CHAIR, STARTED)  # session keys that stay with the tablet when another user takes over


@transaction.atomic
def set_pin(*, by: User, pin: str) -> None:
    """Set one's own PIN: four to eight digits, not all the same, not a run such as 1234."""
    if not (pin.isascii() and pin.isdigit() and len(pin) in PIN_DIGITS):
        raise ValueError("A PIN is four to eight digits.")
    if len(set(pin)) == 1 or pin in "0123456789" or pin in "9876543210":
        raise ValueError("That PIN is the first one anybody tries: choose digits that are not alike or in a row.")
    _set(by, by, QuickUnlock.Kind.PIN, make_password(pin))


@transaction.atomic
def give_badge(*, by: User, user: User, badge: str) -> None:
    """Tie a badge (what its reader types) to a staff member."""
    if len(badge.strip()) < 6:
        raise ValueError("A badge has at least six characters: let the reader type it.")
    _set(by, user, QuickUnlock.Kind.BADGE, badge_hash(badge))


def _set(by: User, user: User, kind: str, secret_hash: str) -> None:
    if not user.is_clinic_staff:
        raise ValueError("Only staff can unlock a chair tablet.")
    defaults = {"secret_hash": secret_hash, "wrong_in_a_row": 0, "locked_until": None}
    row, _new = QuickUnlock.objects.update_or_create(user=user, kind=kind, defaults=defaults)
    trail.write(f"set {kind}", by=by, about=row, details={"for": str(user.pk)})


def badge_hash(badge: str) -> str:
    """Keyed, so that the table alone tells nobody's badge; the same each time, so that a badge finds its user."""
    key = settings.HOME.secret("badges").encode()
    return hmac.new(key, badge.strip().encode(), hashlib.sha256).hexdigest()


def user_of_badge(badge: str) -> User | None:
    """Whose badge it is."""
    kind, digest = QuickUnlock.Kind.BADGE, badge_hash(badge)
    row = QuickUnlock.objects.select_related("user").filter(kind=kind, secret_hash=digest, user__is_active=True).first()
    return row.user if row else None


def pin_fits(user: User, pin: str, now: datetime) -> bool:
    """Whether it is this user's PIN; five wrong ones in a row close it for five minutes."""
    with transaction.atomic():
        row = QuickUnlock.objects.select_for_update().filter(user=user, kind=QuickUnlock.Kind.PIN).first()
        if row is None or not user.is_active or (row.locked_until and now < row.locked_until):
            return False
        right = check_password(pin, row.secret_hash)
        row.wrong_in_a_row = 0 if right else row.wrong_in_a_row + 1
        row.locked_until = None
        if row.wrong_in_a_row >= WRONG_MOST:
            row.wrong_in_a_row, row.locked_until = 0, now + LOCKED_FOR
        row.save(update_fields=["wrong_in_a_row", "locked_until"])
        return right


def lock(request: HttpRequest) -> None:
    """Lock this tablet now: it keeps showing what may be shown while locked."""
    request.session[LOCKED_KEY] = time.time()


def resume(request: HttpRequest, user: User, *, how: str) -> None:
    """Unlock this tablet as ``user``, who may be another one than before; the chair stays with the tablet."""
    before = getattr(request.user, "pk", None)
    stays: dict[str, Any] = {key: request.session[key] for key in _STAYS if key in request.session}
    if user.pk != before:
        login(request, user, backend=settings.AUTHENTICATION_BACKENDS[0])
    request.session.update(stays)
    request.session.pop(LOCKED_KEY, None)
    request.session[SEEN] = time.time()
    with transaction.atomic():
        trail.write("unlock", by=user, details={"how": how, "after": str(before)})
