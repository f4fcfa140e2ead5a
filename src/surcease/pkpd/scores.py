"""Pain scores as a person gives them: whole numbers from 0 to 10, several a day or none, and how likely they are.

A score says that the pain lay in an interval: 7 means 6.5 to 7.5, 0 means anything below 0.5 and 10 anything above
9.5, so the ends of the scale are censored, not exact. Day-to-day scatter is normal with standard deviation sigma.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import ndtr

Floats = NDArray[np.float64]

TOP = 10.0
_TINY = 1e-290
_LOG_ROOT_2PI = 0.5 * float(np.log(2 * np.pi))


@dataclass(frozen=True, slots=True)
class Scores:
    """Observed scores: hours from the first dose (negative before it), and the interval each one stands for."""

    times_h: Floats
    low: Floats
    high: Floats

    def __len__(self) -> int:
        return len(self.times_h)

    @property
    def middle(self) -> Floats:
        """The scores as numbers."""
        return np.clip((np.maximum(self.low, -0.5) + np.minimum(self.high, TOP + 0.5)) / 2, 0.0, TOP)


def scores(times_h: ArrayLike, values: ArrayLike, *, step: ArrayLike = 1.0) -> Scores:
    """Scores rounded to ``step`` (an array where days are means of several); missing ones (NaN) are left out.

    ValueError for a score outside 0–10.

    >>> scores([0, 24, 48], [7, float("nan"), 0]).low.tolist()
    [6.5, -inf]
    """
    times, given = np.asarray(times_h, float), np.asarray(values, float)
    half = np.broadcast_to(np.asarray(step, float) / 2, given.shape)
    have = ~np.isnan(given)
    times, given, half = times[have], given[have], half[have]
    if ((given < 0) | (given > TOP)).any():
        raise ValueError("A pain score is a number from 0 to 10: leave a missing day out.")
    order = np.argsort(times, kind="stable")
    low, high = given - half, given + half
    low, high = np.where(given <= half, -np.inf, low), np.where(given >= TOP - half, np.inf, high)
    return Scores(times[order], low[order], high[order])


def log_likelihood(pain: Floats, sigma: Floats, seen: Scores) -> Floats:
    """Log probability of all scores, summed over the last axis: ``pain`` (…, scores), ``sigma`` (…,)."""
    return _logs(*_ends(pain, sigma, seen))[0].sum(axis=-1)


def slopes(pain: Floats, sigma: Floats, seen: Scores) -> tuple[Floats, Floats, Floats, Floats]:
    """Log probability of each score, its slope in pain and in log sigma, and its curvature (≥ 0) in pain."""
    below, above = _ends(pain, sigma, seen)
    log, chance = _logs(below, above)
    with np.errstate(over="ignore", invalid="ignore"):
        at_below, at_above = (np.exp(-0.5 * z * z - _LOG_ROOT_2PI) / chance for z in (below, above))
        lean = np.where(chance > _TINY, at_below - at_above, _nearest(below, above))
        pull = np.where(np.isfinite(below), below * at_below, 0.0) - np.where(np.isfinite(above), above * at_above, 0.0)
    pull = np.where(chance > _TINY, pull, lean**2)
    bend = np.where(chance > _TINY, np.maximum(lean**2 - pull, 0.0), 1.0)
    width = sigma[..., None]
    return log, lean / width, pull, bend / width**2


def observed(pain: Floats) -> Floats:
    """What a person would write down: rounded to a whole number within 0–10."""
    return np.clip(np.rint(pain), 0.0, TOP)


def _ends(pain: Floats, sigma: Floats, seen: Scores) -> tuple[Floats, Floats]:
    width = sigma[..., None]
    return (seen.low - pain) / width, (seen.high - pain) / width


def _logs(below: Floats, above: Floats) -> tuple[Floats, Floats]:
    """Log probability of the interval, and the probability; far from it, the normal's tail instead of log 0."""
    flip = below > 0
    chance = ndtr(np.where(flip, -below, above)) - ndtr(np.where(flip, -above, below))
    far = chance <= _TINY
    log = np.log(np.where(far, 1.0, chance))
    if far.any():
        log = np.where(far, -0.5 * _nearest(below, above) ** 2, log)
    return log, np.maximum(chance, _TINY)


def _nearest(below: Floats, above: Floats) -> Floats:
    """The end of the interval nearer to the pain, in standard deviations."""
    return np.where(np.abs(below) < np.abs(above), below, above)
