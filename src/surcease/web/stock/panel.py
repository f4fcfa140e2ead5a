"""The panel of checks and balances on the day's page: what the ledger waits for."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.utils import timezone

from surcease.web.accounts.models import User
from surcease.web.stock.queries import count_state, discrepancies, open_records, shelf, waiting_at


def balances(user: User, now: datetime) -> dict[str, Any] | None:
    """How many of each wait at the user's first site; None for somebody without a site."""
    site = user.sites.order_by("name").first()
    if site is None:
        return None
    today = timezone.localdate(now)
    return {
        "witness": len(waiting_at(site)),
        "records": len(open_records(site)),
        "differences": len(discrepancies(site, open_only=True)),
        "marked": [lot for lot in shelf(site, today=today) if lot.mark],
        "counted": count_state(site, today=today),
    }
