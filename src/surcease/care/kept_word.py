"""We said, it was: a forecast shown at a past decision against the diary since. The forecast never changes.

The band is of a day's score, so days are counted in or out of it; a week's mean stands beside the week's median said.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from statistics import fmean

from surcease.care.forecast import Forecast
from surcease.care.record import DiaryEntry
from surcease.care.response import daily_means


@dataclass(frozen=True, slots=True)
class Week:
    """One forecast week. ``was`` None without a day in it; ``inside`` of ``n`` days lay in their band."""

    number: int
    first: date
    q10: float
    q50: float
    q90: float
    was: Decimal | None
    n: int
    inside: int


@dataclass(frozen=True, slots=True)
class KeptWord:
    """All weeks that have begun, and the days inside the band of all days with an entry."""

    weeks: tuple[Week, ...]
    inside: int
    n: int

    @property
    def said(self) -> str:
        """In one sentence."""
        if not self.n:
            return "No day has been written down since."
        return f"{self.inside} of {self.n} days since lay in the band (8 in 10 are expected)."


def kept_word(shown: Forecast, diary: Iterable[DiaryEntry], *, until: date) -> KeptWord:
    """How a forecast has done up to ``until``."""
    means = {d: v for d, v in daily_means(diary).items() if d <= until}
    weeks = [_week(shown, means, n) for n in range(0, len(shown.days), 7) if shown.days[n] <= until]
    return KeptWord(tuple(weeks), sum(w.inside for w in weeks), sum(w.n for w in weeks))


def _week(shown: Forecast, means: dict[date, Decimal], start: int) -> Week:
    at = range(start, min(start + 7, len(shown.days)))
    seen = [(n, means[shown.days[n]]) for n in at if shown.days[n] in means]
    low, high = shown.bands["q10"], shown.bands["q90"]
    inside = sum(round(low[n], 6) <= v <= round(high[n], 6) for n, v in seen)
    was = sum((v for _, v in seen), Decimal(0)) / len(seen) if seen else None
    low_mean, middle, high_mean = (_mean(shown.bands[q], at) for q in ("q10", "q50", "q90"))
    return Week(start // 7 + 1, shown.days[start], low_mean, middle, high_mean, was, len(seen), inside)


def _mean(row: Sequence[float], at: range) -> float:
    return fmean(row[n] for n in at)
