"""The organisation's own settings: dated rows, the latest one holds, one site's before everyone's."""

from __future__ import annotations

import time
from datetime import datetime
from typing import Any

from django.db.models import Q
from django.utils import timezone

from surcease.web.clinic.models import Site, SiteSetting

_REMEMBER_S = 5.0
_remembered: dict[tuple[str, str], tuple[float, Any]] = {}
_MISSING = object()


def setting(key: str, default: Any = None, *, site: Site | None = None) -> Any:
    """The value in force now, or ``default``. Remembered for five seconds in each process."""
    place = (key, str(site.pk) if site else "")
    at, value = _remembered.get(place, (0.0, _MISSING))
    if time.monotonic() - at > _REMEMBER_S:
        value = _in_force(key, site, timezone.now())
        _remembered[place] = (time.monotonic(), value)
    return default if value is _MISSING else value


def put_setting(
    key: str, value: Any, *, by: Any = None, reason: str = "", site: Site | None = None, effective_at: Any = None
) -> SiteSetting:
    """A new value from ``effective_at`` (now) on. Call it from an action that writes its audit row."""
    now = timezone.now()
    row = SiteSetting(
        key=key, value=value, site=site, reason=reason, set_by=by, set_at=now, effective_at=effective_at or now
    )
    row.save()
    forget()
    return row


def forget() -> None:
    """The next question asks the database."""
    _remembered.clear()


def _in_force(key: str, site: Site | None, now: datetime) -> Any:
    places = Q(site__isnull=True) | Q(site=site) if site else Q(site__isnull=True)
    rows = SiteSetting.objects.filter(places, key=key, effective_at__lte=now).order_by("-effective_at", "-set_at")
    found = sorted(rows[:50], key=lambda row: row.site_id is None)
    return found[0].value if found else _MISSING
