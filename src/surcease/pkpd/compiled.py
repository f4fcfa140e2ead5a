"""The door to the compiled core: shapes and types as the kernels want them, one call at a time.

Importing this module imports numba and costs a third of a second; the first use on a machine compiles for some
seconds, kept afterwards in the user's cache folder.
"""

from __future__ import annotations

import threading

import numpy as np
from numpy.typing import NDArray

from surcease.pkpd import kernels
from surcease.pkpd.modal import Modes
from surcease.pkpd.schedule import Schedule

Array = NDArray[np.float64]
LOCK = threading.Lock()  # one compiled call at a time: each uses all cores anyway
_MARGIN = 10  # ranks to either side of a quantile whose people are looked at again at the next time


def star(matrix: Array, order: tuple[int, int, int], entry: list[int], read: Array) -> Modes:
    """Modes of three compartments that exchange through ``order[0]``; ``read`` (people or 1, outputs, 3)."""
    people = len(matrix)
    rates, fine = np.empty((people, 3)), np.empty(people, bool)
    enter, seen = np.empty((people, len(entry), 3)), np.empty((people, read.shape[1], 3))
    with LOCK:
        kernels.star(_c(matrix), *order, np.array(entry, np.intp), _c(read), rates, enter, seen, fine)
    return Modes(rates, enter, seen, fine)


def fill(modes: Modes, schedule: Schedule, times: Array, out: NDArray[np.floating]) -> None:
    """Write the curves at ``times`` into ``out``, which is (outputs, people, times)."""
    slopes = np.zeros((1, 0, 1)) if schedule.slopes is None else schedule.slopes
    with LOCK:
        kernels.fill(
            _c(modes.rates), _c(modes.enter), _c(modes.read), _c(schedule.times), _c(schedule.jumps),
            _c(schedule.rates), _c(slopes), _c(times), step_of(times), out,
        )  # fmt: skip


def order_statistics(curves: Array, ranks: NDArray[np.intp]) -> Array:
    """(ranks, 2, times): values of each rank over people and the next above it; ``curves`` is (people, times)."""
    out = np.empty((len(ranks), 2, curves.shape[1]))
    with LOCK:
        kernels.order_statistics(_c(curves), ranks, _MARGIN, out)
    return out


def relief_slopes(
    raw: Array, spread: Array, kinds: Array, surface: Array, reach: float, there: Array
) -> tuple[Array, Array, Array]:
    """A diary's log likelihood (kinds,), gradient (kinds, 4) and curvature (kinds, 4, 4); see the kernel."""
    many, size = raw.shape
    log, gradient, curvature = np.zeros(many), np.zeros((many, size)), np.zeros((many, size, size))
    with LOCK:
        kernels.relief_slopes(
            raw, spread, kinds, surface, reach, there, np.empty((2, there.shape[1])), log, gradient, curvature
        )
    return log, gradient, curvature


def step_of(times: Array) -> float:
    """The step of a uniform grid, 0.0 when the times are not one."""
    if len(times) < 3:
        return 0.0
    step = float(times[-1] - times[0]) / (len(times) - 1)
    off = np.abs(times[0] + step * np.arange(len(times)) - times).max()
    return step if step > 0 and off <= 4e-16 * max(abs(times[0]), abs(times[-1])) else 0.0


def _c(array: Array) -> Array:
    return np.ascontiguousarray(array, np.float64)
