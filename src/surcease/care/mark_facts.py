"""The facts of one minute of a session, from the confirmed values until then.

What a value is now, whether a second reading confirmed it, how long it has lasted, how far it is from the baseline.
An old value is never given as current.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from surcease.care.event import Reading, Symptom
from surcease.care.session_limits import SessionLimits
from surcease.knowledge.fact import Value

NOW = {
    "systolic": "systolic_now", "diastolic": "diastolic_now", "heart_rate": "heart_rate_now", "spo2": "spo2_now",
    "resp_rate": "resp_rate_now", "etco2": "etco2_now", "sedation_moaas": "moaas_now", "rass": "rass_now",
    "poss": "poss_now", "cadss6": "cadss6_now", "distress": "distress_now", "nausea": "nausea_now",
}  # fmt: skip
RISES = {"systolic": "systolic_rise", "diastolic": "diastolic_rise", "etco2": "etco2_rise", "pain": "pain_rise"}
CONFIRMED = {
    "systolic": "systolic_confirmed",
    "diastolic": "diastolic_confirmed",
    "heart_rate": "heart_rate_confirmed",
}
#: what a first reading would say if a second one confirmed it
IF_CONFIRMED = {
    "systolic_confirmed": "systolic_now", "diastolic_confirmed": "diastolic_now",
    "heart_rate_confirmed": "heart_rate_now", "heart_rate_sustained": "heart_rate_now", "spo2_sustained": "spo2_now",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class PumpCheck:
    """What the pump's face said against the order at one moment. ``weight_kg`` is the lower of dosing and actual
    weight; ``given_mg`` is volume × concentration, ``charted_mg`` the integral of the charted rate, ``planned_mg``
    what the order would have given by now; each None when not known."""

    rate_mg_per_h: Decimal
    ordered_mg_per_h: Decimal
    weight_kg: Decimal
    given_mg: Decimal | None = None
    charted_mg: Decimal | None = None
    planned_mg: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Rate:
    """The confirmed rate from now on, mg/h; 0 while the drug is off."""

    mg_per_h: Decimal


@dataclass(frozen=True, slots=True)
class Seen:
    """One confirmed thing and its moment."""

    at: datetime
    what: Reading | Symptom | PumpCheck | Rate


@dataclass(frozen=True, slots=True)
class Background:
    """What stands before the first reading: the baseline set, and the two highest rates of the order (mg/h)."""

    baseline: Reading | None = None
    top_steps_mg_per_h: tuple[Decimal, ...] = ()


Series = Sequence[tuple[datetime, Decimal]]


def facts_at(seen: Sequence[Seen], background: Background, limits: SessionLimits) -> dict[str, Value]:
    """The session facts at the moment of the last thing seen; a name that is absent is not known."""
    at = seen[-1].at
    fresh = at - limits.times["fresh_min"]
    series = {field: values_of(seen, field) for field in (*NOW, "pain")}
    recent = {field: values for field, values in series.items() if values and values[-1][0] >= fresh}
    found: dict[str, Value] = {NOW[field]: values[-1][1] for field, values in recent.items() if field in NOW}
    found |= _rises(recent, background.baseline)
    found |= _lasting(recent, limits.times)
    found |= _symptoms(seen, limits)
    found |= _waveform(seen, fresh)
    found |= _steps(seen, background)
    found |= _pump(seen, fresh, Decimal(limits.document["given_floor_mg"]))
    return found


def values_of(seen: Iterable[Seen], field: str) -> Series:
    """The charted values of one field in time order, those marked as artefact left out."""
    found = []
    for item in seen:
        if isinstance(item.what, Reading) and field not in item.what.artefact:
            value = getattr(item.what, field)
            if value is not None:
                found.append((item.at, value))
    return found


def confirmed(values: Series, first: timedelta, last: timedelta) -> Decimal | None:
    """The highest value that the newest reading and an earlier one both reached.

    The earlier one lies ``first`` to ``last`` before; or longer, when nothing between was lower: a recheck that came
    late still confirms. None when there is no such reading.
    """
    newest, value_now = values[-1]
    lowest, best = value_now, None
    for at, value in reversed(values[:-1]):
        lowest = min(lowest, value)
        if newest - at < first:
            continue
        if newest - at > last:
            return lowest if best is None else best
        reached = min(value_now, value)
        best = reached if best is None else max(best, reached)
    return best


def lasting(values: Series, span: timedelta, *, low: bool) -> Decimal | None:
    """The most harmless value over the last ``span`` or more: the lowest of high ones, the highest when ``low``.
    None while the readings do not reach back that far."""
    tamest = values[-1][1]
    for at, value in reversed(values[:-1]):
        tamest = max(tamest, value) if low else min(tamest, value)
        if values[-1][0] - at >= span:
            return tamest
    return None


def _lasting(recent: Mapping[str, Series], times: Mapping[str, timedelta]) -> dict[str, Value]:
    first, last = times["confirm_from_min"], times["confirm_to_min"]
    over_a_minute = times["spo2_sustained_above_min"] + timedelta(microseconds=1)
    found = {CONFIRMED[f]: confirmed(recent[f], first, last) for f in CONFIRMED if f in recent}
    if "heart_rate" in recent:
        span = times["heart_rate_sustained_min"]
        found["heart_rate_sustained"] = lasting(recent["heart_rate"], span, low=False)
    if "spo2" in recent:
        found["spo2_sustained"] = lasting(recent["spo2"], over_a_minute, low=True)
    return {name: value for name, value in found.items() if value is not None}


def _rises(recent: Mapping[str, Series], baseline: Reading | None) -> dict[str, Value]:
    found: dict[str, Value] = {}
    for field, name in RISES.items():
        before = getattr(baseline, field) if baseline else None
        if before is not None and field in recent:
            found[name] = recent[field][-1][1] - before
    return found


def _symptoms(seen: Sequence[Seen], limits: SessionLimits) -> dict[str, Value]:
    """Symptoms stay until they are charted as 0. What was never charted is taken as not there."""
    grades: dict[str, Decimal] = {}
    for item in seen:
        if isinstance(item.what, Symptom):
            grades[item.what.name] = item.what.grade
    names = {name for name, grade in grades.items() if grade > 0}
    names |= {f"{n}_severe" for n in limits.document["severe_symptoms"] if grades.get(n, Decimal(0)) >= 3}
    since = seen[-1].at - limits.times["vomits_within_min"]
    vomits = sum(
        isinstance(s.what, Symptom) and s.what.name == "vomiting" and s.what.grade > 0 and s.at > since for s in seen
    )
    return {
        "symptoms_now": tuple(sorted(names)),
        "crisis_symptom_now": bool(names & set(limits.document["crisis_symptoms"])),
        "vomits_recent": Decimal(vomits),
    }


def _waveform(seen: Sequence[Seen], fresh: datetime) -> dict[str, Value]:
    for item in reversed(seen):
        if item.at < fresh:
            break
        if isinstance(item.what, Reading):
            if "etco2" in item.what.lost:
                return {"etco2_waveform_lost": True}
            if item.what.etco2 is not None:
                return {"etco2_waveform_lost": False}
    return {}


def _steps(seen: Sequence[Seen], background: Background) -> dict[str, Value]:
    """How many of the two highest rates were run with pain asked and no lower than before."""
    before = background.baseline.pain if background.baseline else None
    tops = sorted(set(background.top_steps_mg_per_h))[-2:]
    if before is None or len(tops) < 2:
        return {}
    rate, best = Decimal(0), dict.fromkeys(tops, None)
    for item in seen:
        if isinstance(item.what, Rate):
            rate = item.what.mg_per_h
        elif isinstance(item.what, Reading) and item.what.pain is not None and rate in best:
            known = best[rate]
            best[rate] = item.what.pain if known is None else min(known, item.what.pain)
    return {"top_steps_without_change": Decimal(sum(p is not None and p >= before for p in best.values()))}


def _pump(seen: Sequence[Seen], fresh: datetime, floor: Decimal) -> dict[str, Value]:
    check = next((s for s in reversed(seen) if isinstance(s.what, PumpCheck)), None)
    if check is None or check.at < fresh or not isinstance(check.what, PumpCheck):
        return {}
    pump = check.what
    off = pump.ordered_mg_per_h == 0
    found: dict[str, Value] = {
        "pump_mg_per_kg_h": pump.rate_mg_per_h / pump.weight_kg,
        "pump_runs_while_off": off and pump.rate_mg_per_h > 0,
    }
    if not off:
        found["pump_times_order"] = pump.rate_mg_per_h / pump.ordered_mg_per_h
        found["pump_off_order_percent"] = _percent(pump.rate_mg_per_h - pump.ordered_mg_per_h, pump.ordered_mg_per_h)
    given = pump.charted_mg if pump.given_mg is None else pump.given_mg
    if given is not None and pump.planned_mg is not None:
        over = max(given - pump.planned_mg, Decimal(0))
        found["given_over_plan_percent"] = _percent(over, pump.planned_mg) if over > floor else Decimal(0)
    if pump.given_mg is not None and pump.charted_mg is not None:
        apart = abs(pump.given_mg - pump.charted_mg)
        found["given_apart_percent"] = _percent(apart, pump.charted_mg) if apart > floor else Decimal(0)
    return found


def _percent(difference: Decimal, whole: Decimal) -> Decimal:
    """|difference| in percent of the whole; all of it when the whole is nothing."""
    return abs(difference) / whole * 100 if whole > 0 else Decimal(100)
