"""The four workloads, exactly, and their reference answers from an independent method.

Typical values: Domino 1982, per minute (k10 .438, k12 .592, k13 .590, k21 .247, k31 .0146, V1 .063 L/kg) at 70 kg.
Log-normal variability of SD 0.30 on every parameter from one fixed seed; populations nest. The effect-site and
relief constants are the benchmark's choices, not clinical claims.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

WEIGHT_KG, DOSE_MG, INFUSION_MIN = 70.0, 35.0, 40.0
NAMES = ("v1_l", "k10", "k12", "k13", "k21", "k31", "ke0", "kl", "c50")
TYPICAL = np.array([0.063 * WEIGHT_KG, 0.438, 0.592, 0.590, 0.247, 0.0146, 0.2, np.log(2) / (10.9 * 1440), 0.0105])
SD, SEED = 0.30, 20261125
ONE_DAY_MIN = np.arange(721) * 2.0
WEEKS_MIN = np.arange(2017) * 60.0
STARTS_MIN = np.arange(10) * 3.5 * 1440


@dataclass(frozen=True, slots=True)
class People:
    """One row a person, columns :data:`NAMES`: L, per minute, and mg/L for c50."""

    values: Floats

    def __len__(self) -> int:
        return len(self.values)

    def column(self, name: str) -> Floats:
        return self.values[:, NAMES.index(name)]

    def first(self, n: int) -> People:
        return People(self.values[:n])


def people(n: int) -> People:
    """The first ``n`` people of the one population."""
    eta = np.random.default_rng(SEED).standard_normal((n, len(NAMES)))
    return People(TYPICAL * np.exp(SD * eta))


def exact_w1(who: People, times_min: Floats = ONE_DAY_MIN) -> Floats:
    """Concentrations in mg/L by 40-digit arithmetic: roots of the cubic and closed-form exponentials."""
    import mpmath as mp

    rows = []
    with mp.workdps(40):
        for v1, k10, k12, k13, k21, k31, *_ in who.values:
            lam, coef = _modes(mp, *(mp.mpf(float(x)) for x in (v1, k10, k12, k13, k21, k31)))
            rate = mp.mpf(DOSE_MG) / mp.mpf(INFUSION_MIN)
            rows.append([_one_infusion(mp, mp.mpf(float(t)), rate, lam, coef) for t in times_min])
    return np.array([[float(c) for c in row] for row in rows])


def _modes(mp, v1, k10, k12, k13, k21, k31):  # type: ignore[no-untyped-def]
    a2 = k10 + k12 + k13 + k21 + k31
    a1 = k10 * k21 + k10 * k31 + k21 * k31 + k12 * k31 + k13 * k21
    a0 = k10 * k21 * k31
    lam = [-mp.re(r) for r in mp.polyroots([1, a2, a1, a0], maxsteps=200, extraprec=200)]
    coef = [
        (k21 - x) * (k31 - x) / mp.fprod(y - x for j, y in enumerate(lam) if j != i) / v1 for i, x in enumerate(lam)
    ]
    return lam, coef


def _one_infusion(mp, t, rate, lam, coef):  # type: ignore[no-untyped-def]
    on, off = min(t, mp.mpf(INFUSION_MIN)), max(t - mp.mpf(INFUSION_MIN), mp.mpf(0))
    return mp.fsum(rate * c / x * (1 - mp.exp(-x * on)) * mp.exp(-x * off) for x, c in zip(lam, coef, strict=True))
