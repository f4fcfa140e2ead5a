"""Simulation-based calibration of the personal posterior (Talts et al. 2018, arXiv:1804.06788) and of its forecast.

A person is drawn from the prior, scores, and is fitted; the truth's rank among the posterior's draws is uniform if and
only if the posterior is right. Seeds are fixed.
"""

import numpy as np
import pytest
from bench.forecast import judge
from bench.forecast_people import (
    AHEAD,
    CALIBRATION,
    DAYS,
    EVALUATION,
    TUNING,
    WORLDS,
    covered_fairly,
    expect,
    invent,
    learn,
    setting,
    spreads,
)
from scipy.stats import chisquare

from surcease.pkpd.person import NAMES, Person, pain, scored
from surcease.pkpd.relief import KINDS

KEEP = 399
RESPONDS = np.array([r for r, _ in KINDS])


@pytest.fixture(scope="module")
def here():
    return setting()


def ranks_and_cover(here, people):
    """Ranks 0…KEEP by quantity, and the share of days ahead that their 80 % band covers."""
    ranks, cover, stated = {name: [] for name in (*NAMES, "responder", "pain in eight weeks")}, [], []
    for n in range(people):
        who, rng = invent(here, WORLDS[0], CALIBRATION + n), np.random.default_rng(CALIBRATION * 2 + n)
        person = learn(here, who, CALIBRATION + n, keep=KEEP)
        truth = Person(here.belief, np.array([who.kind]), who.shifts[None], np.zeros(4), 0.0, 0)
        for i, name in enumerate(NAMES):
            ranks[name].append((person.shifts[:, i] < who.shifts[i]).sum())
        ranks["responder"].append(broken_ties(RESPONDS[person.kind], RESPONDS[who.kind], rng))
        ahead = here.some(who.ahead)
        later = pain(person, ahead)[:, -1]
        ranks["pain in eight weeks"].append(broken_ties(later, pain(truth, ahead)[0, -1], rng))
        drawn = scored(person, ahead, seed=CALIBRATION + n)
        cover.append(covered_fairly(drawn, who.score[who.ahead], rng).mean())
        stated.append((person.responder, RESPONDS[who.kind]))
    return ranks, float(np.mean(cover)), np.array(stated, float)


def broken_ties(drawn, truth, rng):
    return int((drawn < truth).sum() + rng.integers(0, np.isclose(drawn, truth, atol=1e-12).sum() + 1))


def uniform(ranks, bins):
    """Chi-square p of a flat rank histogram."""
    return chisquare(np.histogram(ranks, bins, (0, KEEP + 1))[0]).pvalue


def test_two_hundred_fits_have_flat_ranks(here):
    ranks, cover, stated = ranks_and_cover(here, 200)
    assert {name: p for name, r in ranks.items() if (p := uniform(r, 10)) <= 0.001} == {}
    assert 0.74 <= cover <= 0.86
    chance, truth = stated.T
    assert abs(chance.mean() - truth.mean()) < 3 * np.sqrt((chance * (1 - chance)).sum()) / len(truth) + 1e-9


@pytest.mark.long
def test_two_thousand_fits_have_flat_ranks(here):
    ranks, cover, stated = ranks_and_cover(here, 2000)
    assert {name: p for name, r in ranks.items() if (p := uniform(r, 20)) <= 0.01} == {}
    assert 0.77 <= cover <= 0.83
    chance, truth = stated.T
    assert abs(chance.mean() - truth.mean()) < 3 * np.sqrt((chance * (1 - chance)).sum()) / len(truth)


def test_seeds_of_tuning_calibration_and_evaluation_never_meet():
    starts = sorted((TUNING, EVALUATION, CALIBRATION))
    assert min(np.diff(starts)) > 100_000


@pytest.mark.long
def test_the_forecast_keeps_its_word_and_beats_guessing(here):
    people = 300
    spread = spreads(here, people)
    found = {world.name: judge(here, world, people, spread) for world in WORLDS}
    assert 0.77 <= found["well specified"]["fair"] <= 0.83
    assert {name: f["fair"] for name, f in found.items() if not 0.70 <= f["fair"] <= 0.92} == {}
    assert 0.76 <= np.mean([f["fair"] for f in found.values()]) <= 0.84
    for name in ("last_value", "mean_7d", "population_mean"):
        assert np.mean([f["ours"] for f in found.values()]) < np.mean([f[name] for f in found.values()])


def test_a_short_diary_forecasts_eight_whole_weeks(here):
    who = invent(here, WORLDS[0], EVALUATION)
    assert expect(here, who, 1).shape == (1000, AHEAD)
    assert who.ahead.sum() == AHEAD
    assert not (who.ahead & who.written).any()
    assert DAYS[who.written].max() < DAYS[who.ahead].min()
