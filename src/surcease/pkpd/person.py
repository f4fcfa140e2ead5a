"""One person's relief parameters from their pain scores, and what they say of any later regimen.

Whether a person responds to the drug and to placebo is a yes or no each, so the four kinds of people are enumerated
and each gets its own posterior; what is continuous (baseline, C50, half-life, day-to-day scatter) is found by
Levenberg–Marquardt and importance sampling within each kind. The evidence of each kind, times what was believed of it
before, is its chance. Model: :mod:`relief`; scores: :mod:`scores`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from surcease.pkpd.chance import normals
from surcease.pkpd.effects import s_part
from surcease.pkpd.engine import Backend
from surcease.pkpd.model import Model
from surcease.pkpd.outlook import dosing
from surcease.pkpd.population import QUANTILES
from surcease.pkpd.posterior import Peak, Slopes, climb, resample, sample
from surcease.pkpd.regimen import Regimen
from surcease.pkpd.relief import KINDS, Prior, kind_weights, placebo_term
from surcease.pkpd.scores import TOP, Scores, log_likelihood, slopes
from surcease.pkpd.slow_site import REACH, SlowSite, slow_site
from surcease.pkpd.subject import Subject

Floats = NDArray[np.float64]
NAMES = ("baseline", "c50_ng_per_ml", "half_life_days", "day_to_day_sd")
_HOPELESS = 18.0  # a kind whose log evidence is lower than the best by this is not sampled: a chance under 2e-8
_NEXT_DAY_H, _LEAST_PAIRS, _BEYOND_CHANCE, _STRONGEST = 36.0, 8, 1.282, 0.8
_NOISE = 17  # the stream of future days' scatter
_RESPONDS = np.array([float(r) for r, _ in KINDS])
_BELIEVES = np.array([float(p) for _, p in KINDS])


@dataclass(frozen=True, slots=True)
class Belief:
    """What is believed before the first score: the relief prior, and normals in logit baseline and log scatter."""

    relief: Prior
    baseline: float
    baseline_sd: float
    day_to_day: float
    day_to_day_log_sd: float
    exposure_log_sd: float = 0.0

    @property
    def middle(self) -> Floats:
        """Centre of logit(baseline/10), log C50, log k, log scatter."""
        share = self.baseline / TOP
        p = self.relief
        return np.array(
            [np.log(share / (1 - share)), np.log(p.c50_ng_per_ml), np.log(p.k_per_h), np.log(self.day_to_day)]
        )

    @property
    def spread(self) -> Floats:
        """Their standard deviations; doubt of the parameter and differences between people add up."""
        share, p = self.baseline / TOP, self.relief
        return np.array([
            self.baseline_sd / TOP / (share * (1 - share)),
            np.sqrt(p.c50_log_sd**2 + p.between_log_sd**2 + self.exposure_log_sd**2),
            np.sqrt(p.half_life_log_sd**2 + p.between_log_sd**2),
            self.day_to_day_log_sd,
        ])  # fmt: skip

    @property
    def log_kinds(self) -> Floats:
        """Log chance of each of :data:`relief.KINDS`."""
        return np.log(kind_weights(self.relief.drug_share, self.relief.placebo_share))


@dataclass(frozen=True, slots=True)
class Course:
    """A regimen seen from the slow site at some times: what every draw needs and no draw changes."""

    slow: SlowSite
    placebo: Floats


@dataclass(frozen=True, slots=True)
class Person:
    """Equally likely draws of one person. ``shifts`` (draws, 4) are prior SDs from the prior's middle."""

    belief: Belief
    kind: NDArray[np.intp]
    shifts: Floats
    chances: Floats  # of each kind
    effective: float  # fewest effective draws of any kind that was sampled
    seen: int
    worth: float = 1.0  # how much a day counted; under 1 where days follow each other, see worth_of_days

    @property
    def responder(self) -> float:
        """Chance that this person responds to the drug."""
        return float(self.chances @ _RESPONDS)

    @property
    def values(self) -> dict[str, Floats]:
        """The draws by :data:`NAMES`, in their units."""
        raw = self.belief.middle + self.belief.spread * self.shifts
        return {
            "baseline": TOP / (1 + np.exp(-raw[:, 0])), "c50_ng_per_ml": np.exp(raw[:, 1]),
            "half_life_days": np.log(2) / np.exp(raw[:, 2]) / 24, "day_to_day_sd": np.exp(raw[:, 3]),
        }  # fmt: skip


