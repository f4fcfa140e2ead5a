"""Exact quantiles where many people have the same value: zeros before the drug, plateaus, two groups."""

import numpy as np
import pytest

from surcease.pkpd.band import over_people

AT = np.array([0.0, 0.025, 0.1, 0.5, 0.9, 0.975, 1.0])
CHANCE = np.random.default_rng(3)


@pytest.mark.parametrize("people", [2, 37, 400])
@pytest.mark.parametrize("share", [0.0, 0.2, 0.5, 0.9, 1.0])
def test_a_share_of_people_at_one_value(people, share):
    curves = CHANCE.lognormal(size=(people, 9))
    curves[: round(share * people)] = np.linspace(0, 4, 9)
    CHANCE.shuffle(curves)
    assert np.array_equal(over_people(curves, AT, backend="compiled"), np.quantile(curves, AT, axis=0))


def test_two_groups_with_nothing_between_them():
    curves = np.repeat([[0.0, 7.0], [5.0, 7.0]], 200, axis=0)
    assert np.allclose(over_people(curves, AT, backend="compiled"), np.quantile(curves, AT, axis=0), rtol=1e-15)


def test_neighbouring_numbers():
    curves = np.full((400, 3), 1.0)
    curves[150:] = np.nextafter(1.0, 2.0)
    assert np.array_equal(over_people(curves, AT, backend="compiled"), np.quantile(curves, AT, axis=0))
