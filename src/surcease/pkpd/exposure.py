"""What changes exposure: medicines, organ function, genes. Known factors on parameters, and what is not known.

Ketamine is cleared almost as fast as blood brings it to the liver. So an inhibitor or inducer changes what is swallowed
several-fold, and what is infused by less than 15 %. A change is a factor on named parameters of named models for
named routes; where a model or route is not named, nothing is changed and a sentence says so.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from surcease.pkpd.model import Model, Parameter
from surcease.pkpd.regimen import Regimen


@dataclass(frozen=True, slots=True)
class Application:
    """Factors on the parameters of some models when the drug is given by some routes."""

    models: tuple[str, ...]
    routes: tuple[str, ...]
    factors: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Change:
    """Something known of the person that changes exposure; ``conflict`` when sources disagree whether it does."""

    id: str
    title: str
    applications: tuple[Application, ...]
    say: str  # what was found, for the reader
    otherwise: str  # what is said where no application fits
    sources: tuple[str, ...]
    conflict: bool = False


def shifts(changes: Iterable[Change], model: Model, regimen: Regimen) -> tuple[dict[str, float], tuple[str, ...]]:
    """Fixed random effects by parameter, and one sentence for each change: what was done and why.

    A factor f on P is η = ln f; on a share modelled in logits it is the shift that multiplies the typical share by f.
    """
    found: dict[str, float] = {}
    said: list[str] = []
    for change in changes:
        fitting = _fitting(change, model, regimen)
        for name, factor in (fitting.factors if fitting else {}).items():
            found[name] = found.get(name, 0.0) + eta(model.parameters[name], factor)
        said.append(_sentence(change, fitting))
    return found, tuple(said)


def eta(parameter: Parameter, factor: float) -> float:
    """The η that multiplies the typical value of ``parameter`` by ``factor``."""
    if parameter.variability.scale == "log":
        return math.log(factor)
    before, after = parameter.value, parameter.value * factor
    return math.log(after / (1 - after)) - math.log(before / (1 - before))


def _fitting(change: Change, model: Model, regimen: Regimen) -> Application | None:
    for application in change.applications:
        if model.id in application.models and set(application.routes) & set(regimen.routes):
            return application
    return None


def _sentence(change: Change, fitting: Application | None) -> str:
    doubt = " Sources disagree whether it matters; it is used because you asked." if change.conflict else ""
    if fitting is None:
        return f"{change.title}: {change.otherwise}"
    factors = ", ".join(f"{name} ×{factor:.3g}" for name, factor in fitting.factors.items())
    return f"{change.title}: {change.say} Used here as {factors}.{doubt}"
