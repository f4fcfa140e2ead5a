"""When a person is reminded: on their own clock, discreetly, and not for ever.

Evening times are the person's; pulses follow a dose by elapsed hours, because a two-week questionnaire cannot see
hours. A reminder that is not answered within its window expires; after a week without any answer reminding stops,
and a person of the clinic is asked instead.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

PULSE_H = (2, 6, 24, 72)
WINDOW = timedelta(hours=8)
GIVES_UP_AFTER = timedelta(days=7)
TEXT = "Your minute"


@dataclass(frozen=True, slots=True)
class Due:
    """One reminder: its name (the same moment has the same name), why, and when."""

    key: str
    why: str  # evening | pulse
    at: datetime


def due_reminders(
    *, times: Iterable[str], zone: str, doses: Iterable[datetime], now: datetime, quiet_until: date | None = None
) -> tuple[Due, ...]:
    """What fell due in the last eight hours, oldest first.

    ``times`` are "HH:MM" on the person's clock. In spring a time that does not exist comes an hour later, in autumn
    the first of two counts: a reminder comes once. ``quiet_until`` silences everything before that local day.
    """
    place = ZoneInfo(zone or "UTC")
    found = [d for d in (*_evenings(times, place, now), *_pulses(doses)) if now - WINDOW < d.at <= now]
    if quiet_until is not None:
        found = [d for d in found if d.at.astimezone(place).date() >= quiet_until]
    return tuple(sorted(found, key=lambda d: (d.at, d.key)))


def open_pulse(dose: datetime, now: datetime) -> int | None:
    """The pulse (hours after ``dose``) that may be answered now: the latest that came, until its window ends.

    >>> from datetime import UTC
    >>> dose = datetime(2026, 3, 2, 12, tzinfo=UTC)
    >>> [open_pulse(dose, dose + timedelta(hours=h)) for h in (1, 2, 5, 7, 20, 30, 40)]
    [None, 2, 2, 6, None, 24, None]
    """
    came = [h for h in PULSE_H if dose + timedelta(hours=h) <= now < dose + timedelta(hours=h) + WINDOW]
    return max(came, default=None)


def gives_up(*, asked_since: datetime | None, last_answer: datetime | None, now: datetime) -> bool:
    """Whether reminding stops: a week of reminders and no answer in it."""
    if asked_since is None or now - asked_since < GIVES_UP_AFTER:
        return False
    return last_answer is None or now - last_answer >= GIVES_UP_AFTER


def _evenings(times: Iterable[str], place: ZoneInfo, now: datetime) -> Iterator[Due]:
    today = now.astimezone(place).date()
    for text in times:
        hour, _, minute = text.partition(":")
        for day in (today - timedelta(days=1), today):
            local = datetime.combine(day, time(int(hour), int(minute)), place)
            yield Due(f"evening:{day.isoformat()}:{text}", "evening", local.astimezone(ZoneInfo("UTC")))


def _pulses(doses: Iterable[datetime]) -> Iterator[Due]:
    for dose in doses:
        for hours in PULSE_H:
            yield Due(f"pulse:{dose.isoformat()}:{hours}", "pulse", dose + timedelta(hours=hours))