def course(
    belief: Belief, model: Model, regimen: Regimen | None, times_h: Floats, subject: Subject | None = None
) -> Course:
    """What ``regimen`` (absolute amounts; None when nothing was given) does at ``times_h``, hours from its zero."""
    given = s_part(regimen) if regimen is not None else None
    slow = slow_site(model, given, times_h, middle_k_per_h=belief.relief.k_per_h, subject=subject)
    if given is None:
        return Course(slow, np.zeros(len(slow.times_h)))
    return Course(slow, placebo_term(slow.times_h, dosing(given), belief.relief.placebo_half_life_days))


def fit(belief: Belief, there: Course, seen: Scores, *, draws: int = 900, keep: int = 1000, seed: int = 1) -> Person:
    """The posterior of one person; ``there`` is the given regimen at ``seen.times_h``. Without scores, the prior."""
    every = _Problem(belief, there, seen, np.arange(len(KINDS)))
    peak = most_likely(belief, there, seen)
    worth = every.worth_of_a_day(peak.place, peak.height + belief.log_kinds)
    if worth < 1:
        every = replace(every, worth=worth)
        peak = climb(every.slopes, peak.place)
    rough = peak.height - 0.5 * np.linalg.slogdet(peak.curvature)[1] + belief.log_kinds
    able = np.flatnonzero(rough > rough.max() - _HOPELESS)
    weighted = sample(replace(every, kinds=able).height, peak.at(able), draws=draws, seed=seed)
    logs = weighted.evidence + belief.log_kinds[able]
    chances = np.zeros(len(KINDS))
    chances[able] = np.exp(logs - logs.max())
    kind, shifts = resample(weighted, belief.log_kinds[able], keep, seed=seed)
    return Person(
        belief, able[kind], shifts, chances / chances.sum(), float(weighted.effective.min()), len(seen), worth
    )


def most_likely(
    belief: Belief, there: Course, seen: Scores, *, kinds: Sequence[int] = range(len(KINDS)), backend: Backend = "auto"
) -> Peak:
    """The most likely shifts of each kind of person (numbers into :data:`relief.KINDS`), each day counting whole.

    ``backend`` "compiled" is for many diaries in a warm process; "auto" takes NumPy, for one diary is small work.
    """
    problem = _Problem(belief, there, seen, np.asarray(kinds, np.intp))
    slopes = _compiled_slopes(problem) if backend == "compiled" else problem.slopes
    return climb(slopes, np.zeros((len(problem.kinds), len(NAMES))))


def pain(person: Person, there: Course) -> Floats:
    """Pain without day-to-day scatter, (draws, times)."""
    values = person.values
    slow = there.slow(person.belief.spread[2] * person.shifts[:, 2])
    drug = slow / (slow + values["c50_ng_per_ml"][:, None])
    left = (1 - _RESPONDS[person.kind][:, None] * drug) * (1 - _BELIEVES[person.kind][:, None] * there.placebo)
    return np.asarray(values["baseline"][:, None] * left)


def scored(person: Person, there: Course, *, seed: int) -> Floats:
    """Pain with each day's scatter, held within 0–10: what the person may score, (draws, times)."""
    calm = pain(person, there)
    scatter = normals(range(len(calm)), calm.shape[1], seed=seed, stream=_NOISE)
    return np.clip(calm + person.values["day_to_day_sd"][:, None] * scatter, 0.0, TOP)


def bands(draws: Floats, at: Sequence[float] = QUANTILES) -> Floats:
    """Quantiles over draws, (quantiles, times)."""
    return np.asarray(np.quantile(draws, np.asarray(at), axis=0))


def worth_of_days(away: Floats, times_h: Floats) -> float:
    """How much a day counts beside an independent one, from residuals ``away`` (in their SD) at ``times_h``.

    Days that resemble the day before say less than their number: with a correlation r between neighbours, n days
    weigh as n·(1 − r)/(1 + r) (Bayley and Hammersley 1946, doi 10.2307/2983560). It is 1 unless r is larger than
    chance gives one time in ten, so that independent days keep their full weight.

    >>> worth_of_days(np.array([1.0, 1.2, 0.9, 1.1, -1.0, -1.1, -0.9, -1.2] * 3), np.arange(24) * 24.0) < 0.5
    True
    """
    near = np.diff(times_h) <= _NEXT_DAY_H
    pairs = int(near.sum())
    if pairs < _LEAST_PAIRS:
        return 1.0
    # in fitted SDs the mean square is about 1; a flat diary's tiny residuals are rounding, not days that follow days
    power = max(float((away[:-1][near] ** 2).mean() + (away[1:][near] ** 2).mean()) / 2, 1.0)
    tie = min(float((away[:-1] * away[1:])[near].mean()) / power, _STRONGEST)
    return 1.0 if tie * np.sqrt(pairs) < _BEYOND_CHANCE else (1 - tie) / (1 + tie)


