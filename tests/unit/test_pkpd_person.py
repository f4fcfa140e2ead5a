"""One person's posterior: the likelihood of a rounded score, the slopes, the surface, and what data do to belief."""

import numpy as np
import pytest
from scipy.stats import norm

from surcease.care.forecast import belief_in
from surcease.knowledge import load
from surcease.knowledge.effect import relief_prior
from surcease.pkpd.effects import LN2
from surcease.pkpd.many import solve_many
from surcease.pkpd.person import Course, Person, _Problem, bands, course, fit, pain, scored, worth_of_days
from surcease.pkpd.posterior import climb, sample
from surcease.pkpd.regimen import parse
from surcease.pkpd.relief import SITE
from surcease.pkpd.scores import log_likelihood, observed, scores
from surcease.pkpd.slow_site import REACH, slow_site
from surcease.pkpd.sureness import sureness
from surcease.pkpd.system import EffectSite

K0 = LN2 / (10.9 * 24)
TIMES = np.r_[np.arange(-7, 0), np.arange(6, 40)] * 24.0 + 12


@pytest.fixture(scope="module")
def belief():
    knowledge = load()
    return belief_in(knowledge, relief_prior(knowledge, "rct"))


@pytest.fixture(scope="module")
def model():
    return load().model("kamp_2020")


@pytest.fixture(scope="module")
def regimen():
    return parse("22.2 mg/h for 100 h iv esketamine").for_weight(70)


@pytest.fixture(scope="module")
def there(belief, model, regimen):
    return course(belief, model, regimen, TIMES)


def given(there, values):
    return scores(there.slow.times_h, values)


def test_a_score_is_an_interval_and_the_ends_are_open():
    seen = scores([0, 1, 2, 3, 4], [0, 7, np.nan, 10, 6.5], step=[1, 1, 1, 1, 0.5])
    assert seen.low.tolist() == [-np.inf, 6.5, 9.5, 6.25]
    assert seen.high.tolist() == [0.5, 7.5, np.inf, 6.75]
    assert len(seen) == 4
    assert seen.middle.tolist() == [0.0, 7.0, 10.0, 6.5]


@pytest.mark.parametrize("wrong", [-1, 10.5])
def test_a_score_outside_the_scale_is_refused(wrong):
    with pytest.raises(ValueError, match="from 0 to 10"):
        scores([0.0], [wrong])


def test_the_likelihood_is_the_normals_share_of_the_interval():
    seen, mean, sd = scores([0, 1, 2], [0, 4, 10]), np.array([2.0, 4.4, 7.0]), 1.3
    expected = np.log(
        [norm.cdf((0.5 - 2) / sd), norm.cdf(0.1 / sd) - norm.cdf(-0.9 / sd), norm.sf((9.5 - 7) / sd)]
    ).sum()
    assert log_likelihood(mean, np.array(sd), seen) == pytest.approx(expected, rel=1e-12)


def test_the_chances_of_all_scores_add_to_one():
    every = [scores([0], [v]) for v in range(11)]
    total = sum(np.exp(log_likelihood(np.array([3.3]), np.array(1.7), s)) for s in every)
    assert total == pytest.approx(1.0, abs=1e-12)


def test_a_score_very_far_away_has_a_finite_log():
    assert np.isfinite(log_likelihood(np.array([0.01]), np.array(0.05), scores([0], [9])))


def test_what_is_written_is_a_whole_number_of_the_scale():
    assert observed(np.array([-2.0, 3.4, 12.0])).tolist() == [0.0, 3.0, 10.0]


def test_the_surface_is_the_exact_solution(model, regimen):
    shifts = np.linspace(-REACH, REACH, 23)
    times = np.arange(1, 100) * 24.0
    surface = slow_site(model, regimen, times, middle_k_per_h=K0)
    exact = solve_many(model, regimen, times, effect_sites={SITE: EffectSite(K0 * np.exp(shifts))}).effect_sites[SITE]
    assert np.abs(surface(shifts) - exact).max() < 1e-9 * exact.max()
    value, slope = surface.with_slope(shifts[1:-1])
    h = 1e-5
    numeric = (surface(shifts[1:-1] + h) - surface(shifts[1:-1] - h)) / (2 * h)
    assert np.abs(value - exact[1:-1]).max() < 1e-9 * exact.max()
    assert np.abs(slope - numeric).max() < 1e-6 * exact.max()


def test_slopes_are_those_of_the_height(belief, there):
    rng = np.random.default_rng(3)
    seen, u = given(there, rng.integers(0, 11, TIMES.size)), rng.normal(size=(4, 4)) * 0.5
    problem = _Problem(belief, there, seen, np.arange(4))
    top, gradient, curvature = problem.slopes(u)
    assert top == pytest.approx(problem.height(u[:, None])[:, 0])
    for j, step in enumerate(1e-6 * np.eye(4)):
        numeric = (problem.slopes(u + step)[0] - problem.slopes(u - step)[0]) / 2e-6
        assert gradient[:, j] == pytest.approx(numeric, rel=1e-5, abs=1e-5)
    assert (np.linalg.eigvalsh(curvature) > 0).all()


