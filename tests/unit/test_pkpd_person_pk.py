"""Kinetics of one person from levels: the prior without any, the truth with many, ranks flat over many people."""

import numpy as np
import pytest
from scipy.stats import chisquare

from surcease.knowledge import load
from surcease.pkpd.many import solve_many
from surcease.pkpd.person_pk import fit_levels, levels, predict
from surcease.pkpd.population import covariance
from surcease.pkpd.regimen import parse

REGIMEN = parse("0.5 mg/kg over 40 min iv").for_weight(70)
TIMES = np.array([0.3, 0.66, 1.0, 2.0, 4.0])
ERROR = 0.24  # of kamp_2020, borrowed


@pytest.fixture(scope="module")
def model():
    return load().model("kamp_2020")


def truth(model, seed, names):
    rng = np.random.default_rng(seed)
    spread = np.sqrt([model.parameters[n].variability.omega2 for n in names])
    eta = spread * rng.normal(size=len(names))
    curve = solve_many(model, REGIMEN, TIMES, etas={n: np.array([e]) for n, e in zip(names, eta, strict=True)})
    return eta, curve.cp_ng_per_ml[0] * np.exp(ERROR * rng.normal(size=TIMES.size))


def test_without_levels_it_is_the_population_and_says_so(model):
    found = fit_levels(model, REGIMEN, levels([], []), seed=1)
    spread = [np.sqrt(model.parameters[n].variability.omega2) for n in found.names]
    assert found.etas.std(axis=0) == pytest.approx(spread, rel=0.12)
    assert found.status.sentence.startswith("Not enough data")
    assert found.names == ("cl", "v1", "v2", "v3")
    assert "Borrowed" in found.limits[0]


def test_levels_narrow_the_curve_towards_what_was_measured(model):
    eta, measured = truth(model, 5, ("cl", "v1", "v2", "v3"))
    found = fit_levels(model, REGIMEN, levels(TIMES, measured), seed=1)
    prior = fit_levels(model, REGIMEN, levels([], []), seed=1)
    spread = [np.log(predict(p, model, REGIMEN, TIMES)).std(axis=0) for p in (found, prior)]
    assert (spread[0] < spread[1]).all()
    assert "5 levels" in found.status.sentence


def test_one_level_and_one_parameter_by_algebra(model):
    """Seen far from the data, the posterior of a linear-Gaussian problem: prior precision plus J²/error²."""
    found = fit_levels(model, REGIMEN, levels([0.66], [250.0]), draws=6000, keep=4000, seed=1)
    names = found.names
    omega = covariance(model, [model.parameters[n] for n in names], uncertainty=False)
    h = 1e-5

    def log_curve(name, eta):
        return np.log(solve_many(model, REGIMEN, [0.66], etas={name: np.array([eta])}).cp_ng_per_ml[0, 0])

    jacobian = np.array([(log_curve(n, h) - log_curve(n, -h)) / (2 * h) for n in names])
    exact = np.linalg.inv(np.linalg.inv(omega) + np.outer(jacobian, jacobian) / ERROR**2)
    assert np.cov(found.etas.T) == pytest.approx(exact, abs=0.15 * np.diag(omega).max())


@pytest.mark.parametrize("wrong", [0.0, -1.0, float("nan")])
def test_a_level_that_is_no_number_is_refused(wrong):
    with pytest.raises(ValueError, match="positive number"):
        levels([1.0], [wrong])


def ranks(model, people):
    names = ("cl", "v1", "v2", "v3")
    for n in range(people):
        eta, measured = truth(model, 4_000_000 + n, names)
        found = fit_levels(model, REGIMEN, levels(TIMES, measured), draws=600, keep=199, seed=n)
        yield (found.etas < eta).sum(axis=0)


@pytest.mark.parametrize(
    ("people", "least", "bins"), [(100, 0.001, 5), pytest.param(2000, 0.01, 20, marks=pytest.mark.long)]
)
def test_ranks_of_the_truth_are_flat(model, people, least, bins):
    seen = np.array(list(ranks(model, people)))
    for column in seen.T:
        assert chisquare(np.histogram(column, bins, (0, 200))[0]).pvalue > least
