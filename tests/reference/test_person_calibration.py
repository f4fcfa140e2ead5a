"""Simulation-based calibration of the personal posterior (Talts et al. 2018, arXiv:1804.06788) and of its forecast.

A person is drawn from the prior, scores, and is fitted; the truth's rank among the posterior's draws is uniform if and
only if the posterior is right. Seeds are fixed.
"""

from dataclasses import replace

import numpy as np
import pytest
from bench.calibration import calibrate, figures, page
from bench.forecast import judge
from bench.forecast_people import (
    AHEAD,
    CALIBRATION,
    DAYS,
    EVALUATION,
    TUNING,
    WORLDS,
    expect,
    invent,
    setting,
    spreads,
)


@pytest.fixture(scope="module")
def here():
    return setting()


@pytest.fixture(scope="module")
def two_hundred(here):
    return calibrate(here, 200)


def test_two_hundred_fits_have_flat_ranks(two_hundred):
    found = two_hundred
    assert {name: p for name in found.ranks if (p := found.p(name, 10)) <= 0.001} == {}
    assert 0.74 <= found.cover <= 0.86
    assert abs(found.bias) < 3
    text = page(figures(found))
    assert "200 people" in text
    assert f"covers {100 * found.cover:.1f} %" in text


@pytest.mark.long
def test_two_thousand_fits_have_flat_ranks(here):
    found = calibrate(here, 2000)
    assert {name: p for name in found.ranks if (p := found.p(name)) <= 0.01} == {}
    assert 0.77 <= found.cover <= 0.83
    assert abs(found.bias) < 3


def test_a_posterior_that_is_too_sure_is_found_out(two_hundred):
    """The same ranks pressed towards the ends, where an overconfident posterior has them, do not pass."""
    ranks = np.array(two_hundred.ranks["baseline"])
    pressed = np.where(ranks < 200, ranks * 3 // 4, 399 - (399 - ranks) * 3 // 4)
    assert replace(two_hundred, ranks={"baseline": pressed.tolist()}).p("baseline", 10) < 0.001


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
