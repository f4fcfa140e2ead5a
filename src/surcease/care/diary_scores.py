"""What a personal forecast stands on: the diary's daily scores and what was given, on one clock.

One number a day: the mean of that day's *average pain* entries, each a whole number, so a day of several is known
finer. Days within 24 hours of a dose are left out (they hold the acute effect) and counted.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

import numpy as np

from surcease.care.record import DiaryEntry, Given
from surcease.pkpd.dose import starts
from surcease.pkpd.regimen import Regimen, from_doses
from surcease.pkpd.regimen_text import write
from surcease.pkpd.scores import Scores, scores

EVENING = time(21, 0)
ACUTE_H = 24.0
SCORED = ("average", "bad_day")
SUBSTANCES = {"racemic": "racemic", "s_ketamine": "esketamine"}
ASSUMED = timedelta(minutes=40)  # of a session whose end is not known


@dataclass(frozen=True, slots=True)
class Treated:
    """What was given (absolute amounts; None: nothing), from ``zero`` on the person's own clock, and to whom."""

    regimen: Regimen | None
    zero: datetime
    weight_kg: float
    said: tuple[str, ...] = ()

    def hours(self, moment: datetime) -> float:
        """Hours from zero to a moment of the person's clock."""
        return (moment - self.zero).total_seconds() / 3600


@dataclass(frozen=True, slots=True)
class Window:
    """Which days are learned from: so many before the first dose, and so many before the last entry."""

    before_first_dose: int
    recent: int

    def holds(self, day: date, treated: Treated, last: date) -> bool:
        """Whether a day counts."""
        first = treated.zero.date()
        near = first - timedelta(days=self.before_first_dose) <= day <= first
        return near or day > last - timedelta(days=self.recent)


@dataclass(frozen=True, slots=True)
class Seen:
    """Daily scores with their counts: days used, before and after the first dose, missing, left out as acute."""

    scores: Scores
    used: int
    before: int
    after: int
    missing: int
    acute: int
    first: date | None
    last: date | None


def from_given(given: Iterable[Given], *, weight_kg: float, otherwise: date) -> Treated:
    """The sessions as a regimen; one whose amount or substance cannot be used is named in ``said``."""
    doses: list[Mapping[str, object]] = []
    said: list[str] = []
    for session in sorted(given, key=lambda g: g.started):
        start = session.started.replace(tzinfo=None)
        substance = SUBSTANCES.get(session.substance)
        if session.amount_mg is None or substance is None or session.amount_mg <= 0:
            said.append(f"The session of {start:%Y-%m-%d} is left out: its amount or substance cannot be used.")
            continue
        if session.ended is None:
            said.append(
                f"The end of the session of {start:%Y-%m-%d} is not known: {ASSUMED.seconds // 60} min assumed."
            )
        doses.append({"start": start, "text": _text(session, substance)})
    if not doses:
        return Treated(None, datetime.combine(otherwise, EVENING), weight_kg, tuple(said))
    zero = min(datetime.fromisoformat(str(d["start"])) for d in doses)
    return Treated(from_doses(doses).for_weight(weight_kg), zero, weight_kg, tuple(said))


def given_and_planned(raw: Any, *, name: str, as_of: date) -> tuple[Treated, tuple[tuple[datetime, str], ...]]:
    """A regimen file cut at the end of ``as_of``: what was given, and the doses that start later, (start, text).

    A repeated dose is taken apart, so that a series may lie on both sides of the day.
    """
    whole = from_file(raw, name=name)
    assert whole.regimen is not None
    end = datetime.combine(as_of + timedelta(days=1), time(0))
    dated = [(whole.zero + timedelta(seconds=float(at)), dose) for dose, at in starts(whole.regimen.item, Decimal(0))]
    later = tuple((at, write(dose)) for at, dose in dated if at >= end)
    earlier: list[Mapping[str, object]] = [{"start": at, "text": write(d)} for at, d in dated if at < end]
    given = from_doses(earlier) if earlier else None
    zero = min((at for at, _ in dated if at < end), default=datetime.combine(as_of, EVENING))
    return replace(whole, regimen=given, zero=zero), later


