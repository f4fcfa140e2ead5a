"""Where a measured concentration stands among the people a model predicts."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from surcease.pkpd.chance import normals
from surcease.pkpd.model import Model, Residual
from surcease.pkpd.population import QUANTILES, sample
from surcease.pkpd.regimen import Regimen
from surcease.pkpd.subject import Subject

Array = NDArray[np.float64]

_STREAM = 1  # chance of the assay and of what no model explains


@dataclass(frozen=True, slots=True)
class Placement:
    """A sample among ``people`` predicted ones, their unexplained error included."""

    percentile: float
    at_h: float
    level_ng_per_ml: float
    predicted_ng_per_ml: Array  # at QUANTILES
    model_site: str
    sample_site: str
    sentence: str


def place(
    model: Model,
    regimen: Regimen,
    level_ng_per_ml: float,
    at_h: float,
    *,
    sample_site: str = "venous",
    analyte: str = "",
    people: int = 1000,
    seed: int = 1,
    subject: Subject | None = None,
) -> Placement:
    """The percentile of a measured level, and a sentence that says when model and sample are of different blood."""
    name = analyte or model.parent
    solved = sample(model, regimen, [at_h], people=people, seed=seed, subject=subject, analytes=(name,))
    seen = with_residual(solved.concentrations[name][:, 0], model.analytes[name].residual, range(people), seed=seed)
    percentile = 100.0 * float((seen < level_ng_per_ml).mean() + (seen == level_ng_per_ml).mean() / 2)
    return Placement(
        percentile, at_h, level_ng_per_ml, np.quantile(seen, QUANTILES), model.site, sample_site,
        f"{ordinal(percentile)} percentile, {_blood(model.site, sample_site)}",
    )  # fmt: skip


def with_residual(levels: Array, residual: Residual, people: range, *, seed: int) -> Array:
    """Levels as an assay would read them: with the model's unexplained error, never below 0."""
    z = normals(people, 2, seed=seed, stream=_STREAM)
    noisy = levels * np.exp(residual.proportional * z[:, 0]) + residual.additive_ng_per_ml * z[:, 1]
    return np.maximum(noisy, 0.0)


def ordinal(number: float) -> str:
    """A whole number in words of place; the ends of the scale are said as such.

    >>> ordinal(71.2), ordinal(92.0), ordinal(11.0), ordinal(0.2), ordinal(99.8)
    ('71st', '92nd', '11th', 'below the 1st', 'above the 99th')
    """
    whole = round(number)
    if whole < 1:
        return "below the 1st"
    if whole > 99:
        return "above the 99th"
    ending = "th" if whole % 100 in (11, 12, 13) else {1: "st", 2: "nd", 3: "rd"}.get(whole % 10, "th")
    return f"{whole}{ending}"


def _blood(model_site: str, sample_site: str) -> str:
    if model_site == sample_site:
        return f"{model_site} model; your sample is {sample_site} too."
    if model_site in ("arterial", "venous"):
        return f"{model_site} model; your sample is {sample_site}."
    return f"the model does not say which blood it describes; your sample is {sample_site}."
