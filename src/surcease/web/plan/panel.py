"""The panel of today's arrivals on the day's page."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.utils import timezone

from surcease.care.visits import Kind
from surcease.web.accounts.models import User
from surcease.web.patients.access import lines_of
from surcease.web.plan.queries import visits_on


def arrivals(user: User, now: datetime) -> dict[str, Any]:
    """Who comes today, with what became of the visit so far."""
    day = timezone.localdate(now)
    rows = list(visits_on(user, day).exclude(kind=Kind.CALL))
    names = lines_of(user, {row.patient_id for row in rows}, why="arrivals")
    return {"day": day, "lines": [(row, names[row.patient_id]) for row in rows if row.patient_id in names]}
