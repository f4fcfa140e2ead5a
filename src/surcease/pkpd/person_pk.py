"""One person's pharmacokinetics from measured concentrations: random effects, their doubt, and any later curve.

The random effects have the model's own covariance as prior; a measured level scatters in proportion to the true one
(log-normal, with the model's proportional error). Variability that was borrowed from other models is named.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray

from surcease.pkpd.many import solve_many
from surcease.pkpd.model import Model, Parameter
from surcease.pkpd.population import covariance
from surcease.pkpd.posterior import climb, resample, sample
from surcease.pkpd.regimen import Regimen
from surcease.pkpd.solve import Status
from surcease.pkpd.subject import Subject

Floats = NDArray[np.float64]
LEAST = 1e-9  # ng/mL: under it a log has no meaning
_STEP = 1e-4
DEFAULT_ERROR = 0.24  # proportional, where the model has none: Otto 2021, borrowed


@dataclass(frozen=True, slots=True)
class Levels:
    """Measured concentrations of the parent drug in ng/mL, hours from the first dose."""

    times_h: Floats
    ng_per_ml: Floats


@dataclass(frozen=True, slots=True)
class Kinetics:
    """Equally likely draws (draws, effects) of one person's random effects, by parameter name in ``names``."""

    model: str
    names: tuple[str, ...]
    etas: Floats
    effective: float
    status: Status
    limits: tuple[str, ...]

    def by_name(self) -> dict[str, Floats]:
        """The draws as :func:`many.solve_many` takes them."""
        return {name: np.ascontiguousarray(self.etas[:, i]) for i, name in enumerate(self.names)}


def levels(times_h: Sequence[float], ng_per_ml: Sequence[float]) -> Levels:
    """Measured levels in time order. ValueError unless each is a positive number."""
    times, measured = np.asarray(times_h, float), np.asarray(ng_per_ml, float)
    if times.shape != measured.shape or not (np.isfinite(measured) & (measured > 0)).all():
        raise ValueError("A measured level is a positive number of ng/mL at a time: leave out what was not detected.")
    order = np.argsort(times, kind="stable")
    return Levels(times[order], measured[order])


def fit_levels(
    model: Model, regimen: Regimen, seen: Levels, *, subject: Subject | None = None, draws: int = 900,
    keep: int = 1000, seed: int = 1,
) -> Kinetics:  # fmt: skip
    """The posterior of one person's random effects. Without levels it is the prior, and the status says so.

    ValueError for a model that is not linear or has no variability.
    """
    varying = [p for p in sorted(model.parameters.values(), key=lambda p: p.name) if p.variability.omega2 > 0]
    felt = _felt(model, regimen, varying)
    if not felt:
        raise ValueError(f"{model.id} has no variability between people for this route: choose another model.")
    whom, names = subject or Subject(), tuple(p.name for p in felt)
    root = np.asarray(np.linalg.cholesky(covariance(model, felt, uncertainty=False)), float)
    residual = model.analytes[model.parent].residual
    error = residual.proportional or DEFAULT_ERROR
    curve = partial(_curve, model, regimen, seen, whom, names, root)
    peak = climb(partial(_slopes, curve, seen, error), np.zeros((1, len(names))))
    weighted = sample(partial(_height, curve, seen, error), peak, draws=draws, seed=seed)
    _, shifts = resample(weighted, np.zeros(1), keep, seed=seed)
    return Kinetics(
        model.id, names, np.asarray(shifts @ root.T), float(weighted.effective[0]), _status(seen, weighted.effective),
        _limits(felt, residual.borrowed or not residual.proportional),
    )  # fmt: skip


def predict(
    person: Kinetics,
    model: Model,
    regimen: Regimen,
    times_h: Sequence[float] | Floats,
    *,
    subject: Subject | None = None,
) -> Floats:
    """The parent's concentration under each draw for any regimen, (draws, times), ng/mL."""
    whom = subject or Subject()
    etas = {name: draw + whom.shifts.get(name, 0.0) for name, draw in person.by_name().items()}
    solved = solve_many(model, regimen, times_h, weight_kg=whom.weight_kg, known=whom.known, etas=etas)
    return np.asarray(solved.cp_ng_per_ml, float)


def _felt(model: Model, regimen: Regimen, varying: list[Parameter]) -> list[Parameter]:
    """Parameters that this regimen's curve depends on: disposition, and the ways in that are used."""
    used = {name for f in model.flows for name in (f.clearance, f.volume, f.rate, f.mean_time, f.yields)}
    used |= {a.volume for a in model.analytes.values()}
    for route in (model.routes[name] for name in regimen.routes):
        for part in route.parts:
            used |= {*part.fraction, part.remainder_of, part.duration, part.absorption, part.lag}
        used |= {route.devices.further} if route.devices else set()
    return [p for p in varying if p.name in used]


def _curve(
    model: Model, regimen: Regimen, seen: Levels, whom: Subject, names: tuple[str, ...], root: Floats, u: Floats
) -> Floats:
    """Log concentration (people, times) of shifts ``u`` (people, effects)."""
    if not seen.times_h.size:
        return np.zeros((len(u), 0))
    drawn = u @ root.T
    etas = {name: drawn[:, i] + whom.shifts.get(name, 0.0) for i, name in enumerate(names)}
    solved = solve_many(model, regimen, seen.times_h, weight_kg=whom.weight_kg, known=whom.known, etas=etas)
    return np.asarray(np.log(np.maximum(solved.cp_ng_per_ml, LEAST)), float)


def _height(curve: partial[Floats], seen: Levels, error: float, u: Floats) -> Floats:
    away = (np.log(seen.ng_per_ml) - curve(u[0])) / error
    prior = -0.5 * (u**2).sum(axis=-1) - 0.5 * u.shape[-1] * np.log(2 * np.pi)
    return np.asarray(prior - 0.5 * (away**2).sum(axis=1)[None])


def _slopes(curve: partial[Floats], seen: Levels, error: float, u: Floats) -> tuple[Floats, Floats, Floats]:
    """Gauss–Newton with central differences of the exact curve, all in one solve."""
    p = u.shape[1]
    around = np.concatenate((u, u + _STEP * np.eye(p), u - _STEP * np.eye(p)))
    every = curve(around)
    steps = (every[1 : p + 1] - every[p + 1 :]) / (2 * _STEP)
    away = np.log(seen.ng_per_ml) - every[0]
    gradient = steps @ away / error**2 - u[0]
    top = -0.5 * (away**2).sum() / error**2 - 0.5 * (u[0] ** 2).sum() - 0.5 * p * np.log(2 * np.pi)
    return np.array([top]), gradient[None], (steps @ steps.T / error**2 + np.eye(p))[None]


def _status(seen: Levels, effective: Floats) -> Status:
    n = len(seen.times_h)
    if n == 0:
        return Status("prior", False, "Not enough data: no level was measured, so this is the model's population.")
    return Status("importance", False, f"Fitted to {n} level{'s' * (n > 1)}; {effective[0]:.0f} effective draws.")


def _limits(felt: list[Parameter], residual_borrowed: bool) -> tuple[str, ...]:
    borrowed = [p.name for p in felt if p.variability.borrowed] + ["residual error"] * residual_borrowed
    return (f"Borrowed from other models: variability of {', '.join(borrowed)}.",) if borrowed else ()
