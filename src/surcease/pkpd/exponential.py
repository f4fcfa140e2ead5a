"""The same linear system by matrix exponential: slower, and exact also where equal rates spoil the modes.

The inputs join the state: a constant input is a state that stands still, a ramp one that grows. One matrix then
carries everything from one instant to the next, whatever is being given.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from surcease.pkpd.schedule import Schedule
from surcease.pkpd.system import System

Array = NDArray[np.float64]
Who: TypeAlias = slice | NDArray[np.intp]
Mark: TypeAlias = tuple[Who, int]
_SAME_H = 13  # steps that agree to this many decimals of an hour share one exponential


def propagate(system: System, schedule: Schedule, times: Array) -> Array:
    """Outputs (people, outputs, times); zero before the first input."""
    people = max(system.people, len(schedule.times), len(schedule.jumps))
    generator, n = _generator(system, schedule), len(system.states)
    entry = [system.states.index(c) for c in schedule.channels]
    x = np.zeros((people, generator.shape[1], 1))
    out = np.zeros((people, len(system.outputs), len(times)))
    powers: dict[bytes, Array] = {}
    for step, events, samples in _timeline(schedule, times):
        x = _power(powers, generator, step) @ x
        for who, index in events:
            _give(x, schedule, who, index, entry)
        for who, index in samples:
            out[who, :, index] = (_of(system.read, who) @ x[who, :n])[:, :, 0]
    return out


def _give(x: Array, schedule: Schedule, who: Who, index: int, entry: list[int]) -> None:
    """At breakpoint ``index``: amounts jump in, rates and slopes are set anew."""
    n, channels = x.shape[1] - len(entry) * (1 if schedule.slopes is None else 2), len(entry)
    for c, state in enumerate(entry):
        x[who, state, 0] += _of(schedule.jumps, who)[:, index, c]
    x[who, n : n + channels, 0] = _of(schedule.rates, who)[:, index]
    if schedule.slopes is not None:
        x[who, n + channels :, 0] = _of(schedule.slopes, who)[:, index]


def _of(array: Array, who: Who) -> Array:
    """The rows of ``who``, or the one row that all share."""
    return array if len(array) == 1 else array[who]


def _generator(system: System, schedule: Schedule) -> Array:
    people, n, channels = len(system.matrix), len(system.states), len(schedule.channels)
    size = n + channels * (1 if schedule.slopes is None else 2)
    generator = np.zeros((people, size, size))
    generator[:, :n, :n] = system.matrix
    for c, name in enumerate(schedule.channels):
        generator[:, system.states.index(name), n + c] = 1.0
        if schedule.slopes is not None:
            generator[:, n + c, n + channels + c] = 1.0
    return generator


def _timeline(schedule: Schedule, times: Array) -> Iterator[tuple[Array, list[Mark], list[Mark]]]:
    """(step before it, breakpoints there, readings there) of every instant; steps are (people or 1,)."""
    starts = schedule.times
    rows, count = starts.shape
    merged = np.concatenate([starts, np.broadcast_to(times, (rows, len(times)))], axis=1)
    order = np.argsort(merged, axis=1, kind="stable")  # a breakpoint comes before a reading at the same instant
    instants = np.take_along_axis(merged, order, axis=1)
    reached = (instants - instants[:, :1]).round(_SAME_H)
    steps = np.diff(reached, axis=1, prepend=0.0).round(_SAME_H)
    for k in range(order.shape[1]):
        marks = [(_who(order[:, k] == what), int(what)) for what in np.unique(order[:, k])]
        events = [(who, what) for who, what in marks if what < count]
        yield steps[:, k], events, [(who, what - count) for who, what in marks if what >= count]


def _who(mask: NDArray[np.bool_]) -> Who:
    return slice(None) if mask.all() else np.flatnonzero(mask)


def _power(powers: dict[bytes, Array], generator: Array, step: Array) -> Array:
    from scipy.linalg import expm  # imported here: most answers never need it

    key = step.tobytes()
    if key not in powers:
        powers[key] = expm(generator * step[:, None, None])
    return powers[key]
