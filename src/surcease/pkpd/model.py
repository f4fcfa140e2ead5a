"""A pharmacokinetic model as data: compartments, flows, routes, parameters, who it was fitted on, what to doubt.

Everything is in hours, litres, milligrams and kilograms, as floats; ``published`` keeps what the paper printed.
Models come from ``knowledge.model("kamp_2020")``; this floor reads no file.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

OUT = "out"  # the flow target that leaves the body


@dataclass(frozen=True, slots=True)
class Variability:
    """Between-person (``omega2``) and between-occasion (``nu2``) variance of η in P·exp(η), or in logit P + η."""

    omega2: float = 0.0
    nu2: float = 0.0
    scale: str = "log"  # log | logit
    borrowed: bool = False


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter: typical value at ``reference_kg``, how it scales with weight, how it varies.

    ``value`` is in ``unit`` (h, L, L/h, 1/h, mg, L/kg …); ``published`` is the printed text.
    """

    name: str
    value: float
    unit: str
    weight_power: float = 0.0
    variability: Variability = Variability()
    relative_se: float | None = None  # uncertainty of the typical value, as a fraction
    published: str = ""
    grade: str = ""  # of this value, where it differs from the model's


@dataclass(frozen=True, slots=True)
class Covariance:
    """Covariance of the η of two parameters."""

    first: str
    second: str
    value: float


@dataclass(frozen=True, slots=True)
class Covariate:
    """A change of ``parameter`` by something known of the person, as published.

    Either ``parameter += add_per_unit · max(value − above, 0)`` for a number, or ``parameter *= times`` when a word
    is one of ``equals``.
    """

    parameter: str
    of: str  # age_years, ancestry, …
    above: float | None = None
    add_per_unit: float = 0.0
    equals: tuple[str, ...] = ()
    times: float = 1.0


@dataclass(frozen=True, slots=True)
class Flow:
    """Linear flow from one compartment to another: ``amount · clearance / volume``, or ``amount · rate``.

    With ``mean_time`` it is a delay of that mean through ``stages`` equal steps. ``yields`` names the share that
    arrives; the rest is lost. With ``km`` (mg/L) the flow is saturable, ``clearance`` is then Vmax/Km, and the model
    is not linear.
    """

    source: str
    target: str
    clearance: str = ""
    volume: str = ""
    rate: str = ""
    mean_time: str = ""  # rate = stages / mean_time
    stages: int = 1
    yields: str = ""
    km: str = ""


@dataclass(frozen=True, slots=True)
class Devices:
    """Several spray devices of ``amount_mg``, ``gap_h`` apart; each later one absorbs ``further`` times as well."""

    amount_mg: float
    gap_h: float
    further: str


@dataclass(frozen=True, slots=True)
class Part:
    """One way in of a route: a share of the dose into a compartment, at once or zero-order, then first-order.

    The share is the product of the ``fraction`` parameters, times one minus ``remainder_of`` where given.
    ``duration`` and ``absorption`` name parameters (h, 1/h); ``lag`` too.
    """

    target: str
    fraction: tuple[str, ...] = ()
    remainder_of: str = ""
    duration: str = ""
    absorption: str = ""
    lag: str = ""


@dataclass(frozen=True, slots=True)
class Route:
    """How a route gets into the model, and how far it is to be trusted."""

    name: str
    parts: tuple[Part, ...]
    grade: str = "published"  # published | calibrated
    note: str = ""
    devices: Devices | None = None


@dataclass(frozen=True, slots=True)
class Residual:
    """Unexplained error of one measured concentration: proportional SD and additive SD (ng/mL)."""

    proportional: float = 0.0
    additive_ng_per_ml: float = 0.0
    borrowed: bool = False


@dataclass(frozen=True, slots=True)
class Analyte:
    """Something measured: ``concentration = 1000 · mass_ratio · amount / volume`` ng/mL."""

    name: str
    compartment: str
    volume: str
    mass_ratio: float = 1.0  # molar mass over the parent's, where flows are molar
    residual: Residual = Residual()
    trust: str = ""  # e.g. "Cmax only"


@dataclass(frozen=True, slots=True)
class Population:
    """Who the model was fitted on."""

    text: str
    n: int | None = None
    age_years: tuple[float, float] | None = None
    weight_kg: tuple[float, float] | None = None


@dataclass(frozen=True, slots=True)
class Model:
    """A model with everything needed to use it and to doubt it."""

    id: str
    title: str
    substance: str  # what it was fitted on: racemic | esketamine | any
    site: str  # arterial | venous | not stated
    population: Population
    parameters: Mapping[str, Parameter]
    flows: tuple[Flow, ...]
    routes: Mapping[str, Route]
    analytes: Mapping[str, Analyte]
    citation: str
    source: str
    grade: str
    covariances: tuple[Covariance, ...] = ()
    covariates: tuple[Covariate, ...] = ()
    reference_kg: float = 70.0
    allometry: str = ""
    use: str = ""
    set_apart: str = ""  # why it is left out when models are compared for a pain clinic; "" when it is not
    site_grade: str = ""  # "assumption" where the source does not state the sampling site
    limits: tuple[str, ...] = ()  # shown with every answer
    doubts: tuple[str, ...] = ()  # shown with the model

    @property
    def parent(self) -> str:
        """The analyte that is given, first of ``analytes``."""
        return next(iter(self.analytes))

    @property
    def linear(self) -> bool:
        """Whether every flow is linear, so that the exact solution applies."""
        return not any(f.km for f in self.flows)

    @property
    def borrowed(self) -> bool:
        """Whether any variability or residual error is borrowed from other models."""
        return any(p.variability.borrowed for p in self.parameters.values()) or any(
            a.residual.borrowed for a in self.analytes.values()
        )
