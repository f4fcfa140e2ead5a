"""When somebody reads what patients send: the clinic's week, and the next time it opens.

Hours are what the clinic signed: ``{"mon": ["08:00", "17:00"], …}`` on the site's clock; a day that is not there is
closed. Without hours nobody is known to read, and the page says that.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
Week = Mapping[str, Sequence[str]]


@dataclass(frozen=True, slots=True)
class Opening:
    """Whether the clinic reads now, and when it reads next (None: no hours are known)."""

    open: bool
    next: datetime | None = None


def opening(week: Week, zone: str, now: datetime, *, closed: frozenset[str] = frozenset()) -> Opening:
    """The state at ``now``; ``closed`` are ISO days on which the clinic rests in spite of its week."""
    place = ZoneInfo(zone or "UTC")
    local = now.astimezone(place)
    for ahead in range(15):
        day = local.date() + timedelta(days=ahead)
        hours = week.get(DAYS[day.weekday()])
        if not hours or day.isoformat() in closed:
            continue
        opens, closes = (datetime.combine(day, time.fromisoformat(text), place) for text in hours)
        if local < opens:
            return Opening(False, opens.astimezone(UTC))
        if local < closes:
            return Opening(True, now)
    return Opening(False)


def week_errors(week: object) -> str:
    """What is wrong with a week in one sentence, "" when nothing."""
    if not isinstance(week, Mapping):
        return "Hours are given as a week of days."
    for day, hours in week.items():
        if day not in DAYS:
            return f"{day!r} is not a day: use {', '.join(DAYS)}."
        try:
            opens, closes = (time.fromisoformat(text) for text in hours)
        except (TypeError, ValueError):
            return f"{day}: give the two times as 08:00 and 17:00."
        if opens >= closes:
            return f"{day}: the clinic closes at {closes:%H:%M}, before it opens at {opens:%H:%M}."
    return ""
