"""Predicted against observed for every public case: the figures behind the validation page and its test.

A model is compared with a case when it claims the case's route, substance and population; everything else is listed as
not claimed, with the reason. Bands are between people, without the error of an assay.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from surcease.knowledge import yaml
from surcease.knowledge.effect import exposure_changes
from surcease.knowledge.library import load
from surcease.pkpd import exposure
from surcease.pkpd.ensemble import reason_against
from surcease.pkpd.model import Model
from surcease.pkpd.population import sample
from surcease.pkpd.regimen import Regimen, parse
from surcease.pkpd.solve import solve
from surcease.pkpd.subject import Subject
from surcease.pkpd.substance import nmol_per_ml

Array = NDArray[np.float64]
CASES = Path(__file__).parents[2] / "tests" / "reference" / "cases"
PEOPLE, SEED = 200, 1
PARENT, METABOLITE = (0.67, 1.5), (0.5, 2.0)  # what counts as agreement: geometric mean ratio of a single cohort
TIMING = "time of peak"  # shown, never part of a ratio


@dataclass(frozen=True, slots=True)
class Row:
    """One observed number and what one model predicts for it, both in ``unit``."""

    what: str
    analyte: str
    unit: str
    observed: float
    predicted: float
    q10: float
    q90: float

    @property
    def ratio(self) -> float:
        """Predicted over observed."""
        return self.predicted / self.observed

    @property
    def covered(self) -> bool | None:
        """Whether 80 % of people, as predicted, take the observed value in; None where people do not differ in it."""
        return self.q10 <= self.observed <= self.q90 if self.q90 > 1.02 * self.q10 else None


@dataclass(frozen=True, slots=True)
class Comparison:
    """One model against one case."""

    case: str
    model: str
    same_site: bool
    rows: tuple[Row, ...]
    explain: str  # one sentence about a miss, "" where there is none

    def of(self, *, parent: bool) -> tuple[Row, ...]:
        """Rows that count in a ratio, of the parent or of the metabolites, by whether the model trusts them."""
        return tuple(r for r in self.rows if r.what != TIMING and (r.analyte == "ketamine") == parent)

    def gmr(self, *, parent: bool = True) -> float:
        """Geometric mean of predicted over observed; nan when there is nothing of the kind."""
        logs = [math.log(r.ratio) for r in self.of(parent=parent)]
        return math.exp(sum(logs) / len(logs)) if logs else math.nan

    def mpe(self) -> float:
        """Mean prediction error of the parent, %."""
        return 100 * float(np.mean([r.ratio - 1 for r in self.of(parent=True)]))

    def mape(self) -> float:
        """Mean absolute prediction error of the parent, %."""
        return 100 * float(np.mean([abs(r.ratio - 1) for r in self.of(parent=True)]))

    @property
    def agrees(self) -> bool:
        """Whether the parent's geometric mean ratio is within 0.67 to 1.5."""
        return PARENT[0] <= self.gmr() <= PARENT[1]


def cases() -> dict[str, Mapping[str, Any]]:
    """Every case by id."""
    found = (yaml.load(path) for path in sorted(CASES.glob("P*.yaml")))
    return {case["id"]: case for case in found}


@lru_cache(maxsize=1)
def comparisons(people: int = PEOPLE) -> tuple[Comparison, ...]:
    """Every claimed pair of case and model; with no ``people``, typical predictions without bands."""
    return tuple(compare(case, model, people=people) for case in cases().values() for model in claiming(case))


def claiming(case: Mapping[str, Any]) -> list[Model]:
    """The models that claim a case's route, substance and population."""
    if "not_claimed" in case:
        return []
    regimens = [parse(t) for t in (case["regimen"], *case.get("also", {}).values())]
    known = load()
    return [m for m in map(known.model, sorted(known.models)) if all(_claims(m, r, case) for r in regimens)]


def _claims(model: Model, regimen: Regimen, case: Mapping[str, Any]) -> bool:
    if case.get("critical_illness"):
        return bool(model.set_apart) and set(regimen.routes) <= set(model.routes)
    return not reason_against(model, regimen)