def from_file(raw: Any, *, name: str) -> Treated:
    """A regimen file's content, ``{weight_kg, doses: [{start, text}]}``; ValueError says what is missing or wrong."""
    example = 'write weight_kg: 70 and doses: [{start: "2026-03-02T09:00", text: "0.5 mg/kg over 40 min iv"}]'
    if not isinstance(raw, Mapping) or not isinstance(raw.get("doses"), list):
        raise ValueError(f"{name} has no list of doses: {example}.")
    weight, doses = raw.get("weight_kg"), raw["doses"]
    if not isinstance(weight, Decimal | int | float) or isinstance(weight, bool):
        raise ValueError(f"{name} has no weight_kg as a number: {example}.")
    if not all(isinstance(d, Mapping) and {"start", "text"} <= set(d) for d in doses):
        raise ValueError(f"{name} has a dose without start and text: {example}.")
    regimen = from_doses(list(doses)).for_weight(weight)
    zero = min(datetime.fromisoformat(str(d["start"])).replace(tzinfo=None) for d in doses)
    return Treated(regimen, zero, float(weight), regimen.assumptions())


def daily(
    diary: Sequence[DiaryEntry], treated: Treated, *, until: date | None = None, window: Window | None = None
) -> Seen:
    """The scores that a fit may use; ``until`` cuts the diary, so that a past forecast stays what it was.

    ``window`` leaves out what is neither near the first dose nor recent: years say no more than months.
    """
    days: dict[date, list[Decimal]] = {}
    for entry in diary:
        right = entry.kind in SCORED and entry.pain is not None and not entry.site
        if right and entry.pain is not None and (until is None or entry.local_date <= until):
            days.setdefault(entry.local_date, []).append(entry.pain)
    kept = sorted(days) if window is None else [d for d in sorted(days) if window.holds(d, treated, max(days))]
    at = {day: treated.hours(datetime.combine(day, EVENING)) for day in kept}
    acute = _acute(np.array(list(at.values())), treated.regimen)
    calm = [day for day, felt in zip(at, acute, strict=True) if not felt]
    values = [float(sum(days[d], Decimal(0)) / len(days[d])) for d in calm]
    found = scores([at[d] for d in calm], values, step=[_step(days[d]) for d in calm])
    first, last = (min(at), max(at)) if at else (None, None)
    span = _span(at, window, treated)
    before = sum(at[d] < 0 for d in calm)
    return Seen(found, len(calm), before, len(calm) - before, span - len(at), len(at) - len(calm), first, last)


def _text(session: Given, substance: str) -> str:
    ended = session.ended or session.started + ASSUMED
    minutes = max(1, round((ended - session.started).total_seconds() / 60))
    how = f"over {minutes} min " if session.route == "iv" else ""
    return f"{session.amount_mg} mg {how}{session.route} {substance}"


def _acute(at_h: np.ndarray, regimen: Regimen | None) -> np.ndarray:
    """Which moments lie within a dose or the day after it."""
    pieces = regimen.inputs() if regimen else ()
    start = np.array([p.start_h for p in pieces])
    end = start + np.array([p.duration_h for p in pieces]) + ACUTE_H
    return np.asarray(((at_h[:, None] >= start) & (at_h[:, None] <= end)).any(axis=1))


def _span(at: Mapping[date, float], window: Window | None, treated: Treated) -> int:
    """How many days lie between the first and the last entry, without those the window leaves out."""
    if not at:
        return 0
    first, last = min(at), max(at)
    every = (first + timedelta(days=n) for n in range((last - first).days + 1))
    return sum(1 for d in every if window is None or window.holds(d, treated, last))


def _step(given: Sequence[Decimal]) -> float:
    """How finely a day is known: whole numbers, or tenths where someone wrote a decimal, over how many."""
    whole = all(v == v.to_integral_value() for v in given)
    return float(np.divide(1.0 if whole else 0.1, len(given)))
