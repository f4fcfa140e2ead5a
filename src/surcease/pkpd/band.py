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
    stretch = max(1, _HELD // (people * len(system.outputs)))
    for first in range(0, len(times), stretch):
        some = slice(first, first + stretch)
        curves, others = engine.curves(system, schedule, times[some], backend=backend)
        out[:, :, some] = np.quantile(curves, at, axis=1).transpose(1, 0, 2)
    return out, others
