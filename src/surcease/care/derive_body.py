"""Body, vital signs and laboratory tests: from measurements to facts, in the units of the dictionary."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Context, Decimal

from surcease.care.record import Measurement, Record
from surcease.care.weight import Body, Weighing, body_mass_index, change_percent
from surcease.knowledge.fact import Fact
from surcease.units import Quantity, UnitError

_FIFTEEN = Context(prec=15)
#: two days of clinic readings further apart than this are not one mean
_APART = timedelta(days=90)
_TESTS = {"alt_uln": "alt", "ast_uln": "ast", "alp_uln": "alp", "ggt_uln": "ggt", "bilirubin_uln": "bilirubin"}


def body_facts(record: Record, now: datetime) -> dict[str, Fact]:
    """Weight, height, body mass index, change of weight, clinic pressures, liver tests against their upper limits."""
    known: dict[str, Fact] = {}
    weights = series(record, "weight", "kg", now)
    heights = series(record, "height", "cm", now)
    if weights:
        known["weight_kg"] = _fact(weights[0])
    if heights:
        known["height_cm"] = _fact(heights[0])
    known |= _shape(body(record, now), weights)
    for name, what in (("systolic_clinic_mean", "systolic"), ("diastolic_clinic_mean", "diastolic")):
        if mean := clinic_mean(series(record, what, "mm[Hg]", now)):
            known[name] = mean
    for name, what in _TESTS.items():
        if fact := _against_limit(record, what, now):
            known[name] = fact
    return known


def body(record: Record, now: datetime) -> Body | None:
    """What a dose needs to know of this body; None without a weight in a unit we can read."""
    weights = series(record, "weight", "kg", now)
    if not weights:
        return None
    heights = series(record, "height", "cm", now)
    newest, earlier = weights[0], [w for w in weights[1:] if day_of(w.at) != day_of(weights[0].at)]
    return Body(
        newest.value or Decimal(0),
        record.person.sex,
        heights[0].value if heights else None,
        newest.at,
        earlier=tuple(Weighing(w.value or Decimal(0), w.at) for w in earlier),
    )


def series(record: Record, name: str, unit: str, now: datetime) -> list[Measurement]:
    """Dated values of one name that can be said in ``unit``, newest first; what is dated in the future is left out."""
    found = [in_unit(m, unit) for m in record.measurements if m.name == name and m.value is not None]
    dated = [m for m in found if m is not None and not in_future(m.at, now)]
    return sorted(dated, key=lambda m: moment(m.at), reverse=True)


def in_unit(measured: Measurement, unit: str) -> Measurement | None:
    """The same measurement in another unit; None when its unit is unknown or measures something else."""
    if measured.value is None or not measured.unit:
        return None
    try:
        said = Quantity.of(measured.value, measured.unit).to(unit)
    except UnitError:
        return None
    return replace(measured, value=measured.value if said.value == measured.value else said.value, unit=unit)


def clinic_mean(readings: list[Measurement]) -> Fact | None:
    """Mean over the last two days with clinic readings, or over two or more readings of one day; None with only one.

    A reading the person took at home is not a clinic reading.
    """
    days: dict[date, list[Decimal]] = {}
    for m in readings:
        if m.value is not None and not (m.origin and m.origin.by == "patient"):
            days.setdefault(day_of(m.at), []).append(m.value)
    newest = sorted(days, reverse=True)[:2]
    if len(newest) == 2 and newest[0] - newest[1] <= _APART:
        used = [_mean(days[d]) for d in newest]
    elif newest and len(days[newest[0]]) > 1:
        used = days[newest[0]]
    else:
        return None
    return Fact(_mean(used), "mm[Hg]", newest[0], "clinic readings")


def _mean(values: list[Decimal]) -> Decimal:
    return _FIFTEEN.divide(sum(values, Decimal(0)), Decimal(len(values)))


def _shape(found: Body | None, weights: list[Measurement]) -> dict[str, Fact]:
    if found is None or not found.weight_kg:
        return {}
    known = {}
    if found.height_cm:
        bmi = body_mass_index(found.weight_kg, found.height_cm)
        known["bmi_kg_per_m2"] = Fact(bmi, "kg/m/m", weights[0].at, "weight and height")
    if found.earlier and found.earlier[0].kg and (change := change_percent(found)) is not None:
        known["weight_change_percent"] = Fact(abs(change), "%", weights[0].at, "the last two weights")
    return known


def _against_limit(record: Record, name: str, now: datetime) -> Fact | None:
    """The newest value as a multiple of the upper limit that came with it: without a limit there is no multiple."""
    tested = [m for m in record.measurements if m.name == name and m.value is not None and not in_future(m.at, now)]
    if not tested:
        return None
    newest = max(tested, key=lambda m: moment(m.at))
    if newest.value is None or not newest.upper_normal:
        return None
    return Fact(_FIFTEEN.divide(newest.value, newest.upper_normal), "1", newest.at, source(newest))


def _fact(m: Measurement) -> Fact:
    return Fact(m.value or Decimal(0), m.unit, m.at, source(m))


def source(m: Measurement) -> str:
    """Where a value came from, for the eye."""
    return (m.origin.ref or m.origin.kind) if m.origin else ""


def day_of(at: date | datetime | None) -> date:
    """The calendar day, the first of all days when unknown."""
    return date.min if at is None else at.date() if isinstance(at, datetime) else at


def moment(at: date | datetime | None) -> tuple[date, float]:
    """A key that sorts dates and instants together; what has no date comes first of all."""
    return day_of(at), at.timestamp() if isinstance(at, datetime) else 0.0


def in_future(at: date | datetime | None, now: datetime) -> bool:
    """Whether it is dated more than a day ahead (a day of slack for time zones)."""
    return at is not None and day_of(at) > now.date() + timedelta(days=1)
