"""The same linear system by matrix exponential: slower, and exact also where equal rates spoil the modes.

The inputs join the state: a constant input is a state that stands still, a ramp one that grows. What a breakpoint
changes is carried to the next reading by one exponential, and from reading to reading by another; since all is linear,
the changes simply add.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from surcease.pkpd.schedule import Schedule
from surcease.pkpd.system import System

Array = NDArray[np.float64]
_SAME_H = 13  # steps that agree to this many decimals of an hour share one exponential


def propagate(system: System, schedule: Schedule, times: Array) -> Array:
    """Outputs (people, outputs, times); zero before the first input."""
    people, n = max(system.people, len(schedule.times), len(schedule.jumps)), len(system.states)
    generator = _generator(system, schedule)
    powers: dict[bytes, Array] = {}
    changes = _changes(schedule, generator.shape[1], [system.states.index(c) for c in schedule.channels], n)
    arrivals = _arrivals(generator, schedule.times, changes, times, powers)
    x = np.zeros((people, generator.shape[1], 1))
    out = np.empty((people, len(system.outputs), len(times)))
    reached = times.round(_SAME_H)
    steps = np.diff(reached, prepend=reached[:1]).round(_SAME_H)
    for first, last in _runs(steps, {int(k) for at, _ in arrivals for k in np.unique(at)}):
        step = _power(powers, generator, steps[first : first + 1])
        x = step @ x if first else x
        for at, change in arrivals:
            x = x + np.where((at == first)[:, None, None], change, 0.0)
        columns = _onward(step, x, last - first)
        out[:, :, first:last] = system.read @ columns[:, :n]
        x = columns[:, :, -1:]
    return out


def _runs(steps: Array, marked: set[int]) -> Iterator[tuple[int, int]]:
    """Stretches of readings that are equal steps apart, with nothing given but at the first: (first, one past last)."""
    starts = [k for k in range(len(steps)) if k < 2 or k in marked or steps[k] != steps[k - 1]]
    yield from zip(starts, [*starts[1:], len(steps)], strict=True)


def _onward(step: Array, x: Array, count: int) -> Array:
    """States (people, size, count) at ``count`` readings a ``step`` apart, the first of them ``x``: by doubling."""
    columns, power = x, step
    while columns.shape[2] < count:
        columns = np.concatenate([columns, power @ columns[:, :, : count - columns.shape[2]]], axis=2)
        power = power @ power
    return columns


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


def _changes(schedule: Schedule, size: int, entry: list[int], n: int) -> Array:
    """What each breakpoint adds to the joined state, (people, breakpoints, size)."""
    people, count, channels = schedule.jumps.shape
    change = np.zeros((people, count, size))
    for c, state in enumerate(entry):
        change[:, :, state] += schedule.jumps[:, :, c]
    lengths = np.diff(schedule.times, axis=1)[:, :, None]
    before = schedule.rates[:, :-1]
    if schedule.slopes is not None:  # a ramp has moved the rate by the next breakpoint
        before = before + schedule.slopes[:, :-1] * lengths
        change[:, :, n + channels :] = np.diff(schedule.slopes, axis=1, prepend=0.0)
    change[:, :, n : n + channels] = schedule.rates
    change[:, 1:, n : n + channels] -= before
    return change


def _arrivals(
    generator: Array, starts: Array, changes: Array, times: Array, powers: dict[bytes, Array]
) -> list[tuple[NDArray[np.intp], Array]]:
    """For each breakpoint: the reading at which it first shows (people or 1,), and the change as it is by then."""
    found = []
    for s in range(starts.shape[1]):
        at = np.searchsorted(times, starts[:, s])
        later = times[np.minimum(at, len(times) - 1)] - starts[:, s]
        power = _power(powers, generator, np.maximum(later, 0.0).round(_SAME_H))
        found.append((at, power @ changes[:, s, :, None]))
    return found


def _power(powers: dict[bytes, Array], generator: Array, step: Array) -> Array:
    """exp(generator · step), computed once for each step; ``step`` is (people or 1,)."""
    from scipy.linalg import expm  # imported here: most answers never need it

    key = step.tobytes()
    if key not in powers:
        powers[key] = expm(generator * step[:, None, None])
    return powers[key]