def compare(case: Mapping[str, Any], model: Model, *, people: int = PEOPLE) -> Comparison:
    """Every observation of ``case`` beside the prediction of ``model``."""
    case = {**case, "virtual_people": people}
    rows = [row for seen in case["observed"] if _describes(model, seen) for row in _rows(case, model, seen)]
    same = case["site"] == model.site
    return Comparison(case["id"], model.id, same, tuple(rows), case.get("explain", {}).get(model.id, ""))


def _describes(model: Model, seen: Mapping[str, Any]) -> bool:
    return seen.get("analyte", "ketamine") in model.analytes


def _rows(case: Mapping[str, Any], model: Model, seen: Mapping[str, Any]) -> list[Row]:
    analyte = seen.get("analyte", "ketamine")
    if seen["what"] == "curve":
        times = np.array([float(t) for t in seen["at_h"]])
        typical, people = _curves(case, model, case["regimen"], times)
        return [
            _row(
                f"level, {float(t):g} h",
                analyte,
                seen["unit"],
                float(v),
                typical[analyte][i : i + 1],
                people[analyte][:, i],
            )
            for i, (t, v) in enumerate(zip(seen["at_h"], seen["value"], strict=True))
        ]
    figure = _FIGURES[seen["what"]]
    typical_figure, people_figures = figure(case, model, seen)
    return [_row(seen["what"], analyte, seen["unit"], float(seen["value"]), typical_figure, people_figures)]


def _row(what: str, analyte: str, unit: str, observed: float, typical: Array, people: Array) -> Row:
    convert = _UNITS[unit]
    low, high = np.quantile(convert(people), [0.1, 0.9])
    return Row(what, analyte, unit, observed, float(convert(typical)[0]), float(low), float(high))


_UNITS: dict[str, Callable[[Array], Array]] = {
    "ng/mL": lambda v: v, "nmol/mL": lambda v: v * nmol_per_ml(1.0), "ng.h/mL": lambda v: v,
    "ng.min/mL": lambda v: v * 60, "min": lambda v: v * 60, "h": lambda v: v, "mL/min/kg": lambda v: v,
    "%": lambda v: 100 * v, "1": lambda v: v,
}  # fmt: skip


def _curves(
    case: Mapping[str, Any], model: Model, text: str, times: Array, changes: Sequence[str] = ()
) -> tuple[Mapping[str, Array], Mapping[str, Array]]:
    """Typical curves (times,) and people's (people, times), ng/mL, by analyte."""
    known = tuple(sorted(case.get("known", {}).items()))
    whom = Decimal(str(case["weight_kg"])), known, tuple(changes), case["virtual_people"]
    return _solved(model.id, text, tuple(times.tolist()), *whom)


@lru_cache(maxsize=64)
def _solved(
    model_id: str,
    text: str,
    times: tuple[float, ...],
    weight_kg: Decimal,
    covariates: tuple[tuple[str, object], ...],
    changes: tuple[str, ...],
    people: int,
) -> tuple[Mapping[str, Array], Mapping[str, Array]]:
    model, weight, known = load().model(model_id), float(weight_kg), dict(covariates)
    regimen = parse(text).for_weight(weight_kg)
    moved, _ = exposure.shifts([exposure_changes(load())[c] for c in changes], model, regimen)
    typical = solve(model, regimen, times, weight_kg=weight, known=known, etas=moved)
    if not people:
        return dict(typical.concentrations), {n: np.full((1, len(times)), np.nan) for n in typical.concentrations}
    everyone = sample(
        model, regimen, times, people=people, seed=SEED, subject=Subject(weight, known, moved),
        analytes=tuple(model.analytes),
    )  # fmt: skip
    return dict(typical.concentrations), dict(everyone.concentrations)


def _grid(case: Mapping[str, Any]) -> Array:
    window = float(case.get("window_h", 24))
    early = np.linspace(0, min(window, 6.0), 361)
    return np.unique(np.concatenate((early, np.geomspace(6.0, window, 160) if window > 6 else early)))


