"""A questionnaire over time: each sitting's score and band, and whether the change is one that matters.

>>> from surcease.knowledge.catalogue import catalogue
>>> from datetime import date
>>> eight = {"pain": Decimal(8), "enjoyment": Decimal(8), "activity": Decimal(8)}
>>> five = {"pain": Decimal(5), "enjoyment": Decimal(5), "activity": Decimal(5)}
>>> first, then = Answers("peg", "1", eight, date(2026, 3, 1)), Answers("peg", "1", five, date(2026, 3, 8))
>>> seen = trend(catalogue()["peg"], [first, then])
>>> seen.change, seen.matters, seen.better
(Decimal('-3.00'), True, True)
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from surcease.care.record import Answers
from surcease.knowledge.instrument import Change, Instrument, Scale
from surcease.knowledge.score import score
from surcease.units import plain


@dataclass(frozen=True, slots=True)
class Sitting:
    """One time it was answered. ``value`` None with the reason in ``status`` when there is no score."""

    day: date
    value: Decimal | None
    band: str
    status: str
    prorated: bool = False


@dataclass(frozen=True, slots=True)
class Trend:
    """The sittings of one instrument, oldest first. ``change`` is last − first; ``matters`` None when it cannot be
    said: fewer than two scores, or no smallest change is known."""

    instrument: Instrument
    scale: Scale | None
    sittings: tuple[Sitting, ...]
    change: Decimal | None
    matters: bool | None
    better: bool | None

    @property
    def last(self) -> Sitting | None:
        """The latest sitting with a score."""
        return next((s for s in reversed(self.sittings) if s.value is not None), None)

    @property
    def smallest(self) -> str:
        """The smallest change that matters, in words; "" when none is known."""
        return " or ".join(_in_words(change) for change in _changes(self.scale))


def trend(instrument: Instrument, answers: Iterable[Answers]) -> Trend:
    """Score every sitting of ``instrument`` among ``answers``; one that cannot be scored stays, with its reason."""
    sittings = sorted((_sitting(instrument, a) for a in answers if a.instrument == instrument.id and a.at), key=_day)
    scale = instrument.scales[0] if instrument.scales else None
    values = [s.value for s in sittings if s.value is not None]
    change = values[-1] - values[0] if len(values) > 1 else None
    return Trend(instrument, scale, tuple(sittings), change, _matters(scale, values, change), _better(scale, change))


def _day(sitting: Sitting) -> date:
    return sitting.day


def _sitting(instrument: Instrument, answers: Answers) -> Sitting:
    day = answers.at.date() if isinstance(answers.at, datetime) else answers.at
    assert day is not None
    if not answers.items:
        return Sitting(day, answers.score, "", "as reported elsewhere")
    try:
        found = score(instrument, answers.items)
    except ValueError as error:
        return Sitting(day, None, "", str(error))
    return Sitting(day, found.value, found.band.label if found.band else "", found.status, found.prorated)


def _changes(scale: Scale | None) -> tuple[Change, ...]:
    return scale.changes if scale else ()


def _in_words(change: Change) -> str:
    if change.points is None:
        return f"{change.percent} %"
    return "1 point" if change.points == 1 else f"{plain(change.points)} points"


def _matters(scale: Scale | None, values: list[Decimal], change: Decimal | None) -> bool | None:
    """Whether the change reaches one of the smallest changes that matter."""
    changes = _changes(scale)
    if change is None or not changes:
        return None
    points = [c.points for c in changes if c.points is not None]
    if points:  # a change in points is what was validated; a percentage stands in where there is none
        return any(abs(change) >= p for p in points)
    return any(values[0] and abs(change) * 100 >= c.percent * values[0] for c in changes if c.percent is not None)


def _better(scale: Scale | None, change: Decimal | None) -> bool | None:
    if scale is None or not change or scale.better == "neither":
        return None
    return (change < 0) == (scale.better == "lower")
