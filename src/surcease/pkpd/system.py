"""A model with numbers in it: the matrix of a linear system, what is read from it, and its states.

The amounts ``x`` (mg) follow ``dx/dt = A x + u(t)``; outputs are ``C x``. With many people ``A`` has a leading axis.
Only the states between what is given and what is asked are kept.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from surcease.pkpd.individual import Number, Values
from surcease.pkpd.model import OUT, Flow, Model, Part

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class EffectSite:
    """An effect site: concentration (ng/mL) follows ``analyte`` with rate ``ke0_per_h``."""

    ke0_per_h: Number
    analyte: str = ""  # "" is the parent


@dataclass(frozen=True, slots=True)
class Saturable:
    """A flow whose rate falls as its compartment fills: ``k·x / (1 + x / (km·volume))``; not in the matrix."""

    source: int
    target: int | None
    rate_per_h: Number
    half_mg: Number


@dataclass(frozen=True, slots=True)
class System:
    """``matrix`` (people, n, n) in 1/h and ``read`` (people, outputs, n); people is 1 when all are alike."""

    states: tuple[str, ...]
    outputs: tuple[str, ...]
    matrix: Array
    read: Array
    saturable: tuple[Saturable, ...] = ()

    @property
    def people(self) -> int:
        """How many people the numbers are for; 1 also when shared."""
        return max(self.matrix.shape[0], self.read.shape[0])


def depot_name(route: str, index: int) -> str:
    """The state that a first-order part of a route adds."""
    return f"{route} depot {index + 1}"


def assemble(
    model: Model,
    values: Values,
    *,
    routes: Iterable[str],
    analytes: Iterable[str],
    effect_sites: Mapping[str, EffectSite] | None = None,
) -> System:
    """The linear system of ``model`` with ``values`` for doses by ``routes``, read as ``analytes`` and effect sites."""
    edges, entries = _edges(model.flows, values), []
    for route in routes:
        for index, part in enumerate(model.routes[route].parts):
            state = part.target
            if part.absorption:
                state = depot_name(route, index)
                edges.append((state, part.target, values[part.absorption], values[part.absorption]))
            entries.append(state)
    gains, losses = _read_and_effects(model, values, analytes, effect_sites or {})
    edges += losses
    states = _needed(edges, entries, {s for terms in gains.values() for s, _ in terms})
    saturable = tuple(s for f in model.flows if f.km and (s := _saturable(f, values, states)))
    return _fill(states, edges, gains, {(f.source, f.target) for f in model.flows if f.km}, saturable)


Edge = tuple[str, str, Number, Number]  # from, to, what arrives per unit, what leaves per unit


def _saturable(flow: Flow, values: Values, states: tuple[str, ...]) -> Saturable | None:
    if flow.source not in states:
        return None
    target = states.index(flow.target) if flow.target in states else None
    half = values[flow.km] * values[flow.volume]
    return Saturable(states.index(flow.source), target, flow_rate(flow, values), half)


def _edges(flows: Iterable[Flow], values: Values) -> list[Edge]:
    """Every flow as edges, delays written out stage by stage; what a flow does not yield leaves at its last stage."""
    edges: list[Edge] = []
    for flow in flows:
        rate = flow_rate(flow, values)
        chain = [flow.source, *(f"{flow.source} to {flow.target} {n + 1}" for n in range(flow.stages - 1)), flow.target]
        edges += [(a, b, rate, rate) for a, b in pairwise(chain)]
        if flow.yields:
            edges[-1] = (*edges[-1][:2], rate * values[flow.yields], rate)
    return edges


def flow_rate(flow: Flow, values: Values) -> Number:
    """First-order rate of a flow (of each stage of a delay), 1/h."""
    if flow.rate:
        return values[flow.rate]
    if flow.mean_time:
        return flow.stages / values[flow.mean_time]
    return values[flow.clearance] / values[flow.volume]


def _read_and_effects(
    model: Model, values: Values, analytes: Iterable[str], effect_sites: Mapping[str, EffectSite]
) -> tuple[dict[str, list[tuple[str, Number]]], list[Edge]]:
    """Output name -> [(state, gain)], and the edges that drive the effect sites (whose states are in ng/mL)."""

    def gain(name: str) -> Number:
        analyte = model.analytes[name]
        return 1000.0 * analyte.mass_ratio / values[analyte.volume]

    gains: dict[str, list[tuple[str, Number]]] = {n: [(model.analytes[n].compartment, gain(n))] for n in analytes}
    edges: list[Edge] = []
    for name, site in effect_sites.items():
        analyte = site.analyte or model.parent
        source, state = model.analytes[analyte].compartment, f"effect {name}"
        edges.append((source, state, site.ke0_per_h * gain(analyte), 0.0))
        edges.append((state, OUT, site.ke0_per_h, site.ke0_per_h))
        gains[name] = [(state, 1.0)]
    return gains, edges


def _needed(edges: list[Edge], entries: Iterable[str], wanted: Iterable[str]) -> tuple[str, ...]:
    """States that an entry reaches and that reach something wanted, in order of the edges."""
    forward = _closure(entries, [(a, b) for a, b, _, _ in edges])
    backward = _closure(wanted, [(b, a) for a, b, _, _ in edges])
    order = dict.fromkeys([*(s for a, b, _, _ in edges for s in (a, b)), *entries, *wanted])
    return tuple(s for s in order if s in forward and s in backward and s != OUT)


def _closure(seeds: Iterable[str], arrows: list[tuple[str, str]]) -> set[str]:
    found = set(seeds)
    while more := {b for a, b in arrows if a in found} - found:
        found |= more
    return found


def _fill(
    states: tuple[str, ...],
    edges: list[Edge],
    gains: Mapping[str, list[tuple[str, Number]]],
    apart: set[tuple[str, str]],
    saturable: tuple[Saturable, ...],
) -> System:
    index, n = {s: i for i, s in enumerate(states)}, len(states)
    people = _people(v for _, _, a, b in edges for v in (a, b))
    matrix = np.zeros((people, n, n))
    for source, target, arrives, leaves in edges:
        if source in index and (source, target) not in apart:
            matrix[:, index[source], index[source]] -= leaves
            if target in index:
                matrix[:, index[target], index[source]] += arrives
    read = np.zeros((_people(g for terms in gains.values() for _, g in terms), len(gains), n))
    for row, terms in enumerate(gains.values()):
        for state, value in terms:
            if state in index:
                read[:, row, index[state]] = value
    return System(states, tuple(gains), matrix, read, saturable)


def _people(values: Iterable[Number]) -> int:
    return max((np.shape(v)[0] for v in values if np.ndim(v)), default=1)


def entry_state(part: Part, route: str, index: int) -> str:
    """The state into which ``part`` delivers."""
    return depot_name(route, index) if part.absorption else part.target
