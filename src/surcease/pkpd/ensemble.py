"""Several models of one thing: which of them fit, and by how much they differ, which no band of one model says."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from surcease.pkpd.exposure import Change, shifts
from surcease.pkpd.many import solve_many
from surcease.pkpd.model import Model
from surcease.pkpd.regimen import Regimen
from surcease.pkpd.subject import Subject
from surcease.pkpd.substance import ESKETAMINE, RACEMIC

Array = NDArray[np.float64]

_SEEN = 0.05  # of the peak: below it, a ratio between models is about traces
_ADULT = 18.0  # years
_NUMBERS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")


@dataclass(frozen=True, slots=True)
class Spread:
    """Where models differ most: their lowest and highest typical concentration there, and a sentence."""

    ratio: float
    at_h: float
    low_ng_per_ml: float
    high_ng_per_ml: float
    sentence: str


@dataclass(frozen=True, slots=True)
class Ensemble:
    """Typical curves (times,) of the models that fit, by id; the others with the reason."""

    times_h: Array
    curves: Mapping[str, Array]
    left_out: Mapping[str, str]
    spread: Spread | None  # None when fewer than two models fit


def reason_against(model: Model, regimen: Regimen, *, age_years: float | None = None) -> str:
    """Why ``model`` does not fit this regimen and person; "" when it does. Without an age, an adult is meant."""
    missing = [r for r in regimen.routes if r not in model.routes]
    if missing:
        return f"has no route {', '.join(missing)} (only {', '.join(model.routes)})"
    if model.substance == ESKETAMINE and RACEMIC in regimen.substances:
        return "describes esketamine: of a racemic dose it would show the S half only"
    if model.substance == RACEMIC and ESKETAMINE in regimen.substances:
        return "was fitted on racemic ketamine"
    if model.set_apart:
        return model.set_apart
    return _age_against(model, age_years)


def _age_against(model: Model, age_years: float | None) -> str:
    """Children and adults are not compared; other ages outside a model's range are computed, with a limit said."""
    low, high = model.population.age_years or (0.0, np.inf)
    adult = age_years is None or age_years >= _ADULT
    if adult and high < _ADULT:
        return "was fitted on children"
    if not adult and low >= _ADULT:
        return "was fitted on adults"
    return ""


def compare(
    models: Iterable[Model],
    regimen: Regimen,
    times_h: Sequence[float] | Array,
    *,
    subject: Subject | None = None,
    changes: Sequence[Change] = (),
) -> Ensemble:
    """Typical curves of every model that fits, and their spread over ``times_h``.

    ``changes`` of exposure are applied to each model as far as it knows them.
    """
    whom, times = subject or Subject(), np.asarray(times_h, float)
    age = whom.known.get("age_years")
    curves: dict[str, Array] = {}
    left_out: dict[str, str] = {}
    for model in models:
        why = reason_against(model, regimen, age_years=None if age is None else float(str(age)))
        if why:
            left_out[model.id] = why
            continue
        moved, _ = shifts(changes, model, regimen)
        solved = solve_many(
            model, regimen, times, weight_kg=whom.weight_kg, known=whom.known, etas={**whom.shifts, **moved}
        )
        curves[model.id] = solved.cp_ng_per_ml[0]
    return Ensemble(times, curves, left_out, spread(times, curves, end_h=regimen.end_h))


def spread(times_h: Array, curves: Mapping[str, Array], *, end_h: float) -> Spread | None:
    """Where typical curves differ most from their common peak on, traces left aside; None with fewer than two.

    Before the peak, models differ by how they mix a first minute's drug, which nobody waits for.
    """
    if len(curves) < 2:
        return None
    stacked = np.stack(list(curves.values()))
    high, low = stacked.max(axis=0), stacked.min(axis=0)
    middle = np.exp(np.log(np.maximum(stacked, 1e-12)).mean(axis=0))
    looked_at = (middle > _SEEN * middle.max()) & (np.arange(middle.size) >= np.argmax(middle))
    ratio = np.where(looked_at, high / np.where(low > 0, low, 1.0), 1.0)
    worst = int(np.argmax(ratio))
    at, times_apart = float(times_h[worst]), float(ratio[worst])
    sentence = (
        f"{_number(len(curves)).capitalize()} models fit; they differ ×{times_apart:.1f} {when(at, end_h)} "
        f"({low[worst]:.3g} to {high[worst]:.3g} ng/mL)."
    )
    return Spread(times_apart, at, float(low[worst]), float(high[worst]), sentence)


def when(at_h: float, end_h: float) -> str:
    """A time in words, from the start or from the end of dosing.

    >>> when(1.0, 2/3), when(0.25, 2/3), when(2/3, 2/3)
    ('20 minutes after the end', '15 minutes after the start', 'at the end')
    """
    late = at_h - end_h
    if abs(late) < 1e-9:
        return "at the end"
    minutes = round((late if late > 0 else at_h) * 60)
    words = f"{minutes} minutes" if minutes < 180 else f"{minutes / 60:.3g} hours"
    return f"{words} after the {'end' if late > 0 else 'start'}"


def _number(n: int) -> str:
    return _NUMBERS[n] if n < len(_NUMBERS) else str(n)
