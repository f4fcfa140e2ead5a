"""From what is given to what arrives: routes turn a regimen's inputs into deliveries into the model's states."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np

from surcease.pkpd.dose import Input
from surcease.pkpd.individual import Number, Values
from surcease.pkpd.model import Model, Part, Route
from surcease.pkpd.regimen import Regimen
from surcease.pkpd.schedule import Piece
from surcease.pkpd.substance import ESKETAMINE, RACEMIC
from surcease.pkpd.system import entry_state


def check(model: Model, regimen: Regimen) -> None:
    """ValueError with one sentence when the model does not have a route that the regimen uses."""
    for route in regimen.routes:
        if route not in model.routes:
            raise ValueError(
                f"{model.id} has no route {route}: it was fitted for {', '.join(model.routes)}. "
                f"Choose another model (surcease models lists them) or another route."
            )


def limits(
    model: Model, regimen: Regimen, *, weight_kg: Number = 70.0, age_years: Number | None = None
) -> tuple[str, ...]:
    """What the reader must know about this drug, by this route, in this person, in this model."""
    said = list(model.limits)
    if RACEMIC in regimen.substances and model.substance == ESKETAMINE:
        said.append(
            "An esketamine model given racemic ketamine: it takes the S half of the dose; "
            "total ketamine is about twice what is shown."
        )
    if ESKETAMINE in regimen.substances and model.substance == RACEMIC:
        said.append("A racemic model given esketamine: it takes the dose as total mass.")
    for route in (model.routes[r] for r in regimen.routes):
        if route.grade != "published":
            said.append(f"Route {route.name}: {route.grade}, not published. {route.note}".strip())
        elif route.note:
            said.append(f"Route {route.name}: {route.note}")
    if any(model.parameters[name].variability.borrowed for name in _used(model, regimen)):
        said.append("Between-person variability is borrowed from other ketamine models.")
    return (*said, *_outside(model, weight_kg, age_years))


def _used(model: Model, regimen: Regimen) -> set[str]:
    """The parameters that matter for this regimen: those of the flows and of the routes taken."""
    flows = {n for f in model.flows for n in (f.clearance, f.volume, f.rate, f.mean_time, f.yields, f.km)}
    parts = [part for route in regimen.routes for part in model.routes[route].parts]
    ways = {n for p in parts for n in (*p.fraction, p.remainder_of, p.duration, p.absorption, p.lag)}
    return (flows | ways) - {""}


def _outside(model: Model, weight_kg: Number, age_years: Number | None) -> list[str]:
    """Where this person, or anyone of many, lies outside those the model was fitted on."""
    said = []
    for value, span, what, unit in (
        (weight_kg, model.population.weight_kg, "weight", "kg"),
        (age_years, model.population.age_years, "age", "years"),
    ):
        if span and value is not None and (np.min(value) < span[0] or np.max(value) > span[1]):
            most = f" to {span[1]:g}" if np.isfinite(span[1]) else " and more"
            said.append(f"Outside the people it was fitted on: {what} there was {span[0]:g}{most} {unit}.")
    return said


def deliveries(model: Model, regimen: Regimen, values: Values, weight_kg: Number) -> list[Piece]:
    """Every delivery of ``regimen`` into the states of ``model``; arrays over people where a number differs."""
    check(model, regimen)
    pieces: list[Piece] = []
    for given in regimen.inputs():
        route, share = model.routes[given.route], substance_share(model, given.substance)
        for index, part in enumerate(route.parts):
            state = entry_state(part, route.name, index)
            if given.duration_s:
                pieces.append(_infused(given, part, state, share, values, weight_kg))
            else:
                pieces += _at_once(given, route, part, state, share, values, weight_kg)
    return pieces


def substance_share(model: Model, substance: str) -> float:
    """The share of a dose that is the model's own drug: half of racemic ketamine is esketamine."""
    return 0.5 if substance == RACEMIC and model.substance == ESKETAMINE else 1.0


def _infused(given: Input, part: Part, state: str, share: float, values: Values, weight_kg: Number) -> Piece:
    start, end = _start(given, part, values), float(given.start_s + given.duration_s) / 3600 + _lag(part, values)
    factor = share * _fraction(part, values, 1.0)
    rate = to_rate = _absolute(float(given.rate_mg_per_h), given, weight_kg) * factor
    if given.to_rate_mg_per_h != given.rate_mg_per_h:
        to_rate = _absolute(float(given.to_rate_mg_per_h), given, weight_kg) * factor
    return Piece(state, start, end_h=end, rate=rate, to_rate=to_rate)


def _at_once(
    given: Input, route: Route, part: Part, state: str, share: float, values: Values, weight_kg: Number
) -> Iterator[Piece]:
    amount = _absolute(float(given.amount_mg), given, weight_kg) * share
    start = _start(given, part, values)
    for portion, later_h, further in _portions(amount, route, values):
        arrives = portion * _fraction(part, values, further)
        if part.duration:
            duration = values[part.duration]
            rate = arrives / duration
            yield Piece(state, start + later_h, end_h=start + later_h + duration, rate=rate, to_rate=rate)
        else:
            yield Piece(state, start + later_h, amount=arrives)


def _portions(amount: Number, route: Route, values: Values) -> Iterable[tuple[Number, float, Number]]:
    """(amount, hours later, relative absorption) of each device of a spray, or the whole amount."""
    devices = route.devices
    if devices is None:
        return [(amount, 0.0, 1.0)]
    count = int(np.ceil(np.max(amount) / devices.amount_mg - 1e-9))
    return [
        (
            np.clip(np.subtract(amount, n * devices.amount_mg), 0.0, devices.amount_mg),
            n * devices.gap_h,
            values[devices.further] if n else 1.0,
        )
        for n in range(count)
    ]


def _fraction(part: Part, values: Values, further: Number) -> Number:
    """The share of an amount that this part of a route delivers."""
    share: Number = 1.0
    for name in part.fraction:
        share = share * values[name]
    if part.remainder_of:
        return share * (1.0 - values[part.remainder_of] * further)
    return share * further


def _absolute(number: float, given: Input, weight_kg: Number) -> Number:
    amount = number * weight_kg if given.per_kg else number
    return amount if given.cap is None else np.minimum(amount, float(given.cap))


def _start(given: Input, part: Part, values: Values) -> Number:
    return given.start_h + _lag(part, values)


def _lag(part: Part, values: Values) -> Number:
    return values[part.lag] if part.lag else 0.0
