"""Weeks of relief: the table of the reconstruction, its checks on other regimens, and what is never one curve."""

import numpy as np
import pytest
from scipy.integrate import solve_ivp

from surcease.knowledge.effect import relief_prior
from surcease.knowledge.library import load
from surcease.pkpd.outlook import dosing, outlook
from surcease.pkpd.regimen import parse
from surcease.pkpd.subject import Subject

RCT, ROUTINE = relief_prior(load(), "rct"), relief_prior(load(), "routine")
NOPPERS = load().model("noppers_2011")
# 5 to 22.2 mg/h in steps, stop at 100 h: the trial's titration
TRIAL = parse(
    "5 mg/h for 8 h iv esketamine then 10 mg/h for 8 h then 15 mg/h for 8 h then 20 mg/h for 8 h "
    "then 22.2 mg/h for 68 h"
)
WEEKS = np.array([1, 2, 4, 6, 8, 12]) * 168.0
THREE_WEEKS = np.linspace(0, 21 * 24, 2017)


@pytest.fixture(scope="module")
def trial():
    return outlook(RCT, NOPPERS, TRIAL, WEEKS, people=4000, quantiles=(0.025, 0.5, 0.975))


def test_drug_term_of_a_responder_by_week(trial):
    assert trial.drug_term == pytest.approx([0.79, 0.71, 0.50, 0.29, 0.15, 0.03], abs=0.006)


def test_mean_relief_and_its_uncertainty(trial):
    low, middle, high = trial.mean_drug[:, [0, 2, 4, 5]]
    assert middle == pytest.approx([0.53, 0.32, 0.09, 0.02], abs=0.015)
    assert low == pytest.approx([0.35, 0.15, 0.01, 0.00], abs=0.03)
    assert high == pytest.approx([0.71, 0.51, 0.28, 0.13], abs=0.03)


def test_the_slow_site_at_the_end_of_the_infusion():
    seen = outlook(RCT, NOPPERS, TRIAL, [100.0, 100.0 + 50 * 24], people=2)
    assert seen.slow_ng_per_ml[0] == pytest.approx(48, abs=1)
    assert seen.drug_term == pytest.approx([0.82, 0.16], abs=0.01)


def test_the_slow_site_is_solved_exactly():
    # the same equations by DOP853, written out here
    v1, v2, v3, cl, q2, q3 = 17.0, 28.3, 147.0, 93.5, 127.0, 91.9
    k = np.log(2) / (10.9 * 24)

    def rhs(t, x):
        rate = 22.2 if t < 100 else 0.0
        c = x[:3] / (v1, v2, v3)
        return [rate - cl * c[0] - q2 * (c[0] - c[1]) - q3 * (c[0] - c[2]), q2 * (c[0] - c[1]), q3 * (c[0] - c[2]),
                k * (1000 * c[0] - x[3])]  # fmt: skip

    state, want = np.zeros(4), []
    for span in ((0.0, 100.0), (100.0, 168.0), (168.0, 8 * 168.0)):
        state = solve_ivp(rhs, span, state, method="DOP853", rtol=1e-12, atol=1e-12, max_step=2.0).y[:, -1]
        want.append(state[3])
    seen = outlook(RCT, NOPPERS, parse("22.2 mg/h for 100 h iv esketamine"), [100.0, 168.0, 8 * 168.0], people=2)
    assert seen.slow_ng_per_ml == pytest.approx(want, rel=1e-9)


@pytest.mark.parametrize(
    ("text", "slow", "drug"),
    [
        ("35 mg over 30 min iv esketamine", 1.0, 0.09),
        ("35 mg over 40 min iv", 0.5, 0.05),  # racemic: the S half; Pickering 2020 saw no difference from placebo
        ("24.5 mg/h for 4 h iv weekdays x 10", 10, 0.49),  # Schwartzman 2009
        ("24 mg/h for 120 h iv", 34.5, 0.77),  # five days of racemic
    ],
)
def test_other_regimens(text, slow, drug):
    seen = outlook(RCT, NOPPERS, parse(text), THREE_WEEKS, people=2)
    assert seen.slow_ng_per_ml.max() == pytest.approx(slow, rel=0.06)
    assert seen.drug_term.max() == pytest.approx(drug, abs=0.01)


def test_five_days_of_racemic_in_routine_care():
    # 6.5 before, 5.1 after a week in 35 inpatients: the trial prior promises two points more
    given = parse("24 mg/h for 120 h iv")
    promised, routine = (outlook(p, NOPPERS, given, [168.0], people=500).mean_drug[1, 0] for p in (RCT, ROUTINE))
    assert 6.5 * (1 - promised) == pytest.approx(3.2, abs=0.2)
    assert 6.5 * (1 - routine) == pytest.approx(5.1, abs=0.3)


def test_responders_and_others_are_shown_apart(trial):
    assert trial.responder.shape == trial.non_responder.shape == (3, 6)
    assert (trial.responder[1] > trial.non_responder[1]).all()
    assert (trial.non_responder[1] == 0).all()  # most do not respond to placebo
    assert trial.non_responder[2, 0] > 0.8  # those who do
    assert trial.responder_share[1] == pytest.approx(0.67, abs=0.01)
    assert (trial.responder >= trial.responder_drug - 1e-12).all()


def test_the_label_and_the_limits_travel_with_it(trial):
    assert trial.prior.label == "reconstructed"
    assert any("not validation" in limit for limit in trial.limits)
    assert trial.status.exact


def test_a_heavier_person_by_weight_and_the_same_seed():
    given = parse("0.3 mg/kg/h for 4 h iv esketamine")
    one = outlook(RCT, NOPPERS, given, WEEKS, people=50, seed=3, subject=Subject(90))
    two = outlook(RCT, NOPPERS, given, WEEKS, people=50, seed=3, subject=Subject(90))
    assert np.array_equal(one.responder, two.responder)
    assert one.slow_ng_per_ml[0] > outlook(RCT, NOPPERS, given, WEEKS, people=2, subject=Subject(60)).slow_ng_per_ml[0]


def test_dosing_lists_start_and_end():
    assert dosing(parse("5 mg bolus iv then after 1 h 2 mg/h for 3 h")).tolist() == [[0, 0], [1, 4]]
