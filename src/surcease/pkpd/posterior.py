"""From a log posterior to weighted draws: Levenberg–Marquardt to its peak, then importance sampling around it.

Several problems of one shape (the kinds of people) are solved side by side, along the first axis. The parameters are
shifts from the prior in prior standard deviations, so that the prior is a standard normal in every problem and the
start, 0, is sensible. The proposal is Student's t around the peak mixed with the prior, widened once by what the first
draws showed (adaptive importance sampling: Cappé et al. 2004, doi 10.1198/106186004X12803).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import gammaln, ndtri

from surcease.pkpd.chance import normals, uniforms

Floats = NDArray[np.float64]
# u (problems, p) -> log posterior (problems,), gradient (problems, p), curvature (problems, p, p)
Slopes = Callable[[Floats], tuple[Floats, Floats, Floats]]
# u (problems, draws, p) -> log posterior (problems, draws)
Height = Callable[[Floats], Floats]

FREEDOM = 5.0  # of Student's t
PRIOR_SHARE = 0.15  # of the draws come from the prior itself
_STREAM = 11
STILL = 1e-7


@dataclass(frozen=True, slots=True)
class Peak:
    """Where a log posterior is highest: place (problems, p), its height and curvature there, and steps taken."""

    place: Floats
    height: Floats
    curvature: Floats
    steps: int

    def at(self, problems: NDArray[np.intp]) -> Peak:
        """The peaks of some of the problems."""
        return Peak(self.place[problems], self.height[problems], self.curvature[problems], self.steps)


@dataclass(frozen=True, slots=True)
class Weighted:
    """Draws (problems, draws, p) with log weights; ``evidence`` is the log marginal likelihood of each problem."""

    draws: Floats
    log_weights: Floats
    evidence: Floats

    @property
    def effective(self) -> Floats:
        """Effective number of draws of each problem (Kish)."""
        share = np.exp(self.log_weights - self.log_weights.max(axis=1, keepdims=True))
        return share.sum(axis=1) ** 2 / (share**2).sum(axis=1)


def climb(slopes: Slopes, start: Floats, *, most_steps: int = 40) -> Peak:
    """The peak of each problem by Levenberg–Marquardt with exact gradients, to 1e-7 in height.

    It stops after ``most_steps`` in any case: a kind of person that explains nothing has a long flat ridge, and the
    draws of :func:`sample` do not need its very top.
    """
    place, damping, one = start.copy(), np.full((len(start), 1, 1), 1e-2), np.eye(start.shape[1])
    height, gradient, curvature = slopes(place)
    done = np.zeros(len(start), bool)
    steps = 0
    while steps < most_steps:
        move = np.linalg.solve(curvature * (1 + damping * one), gradient[..., None])[..., 0]
        done |= (move * gradient).sum(axis=1) < STILL  # twice what is left to gain
        if done.all():
            break
        steps += 1
        there = place + np.clip(move, -2.0, 2.0)
        new_height, new_gradient, new_curvature = slopes(there)
        better = (new_height > height) & ~done
        gain = np.where(better, new_height - height, 0.0)
        place, height = np.where(better[:, None], there, place), np.where(better, new_height, height)
        gradient = np.where(better[:, None], new_gradient, gradient)
        curvature = np.where(better[:, None, None], new_curvature, curvature)
        damping = np.where(better[:, None, None], np.maximum(damping / 8, 1e-10), np.minimum(damping * 6, 1e10))
        calm, stuck = damping[:, 0, 0] < 1, damping[:, 0, 0] >= 1e10
        done |= (better & (gain < STILL) & calm) | stuck
    return Peak(place, height, curvature, steps)


def sample(height: Height, peak: Peak, *, draws: int, seed: int) -> Weighted:
    """Weighted draws of each problem: a first half around the peak, a second half around what the first half found."""
    first, rest = draws // 3, draws - draws // 3
    covariance = np.asarray(np.linalg.inv(peak.curvature), float)
    early, early_log = _round(height, peak.place, covariance, first, seed=seed, stream=_STREAM)
    centre, spread = _moments(early, early_log)
    blend = spread + 0.1 * covariance
    late, late_log = _round(height, centre, blend, rest, seed=seed, stream=_STREAM + 2)
    # Both rounds count, each with the share of its draws.
    joined = np.concatenate((early, late), axis=1)
    logs = np.concatenate((early_log + np.log(first / draws), late_log + np.log(rest / draws)), axis=1)
    logs[:, :first] -= np.log(first)
    logs[:, first:] -= np.log(rest)
    top = logs.max(axis=1, keepdims=True)
    evidence = top[:, 0] + np.log(np.exp(logs - top).sum(axis=1))
    return Weighted(joined, logs, evidence)


def resample(weighted: Weighted, log_prior: Floats, count: int, *, seed: int) -> tuple[NDArray[np.intp], Floats]:
    """``count`` equally likely draws over all problems: which problem each came from, and the draw (count, p).

    Systematic resampling (Kitagawa 1996), problems in their order, so that their shares are right to one draw.
    """
    logs = weighted.log_weights + log_prior[:, None]
    share = np.exp(logs - logs.max())
    reached = np.cumsum(share.ravel())
    offset = uniforms(range(1), 1, seed=seed, stream=_STREAM + 4)[0, 0]
    picked = np.searchsorted(reached, (np.arange(count) + offset) / count * reached[-1])
    picked = np.minimum(picked, share.size - 1)
    problem, draw = np.divmod(picked, share.shape[1])
    return problem, weighted.draws[problem, draw]


def _round(
    height: Height, centre: Floats, covariance: Floats, count: int, *, seed: int, stream: int
) -> tuple[Floats, Floats]:
    """Draws and their log importance ratios under the mixture of Student's t and the prior."""
    problems, p = centre.shape
    root = np.asarray(np.linalg.cholesky(covariance), float)
    z = normals(range(count * problems), p, seed=seed, stream=stream).reshape(problems, count, p)
    u = uniforms(range(count * problems), 3, seed=seed, stream=stream + 1).reshape(problems, count, 3)
    chi2 = -2 * np.log(u[..., 0]) - 2 * np.log(u[..., 1]) + ndtri(u[..., 2]) ** 2
    student = centre[:, None] + np.einsum("kij,knj->kni", root, z) * np.sqrt(FREEDOM / chi2)[..., None]
    from_prior = (np.arange(count) + 0.5) / count < PRIOR_SHARE
    drawn = np.where(from_prior[None, :, None], z, student)
    ratio = height(drawn) - np.logaddexp(
        np.log(1 - PRIOR_SHARE) + _log_t(drawn - centre[:, None], root),
        np.log(PRIOR_SHARE) - 0.5 * (drawn**2).sum(axis=-1) - 0.5 * p * np.log(2 * np.pi),
    )
    return drawn, ratio


def _log_t(away: Floats, root: Floats) -> Floats:
    p = away.shape[-1]
    scaled = np.linalg.solve(root, np.swapaxes(away, 1, 2))
    distance = (scaled**2).sum(axis=1)
    constant = gammaln((FREEDOM + p) / 2) - gammaln(FREEDOM / 2) - 0.5 * p * np.log(FREEDOM * np.pi)
    logdet = np.log(np.einsum("kii->ki", root)).sum(axis=1)
    return np.asarray(constant - logdet[:, None] - 0.5 * (FREEDOM + p) * np.log1p(distance / FREEDOM))


def _moments(draws: Floats, logs: Floats) -> tuple[Floats, Floats]:
    share = np.exp(logs - logs.max(axis=1, keepdims=True))
    share /= share.sum(axis=1, keepdims=True)
    centre = np.einsum("kn,kni->ki", share, draws)
    away = draws - centre[:, None]
    return centre, np.einsum("kn,kni,knj->kij", share, away, away)
