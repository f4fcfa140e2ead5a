"""The review as sentences, each with the datum it stands on: response, function, work, mood, burden, opioids, exposure.

A sentence names its datum by key; the datum's rows are what the sentence was computed from, so that every number can
be followed to where it came from. The lines marked ``first`` are the 60-second summary.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal

from surcease.care.burden import Burden, Stay
from surcease.care.mme import Mme
from surcease.care.record import Given, Record
from surcease.care.response import Response
from surcease.care.surveillance import DueTest
from surcease.care.taper import Step, Taper
from surcease.care.together import Beside


@dataclass(frozen=True, slots=True)
class Line:
    """One sentence; ``datum`` is the key of what it stands on; ``first``: it belongs to the summary."""

    said: str
    datum: str
    first: bool = False


@dataclass(frozen=True, slots=True)
class Datum:
    """What sentences stand on: a small table. ``rows`` are text as shown, in the order of ``heads``."""

    key: str
    title: str
    heads: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class Section:
    """Lines that belong together, under a title, with the data they name."""

    title: str
    lines: tuple[Line, ...]
    data: tuple[Datum, ...] = ()


@dataclass(frozen=True, slots=True)
class Activity:
    """One chosen activity with its ratings 0–10, oldest first; a higher one is better."""

    name: str
    ratings: tuple[tuple[date, Decimal], ...]

    @property
    def change(self) -> Decimal | None:
        """Last less first; None while rated once."""
        return self.ratings[-1][1] - self.ratings[0][1] if len(self.ratings) > 1 else None


@dataclass(frozen=True, slots=True)
class Reported:
    """An unwanted event: its day, what, its grade 0–3 as charted (None: not graded), and from where. ``serious``: a
    session ended in a transfer or in death."""

    day: date
    what: str
    grade: Decimal | None
    source: str
    serious: bool = False


@dataclass(frozen=True, slots=True)
class Standpoint:
    """Everything a review looks at, already computed."""

    record: Record
    series: tuple[Given, ...]
    now: datetime
    response: Response | None = None
    burden: Burden | None = None
    stays: tuple[Stay, ...] = ()
    beside: tuple[Beside, ...] = ()
    opioids: Mme | None = None
    steps: tuple[Step, ...] = ()
    taper: Taper | None = None
    activities: tuple[Activity, ...] = ()
    events: tuple[Reported, ...] = ()
    due: tuple[DueTest, ...] = ()
    scores: dict[str, tuple[tuple[date, Decimal], ...]] = field(default_factory=dict)

    @property
    def days(self) -> tuple[date, date]:
        """First and last session day of the series."""
        return self.series[0].started.date(), self.series[-1].started.date()


def summary(sections: Sequence[Section]) -> tuple[Line, ...]:
    """The 60-second summary: the lines marked first, in order."""
    return tuple(line for section in sections for line in section.lines if line.first)


def data(sections: Sequence[Section]) -> tuple[Datum, ...]:
    """Every datum once, in order."""
    found: dict[str, Datum] = {}
    for section in sections:
        for datum in section.data:
            found.setdefault(datum.key, datum)
    return tuple(found.values())


def day(moment: date) -> str:
    """A day as pages write it."""
    return f"{moment.day} {moment:%b %Y}"


def span(first: date, last: date) -> str:
    """Two days as pages write them."""
    return day(first) if first == last else f"{first.day} {first:%b}–{day(last)}"


def window_days(first: date, last: date) -> dict[str, tuple[date, int]]:
    """The windows of a response: start and number of days."""
    return {
        "baseline": (first - timedelta(days=7), 7),
        "early": (last + timedelta(days=2), 6),
        "response": (last + timedelta(days=8), 7),
    }