@dataclass(frozen=True, slots=True)
class _Problem:
    """The log posterior of some kinds of people, in shifts (kinds, …, 4) from the prior's middle."""

    belief: Belief
    there: Course
    seen: Scores
    kinds: NDArray[np.intp]
    worth: float = 1.0  # of a day: its log likelihood is multiplied by it

    def worth_of_a_day(self, place: Floats, height: Floats) -> float:
        """What the days are worth, seen from the most likely kind's peak."""
        best = int(np.argmax(height))
        base, c50, sigma = self._parts(place[best])
        slow = self.there.slow(self.belief.spread[2] * place[best, 2])
        drug = _RESPONDS[self.kinds[best]] * slow / (slow + c50)
        calm = base * (1 - drug) * (1 - _BELIEVES[self.kinds[best]] * self.there.placebo)
        return worth_of_days((self.seen.middle - calm) / sigma, self.seen.times_h)

    def height(self, u: Floats) -> Floats:
        """Log posterior (kinds, draws)."""
        base, c50, sigma = self._parts(u)
        left = 1 - _BELIEVES[self.kinds][:, None, None] * self.there.placebo
        level = np.repeat(left, u.shape[1], axis=1)
        drug_kinds = _RESPONDS[self.kinds] > 0  # the others do not feel the drug: its curve is not computed for them
        if drug_kinds.any():
            slow = self.there.slow(self.belief.spread[2] * u[drug_kinds][..., 2])
            level[drug_kinds] *= 1 - slow / (slow + c50[drug_kinds][..., None])
        level *= base[..., None]
        return self.worth * log_likelihood(level, sigma, self.seen) + _log_prior(u)

    def slopes(self, u: Floats) -> tuple[Floats, Floats, Floats]:
        """Log posterior, its gradient and a positive curvature (expected, not exact, in the scatter)."""
        base, c50, sigma = self._parts(u)
        spread, responds = self.belief.spread, _RESPONDS[self.kinds][:, None]
        slow, turn = self.there.slow.with_slope(spread[2] * u[:, 2])
        both = slow + c50[:, None]
        level = base[:, None] * (1 - _BELIEVES[self.kinds][:, None] * self.there.placebo)
        calm = level * (1 - responds * slow / both)
        bend_of_drug = level * responds * c50[:, None] / both**2
        steps = np.stack((calm * (1 - base[:, None] / TOP), bend_of_drug * slow, -bend_of_drug * turn), axis=1)
        steps = steps * spread[None, :3, None]
        log, lean, pull, bend = (self.worth * part for part in slopes(calm, sigma, self.seen))
        gradient = np.concatenate(
            (np.einsum("kpt,kt->kp", steps, lean), spread[3] * pull.sum(axis=1, keepdims=True)), axis=1
        )
        curvature = np.tile(np.eye(len(NAMES)), (len(u), 1, 1))
        curvature[:, :3, :3] += np.einsum("kpt,kt,kqt->kpq", steps, bend, steps)
        curvature[:, 3, 3] += 2 * self.worth * len(self.seen) * spread[3] ** 2
        return log.sum(axis=1) + _log_prior(u), gradient - u, curvature

    def _parts(self, u: Floats) -> tuple[Floats, Floats, Floats]:
        """Baseline, C50 and scatter."""
        raw = self.belief.middle + self.belief.spread * u
        return TOP / (1 + np.exp(-raw[..., 0])), np.exp(raw[..., 1]), np.exp(raw[..., 3])


def _compiled_slopes(problem: _Problem) -> Slopes:
    """:meth:`_Problem.slopes` by the compiled core."""
    from surcease.pkpd import compiled  # numba: loaded only when asked for

    belief, seen, there = problem.belief, problem.seen, problem.there
    ends = np.stack((there.placebo, seen.low, seen.high))
    kinds = np.stack((_RESPONDS[problem.kinds], _BELIEVES[problem.kinds]), axis=1)
    middle, spread = belief.middle * np.array([1.0, 1.0, 0.0, 1.0]), belief.spread  # the surface knows its own middle
    worth, least = problem.worth, np.diag([1.0, 1.0, 1.0, 1.0 + 2 * problem.worth * len(seen) * spread[3] ** 2])

    def slopes(u: Floats) -> tuple[Floats, Floats, Floats]:
        log, gradient, curvature = compiled.relief_slopes(
            middle + spread * u, spread, kinds, there.slow.coefficients, REACH, ends
        )
        return worth * log + _log_prior(u), worth * gradient - u, worth * curvature + least

    return slopes


def _log_prior(u: Floats) -> Floats:
    return np.asarray(-0.5 * (u**2).sum(axis=-1) - 0.5 * len(NAMES) * np.log(2 * np.pi))
