"""Slow relief: the reconstructed Dahan 2011 terms and priors against published estimates and algebra."""

import numpy as np
import pytest

from surcease.knowledge.effect import relief_prior
from surcease.knowledge.library import load
from surcease.pkpd.relief import (
    KINDS,
    draw,
    drug_term,
    kind_weights,
    kinds,
    placebo_term,
    remaining,
    typical,
)

RCT, ROUTINE = relief_prior(load(), "rct"), relief_prior(load(), "routine")
MANY = range(40_000)


def test_the_priors_carry_the_published_estimates():
    assert (RCT.drug_share, RCT.placebo_share, RCT.c50_ng_per_ml, RCT.half_life_days) == (0.67, 0.23, 10.5, 10.9)
    assert RCT.label == ROUTINE.label == "reconstructed"
    assert RCT.k_per_h == pytest.approx(0.002650, abs=5e-7)
    assert ROUTINE.drug_share == pytest.approx(0.30)
    with pytest.raises(ValueError, match="rct, routine"):
        relief_prior(load(), "hope")


def test_drug_term_at_the_published_peak():
    # 48 ng/mL left at the end of 100 h gives 0.82; 1.0 after a single 0.5 mg/kg gives 0.09.
    assert drug_term([48.0, 1.0, 0.5, 10.0, 32.0, 64.0], 10.5).round(2).tolist() == [0.82, 0.09, 0.05, 0.49, 0.75, 0.86]


def test_log_sd_reproduces_the_published_intervals():
    c50 = draw(RCT, MANY, seed=1, between=False).c50_ng_per_ml
    assert np.quantile(c50, [0.025, 0.975]) == pytest.approx([4.37, 21.2], rel=0.12)
    half_life = np.log(2) / draw(RCT, MANY, seed=1, between=False).k_per_h / 24
    assert np.quantile(half_life, [0.025, 0.975]) == pytest.approx([5.3, 20.5], rel=0.06)
    share = draw(RCT, MANY, seed=1).drug_share
    assert share.std() == pytest.approx(0.10, abs=0.01)
    assert np.median(share) == pytest.approx(0.67, abs=0.005)


def test_without_doubt_and_difference_everyone_is_typical():
    same = draw(RCT, range(5), seed=1, uncertainty=False, between=False)
    assert np.allclose(same.c50_ng_per_ml, 10.5)
    assert np.allclose(same.k_per_h, RCT.k_per_h)
    assert np.allclose(same.drug_share, 0.67)
    assert typical(RCT).site().ke0_per_h[0] == RCT.k_per_h


def test_people_nest_and_belong_to_their_seed():
    whole = draw(RCT, range(100), seed=4)
    assert np.array_equal(whole.k_per_h[50:60], draw(RCT, range(50, 60), seed=4).k_per_h)
    assert not np.array_equal(whole.k_per_h, draw(RCT, range(100), seed=5).k_per_h)


def test_responders_come_in_their_share():
    traits = draw(RCT, MANY, seed=9)
    drug, placebo = kinds(traits, MANY, seed=9)
    assert drug.mean() == pytest.approx(traits.drug_share.mean(), abs=0.01)
    assert placebo.mean() == pytest.approx(traits.placebo_share.mean(), abs=0.01)


def test_weights_of_the_four_kinds_add_to_one():
    weights = kind_weights(np.array([0.67, 0.3]), 0.23)
    assert weights.shape == (len(KINDS), 2)
    assert np.allclose(weights.sum(axis=0), 1)
    assert weights[0].tolist() == pytest.approx([0.67 * 0.23, 0.3 * 0.23])


def test_placebo_starts_with_the_first_dose_and_halves_after_each():
    days = RCT.placebo_half_life_days
    got = placebo_term([-1, 0, 50, 100, 168, 100 + 24 * days], [(0, 100)], days)
    assert got[:4].tolist() == [0, 1, 1, 1]
    assert got[4] == pytest.approx(0.9, abs=0.02)  # "0.9 at week 1" after a 100-h infusion
    assert got[5] == pytest.approx(0.5)
    again = placebo_term([24 * days], [(0, 1), (24 * days - 1, 24 * days)], days)
    assert again.tolist() == [1.0]


def test_first_week_of_the_trial():
    # baseline 7.2, week 1: drug term and placebo effect give 2.66-2.68; observed 2.68 ± 0.51 and 5.45 ± 0.48
    drug, placebo = 0.79, 0.9
    mean = sum(
        w * remaining(drug, placebo, responds=r, placebo_responds=p)
        for w, (r, p) in zip(kind_weights(0.67, 0.23), KINDS, strict=True)
    )
    assert 7.2 * float(mean) == pytest.approx(2.68, abs=0.05)
    control = 1 - 0.23 * placebo
    assert 7.2 * control == pytest.approx(5.45, abs=0.48)


def test_acute_analgesia_multiplies_what_is_left():
    left = remaining(0.5, 0.0, responds=1, placebo_responds=0, acute=0.6, acute_share=0.5)
    assert float(left) == pytest.approx(0.5 * 0.7)
    assert float(remaining(0.5, 0.4, responds=0, placebo_responds=0)) == 1.0
