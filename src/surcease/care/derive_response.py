"""How a series was answered: methods that agree, the best so far, how long it held, how far it has gone since."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal

from surcease.care.derive_answers import by_instrument, value_of
from surcease.care.derive_body import day_of
from surcease.care.record import Answers, Given, Record
from surcease.care.response import SecondMethod, daily_means, respond
from surcease.knowledge.fact import Fact
from surcease.knowledge.instrument import Instrument

_WEEK = 7
_MODERATE = 30  # percent; IMMPACT 2008
_RISE = Decimal(2)  # points above the best that count as decline
#: measures of disability whose smallest change that matters is on file
DISABILITY = ("promis-physical-function-4a", "hit-6")


def response_facts(
    record: Record, series: Sequence[Given], now: datetime, instruments: Mapping[str, Instrument]
) -> dict[str, Fact]:
    """Facts of the response to the newest series; nothing where its windows are not established."""
    known: dict[str, Fact] = {}
    days = {d: v for d, v in daily_means(record.diary).items() if d <= now.date()}
    first, last = series[0].started.date(), series[-1].started.date()
    changes = _changes(record, first, last, now, instruments)
    known |= changes
    second = SecondMethod(
        pgic=_pgic(record, last, now, instruments),
        peg_change=_value(changes, "peg_change"),
        interference_change=_value(changes, "bpi_interference_change"),
    )
    found = respond(record.diary, [g.started for g in series], second=second, until=now.date())
    if found.change_percent is not None:
        fallen = found.change_percent >= _MODERATE
        known["pain_fall_percent"] = _fact(found.change_percent, "%", now)
        known["response_methods_agreeing"] = _fact(Decimal(fallen + len(second.agrees)), "1", now)
        if fallen:
            held = ((found.declined_on or now.date()) - last).days
            known["response_held_weeks"] = _fact(Decimal(held // _WEEK), "wk", now)
    if found.baseline.mean:
        since = [v for d, v in days.items() if d >= first]
        if since:
            best = (found.baseline.mean - min(since)) / found.baseline.mean * 100
            known["best_pain_fall_percent"] = _fact(best, "%", now)
    return known | _decline({d: v for d, v in days.items() if d > last + timedelta(days=1)}, now)


def _fact(value: Decimal, unit: str, now: datetime) -> Fact:
    return Fact(round(value, 2), unit, now, "diary")


def _value(known: Mapping[str, Fact], name: str) -> Decimal | None:
    fact = known.get(name)
    return fact.value if fact and isinstance(fact.value, Decimal) else None


def _decline(after: dict[date, Decimal], now: datetime) -> dict[str, Fact]:
    """How far the last week lies above the best week since the series, and for how many diary days in a row."""
    values = [after[d] for d in sorted(after)]
    weeks = [sum(values[n : n + _WEEK], Decimal(0)) / _WEEK for n in range(len(values) - _WEEK + 1)]
    if not weeks:
        return {}
    best = min(weeks)
    row = 0
    for value in reversed(values):
        if value < best + _RISE:
            break
        row += 1
    known = {"nrs_rise_from_best": Fact(round(weeks[-1] - best, 2), "{score}", now, "diary")}
    return known | {"decline_days": _fact(Decimal(row), "d", now)}


def _changes(
    record: Record, first: date, last: date, now: datetime, instruments: Mapping[str, Instrument]
) -> dict[str, Fact]:
    """Questionnaires after the series against the last one before it, and against the best since."""
    known: dict[str, Fact] = {}
    sittings = by_instrument(record, now)
    for instrument, name in (("peg", "peg_change"), ("bpi", "bpi_interference_change")):
        scored = _scored(sittings.get(instrument, []), instruments)
        before = next(((a, v) for a, v in scored if day_of(a.at) <= first), None)
        after = [(a, v) for a, v in scored if day_of(a.at) > last]
        if before and after:
            known[name] = Fact(after[0][1] - before[1], "{score}", after[0][0].at, "before and after the series")
        if instrument == "peg" and after:
            rise = after[0][1] - min(v for _, v in after)
            known["peg_rise_from_best"] = Fact(rise, "{score}", after[0][0].at, "PEG since the series")
    met = _disability(sittings, first, last, instruments)
    return known if met is None else known | {"disability_mcid_met": met}


def _disability(
    sittings: Mapping[str, Sequence[Answers]], first: date, last: date, instruments: Mapping[str, Instrument]
) -> Fact | None:
    """Whether any measure of disability improved by its smallest change that matters; None where none was asked
    before and after."""
    found: list[Fact] = []
    for name in DISABILITY:
        scale = next((s for s in instruments[name].scales if any(c.points for c in s.changes)), None)
        scored = _scored(sittings.get(name, []), instruments)
        before = next((v for a, v in scored if day_of(a.at) <= first), None)
        after = next(((a.at, v) for a, v in scored if day_of(a.at) > last), None)
        if scale is None or before is None or after is None:
            continue
        gained = after[1] - before if scale.better == "higher" else before - after[1]
        least = min(c.points for c in scale.changes if c.points)
        found.append(Fact(gained >= least, at=after[0], source=f"{instruments[name].short or name} since the series"))
    return next((fact for fact in found if fact.value), found[0] if found else None)


def _scored(sittings: Sequence[Answers], instruments: Mapping[str, Instrument]) -> list[tuple[Answers, Decimal]]:
    return [(a, v) for a in sittings if (v := value_of(a, instruments)) is not None]


def _pgic(record: Record, last: date, now: datetime, instruments: Mapping[str, Instrument]) -> int | None:
    scored = _scored(by_instrument(record, now).get("pgic", []), instruments)
    newest = next(((a, v) for a, v in scored if day_of(a.at) > last), None)
    return int(newest[1]) if newest else None
