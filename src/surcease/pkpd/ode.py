"""The general way: an adaptive ODE solver, for what is not linear and as the independent check of what is.

Dormand–Prince order 8 (SciPy's DOP853), started anew at every breakpoint so that no step crosses a jump or a change
of rate; one person at a time.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from surcease.pkpd.schedule import Schedule
from surcease.pkpd.system import System

Array = NDArray[np.float64]
Slope = Callable[[float, Array], Array]

RELATIVE = 1e-12
ABSOLUTE_OF_DOSE = 1e-14


def propagate(system: System, schedule: Schedule, times: Array) -> Array:
    """Outputs (1, outputs, times) for one person; zero before the first input.

    ValueError for more than one person, ArithmeticError where the rates of change are not finite.
    """
    if max(system.people, len(schedule.times), len(schedule.jumps)) != 1:
        raise ValueError("The ODE path takes one person at a time: call it once for each.")
    entry = [system.states.index(c) for c in schedule.channels]
    floor = ABSOLUTE_OF_DOSE * max(_largest(schedule), 1e-12)
    x, out = np.zeros(len(system.states)), np.zeros((len(system.outputs), len(times)))
    starts = schedule.times[0]
    ends = np.append(starts[1:], max(float(times.max(initial=0.0)), starts[-1]))
    for k, (start, end) in enumerate(zip(starts, ends, strict=True)):
        x[entry] += schedule.jumps[0, k]
        inside = (times >= start) & ((times < end) | (k == len(starts) - 1))
        slope = derivative(system, schedule, k, entry)
        states, x = _integrate(slope, x, float(start), float(end), times[inside], floor)
        out[:, inside] = system.read[0] @ states
    return out[None]


def derivative(system: System, schedule: Schedule, k: int, entry: list[int]) -> Slope:
    """dx/dt after breakpoint ``k``: the linear part, the saturable flows and the inputs."""
    matrix, start = system.matrix[0], schedule.times[0, k]
    rates = schedule.rates[0, k]
    slopes = np.zeros_like(rates) if schedule.slopes is None else schedule.slopes[0, k]

    def slope(t: float, x: Array) -> Array:
        change = matrix @ x
        change[entry] += rates + slopes * (t - start)
        for flow in system.saturable:
            amount = flow.rate_per_h * x[flow.source] / (1.0 + x[flow.source] / flow.half_mg)
            change[flow.source] -= amount
            if flow.target is not None:
                change[flow.target] += amount
        if not np.isfinite(change).all():  # the solver would halve its step for ever
            raise ArithmeticError(f"The rates of change are no finite number at {t:.6g} h: check the parameters.")
        return change

    return slope


def _integrate(slope: Slope, x: Array, start: float, end: float, times: Array, floor: float) -> tuple[Array, Array]:
    """States (n, times) inside [start, end], and the state at the end.

    Every reading is the end of a step: the solver's interpolation between steps is less exact than its steps.
    """
    from scipy.integrate import DOP853  # imported here: most answers never need it

    states, now, step = np.empty((len(x), len(times))), start, None
    for k, reading in enumerate([*times.tolist(), end]):
        if reading > now:
            solver = DOP853(slope, now, x, reading, rtol=RELATIVE, atol=floor, first_step=_within(step, reading - now))
            while solver.status == "running":
                message = solver.step()
            if solver.status == "failed":
                raise ArithmeticError(f"The ODE solver stopped at {solver.t:.6g} h: {message}")
            x, now, step = solver.y, reading, solver.h_abs
        if k < len(times):
            states[:, k] = x
    return states, x


def _within(step: float | None, room: float) -> float | None:
    return None if step is None else min(step, room)


def _largest(schedule: Schedule) -> float:
    """The largest amount that any breakpoint brings, for the absolute tolerance."""
    lengths = np.diff(schedule.times[0], append=schedule.times[0, -1])[:, None]
    return float(max(schedule.jumps.max(), (schedule.rates[0] * lengths).max()))
