"""Quantiles over people at each time, exact, without holding all curves: a stretch of times at once."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from surcease.pkpd import engine
from surcease.pkpd.engine import Backend
from surcease.pkpd.schedule import Schedule
from surcease.pkpd.system import System

Array = NDArray[np.float64]

_HELD = 6_000_000  # numbers held at once: people times instants times outputs


def quantiles(
    system: System, schedule: Schedule, times: Array, at: Array, *, backend: Backend = "auto"
) -> tuple[Array, int]:
    """(outputs, quantiles, times), and how many people needed the exponential. ``at`` are probabilities, 0 to 1."""
    if ((at < 0) | (at > 1)).any():
        raise ValueError(f"Quantiles are between 0 and 1; got {at.tolist()}.")
    out = np.empty((len(system.outputs), len(at), len(times)))
    people, others = engine.count(system, schedule), 0
    how = engine.backend_for(people * len(times), backend)
    stretch = max(1, _HELD // (people * len(system.outputs)))
    for first in range(0, len(times), stretch):
        some = slice(first, first + stretch)
        curves, others = engine.curves(system, schedule, times[some], backend=how)
        for o, curve in enumerate(curves):
            out[o, :, some] = over_people(curve, at, backend=how)
    return out, others


def over_people(curves: Array, at: Array, *, backend: Backend = "auto") -> Array:
    """(quantiles, times) of ``curves`` (people, times), as numpy.quantile gives them.

    >>> over_people(np.array([[1.0], [2.0], [4.0]]), np.array([0.5, 0.75]))
    array([[2.],
           [3.]])
    """
    if engine.backend_for(curves.size, backend) == "numpy":
        return np.asarray(np.quantile(curves, at, axis=0))
    from surcease.pkpd import compiled  # numba: loaded only for large work, or when asked for

    place = at * (len(curves) - 1)
    ranks = np.floor(place).astype(np.intp)
    pairs = compiled.order_statistics(curves, ranks)
    share = (place - ranks)[:, None]
    gap = pairs[:, 1] - pairs[:, 0]
    return np.where(share < 0.5, pairs[:, 0] + gap * share, pairs[:, 1] - gap * (1.0 - share))
