"""Populations: draws as published, bands as order statistics, the same whoever computes them."""

from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from dataclasses import replace
from multiprocessing import get_context

import numpy as np
import pytest

from surcease.knowledge.effect import effects
from surcease.knowledge.library import load
from surcease.pkpd import population
from surcease.pkpd.model import Covariance, Variability
from surcease.pkpd.population import bands, draw, effect_traits, effect_values, etas, sample, share_beyond
from surcease.pkpd.regimen import parse
from surcease.pkpd.subject import Subject

KAMP, OTTO = load().model("kamp_2020"), load().model("otto_2021")
PEREZ = load().model("perez_ruixo_2021")
INFUSION = parse("0.5 mg/kg over 40 min iv")
S_INFUSION = parse("0.25 mg/kg over 40 min iv esketamine")
TIMES = np.array([0.25, 2 / 3, 1.0, 4.0])
EFFECTS = effects(load())


def test_otto_draws_have_the_published_covariance():
    # Otto 2021: V 0.0842, CL 0.0260, covariance 0.0226; NK V 0.0404, CL 0.1032, covariance 0.0446
    drawn = draw(OTTO, range(60_000), seed=1, uncertainty=False)
    got = np.cov(np.stack([drawn[n] for n in ("v1", "cl", "v_nk", "cl_nk")]))
    want = np.zeros((4, 4))
    want[:2, :2], want[2:, 2:] = [[0.0842, 0.0226], [0.0226, 0.0260]], [[0.0404, 0.0446], [0.0446, 0.1032]]
    assert np.allclose(got, want, atol=0.002)


def test_uncertainty_adds_the_standard_error_of_the_typical_value():
    # clearance of Kamp 2020: between people CV 20 % borrowed, standard error 6.8 % from the meta-analysis
    alone = draw(KAMP, range(50_000), seed=1, uncertainty=False)["cl"].var()
    with_doubt = draw(KAMP, range(50_000), seed=1)["cl"].var()
    assert alone == pytest.approx(np.log1p(0.2**2), rel=0.03)
    assert with_doubt - alone == pytest.approx(0.068**2, rel=0.3)
    only_doubt = draw(KAMP, range(50_000), seed=1, variability=False)
    assert set(only_doubt) == {"cl"}


def test_uncertainty_of_a_share_is_turned_into_logits():
    nasal = PEREZ.parameters["f_nasal"]
    unsure = replace(nasal, relative_se=0.1)
    assert population._variance(unsure, False, True) == pytest.approx((0.1 / 0.46) ** 2)


def test_people_nest_and_belong_to_their_seed():
    whole = draw(OTTO, range(500), seed=3)
    part = draw(OTTO, range(100, 200), seed=3)
    assert all(np.array_equal(whole[n][100:200], part[n]) for n in part)
    assert not np.array_equal(whole["cl"], draw(OTTO, range(500), seed=4)["cl"])


def test_the_order_of_a_file_is_not_part_of_a_person():
    turned = replace(OTTO, parameters=dict(reversed(OTTO.parameters.items())))
    one, other = draw(OTTO, range(10), seed=3), draw(turned, range(10), seed=3)
    assert all(np.array_equal(one[n], other[n]) for n in one)


def test_a_model_without_variability_draws_nobody_apart():
    flat = replace(
        KAMP,
        parameters={n: replace(p, variability=Variability(), relative_se=None) for n, p in KAMP.parameters.items()},
    )
    assert draw(flat, range(5), seed=1) == {}
    curves = sample(flat, INFUSION, TIMES, people=5, seed=1).cp_ng_per_ml
    assert curves.shape == (5, 4)
    assert np.ptp(curves, axis=0).max() == 0


def test_covariances_that_no_population_has_are_refused():
    broken = replace(OTTO, covariances=(Covariance("v1", "cl", 0.5),))
    with pytest.raises(ValueError, match="correct the model's file"):
        draw(broken, range(2), seed=1)


def test_shifts_are_added_to_what_chance_draws():
    plain = etas(KAMP, range(4), seed=1, subject=Subject())
    shifted = etas(KAMP, range(4), seed=1, subject=Subject(shifts={"cl": 0.2, "q2": 0.1}))
    assert np.allclose(shifted["cl"] - plain["cl"], 0.2)
    assert shifted["q2"] == 0.1


def test_bands_are_the_quantiles_of_the_sample():
    seen = bands(KAMP, INFUSION, TIMES, people=400, seed=5, quantiles=(0.025, 0.5, 0.975))
    curves = sample(KAMP, INFUSION, TIMES, people=400, seed=5).cp_ng_per_ml
    assert np.allclose(seen.curves["ketamine"], np.quantile(curves, [0.025, 0.5, 0.975], axis=0), rtol=1e-12)
    assert seen.people == 400


def test_the_median_person_is_near_the_typical_one():
    # log-normal parameters: golden 253.1 ng/mL for the typical person at the end of 35 mg over 40 min
    middle = bands(KAMP, INFUSION, [2 / 3], people=20_000, seed=1).curves["ketamine"][1, 0]
    assert middle == pytest.approx(253.1, rel=0.02)


def test_metabolites_and_sites_have_bands_too():
    site = population.sites((EFFECTS["analgesia"],))
    seen = bands(OTTO, S_INFUSION, TIMES, people=50, analytes=("ketamine", "norketamine"), effect_sites=site)
    assert set(seen.curves) == {"ketamine", "norketamine", "analgesia"}


