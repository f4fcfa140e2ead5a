"""The panel of the chairs on the day's page: the board in one line a chair."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from surcease.web.accounts.models import User
from surcease.web.treatment.queries import board


def chairs(user: User, now: datetime) -> dict[str, Any] | None:
    """The occupied chairs of the user's first site; None for somebody without a site."""
    site = user.sites.order_by("name").first()
    if site is None:
        return None
    found = board(user, site, now=now)
    cards = [card for card in (*found.cards, *found.without_chair) if card.sheet is not None]
    return {"cards": cards, "free": sum(card.sheet is None for card in found.cards)}
