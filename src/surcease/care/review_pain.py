"""The review's sentences of pain: what was given, baseline, acute, days 2–7, the response of days 8–14, what beside."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from decimal import Decimal

from surcease.care.response import Response, Window, daily_means
from surcease.care.review import Datum, Line, Section, Standpoint, day, span, window_days
from surcease.units import plain

TITLES = {"baseline": "Baseline (7 days before)", "early": "Days 2–7", "response": "Response (days 8–14)"}


def given(point: Standpoint) -> Section:
    """Exposure: this series, the last twelve months, what was given elsewhere too."""
    year = [g for g in point.record.given if g.started > point.now - timedelta(days=365)]
    total = sum((g.amount_mg for g in point.series if g.amount_mg is not None), Decimal(0))
    unknown = sum(g.amount_mg is None for g in point.series)
    first, last = point.days
    said = (
        f"{_count(len(point.series), 'session')}, {plain(total.quantize(Decimal('0.1')))} mg "
        f"{point.series[-1].substance.replace('_', '-')} {point.series[-1].route.upper()}, {span(first, last)}."
    )
    if unknown:
        said += f" The amount of {_count(unknown, 'session')} is not known."
    rows = tuple(
        (day(g.started.date()), "not known" if g.amount_mg is None else plain(g.amount_mg.quantize(Decimal("0.1"))),
         g.substance.replace("_", "-"), g.route, _hours(g.started, g.ended), "yes" if g.completed else "no")
        for g in reversed(year)
    )  # fmt: skip
    heads = ("day", "mg", "substance", "route", "hours", "completed")
    lines = [Line(said, "sessions", first=True), Line(f"{_count(len(year), 'session')} in twelve months.", "sessions")]
    home = [e for e in point.record.diary if e.values.get("home_dose_taken") or e.values.get("home_dose")]
    if home:
        lines.append(Line(f"Home doses written down on {len({e.local_date for e in home})} days.", "home"))
    kept = (Datum("home", "Home doses in the diary", ("day",), tuple((day(e.local_date),) for e in home)),)
    return Section(
        "Exposure", tuple(lines), (Datum("sessions", "Sessions of twelve months", heads, rows), *kept[: bool(home)])
    )


def pain(point: Standpoint) -> Section:
    """The response with its windows apart, each with its n, and its missing days."""
    found = point.response
    if found is None:
        return Section("Response", ())
    lines = [Line(found.status, "verdict", first=True)]
    lines += [_window(name, getattr(found, name)) for name in ("baseline", "response", "early")]
    lines.append(_acute(found))
    missing = found.baseline.missing + found.response.missing
    lines.append(Line(f"{_count(missing, 'day')} of {found.baseline.of + found.response.of} in the two windows have "
                      "no entry.", "response"))  # fmt: skip
    lines += _agreement(found)
    if found.declined_on:
        lines.append(Line(f"Losing the response: the seventh day of the rise was {day(found.declined_on)}.", "after",
                          first=True))  # fmt: skip
    return Section("Response", tuple(lines), tuple(_windows(point)))


def beside(point: Standpoint) -> Section:
    """What else happened in the same weeks: reported together, never split."""
    if not point.beside:
        return Section("Together with", (Line("Nothing else is written down for these weeks.", "beside"),),
                       (Datum("beside", "Therapy, exercise, medicines", ("what", "day"), ()),))  # fmt: skip
    words = "; ".join(b.said for b in point.beside)
    rows = tuple((b.what, day(d)) for b in point.beside for d in b.days)
    said = f"In the same weeks: {words}. The change belongs to all of it together."
    kept = Datum("beside", "Therapy, exercise, medicines", ("what", "day"), rows)
    return Section("Together with", (Line(said, "beside", first=True),), (kept,))


def _window(name: str, window: Window) -> Line:
    mean = "not established" if window.mean is None else f"mean {window.mean:.1f}"
    return Line(f"{TITLES[name]}: {mean}, n {window.n} of {window.of} days.", name, first=name != "early")


def _acute(found: Response) -> Line:
    window = found.acute
    if window.mean is None:
        return Line("Within 24 h of a session: no entry.", "acute")
    return Line(f"Within 24 h of a session: mean {window.mean:.1f}, n {window.n} entries.", "acute")


def _agreement(found: Response) -> Iterator[Line]:
    if found.responder is None and found.change_percent is not None and found.change_percent >= 30:
        yield Line("Not stored as a responder yet: a second method is missing.", "verdict", first=True)
    elif found.responder:
        yield Line(f"Responder by two methods ({found.size} fall; {', '.join(found.second.agrees)}).", "verdict",
                   first=True)  # fmt: skip


def _windows(point: Standpoint) -> Iterator[Datum]:
    assert point.response is not None
    first, last = point.days
    means = daily_means(point.record.diary)
    out = {d for g in point.series for d in (g.started.date(), g.started.date() + timedelta(days=1))}
    for name, (start, length) in window_days(first, last).items():
        days = [start + timedelta(days=n) for n in range(length)]
        rows = tuple((day(d), _pain(means.get(d))) for d in days if name == "baseline" or d not in out)
        yield Datum(name, TITLES[name], ("day", "pain"), rows)
    found = point.response
    facts = (
        ("fall from baseline", "not known" if found.change_percent is None else f"{found.change_percent:.1f} %"),
        ("size (IMMPACT)", str(found.size)), *(("second method", m) for m in found.second.agrees),
        ("PGIC", _known(found.second.pgic)), ("change of PEG", _known(found.second.peg_change)),
    )  # fmt: skip
    yield Datum("verdict", "How the response was judged", ("what", "value"), facts)
    yield _acute_datum(point)
    since = tuple((day(d), _pain(v)) for d, v in means.items() if d > last and d not in out)
    yield Datum("after", "Every day since the series", ("day", "pain"), since)


def _acute_datum(point: Standpoint) -> Datum:
    rows = tuple(
        (f"{day(e.local_date)} {e.at:%H:%M}", _pain(e.pain))
        for e in point.record.diary
        if e.kind in ("now", "pulse") and e.pain is not None
        and any(timedelta(0) <= e.at - g.started <= timedelta(hours=24) for g in point.series)
    )  # fmt: skip
    return Datum("acute", "Entries within 24 h of a session", ("when", "pain"), rows)


def _pain(value: Decimal | None) -> str:
    return "no entry" if value is None else plain(round(value, 2))


def _known(value: object) -> str:
    return "not measured" if value is None else str(value)


def _hours(started: datetime, ended: datetime | None) -> str:
    return "" if ended is None else f"{(ended - started).total_seconds() / 3600:.1f}"


def _count(n: int, what: str) -> str:
    return f"{n} {what}" if n == 1 else f"{n} {what}s"
