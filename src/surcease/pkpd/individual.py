"""One person's parameters from a model: weight, what is known of the person, and random effects."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from surcease.pkpd.model import Covariate, Model, Parameter

Number: TypeAlias = float | NDArray[np.float64]
Values: TypeAlias = Mapping[str, Number]
Known: TypeAlias = Mapping[str, object]  # covariates: age_years (number or array), ancestry (word or array of words)


def individual(
    model: Model,
    *,
    weight_kg: Number = 70.0,
    known: Known | None = None,
    etas: Values | None = None,
    parameters: Values | None = None,
) -> dict[str, Number]:
    """Parameter values by name, in hours, litres and milligrams; arrays of shape (people,) where an input is one.

    Order: typical value, weight, covariates, random effect, then ``parameters`` replaces what it names.
    ValueError for a name the model does not have.
    """
    _check_names(model, {**(etas or {}), **(parameters or {})})
    values: dict[str, Number] = {}
    for parameter in model.parameters.values():
        value = _with_weight(parameter, model.reference_kg, weight_kg)
        for covariate in (c for c in model.covariates if c.parameter == parameter.name):
            value = _with_covariate(value, covariate, known or {})
        values[parameter.name] = _with_eta(parameter, value, (etas or {}).get(parameter.name))
    return values | dict(parameters or {})


def _check_names(model: Model, given: Values) -> None:
    for name in given:
        if name not in model.parameters:
            raise ValueError(f"{model.id} has no parameter {name!r}: it has {', '.join(model.parameters)}.")


def _with_weight(parameter: Parameter, reference_kg: float, weight_kg: Number) -> Number:
    if parameter.weight_power == 0:
        return parameter.value
    ratio = np.divide(weight_kg, reference_kg)
    scaled = parameter.value * (ratio if parameter.weight_power == 1 else ratio**parameter.weight_power)
    return float(scaled) if np.ndim(scaled) == 0 else scaled


def _with_covariate(value: Number, covariate: Covariate, known: Known) -> Number:
    have = known.get(covariate.of)
    if have is None:
        return value
    if covariate.above is not None:
        over = np.maximum(np.asarray(have, float) - covariate.above, 0.0)
        return value + covariate.add_per_unit * over
    matches = np.isin(np.asarray(have, str), covariate.equals)
    return value * np.where(matches, covariate.times, 1.0)


def _with_eta(parameter: Parameter, value: Number, eta: Number | None) -> Number:
    if eta is None:
        return value
    if parameter.variability.scale == "log":
        return value * np.exp(eta)
    odds = np.divide(value, np.subtract(1.0, value)) * np.exp(eta)
    return odds / (1.0 + odds)
