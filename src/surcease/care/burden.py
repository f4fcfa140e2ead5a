"""What a series gave and what it took, side by side: better days against hours at the clinic and side-effect days.

A day without an entry is neither better nor free of side effects: each count carries the days it was counted on.

>>> from datetime import date
>>> burden((), [], after=date(2026, 3, 13), until=date(2026, 3, 27), baseline=None).better_days is None
True
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal

from surcease.care.record import DiaryEntry
from surcease.care.response import daily_means

BETTER = Decimal("0.7")  # of the baseline: at least 30 % less (IMMPACT 2008)
SIDE_EFFECTS = "side_effects"
Stay = tuple[datetime, datetime | None]  # arrived, left (None: not written down)


@dataclass(frozen=True, slots=True)
class Burden:
    """``better_days`` of ``diary_days`` (None: no baseline); ``clinic_hours`` of ``stays`` visits, ``untimed`` of which
    have no end and add nothing; ``side_effect_days`` of ``asked_days`` with any entry since the series began."""

    better_days: int | None
    diary_days: int
    clinic_hours: Decimal
    stays: int
    untimed: int
    side_effect_days: int
    asked_days: int


def burden(
    diary: Iterable[DiaryEntry], stays: Sequence[Stay], *, after: date, until: date, baseline: Decimal | None,
    began: date | None = None,
) -> Burden:  # fmt: skip
    """Count from the last session (``after``) to ``until``; side effects from the first one (``began``) on."""
    entries = [e for e in diary if e.local_date <= until]
    means = {d: v for d, v in daily_means(entries).items() if d > after + timedelta(days=1)}
    asked = {e.local_date for e in entries if e.local_date >= (began or after)}
    ill = {e.local_date for e in entries if e.local_date in asked and has_side_effects(e)}
    timed = [(left - arrived) for arrived, left in stays if left is not None and left > arrived]
    hours = Decimal(round(sum(t.total_seconds() for t in timed) / 360)) / 10
    better = None if not baseline else sum(v <= baseline * BETTER for v in means.values())
    return Burden(better, len(means), hours, len(stays), len(stays) - len(timed), len(ill), len(asked))


def has_side_effects(entry: DiaryEntry) -> bool:
    """Whether an entry names any."""
    return bool(entry.values.get(SIDE_EFFECTS))