def test_a_normal_posterior_is_found_exactly():
    """Height of a normal with known mean, covariance and mass 5: the evidence is log 5."""
    mean, cov = np.array([0.5, -1.0]), np.array([[0.3, 0.1], [0.1, 0.2]])
    inverse = np.linalg.inv(cov)
    top = np.log(5) - 0.5 * np.linalg.slogdet(2 * np.pi * cov)[1]

    def height(u):
        away = u - mean
        return top - 0.5 * np.einsum("...i,ij,...j->...", away, inverse, away)

    peak = climb(lambda u: (height(u), -(u - mean) @ inverse, np.tile(inverse, (len(u), 1, 1))), np.zeros((1, 2)))
    assert peak.place[0] == pytest.approx(mean, abs=1e-4)
    found = sample(height, peak, draws=4000, seed=1)
    assert found.evidence[0] == pytest.approx(np.log(5), abs=0.05)
    assert found.effective[0] > 1000


def test_without_scores_the_posterior_is_the_prior(belief, model):
    empty = Course(slow_site(model, None, np.array([]), middle_k_per_h=K0), np.array([]))
    person = fit(belief, empty, scores([], []), seed=2)
    assert person.responder == pytest.approx(0.67, abs=0.03)
    assert person.shifts.std(axis=0) == pytest.approx(np.ones(4), abs=0.12)


def test_before_anything_is_given_there_is_neither_drug_nor_placebo(belief, model):
    nothing = course(belief, model, None, TIMES)
    assert (nothing.placebo == 0).all()
    assert (nothing.slow(np.array([0.0])) == 0).all()


def test_a_fall_that_wears_off_is_a_responder_and_a_flat_line_is_not(belief, there):
    fall = np.where(TIMES < 0, 7, np.clip(np.rint(7 * (1 - 0.8 * np.exp(-TIMES / 700))), 0, 10))
    assert fit(belief, there, given(there, fall), seed=1).responder > 0.9
    assert fit(belief, there, given(there, np.full(TIMES.size, 7)), seed=1).responder < 0.05


def test_the_peak_is_no_worse_than_a_general_optimiser_finds(belief, there):
    from scipy.optimize import minimize

    rng = np.random.default_rng(8)
    seen = given(there, np.clip(np.rint(rng.normal(4, 1.2, TIMES.size)), 0, 10))
    problem = _Problem(belief, there, seen, np.arange(4))
    peak = climb(problem.slopes, np.zeros((4, 4)), most_steps=200)
    for n in range(4):
        one = _Problem(belief, there, seen, np.array([n]))
        other = minimize(lambda u, one=one: -one.height(u[None, None])[0, 0], np.zeros(4), method="BFGS")
        assert peak.height[n] >= -other.fun - 1e-4


def test_the_same_seed_gives_the_same_person(belief, there):
    seen = given(there, np.full(TIMES.size, 6))
    one, two = (fit(belief, there, seen, seed=5) for _ in range(2))
    assert (one.shifts == two.shifts).all()


def test_bands_hold_the_scatter_and_stay_on_the_scale(belief, there):
    person = fit(belief, there, given(there, np.full(TIMES.size, 10)), seed=1)
    low, middle, high = bands(scored(person, there, seed=1))
    assert (low <= middle).all()
    assert (middle <= high).all()
    assert high.max() <= 10
    assert np.ptp(bands(pain(person, there))[:, 0]) < high[0] - low[0]


def test_more_days_let_one_know_better(belief, there):
    person = _believed(belief)
    sure = sureness(person, there, seed=1)
    assert sure[-1] > sure[0]
    assert sure[-1] > 0.7


def _believed(belief):
    rng = np.random.default_rng(1)
    kind = np.sort(rng.choice(4, 1000, p=np.exp(belief.log_kinds)))
    return Person(belief, kind, rng.normal(size=(1000, 4)) * [0.2, 1, 1, 0.3], np.exp(belief.log_kinds), 1000.0, 0)


def test_independent_days_keep_their_weight_and_few_pairs_say_nothing():
    alternating = np.tile([1.0, -1.0], 20)
    assert worth_of_days(alternating, np.arange(40) * 24.0) == 1.0
    runs = np.repeat([1.0, -1.0, 1.0, -1.0], 4)
    assert worth_of_days(runs[:8], np.arange(8) * 24.0) == 1.0  # seven pairs
    assert worth_of_days(runs, np.arange(16) * 48.0) == 1.0  # every other day: no neighbours


def test_tied_days_count_as_bayley_and_hammersley_say():
    """Four runs of four: 12 of 15 neighbours alike, 3 opposite, so r = 9/15 and a day is worth (1 − r)/(1 + r) = ¼."""
    runs = np.repeat([1.0, -1.0, 1.0, -1.0], 4)
    assert worth_of_days(runs, np.arange(16) * 24.0) == pytest.approx(0.25)


def test_a_person_whose_days_hang_together_is_known_less_well(belief, there):
    noise = np.tile([2, 2, 2, -2, -2, -2], 20)[: TIMES.size]
    level = np.where(TIMES < 0, 7, 4)
    tied = fit(belief, there, given(there, level + noise), seed=1)
    free = fit(belief, there, given(there, level + np.tile([2, -2], 50)[: TIMES.size]), seed=1)
    assert free.worth == 1.0
    assert tied.worth < 0.6
    assert tied.values["baseline"].std() > 1.2 * free.values["baseline"].std()
