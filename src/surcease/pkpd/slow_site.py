"""The slow site's concentration as a smooth surface over time and rate, so that one solve serves a thousand fits.

For a given regimen L(t; k) is a smooth function of log k. It is solved exactly at Chebyshev points of log k and
interpolated between them (Trefethen 2013, Approximation Theory and Practice, ch. 8: the error falls geometrically).
Forty points over a factor of 18 either way leave an error below 1e-9 of the peak.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.fft import dct

from surcease.pkpd.engine import Backend
from surcease.pkpd.many import solve_many
from surcease.pkpd.model import Model
from surcease.pkpd.regimen import Regimen
from surcease.pkpd.relief import SITE
from surcease.pkpd.subject import Subject
from surcease.pkpd.system import EffectSite

Floats = NDArray[np.float64]

REACH = 2.9  # log k either side of the middle
POINTS = 40


@dataclass(frozen=True, slots=True)
class SlowSite:
    """L in ng/mL at ``times_h`` for any shift of log k: Chebyshev coefficients (POINTS, times)."""

    times_h: Floats
    coefficients: Floats

    def __call__(self, shift: Floats) -> Floats:
        """L (…, times) where log k is ``shift`` above the middle; held at the edges beyond :data:`REACH`."""
        angle = np.arccos(np.clip(shift / REACH, -1.0, 1.0))
        return np.maximum(np.cos(angle[..., None] * _ORDER) @ self.coefficients, 0.0)

    def with_slope(self, shift: Floats) -> tuple[Floats, Floats]:
        """L and its derivative in log k."""
        x = np.clip(shift / REACH, -1 + 1e-12, 1 - 1e-12)
        angle = np.arccos(x)[..., None] * _ORDER
        turn = _ORDER * np.sin(angle) / np.sqrt(1 - x * x)[..., None]
        return np.maximum(np.cos(angle) @ self.coefficients, 0.0), turn @ self.coefficients / REACH

    def at(self, where: NDArray[np.intp] | NDArray[np.bool_]) -> SlowSite:
        """The surface at some of its times."""
        return SlowSite(self.times_h[where], self.coefficients[:, where])


_ORDER = np.arange(POINTS, dtype=float)


def slow_site(
    model: Model,
    s_part: Regimen | None,
    times_h: Floats,
    *,
    middle_k_per_h: float,
    subject: Subject | None = None,
    backend: Backend = "auto",
) -> SlowSite:
    """The surface of one regimen (its S-ketamine part; None when nothing was given) at ``times_h``, ascending."""
    times = np.asarray(times_h, float)
    if s_part is None or not times.size:
        return SlowSite(times, np.zeros((POINTS, times.size)))
    whom = subject or Subject()
    nodes = REACH * np.cos(np.pi * (_ORDER + 0.5) / POINTS)
    solved = solve_many(
        model, s_part, times, weight_kg=whom.weight_kg, known=whom.known, etas=dict(whom.shifts),
        effect_sites={SITE: EffectSite(middle_k_per_h * np.exp(nodes))}, backend=backend,
    )  # fmt: skip
    coefficients = dct(solved.effect_sites[SITE], type=2, axis=0) / POINTS
    coefficients[0] /= 2
    return SlowSite(times, coefficients)
