"""Response to a series: baseline, acute relief, days 2–7, and the response of days 8–14, each with its n.

The worded number is *average pain, last 24 hours*. Baseline is the mean of the seven days before the series,
from at least four of them; the response window is days 8–14 after the last session, again from at least four
days. The session day and the next never count. A person is a responder only when a second method agrees
(IMMPACT 2008: ≥ 30 % is moderate, ≥ 50 % substantial improvement; doi:10.1016/j.jpain.2007.09.005).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from enum import StrEnum

from surcease.care.record import DiaryEntry

LEAST_DAYS = 4  # of the seven days of a window


class Size(StrEnum):
    """How large a fall in pain is, in IMMPACT's words."""

    SUBSTANTIAL = "substantial"
    MODERATE = "moderate"
    LESS = "less than moderate"
    UNKNOWN = "not established"


@dataclass(frozen=True, slots=True)
class Window:
    """Mean of a stretch of days: ``n`` days with an entry of ``of`` days; mean None when n is too small."""

    mean: Decimal | None
    n: int
    of: int

    @property
    def missing(self) -> int:
        """Days without an entry."""
        return self.of - self.n


@dataclass(frozen=True, slots=True)
class SecondMethod:
    """What agrees with the diary, or does not, each None when not measured. Changes are last − baseline."""

    pgic: int | None = None
    peg_change: Decimal | None = None
    interference_change: Decimal | None = None
    disability_improved: bool | None = None

    @property
    def agrees(self) -> tuple[str, ...]:
        """The methods that show benefit."""
        said = []
        if self.pgic is not None and self.pgic <= 2:
            said.append("PGIC much or very much improved")
        if self.peg_change is not None and self.peg_change <= -1:
            said.append("PEG fell by at least 1")
        if self.interference_change is not None and self.interference_change <= -1:
            said.append("pain interference fell by at least 1")
        if self.disability_improved:
            said.append("disability improved by its smallest important change")
        return tuple(said)


@dataclass(frozen=True, slots=True)
class Response:
    """The response to one series. ``change_percent`` is the fall from baseline, positive when better."""

    baseline: Window
    acute: Window
    early: Window  # days 2–7
    response: Window  # days 8–14
    change_percent: Decimal | None
    size: Size
    second: SecondMethod
    responder: bool | None
    status: str
    days_30_better: int | None
    declined_on: date | None


def daily_means(diary: Iterable[DiaryEntry]) -> dict[date, Decimal]:
    """Mean of the *average* entries of each local day; days without a score are absent."""
    days: dict[date, list[Decimal]] = {}
    for entry in diary:
        if entry.kind in ("average", "bad_day") and entry.pain is not None and not entry.site:
            days.setdefault(entry.local_date, []).append(entry.pain)
    return {day: sum(v, Decimal(0)) / len(v) for day, v in sorted(days.items())}


def respond(
    diary: Sequence[DiaryEntry],
    sessions: Sequence[datetime | date],
    *,
    second: SecondMethod | None = None,
    until: date | None = None,
) -> Response:
    """The response to a series of sessions. ``until`` cuts the diary (a past review stays what it was).

    Raises ValueError when there is no session.
    """
    if not sessions:
        raise ValueError("There is no session to measure a response to: give at least one session day.")
    second = second or SecondMethod()
    days = {d: v for d, v in daily_means(diary).items() if until is None or d <= until}
    treated = sorted({s.date() if isinstance(s, datetime) else s for s in sessions})
    first, last = treated[0], treated[-1]
    out = {d for s in treated for d in (s, s + timedelta(days=1))}
    baseline = _window(days, first - timedelta(days=7), 7)
    early = _window(days, last + timedelta(days=2), 6, out, least=1)
    response = _window(days, last + timedelta(days=8), 7, out)
    change = _fall(baseline.mean, response.mean)
    after = {d: v for d, v in days.items() if d > last and d not in out}
    return Response(
        baseline=baseline,
        acute=_acute(diary, sessions),
        early=early,
        response=response,
        change_percent=change,
        size=size_of(change),
        second=second,
        responder=_responder(change, second),
        status=_status(baseline, response, change, second),
        days_30_better=_days_better(baseline.mean, after),
        declined_on=declined_on(after),
    )


def size_of(change_percent: Decimal | None) -> Size:
    """IMMPACT's word for a fall of so many percent."""
    if change_percent is None:
        return Size.UNKNOWN
    if change_percent >= 50:
        return Size.SUBSTANTIAL
    return Size.MODERATE if change_percent >= 30 else Size.LESS


def declined_on(after: dict[date, Decimal], *, rise: Decimal = Decimal(2), days: int = 7) -> date | None:
    """First day on which the last seven diary days average two points above the best seven since the series."""
    ordered = sorted(after.items())
    best: Decimal | None = None
    for end in range(days, len(ordered) + 1):
        mean = sum((v for _, v in ordered[end - days : end]), Decimal(0)) / days
        best = mean if best is None else min(best, mean)
        if mean >= best + rise:
            return ordered[end - 1][0]
    return None


def _window(
    days: dict[date, Decimal], start: date, length: int, out: set[date] | None = None, *, least: int = LEAST_DAYS
) -> Window:
    span = [start + timedelta(days=n) for n in range(length)]
    span = [d for d in span if d not in (out or set())]
    values = [days[d] for d in span if d in days]
    mean = sum(values, Decimal(0)) / len(values) if len(values) >= least else None
    return Window(mean, len(values), len(span))


def _acute(diary: Sequence[DiaryEntry], sessions: Sequence[datetime | date]) -> Window:
    """Mean of the *now* and pulse entries within 24 h after a session's moment."""
    moments = [s for s in sessions if isinstance(s, datetime)]
    values = [
        e.pain
        for e in diary
        if e.kind in ("now", "pulse")
        and e.pain is not None
        and any(timedelta(0) <= e.at - s <= timedelta(hours=24) for s in moments)
    ]
    mean = sum(values, Decimal(0)) / len(values) if values else None
    return Window(mean, len(values), len(values))


def _fall(baseline: Decimal | None, later: Decimal | None) -> Decimal | None:
    """Percent fall; None when a window is not established or the baseline is 0."""
    if baseline is None or later is None or baseline == 0:
        return None
    return (baseline - later) / baseline * 100


def _responder(change: Decimal | None, second: SecondMethod) -> bool | None:
    if change is None:
        return None
    if change < 30:
        return False
    measured = (second.pgic, second.peg_change, second.interference_change, second.disability_improved)
    if all(m is None for m in measured):
        return None
    return bool(second.agrees)


def _status(baseline: Window, response: Window, change: Decimal | None, second: SecondMethod) -> str:
    if baseline.mean is None:
        return (
            f"Baseline not established: {baseline.n} of 7 days before the series have an entry, "
            f"{LEAST_DAYS} are needed."
        )
    if response.mean is None:
        return (
            f"Response not established: {response.n} of {response.of} days in the window 8–14 days after the last "
            f"session have an entry, {LEAST_DAYS} are needed."
        )
    assert change is not None or baseline.mean == 0
    if change is None:
        return "Baseline pain was 0: a percentage of it has no meaning."
    if change < 30:
        return f"Pain fell by {change:.1f} %, less than the 30 % that counts as moderate."
    if second.agrees:
        return f"Pain fell by {change:.1f} %; {second.agrees[0]}: two methods agree."
    return f"Pain fell by {change:.1f} %, but no second method agrees yet."


def _days_better(baseline: Decimal | None, after: dict[date, Decimal]) -> int | None:
    if baseline is None:
        return None
    return sum(1 for value in after.values() if value <= baseline * Decimal("0.7"))
