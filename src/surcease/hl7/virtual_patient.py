"""A person who is not there, for trying out a monitor's line: resting values, what the drug does to pressure and
pulse by the shipped models, and a little unrest. Not a model of any patient; nothing clinical is computed from it.

Pressure rises by the effect ``systolic`` of the knowledge (mmHg per ng/mL of ketamine at its site); pulse by a share
of that rise, because both are one sympathetic effect. Seeded: the same seed gives the same person.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal

import numpy as np

from surcease.hl7.compose import Numerics
from surcease.knowledge.effect import default_model, effects
from surcease.knowledge.library import Knowledge
from surcease.pkpd.effects import sites, value
from surcease.pkpd.regimen import parse
from surcease.pkpd.solve import solve

PULSE_PER_MMHG = 0.5  # beats a minute for each mmHg of rise: an assumption, and only for a simulated person
WANDER_MIN = 4.0  # time constant of the unrest
#: resting value and size (standard deviation) of its unrest
RESTING = {"heart_rate": (72, 2.0), "spo2": (97.5, 0.5), "resp_rate": (14, 1.0), "etco2": (38, 1.2),
           "systolic": (118, 3.0), "diastolic": (74, 2.5)}  # fmt: skip
CUFF = ("systolic", "diastolic")


@dataclass(frozen=True, slots=True)
class Episode:
    """Something that happens: from ``start_min`` for ``minutes`` a parameter is at ``value``, or has no signal."""

    parameter: str
    start_min: float
    minutes: float
    value: float | None


@dataclass(frozen=True, slots=True)
class Person:
    """Who is simulated. ``dose`` as everywhere, ``start_min`` after the first sample; "" for no drug."""

    dose: str = "0.5 mg/kg over 40 min iv"
    weight_kg: float = 70.0
    start_min: float = 2.0
    seed: int = 1
    cuff_every_min: float = 5.0
    episodes: tuple[Episode, ...] = field(default=())


def stream(
    person: Person, knowledge: Knowledge, *, start: datetime, every_s: float, minutes: float
) -> Iterator[Numerics]:
    """What the monitor shows every ``every_s`` seconds for ``minutes``. ValueError for a dose that cannot be read."""
    times_min = np.arange(0.0, minutes, every_s / 60.0)
    rise = pressure_rise(person, knowledge, times_min)
    rng = np.random.default_rng(person.seed)
    unrest = {name: _wander(rng, len(times_min), every_s / 60.0) * sd for name, (_, sd) in RESTING.items()}
    cuff: dict[str, Decimal] | None = None
    cuff_at, next_cuff = start, 0.0
    for n, minute in enumerate(times_min):
        at = start + timedelta(minutes=float(minute))
        now = {name: float(rest + unrest[name][n]) for name, (rest, _) in RESTING.items()}
        now["systolic"] += rise[n]
        now["diastolic"] += rise[n] / 2
        now["heart_rate"] += rise[n] * PULSE_PER_MMHG
        now["spo2"] = min(now["spo2"], 100.0)
        shown = {name: _shown(name, now[name], minute, person.episodes) for name in RESTING}
        if minute >= next_cuff:
            measured = {name: shown[name] for name in CUFF}
            cuff = {k: v for k, v in measured.items() if v is not None} or None
            cuff_at, next_cuff = at, next_cuff + person.cuff_every_min
        flowing = {name: v for name, v in shown.items() if name not in CUFF}
        yield Numerics(at, flowing | {"pulse": flowing["heart_rate"]}, cuff, cuff_at)


def pressure_rise(person: Person, knowledge: Knowledge, times_min: Sequence[float] | np.ndarray) -> np.ndarray:
    """mmHg above rest at each minute, from the model that is taken when none is named."""
    times = np.asarray(times_min, float)
    rise = np.zeros(len(times))
    if not person.dose:
        return rise
    effect = effects(knowledge)["systolic"]
    regimen = parse(person.dose)
    model = default_model(knowledge, regimen)
    running = times >= person.start_min
    if not running.any():
        return rise
    given = regimen.for_weight(person.weight_kg)
    solved = solve(
        model, given, (times[running] - person.start_min) / 60.0, weight_kg=person.weight_kg,
        effect_sites=sites((effect,)),
    )  # fmt: skip
    rise[running] = np.maximum(value(effect, solved.effect_sites["systolic"]), 0.0)
    return rise


def _wander(rng: np.random.Generator, n: int, step_min: float) -> np.ndarray:
    """A first-order wander of unit size: values near each other in time are like each other."""
    keep = float(np.exp(-step_min / WANDER_MIN))
    noise = rng.standard_normal(n) * np.sqrt(1 - keep * keep)
    found = np.empty(n)
    last = float(rng.standard_normal())
    for i in range(n):
        last = keep * last + float(noise[i])
        found[i] = last
    return found


def _shown(name: str, amount: float, minute: float, episodes: Sequence[Episode]) -> Decimal | None:
    for one in episodes:
        if one.parameter == name and one.start_min <= minute < one.start_min + one.minutes:
            return None if one.value is None else _figure(one.value)
    return _figure(amount)


def _figure(amount: float) -> Decimal:
    """Whole numbers, as a monitor shows them; never 0, which would mean no signal."""
    return Decimal(max(1, round(amount)))
