"""The dates of a series: sessions with their window, the call after each, the follow-ups of the review.

A visit is a day and a window, not a slot in a calendar: the clinic's own calendar stays the clinic's.

>>> from datetime import date
>>> series = plan_visits(start=date(2026, 3, 2), sessions=3, rhythm=Rhythm(weekdays_only=True))
>>> [v.day.isoformat() for v in series if v.kind is Kind.SESSION]
['2026-03-02', '2026-03-03', '2026-03-04']
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum


class Kind(StrEnum):
    """What a visit is for."""

    SESSION = "session"
    CALL = "call"
    FOLLOW_UP = "follow_up"


class Kept(StrEnum):
    """What became of a visit; anything but planned and kept has a coded reason."""

    PLANNED = "planned"
    KEPT = "kept"
    MOVED = "moved"
    CANCELLED = "cancelled"
    MISSED = "missed"


REASONS = (
    "unwell", "no_escort", "transport", "work_or_family", "cost", "changed_mind", "better", "side_effects",
    "clinic_closed", "staff", "equipment", "no_answer", "other",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Rhythm:
    """How sessions follow each other: whole days between, on weekdays only or not."""

    min_gap_days: int = 1
    max_gap_days: int = 4
    weekdays_only: bool = False


@dataclass(frozen=True, slots=True)
class Visit:
    """One dated act: the day meant, and the window in which it still counts as the plan."""

    kind: Kind
    number: int
    day: date
    earliest: date
    latest: date


def plan_visits(
    *, start: date, sessions: int, rhythm: Rhythm, follow_up_days: tuple[int, ...] = (14, 42, 84)
) -> tuple[Visit, ...]:
    """All visits of a series in date order.

    A session's window keeps the rhythm to its neighbours; the call is 24–48 h after each session; a follow-up
    stands ``follow_up_days`` after the last session (14: the response window has just closed), ± 3 days.
    Raises ValueError for a start on a weekend of a weekday series, or when there is no session.
    """
    if sessions < 1:
        raise ValueError(f"A series of {sessions} sessions has no dates: give at least 1.")
    if rhythm.weekdays_only and start.weekday() > 4:
        raise ValueError(f"{start:%A %d %b %Y} is not a weekday: start the series from Monday to Friday.")
    days = [start]
    while len(days) < sessions:
        days.append(_next_day(days[-1], rhythm))
    visits = [_session(n, day, days, rhythm) for n, day in enumerate(days, start=1)]
    visits += [
        Visit(Kind.CALL, n, d + timedelta(days=1), d + timedelta(days=1), d + timedelta(days=2))
        for n, d in enumerate(days, start=1)
    ]
    for number, after in enumerate(follow_up_days, start=1):
        day = days[-1] + timedelta(days=after)
        visits.append(Visit(Kind.FOLLOW_UP, number, day, day - timedelta(days=3), day + timedelta(days=3)))
    return tuple(sorted(visits, key=lambda v: (v.day, v.kind)))


def may_move(visit: Visit, to: date, neighbours: tuple[date, ...], rhythm: Rhythm) -> str:
    """Why a session may not move to a day, or "" when it may. ``neighbours`` are the other sessions' days."""
    if rhythm.weekdays_only and to.weekday() > 4:
        return f"{to:%A %d %b} is not a weekday, and this series runs on weekdays."
    for day in neighbours:
        if abs((day - to).days) < rhythm.min_gap_days:
            return (
                f"{to:%d %b} is {abs((day - to).days)} days from the session of {day:%d %b}: "
                f"the plan needs at least {rhythm.min_gap_days}."
            )
    before = [d for d in neighbours if d < to]
    if before and (to - max(before)).days > rhythm.max_gap_days:
        return (
            f"{to:%d %b} is {(to - max(before)).days} days after the session of {max(before):%d %b}: "
            f"the plan allows {rhythm.max_gap_days}; review the plan instead."
        )
    return ""


def _next_day(day: date, rhythm: Rhythm) -> date:
    following = day + timedelta(days=max(1, rhythm.min_gap_days))
    while rhythm.weekdays_only and following.weekday() > 4:
        following += timedelta(days=1)
    return following


def _session(number: int, day: date, days: list[date], rhythm: Rhythm) -> Visit:
    latest = day if number == 1 else days[number - 2] + timedelta(days=rhythm.max_gap_days)
    return Visit(Kind.SESSION, number, day, day, max(day, latest))
