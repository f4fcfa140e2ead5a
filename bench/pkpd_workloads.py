"""The four workloads, exactly, and their reference answers from an independent method.

Typical values: Domino 1982, per minute (k10 .438, k12 .592, k13 .590, k21 .247, k31 .0146, V1 .063 L/kg) at 70 kg.
Log-normal variability of SD 0.30 on every parameter from one fixed seed; populations nest. The effect-site and
relief constants are the benchmark's choices, not clinical claims.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

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

    with mp.workdps(40):
        rows = [_exact(mp, _plasma(mp, person), times_min, STARTS_MIN[:1]) for person in who.values]
    return np.array(rows)


def exact_w2(who: People, times_min: Floats) -> Floats:
    """3 × people × times: plasma and effect-site mg/L and relief share, likewise."""
    import mpmath as mp

    out = np.empty((3, len(who), len(times_min)))
    with mp.workdps(40):
        for i, person in enumerate(who.values):
            ke0, kl, c50 = (mp.mpf(float(x)) for x in person[6:9])
            plasma = _plasma(mp, person)
            out[0, i] = _exact(mp, plasma, times_min, STARTS_MIN)
            out[1, i] = _exact(mp, _behind(plasma, ke0), times_min, STARTS_MIN)
            slow = np.array(_exact(mp, _behind(plasma, kl), times_min, STARTS_MIN))
            out[2, i] = slow / (slow + float(c50))
    return out


Modes = list[tuple[Any, Any]]  # (rate, coefficient): the response to a unit amount is the sum of c·exp(−λt)


def _plasma(mp: Any, person: Floats) -> Modes:
    v1, k10, k12, k13, k21, k31 = (mp.mpf(float(x)) for x in person[:6])
    a2 = k10 + k12 + k13 + k21 + k31
    a1 = k10 * k21 + k10 * k31 + k21 * k31 + k12 * k31 + k13 * k21
    rates = [-mp.re(r) for r in mp.polyroots([1, a2, a1, k10 * k21 * k31], maxsteps=200, extraprec=200)]
    return [
        (x, (k21 - x) * (k31 - x) / mp.fprod(y - x for j, y in enumerate(rates) if j != i) / v1)
        for i, x in enumerate(rates)
    ]


def _behind(plasma: Modes, k: Any) -> Modes:
    """The modes of a site that follows with rate ``k``."""
    passed = [(x, c * k / (k - x)) for x, c in plasma]
    return [*passed, (k, -sum(c for _, c in passed))]


def _exact(mp: Any, modes: Modes, times_min: Floats, starts_min: Floats) -> list[float]:
    rate, length = mp.mpf(DOSE_MG) / mp.mpf(INFUSION_MIN), mp.mpf(INFUSION_MIN)

    def level(t: float) -> Any:
        total = mp.mpf(0)
        for start in starts_min:
            since = mp.mpf(float(t)) - mp.mpf(float(start))
            if since > 0:
                on, off = min(since, length), max(since - length, mp.mpf(0))
                total += mp.fsum(c / x * (1 - mp.exp(-x * on)) * mp.exp(-x * off) for x, c in modes)
        return rate * total

    return [float(level(t)) for t in times_min]
