"""Invented people whose truth is known, well and badly specified, and how a forecast of them is judged.

Each person scores a week before a 100-h S-ketamine infusion and two to six weeks after it, misses days, and goes on
for eight weeks that the forecast does not see. Scores are whole numbers from 0 to 10.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from surcease.care.forecast import belief_in
from surcease.knowledge.effect import relief_prior
from surcease.knowledge.library import Knowledge, load
from surcease.pkpd.person import Belief, Course, Person, course, fit, pain, scored
from surcease.pkpd.regimen import parse
from surcease.pkpd.relief import KINDS
from surcease.pkpd.scores import observed, scores

Floats = NDArray[np.float64]
INFUSION = "22.2 mg/h for 100 h iv esketamine"
DAYS = np.r_[np.arange(-7, 0), np.arange(6, 104)]  # the infusion's own days hold the acute effect
AHEAD = 56
TUNING, EVALUATION, CALIBRATION = 1_000_000, 2_000_000, 3_000_000  # first seeds: never the same person


@dataclass(frozen=True, slots=True)
class World:
    """How the invented people differ from what the forecast believes."""

    name: str
    drug_share: float | None = None
    half_life_times: float = 1.0
    autocorrelation: float = 0.0
    missing_when_bad: bool = False


WORLDS = (
    World("well specified"),
    World("other responder share", drug_share=0.30),
    World("other half-life", half_life_times=2.0),
    World("autocorrelated noise", autocorrelation=0.5),
    World("missing not at random", missing_when_bad=True),
)


@dataclass(frozen=True, slots=True)
class Setting:
    """What every person shares: the belief and the infusion seen at :data:`DAYS`."""

    belief: Belief
    whole: Course

    def some(self, where: NDArray[np.bool_]) -> Course:
        return Course(self.whole.slow.at(where), self.whole.placebo[where])


@dataclass(frozen=True, slots=True)
class Invented:
    """One person: truth, every day's score, and which days were written down by the day of the forecast."""

    kind: int
    shifts: Floats
    score: Floats
    written: NDArray[np.bool_]
    ahead: NDArray[np.bool_]


def setting(prior: str = "rct", knowledge: Knowledge | None = None) -> Setting:
    """The belief of one prior and the infusion by the venous model used for the trial."""
    known = knowledge or load()
    belief = belief_in(known, relief_prior(known, prior))
    regimen = parse(INFUSION).for_weight(70)
    return Setting(belief, course(belief, known.model("kamp_2020"), regimen, DAYS * 24.0 + 12))


def invent(here: Setting, world: World, seed: int) -> Invented:
    """One person of a world."""
    rng = np.random.default_rng(seed)
    share = world.drug_share
    belief = (
        here.belief if share is None else replace(here.belief, relief=replace(here.belief.relief, drug_share=share))
    )
    kind, shifts = int(rng.choice(len(KINDS), p=np.exp(belief.log_kinds))), rng.normal(size=4)
    felt = shifts - np.array([0, 0, np.log(world.half_life_times) / belief.spread[2], 0])
    truth = Person(belief, np.array([kind]), felt[None], np.zeros(4), 0.0, 0)
    calm = pain(truth, here.whole)[0]
    score = observed(calm + truth.values["day_to_day_sd"][0] * _noise(rng, world.autocorrelation))
    until = int(rng.integers(14, 43))
    missed = rng.random(DAYS.size) < (np.where(score >= 6, 0.6, 0.1) if world.missing_when_bad else 0.2)
    return Invented(kind, felt, score, (until >= DAYS) & ~missed, (until < DAYS) & (until + AHEAD >= DAYS))


def learn(here: Setting, who: Invented, seed: int, *, keep: int = 1000) -> Person:
    """The posterior of an invented person."""
    seen = scores(DAYS[who.written] * 24.0 + 12, who.score[who.written])
    return fit(here.belief, here.some(who.written), seen, seed=seed, keep=keep)


def expect(here: Setting, who: Invented, seed: int) -> Floats:
    """What the forecast says of the days ahead: draws of the written score, (draws, days)."""
    return scored(learn(here, who, seed), here.some(who.ahead), seed=seed)


def covered(drawn: Floats, score: Floats) -> Floats:
    """Whether each score lies in its 80 % band (q10 to q90, ends included)."""
    low, high = np.quantile(drawn, (0.1, 0.9), axis=0)
    return ((score >= low) & (score <= high)).astype(float)


def covered_fairly(drawn: Floats, score: Floats, rng: np.random.Generator) -> Floats:
    """The same for the written score as the discrete thing it is: its place in the forecast, ties broken at random
    (randomised probability integral transform; Czado, Gneiting and Held 2009, doi 10.1111/j.1541-0420.2009.01191.x)."""
    written = observed(drawn)
    below, upto = (written < score).mean(axis=0), (written <= score).mean(axis=0)
    place = below + rng.random(score.size) * (upto - below)
    return ((place >= 0.1) & (place <= 0.9)).astype(float)


def crps(drawn: Floats, score: Floats) -> Floats:
    """Continuous ranked probability score of draws (draws, days), lower is better (Gneiting and Raftery 2007)."""
    ordered, n = np.sort(drawn, axis=0), len(drawn)
    weight = (2 * np.arange(1, n + 1) - n - 1)[:, None]
    return np.abs(ordered - score).mean(axis=0) - (weight * ordered).sum(axis=0) / n**2


Baseline = Callable[[Invented], float]
BASELINES: dict[str, Baseline] = {
    "last_value": lambda who: float(who.score[who.written][-1]),
    "mean_7d": lambda who: float(who.score[who.written][-7:].mean()),
    "population_mean": lambda who: 0.0,  # only the spread of the population's own scores, day by day
}


def spreads(here: Setting, people: int) -> dict[str, Floats]:
    """The empirical errors of each baseline by day ahead, from tuning people: (people, days)."""
    tuned = [invent(here, WORLDS[0], TUNING + n) for n in range(people)]
    return {name: np.array([who.score[who.ahead] - at(who) for who in tuned]) for name, at in BASELINES.items()}


def _noise(rng: np.random.Generator, correlation: float) -> Floats:
    drawn = rng.normal(size=DAYS.size)
    for n in range(1, DAYS.size):
        tie = correlation ** (DAYS[n] - DAYS[n - 1])
        drawn[n] = tie * drawn[n - 1] + np.sqrt(1 - tie**2) * drawn[n]
    return drawn