@pytest.mark.parametrize("workers", [1, 2, 3])
def test_bands_are_the_same_for_any_number_of_workers(workers, monkeypatch):
    monkeypatch.setattr(population, "_TOGETHER", 100)
    alone = bands(KAMP, INFUSION, np.linspace(0, 4, 21), people=50, seed=2)
    with ThreadPoolExecutor(workers) as pool:
        shared = bands(KAMP, INFUSION, np.linspace(0, 4, 21), people=50, seed=2, executor=pool)
    assert np.array_equal(alone.curves["ketamine"], shared.curves["ketamine"])
    assert shared.times_h.tolist() == alone.times_h.tolist()


def test_samples_are_the_same_in_other_processes(monkeypatch):
    monkeypatch.setattr(population, "_BLOCK", 20)
    alone = sample(KAMP, INFUSION, TIMES, people=50, seed=2)
    with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as pool:
        shared = sample(KAMP, INFUSION, TIMES, people=50, seed=2, executor=pool)
    assert np.array_equal(alone.cp_ng_per_ml, shared.cp_ng_per_ml)


def test_progress_is_told_as_parts_are_done(monkeypatch):
    monkeypatch.setattr(population, "_BLOCK", 20)
    told = []
    sample(KAMP, INFUSION, TIMES, people=50, seed=2, tick=told.append)
    assert told == pytest.approx([1 / 3, 2 / 3, 1])


def test_dissociation_falls_at_an_equal_level_as_observed():
    # Goldway 2025, bolus and infusion: CADSS 24.9 ± 10.8 ten minutes after the bolus, 12.7 ± 10.9 at the end
    given = parse("0.4 mg/kg over 10 min iv then 0.4 mg/kg/h for 50 min")
    whom, times = Subject(61.6), [1 / 3, 1.0]
    level = bands(KAMP, given, times, people=1, subject=whom).curves["ketamine"][1]
    assert level[1] / level[0] == pytest.approx(204 / 217, rel=0.02)
    scores = effect_values([EFFECTS["dissociation"]], KAMP, given, times, people=4000, subject=whom)["dissociation"]
    assert scores.mean(axis=0) == pytest.approx([24.9, 12.7], abs=1.0)
    low, middle, high = np.quantile(scores, [0.1, 0.5, 0.9], axis=0)
    assert low[0] < 22 < high[0]  # observed medians 22 and 13
    assert low[1] < 13 < high[1]
    assert scores.std(axis=0)[0] == pytest.approx(10.8, rel=0.1)


def test_racemic_and_half_as_much_esketamine_do_the_same_to_s_driven_effects():
    racemic = effect_values([EFFECTS["analgesia"]], KAMP, INFUSION, TIMES, people=20)["analgesia"]
    half = effect_values([EFFECTS["analgesia"]], KAMP, S_INFUSION, TIMES, people=20)["analgesia"]
    assert np.allclose(racemic, half, rtol=1e-12)
    total = population.typical_effects([EFFECTS["systolic"]], KAMP, INFUSION, TIMES)["systolic"]
    halved = population.typical_effects([EFFECTS["systolic"]], KAMP, S_INFUSION, TIMES)["systolic"]
    assert np.allclose(total, 2 * halved, rtol=1e-12)


def test_norketamine_can_be_let_in():
    pain = [EFFECTS["analgesia"]]
    alone = population.typical_effects(pain, OTTO, S_INFUSION, TIMES)["analgesia"]
    opposed = population.typical_effects(pain, OTTO, S_INFUSION, TIMES, norketamine=True)["analgesia"]
    assert (opposed < alone).all()
    with pytest.raises(ValueError, match="does not describe 'norketamine'"):
        population.typical_effects(pain, KAMP, S_INFUSION, TIMES, norketamine=True)


def test_people_alike_in_sensitivity_differ_by_concentration_only():
    same = effect_values([EFFECTS["systolic"]], KAMP, INFUSION, TIMES, people=300, between=False)["systolic"]
    apart = effect_values([EFFECTS["systolic"]], KAMP, INFUSION, TIMES, people=300)["systolic"]
    assert apart[:, 1].std() > 1.5 * same[:, 1].std()
    assert effect_traits(EFFECTS["systolic"], range(3), seed=1)["sensitivity"].shape == (3, 1)


def test_share_beyond_counts_those_who_ever_reach_it():
    assert share_beyond(np.array([[0.0, 40.0], [39.9, 10.0], [50.0, 0.0], [1.0, 1.0]]), 40.0) == 0.5


def test_every_effect_in_the_order_asked_for():
    found = effect_values([EFFECTS["systolic"], EFFECTS["analgesia"]], KAMP, INFUSION, TIMES, people=range(3, 6))
    assert list(found) == ["systolic", "analgesia"]
    assert found["systolic"].shape == (3, 4)


def test_a_covariance_counts_only_when_both_are_asked_for():
    alone = population.covariance(OTTO, [OTTO.parameters["v1"]], uncertainty=False)
    assert alone.tolist() == [[pytest.approx(0.0842)]]


def test_the_compiled_back_end_gives_the_same_bands():
    plain = bands(KAMP, INFUSION, np.linspace(0, 3, 13), people=20, seed=2)
    fast = bands(KAMP, INFUSION, np.linspace(0, 3, 13), people=20, seed=2, backend="compiled")
    assert np.allclose(plain.curves["ketamine"], fast.curves["ketamine"], rtol=1e-12)
    one, other = (sample(KAMP, INFUSION, TIMES, people=5, backend=b).cp_ng_per_ml for b in ("numpy", "compiled"))
    assert np.allclose(one, other, rtol=1e-12)
