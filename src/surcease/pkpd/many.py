"""Many people at once: their curves, or bands of quantiles without ever holding all curves.

>>> import numpy as np
>>> from surcease import knowledge
>>> from surcease.pkpd.regimen import parse
>>> answer = solve_many(knowledge.model("kamp_2020"), parse("0.5 mg/kg over 40 min iv"), [2/3, 1],
...                     weight_kg=np.array([50.0, 70.0, 90.0]))
>>> answer.cp_ng_per_ml.shape
(3, 2)
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import DTypeLike, NDArray

from surcease.pkpd import band, engine
from surcease.pkpd.engine import Backend, Floats
from surcease.pkpd.individual import Known, Number, Values, individual
from surcease.pkpd.model import Model
from surcease.pkpd.regimen import Regimen
from surcease.pkpd.schedule import Schedule
from surcease.pkpd.solve import Sites, Solution, Status, as_solution, as_times, equations
from surcease.pkpd.system import System

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Bands:
    """Quantiles over people at each time: ``curves[output]`` is (quantiles, times) in ng/mL."""

    model: str
    times_h: Array
    quantiles: tuple[float, ...]
    people: int
    curves: Mapping[str, Array]
    status: Status


def solve_many(
    model: Model,
    regimen: Regimen,
    times_h: Sequence[float] | Array,
    *,
    weight_kg: Number = 70.0,
    known: Known | None = None,
    parameters: Values | None = None,
    etas: Values | None = None,
    analytes: Sequence[str] = (),
    effect_sites: Sites | None = None,
    out: Floats | None = None,
    dtype: DTypeLike = np.float64,
    backend: Backend = "auto",
) -> Solution:
    """Curves (people, times) of everyone; any input may be an array over people.

    The parent only, unless ``analytes`` are named. ``out`` (outputs, people, times), or (people, times) when there is
    one output, receives the result without new memory. ``backend`` is "numpy", "compiled" or "auto" (by the size of
    the work): they agree to rounding, and each gives the same bits whatever the number of threads.
    """
    times = as_times(times_h)
    system, schedule = _equations(model, regimen, weight_kg, known, parameters, etas, analytes, effect_sites)
    curves, others = engine.curves(system, schedule, times, out=out, dtype=dtype, backend=backend)
    named, status = dict(zip(system.outputs, curves, strict=True)), _status(others, curves.shape[1])
    return as_solution(model, regimen, times, named, status, weight_kg=weight_kg, known=known)


def bands(
    model: Model,
    regimen: Regimen,
    times_h: Sequence[float] | Array,
    *,
    quantiles: Sequence[float] = (0.1, 0.5, 0.9),
    weight_kg: Number = 70.0,
    known: Known | None = None,
    parameters: Values | None = None,
    etas: Values | None = None,
    analytes: Sequence[str] = (),
    effect_sites: Sites | None = None,
    backend: Backend = "auto",
) -> Bands:
    """Exact quantiles (linear between order statistics, as numpy.quantile) over people at each time.

    The matrix of all curves is never held: 100,000 people take no more memory than a few hundred instants of them.
    """
    times = as_times(times_h)
    system, schedule = _equations(model, regimen, weight_kg, known, parameters, etas, analytes, effect_sites)
    curves, others = band.quantiles(system, schedule, times, np.asarray(quantiles, float), backend=backend)
    people = engine.count(system, schedule)
    named = dict(zip(system.outputs, curves, strict=True))
    return Bands(model.id, times, tuple(quantiles), people, named, _status(others, people))


def _equations(
    model: Model,
    regimen: Regimen,
    weight_kg: Number,
    known: Known | None,
    parameters: Values | None,
    etas: Values | None,
    analytes: Sequence[str],
    effect_sites: Sites | None,
) -> tuple[System, Schedule]:
    if not model.linear:
        raise ValueError(f"{model.id} is not linear: solve one person at a time with solve().")
    values = individual(model, weight_kg=weight_kg, known=known, parameters=parameters, etas=etas)
    return equations(
        model,
        regimen,
        values,
        weight_kg=weight_kg,
        analytes=analytes or (model.parent,),
        effect_sites=effect_sites,
    )


def _status(others: int, people: int) -> Status:
    if others == 0:
        return Status("modes", True, "Exact: sums of exponentials.")
    return Status(
        "exponential" if others == people else "modes",
        True,
        f"Exact: sums of exponentials; matrix exponential for {others} of {people} people, whose rates coincide.",
    )