Figure = tuple[Array, Array]  # the typical person's number, and everybody's


def _regimen_of(case: Mapping[str, Any], seen: Mapping[str, Any]) -> str:
    return str(case["also"][seen["regimen"]] if "regimen" in seen else case["regimen"])


def _on_grid(
    case: Mapping[str, Any], model: Model, seen: Mapping[str, Any], of: Callable[[Array, Array], Array]
) -> Figure:
    times = _grid(case)
    typical, people = _curves(case, model, _regimen_of(case, seen), times)
    analyte = seen.get("analyte", "ketamine")
    return of(times, typical[analyte][None, :]), of(times, people[analyte])


def _level(case: Mapping[str, Any], model: Model, seen: Mapping[str, Any]) -> Figure:
    times = np.array([float(seen["at_min"]) / 60])
    typical, people = _curves(case, model, _regimen_of(case, seen), times)
    return typical["ketamine"], people["ketamine"][:, 0]


def area(times: Array, curves: Array) -> Array:
    """Area under each curve, ng·h/mL."""
    return np.trapezoid(curves, times, axis=-1)


def half_life(times: Array, curves: Array) -> Array:
    """Half-life of the last stretch of each curve, h."""
    late = len(times) * 9 // 10
    return np.log(2) * (times[-1] - times[late]) / np.log(curves[:, late] / curves[:, -1])


def _clearance(case: Mapping[str, Any], model: Model, seen: Mapping[str, Any]) -> Figure:
    dose_mg_per_kg = float(parse(case["regimen"]).for_weight(Decimal(str(case["weight_kg"]))).total_mg())
    dose_mg_per_kg /= float(case["weight_kg"])
    typical, people = _on_grid(case, model, seen, area)
    return dose_mg_per_kg * 1e6 / 60 / typical, dose_mg_per_kg * 1e6 / 60 / people


def _bioavailability(case: Mapping[str, Any], model: Model, seen: Mapping[str, Any]) -> Figure:
    mouth = _on_grid(case, model, seen, area)
    vein = _on_grid(case, model, {**seen, "regimen": seen["against"]}, area)
    doses = [parse(t).for_weight(70).total_mg() for t in (case["regimen"], case["also"][seen["against"]])]
    scale = float(doses[1] / doses[0])
    return scale * mouth[0] / vein[0], scale * mouth[1] / vein[1]


def _metabolite_ratio(case: Mapping[str, Any], model: Model, seen: Mapping[str, Any]) -> Figure:
    metabolite = _on_grid(case, model, seen, area)
    parent = _on_grid(case, model, {**seen, "analyte": "ketamine"}, area)
    return metabolite[0] / parent[0], metabolite[1] / parent[1]


def _area_ratio(case: Mapping[str, Any], model: Model, seen: Mapping[str, Any]) -> Figure:
    times = _grid(case)
    changed = _curves(case, model, case["regimen"], times, [seen["with"]])
    plain = _curves(case, model, case["regimen"], times)
    one, other = (area(times, c["ketamine"][None, :]) for c in (changed[0], plain[0]))
    return one / other, area(times, changed[1]["ketamine"]) / area(times, plain[1]["ketamine"])


def _shaped(of: Callable[[Array, Array], Array]) -> Callable[[Mapping[str, Any], Model, Mapping[str, Any]], Figure]:
    return lambda case, model, seen: _on_grid(case, model, seen, of)


_FIGURES: dict[str, Callable[[Mapping[str, Any], Model, Mapping[str, Any]], Figure]] = {
    "level": _level,
    "peak": _shaped(lambda times, curves: curves.max(axis=-1)),
    TIMING: _shaped(lambda times, curves: times[curves.argmax(axis=-1)]),
    "area": _shaped(area),
    "half-life": _shaped(half_life),
    "clearance": _clearance,
    "bioavailability": _bioavailability,
    "norketamine ratio": _metabolite_ratio,
    "area ratio": _area_ratio,
}
