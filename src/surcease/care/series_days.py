"""What the days of a series ask of a person: how long, from when somebody must fetch them, on which days not to drive.

>>> from datetime import date, timedelta
>>> days = [TreatmentDay(n, date(2026, 3, 1 + n), timedelta(hours=4), timedelta(hours=1)) for n in (1, 2)]
>>> no_driving(days)
((datetime.date(2026, 3, 2), datetime.date(2026, 3, 4)),)
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal

from surcease.pkpd.regimen import parse

#: rule DIS-07a: not before the next day after a night's sleep, and not within so many hours of going home
NO_DRIVING = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class TreatmentDay:
    """One planned session: its day, how long the drug runs, how long the person is watched after it."""

    number: int
    day: date
    runs: timedelta
    watched: timedelta

    @property
    def stays(self) -> timedelta:
        """The least time at the clinic."""
        return self.runs + self.watched

    def leaves(self, arrives: datetime) -> datetime:
        """When they may go at the earliest, in the zone of ``arrives``; elapsed time, through a change of the clock."""
        return datetime.fromtimestamp(arrives.timestamp() + self.stays.total_seconds(), arrives.tzinfo)

    @property
    def last_day(self) -> date:
        """The day they go home: the same day, or for a stay of more than half a day the latest it can be."""
        return self.day if self.stays <= timedelta(hours=12) else self.day + timedelta(days=-(-self.stays // _DAY))

    def drives_again(self, arrives: datetime | None) -> datetime | date:
        """The first moment they may drive, or its day while the hour of arrival is not known."""
        if arrives is None:
            return self.last_day + NO_DRIVING
        home = self.leaves(arrives)
        return datetime.fromtimestamp(home.timestamp() + NO_DRIVING.total_seconds(), home.tzinfo)


_DAY = timedelta(days=1)


def runs_for(text: str, weight_kg: Decimal) -> timedelta:
    """How long the drug of one session's order runs; ValueError when the text cannot be read.

    >>> str(runs_for("0.35 mg/kg/h for 4 h iv", Decimal(62)))
    '4:00:00'
    """
    return timedelta(hours=parse(text).for_weight(weight_kg).end_h)


def no_driving(days: Iterable[TreatmentDay]) -> tuple[tuple[date, date], ...]:
    """First and last day of each stretch without driving; stretches that touch are one.

    The last day counts whole, although driving may be allowed late on it: 24 hours after going home.
    """
    runs: list[tuple[date, date]] = []
    for one in sorted(days, key=lambda d: d.day):
        until = one.last_day + NO_DRIVING
        if runs and one.day <= runs[-1][1] + _DAY:
            runs[-1] = (runs[-1][0], max(until, runs[-1][1]))
        else:
            runs.append((one.day, until))
    return tuple(runs)
