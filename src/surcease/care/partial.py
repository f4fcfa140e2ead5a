"""A date of which only the year, or the year and month, is known. It stays partial: nothing is filled in."""

from __future__ import annotations

from calendar import monthrange
from datetime import date, datetime


class PartialDate(date):
    """A year or a month. As a :class:`date` it stands on its first day, so that it sorts with whole dates.

    >>> PartialDate.of("2010-02"), str(PartialDate.of("2010")), PartialDate.of("2010-02").latest
    (PartialDate('2010-02'), '2010', datetime.date(2010, 2, 28))
    """

    precision: str  # "year" | "month"

    @classmethod
    def of(cls, text: str) -> PartialDate:
        """Read ``2010`` or ``2010-05``; ValueError for anything else."""
        year, _, month = text.partition("-")
        shape = [(year, 4), *([(month, 2)] if month else [])]
        if not all(part.isascii() and part.isdecimal() and len(part) == size for part, size in shape):
            raise ValueError(f"{text!r} is not a year or a month: write 2010 or 2010-05.")
        made = cls(int(year), int(month or 1), 1)
        made.precision = "month" if month else "year"
        return made

    @property
    def latest(self) -> date:
        """The last day it could be."""
        month = 12 if self.precision == "year" else self.month
        return date(self.year, month, monthrange(self.year, month)[1])

    def isoformat(self) -> str:
        """``2010`` or ``2010-05``: what is known, no more."""
        return f"{self.year:04d}" if self.precision == "year" else f"{self.year:04d}-{self.month:02d}"

    __str__ = isoformat

    def __repr__(self) -> str:
        return f"PartialDate({self.isoformat()!r})"

    def __eq__(self, other: object) -> bool:
        if isinstance(other, PartialDate):
            return self.isoformat() == other.isoformat()
        return False if isinstance(other, date) else NotImplemented

    def __ne__(self, other: object) -> bool:
        equal = self.__eq__(other)
        return equal if equal is NotImplemented else not equal

    def __hash__(self) -> int:
        return hash(self.isoformat())

    def __reduce__(self) -> tuple[object, ...]:
        return (PartialDate.of, (self.isoformat(),))


def bounds(day: date | datetime) -> tuple[date, date]:
    """The first and the last calendar day a date may mean.

    >>> bounds(date(2020, 2, 3))
    (datetime.date(2020, 2, 3), datetime.date(2020, 2, 3))
    """
    if isinstance(day, PartialDate):
        return date(day.year, day.month, day.day), day.latest
    whole = day.date() if isinstance(day, datetime) else day
    return whole, whole
