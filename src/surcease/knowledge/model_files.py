"""From a model's YAML document to a :class:`surcease.pkpd.model.Model`, in hours, litres and milligrams.

The grammar is docs/reference/model-files.md. Whatever is wrong is refused by the file's and the key's name, so that
adding a model is writing one file.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from surcease.knowledge.yaml import KnowledgeError
from surcease.pkpd.model import (
    OUT,
    Analyte,
    Covariance,
    Covariate,
    Devices,
    Flow,
    Model,
    Parameter,
    Part,
    Population,
    Residual,
    Route,
    Variability,
)
from surcease.units import Quantity, UnitError, plain, say_unit

__all__ = ["build"]

_INTERNAL = ("L", "L/h", "1/h", "h", "mg", "mg/L", "1")  # what a parameter may be, in the engine's units
_SUBSTANCES = ("any", "racemic", "esketamine")
_SITES = ("arterial", "venous", "not stated")


def build(raw: Mapping[str, Any]) -> Model:
    """The model that a document describes; KnowledgeError names what is wrong with it."""
    name = str(raw.get("id", "a model without id"))
    try:
        model = _model(raw)
        _check_references(model)
    except (KeyError, TypeError, UnitError, ValueError) as error:
        missing = f"the key {error} is missing" if isinstance(error, KeyError) else str(error)
        raise KnowledgeError(f"models/{name}.yaml: {missing}.".replace("..", ".")) from None
    return model


def _model(raw: Mapping[str, Any]) -> Model:
    reference = float(raw.get("reference_kg", 70))
    _known(raw, "id title substance site site_grade set_apart use grade source citation population reference_kg "
           "allometry parameters covariances covariates flows analytes routes limits doubts",
           "the document")  # fmt: skip
    return Model(
        id=raw["id"],
        title=_text(raw["title"]),
        substance=_one_of(raw["substance"], _SUBSTANCES, "substance"),
        site=_one_of(raw["site"], _SITES, "site"),
        site_grade=raw.get("site_grade", ""),
        set_apart=_text(raw.get("set_apart", "")),
        population=_population(raw["population"]),
        parameters={n: _parameter(n, p, reference) for n, p in raw["parameters"].items()},
        covariances=tuple(_covariance(c) for c in raw.get("covariances", ())),
        covariates=tuple(_covariate(c) for c in raw.get("covariates", ())),
        flows=tuple(f for entry in raw["flows"] for f in _flows(entry)),
        routes={n: _route(n, r) for n, r in raw["routes"].items()},
        analytes=_analytes(raw["analytes"]),
        citation=raw["citation"],
        source=raw["source"],
        grade=raw["grade"],
        reference_kg=reference,
        allometry=_text(raw.get("allometry", "")),
        use=_text(raw.get("use", "")),
        limits=tuple(_text(t) for t in raw.get("limits", ())),
        doubts=tuple(_text(t) for t in raw.get("doubts", ())),
    )


def _known(raw: Mapping[str, Any], keys: str, where: str) -> None:
    for key in raw:
        if key not in keys.split():
            raise ValueError(f"{where} has the unknown key {key!r}: known are {', '.join(keys.split())}")


def _text(value: Any) -> str:
    return str(value["en"] if isinstance(value, Mapping) else value)


def _one_of(value: str, allowed: Sequence[str], key: str) -> str:
    if value not in allowed:
        raise ValueError(f"{key} {value!r} is not one of {', '.join(allowed)}")
    return value


def _population(raw: Mapping[str, Any]) -> Population:
    _known(raw, "text people age_years weight_kg", "population")
    people = None if raw.get("people") is None else int(raw["people"])
    return Population(_text(raw["text"]), people, _range(raw.get("age_years")), _range(raw.get("weight_kg")))


def _range(pair: Sequence[Decimal | None] | None) -> tuple[float, float] | None:
    """Lowest and highest; an open end is null in the file and infinite here."""
    if pair is None:
        return None
    low, high = pair
    return (-math.inf if low is None else float(low), math.inf if high is None else float(high))


def _parameter(name: str, raw: Mapping[str, Any], reference_kg: float) -> Parameter:
    where = f"parameter {name}"
    _known(raw, "value unit weight_power omega2 sd cv nu2 scale borrowed rse grade note", where)
    given = Quantity.of(raw["value"], str(raw["unit"]))
    power = float(raw.get("weight_power", 0))
    value, unit = _in_engine_units(given, reference_kg, power, where)
    return Parameter(
        name,
        value,
        unit,
        power,
        _variability(raw),
        float(raw["rse"]) / 100 if "rse" in raw else None,
        f"{plain(given.value)} {say_unit(given.unit)}".strip(),
        str(raw.get("grade", "")),
    )


def _in_engine_units(given: Quantity, reference_kg: float, power: float, where: str) -> tuple[float, str]:
    if given.same_kind("L/kg"):
        if power != 1:
            raise ValueError(f"{where} is per kilogram: give weight_power: 1")
        return float(given.to("L/kg").value) * reference_kg, "L"
    for unit in _INTERNAL:
        if given.same_kind(unit):
            return float(given.to(unit).value), unit
    raise ValueError(f"{where} has the unit {given.unit}: give a volume, clearance, rate, time, amount or number")


def _variability(raw: Mapping[str, Any]) -> Variability:
    if "omega2" in raw:
        omega2 = float(raw["omega2"])
    elif "sd" in raw:
        omega2 = float(raw["sd"]) ** 2
    else:
        omega2 = math.log1p((float(raw.get("cv", 0)) / 100) ** 2)
    return Variability(omega2, float(raw.get("nu2", 0)), raw.get("scale", "log"), bool(raw.get("borrowed", False)))


def _covariance(raw: Mapping[str, Any]) -> Covariance:
    _known(raw, "of value", "a covariance")
    first, second = raw["of"]
    return Covariance(first, second, float(raw["value"]))


def _covariate(raw: Mapping[str, Any]) -> Covariate:
    _known(raw, "parameter of above add_per_unit is times", "a covariate")
    above = raw.get("above")
    return Covariate(
        raw["parameter"],
        raw["of"],
        None if above is None else float(above),
        float(raw.get("add_per_unit", 0)),
        tuple(raw.get("is", ())),
        float(raw.get("times", 1)),
    )


def _flows(raw: Mapping[str, Any]) -> tuple[Flow, ...]:
    if "between" in raw:
        _known(raw, "between clearance volumes rates", "an exchange")
        (a, b), (there, back) = raw["between"], raw.get("rates") or raw["volumes"]
        if "rates" in raw:
            return Flow(a, b, rate=there), Flow(b, a, rate=back)
        return Flow(a, b, clearance=raw["clearance"], volume=there), Flow(b, a, clearance=raw["clearance"], volume=back)
    _known(raw, "from to clearance volume rate mean_time stages yields km", "a flow")
    words = {k: raw[k] for k in ("clearance", "volume", "rate", "mean_time", "yields", "km") if k in raw}
    return (Flow(raw["from"], raw["to"], stages=int(raw.get("stages", 1)), **words),)


def _analytes(raw: Mapping[str, Any]) -> dict[str, Analyte]:
    """The analytes, the one that is given first: a stored release keeps no order, so it is told by its name."""
    return {n: _analyte(n, raw[n]) for n in sorted(raw, key=lambda n: (n != "ketamine", list(raw).index(n)))}


def _analyte(name: str, raw: Mapping[str, Any]) -> Analyte:
    _known(raw, "in volume mass_ratio residual trust", f"analyte {name}")
    residual = raw.get("residual", {})
    _known(residual, "proportional additive_ng_per_ml borrowed", f"analyte {name}, residual")
    return Analyte(
        name,
        raw["in"],
        raw["volume"],
        float(raw.get("mass_ratio", 1)),
        Residual(
            float(residual.get("proportional", 0)),
            float(residual.get("additive_ng_per_ml", 0)),
            bool(residual.get("borrowed", False)),
        ),
        _text(raw.get("trust", "")),
    )


def _route(name: str, raw: Mapping[str, Any]) -> Route:
    _known(raw, "parts grade note devices", f"route {name}")
    return Route(
        name,
        tuple(_part(p) for p in raw["parts"]),
        _one_of(raw.get("grade", "published"), ("published", "calibrated"), "grade"),
        _text(raw.get("note", "")),
        _devices(raw["devices"]) if "devices" in raw else None,
    )


def _part(raw: Mapping[str, Any]) -> Part:
    _known(raw, "into fraction remainder_of duration absorption lag", "a part of a route")
    fraction = raw.get("fraction", ())
    words = {k: raw[k] for k in ("remainder_of", "duration", "absorption", "lag") if k in raw}
    return Part(raw["into"], (fraction,) if isinstance(fraction, str) else tuple(fraction), **words)


def _devices(raw: Mapping[str, Any]) -> Devices:
    _known(raw, "amount gap further", "devices")
    amount, gap = raw["amount"], raw["gap"]
    return Devices(
        float(Quantity.of(amount["value"], amount["unit"]).to("mg").value),
        float(Quantity.of(gap["value"], gap["unit"]).to("h").value),
        raw["further"],
    )


def _check_references(model: Model) -> None:
    """Every parameter and compartment that is named must exist."""
    compartments = {c for f in model.flows for c in (f.source, f.target)} - {OUT}
    for flow in model.flows:
        _need(model, (flow.clearance, flow.volume, flow.rate, flow.mean_time, flow.yields, flow.km), "a flow")
        if not (flow.rate or flow.mean_time or (flow.clearance and flow.volume)):
            raise ValueError(f"the flow from {flow.source} needs a rate, a mean_time, or a clearance and a volume")
    for route in model.routes.values():
        further = (route.devices.further,) if route.devices else ()
        for part in route.parts:
            where = f"route {route.name}"
            _need(model, (*part.fraction, part.remainder_of, part.duration, part.absorption, part.lag, *further), where)
            _need_compartment(part.target, compartments, where)
    for analyte in model.analytes.values():
        _need(model, (analyte.volume,), f"analyte {analyte.name}")
        _need_compartment(analyte.compartment, compartments, f"analyte {analyte.name}")
    _need(model, (n for c in model.covariances for n in (c.first, c.second)), "a covariance")
    _need(model, (c.parameter for c in model.covariates), "a covariate")


def _need(model: Model, names: Any, where: str) -> None:
    for name in names:
        if name and name not in model.parameters:
            raise ValueError(f"{where} names the parameter {name!r}, which is not among the parameters")


def _need_compartment(name: str, compartments: set[str], where: str) -> None:
    if name not in compartments:
        raise ValueError(f"{where} names the compartment {name!r}, which no flow touches")
