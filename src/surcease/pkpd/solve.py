"""Solve a model for a regimen: one person, or many at once. One verb for every route, model and regimen.

>>> from surcease import knowledge
>>> from surcease.pkpd.regimen import parse
>>> answer = solve(knowledge.model("kamp_2020"), parse("0.5 mg/kg over 40 min iv"), [1/3, 2/3, 1], weight_kg=70)
>>> [round(float(c), 1) for c in answer.cp_ng_per_ml]
[198.3, 253.1, 95.9]
>>> answer.status.method
'modes'
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from surcease.pkpd import absorption, exponential, modal, ode
from surcease.pkpd.individual import Known, Number, Values, individual
from surcease.pkpd.model import Model
from surcease.pkpd.regimen import Regimen
from surcease.pkpd.schedule import Schedule, build
from surcease.pkpd.system import EffectSite, System, assemble

Array = NDArray[np.float64]
Method = Literal["auto", "modes", "exponential", "ode"]
Sites = Mapping[str, EffectSite]


@dataclass(frozen=True, slots=True)
class Status:
    """How a computation ended: the method, whether it is exact, and a sentence."""

    method: str
    exact: bool
    sentence: str


@dataclass(frozen=True, slots=True)
class Solution:
    """Concentrations in ng/mL at ``times_h``; arrays are (times,) for one person, (people, times) for many."""

    model: str
    times_h: Array
    concentrations: Mapping[str, Array]  # by analyte, the parent first
    effect_sites: Mapping[str, Array]  # by name, ng/mL
    status: Status
    limits: tuple[str, ...]
    assumptions: tuple[str, ...]

    @property
    def cp_ng_per_ml(self) -> Array:
        """The parent drug's concentration."""
        return next(iter(self.concentrations.values()))


def solve(
    model: Model,
    regimen: Regimen,
    times_h: Sequence[float] | Array,
    *,
    weight_kg: float = 70.0,
    known: Known | None = None,
    parameters: Values | None = None,
    etas: Values | None = None,
    analytes: Sequence[str] | None = None,
    effect_sites: Sites | None = None,
    method: Method = "auto",
) -> Solution:
    """Concentrations of one person at ``times_h`` (hours, any order of magnitude, ascending).

    ``known`` gives covariates ({"age_years": 70, "ancestry": "japanese"}), ``etas`` random effects by parameter,
    ``parameters`` replaces individual values. All analytes of the model unless some are named.
    ValueError: a route the model lacks, an unknown name, times that do not ascend.
    """
    times = as_times(times_h)
    values = individual(model, weight_kg=weight_kg, known=known, parameters=parameters, etas=etas)
    system, schedule = equations(
        model,
        regimen,
        values,
        weight_kg=weight_kg,
        analytes=analytes or tuple(model.analytes),
        effect_sites=effect_sites,
    )
    out, status = _run(system, schedule, times, method)
    curves = dict(zip(system.outputs, np.maximum(out[0], 0.0), strict=True))  # no rounding below zero
    return as_solution(model, regimen, times, curves, status, weight_kg=weight_kg, known=known)


def equations(
    model: Model,
    regimen: Regimen,
    values: Values,
    *,
    weight_kg: Number,
    analytes: Sequence[str],
    effect_sites: Sites | None = None,
) -> tuple[System, Schedule]:
    """The system and its inputs, for people whose parameters are ``values``."""
    for name in analytes:
        if name not in model.analytes:
            raise ValueError(f"{model.id} does not describe {name!r}: it has {', '.join(model.analytes)}.")
    pieces = absorption.deliveries(model, regimen, values, weight_kg)
    system = assemble(model, values, routes=regimen.routes, analytes=analytes, effect_sites=effect_sites)
    return system, build([p for p in pieces if p.state in system.states])


def as_times(times_h: Sequence[float] | Array) -> Array:
    """The times as an array; ValueError unless they are one ascending list of finite hours."""
    times = np.asarray(times_h, float)
    if times.ndim != 1 or not times.size or not np.isfinite(times).all() or (np.diff(times) < 0).any():
        raise ValueError("The times must be one ascending list of finite hours, for example [0, 0.5, 1].")
    return times


def _run(system: System, schedule: Schedule, times: Array, method: Method) -> tuple[Array, Status]:
    """Outputs (people, outputs, times) by the method asked for, or the first that is sound."""
    if system.saturable or method == "ode":
        exact = "adaptive steps, relative tolerance 1e-12"
        return ode.propagate(system, schedule, times), Status("ode", False, f"Solved by {exact}.")
    modes = modal.decompose(system, schedule.channels) if method != "exponential" else None
    if modes is not None and modes.sound.all():
        return modal.propagate(modes, schedule, times), Status("modes", True, "Exact: sums of exponentials.")
    if method == "modes":
        raise ValueError("The rates of this model are too close for its modes: use method='auto'.")
    why = "Exact: matrix exponential, because rates coincide." if method == "auto" else "Exact: matrix exponential."
    return exponential.propagate(system, schedule, times), Status("exponential", True, why)


def as_solution(
    model: Model,
    regimen: Regimen,
    times: Array,
    curves: Mapping[str, Any],
    status: Status,
    *,
    weight_kg: Number = 70.0,
    known: Known | None = None,
) -> Solution:
    """Curves by output name as a :class:`Solution`, with the limits and assumptions that belong to them."""
    age: Any = (known or {}).get("age_years")
    return Solution(
        model=model.id,
        times_h=times,
        concentrations={n: c for n, c in curves.items() if n in model.analytes},
        effect_sites={n: c for n, c in curves.items() if n not in model.analytes},
        status=status,
        limits=absorption.limits(model, regimen, weight_kg=weight_kg, age_years=age),
        assumptions=regimen.assumptions(),
    )
