"""The parts of the exact solution, each by what it must be: integrals, vectors, which people are left to others."""

from __future__ import annotations

from fractions import Fraction
from math import factorial

import numpy as np
import pytest

from surcease.pkpd import compiled, engine, exponential, modal
from surcease.pkpd.schedule import Piece, Schedule, build
from surcease.pkpd.system import System, depot_name

ON = np.eye(3, dtype=bool)


def flows(*pairs):
    """Who feeds whom among three, (source, target); everyone loses something."""
    flags = ON.copy()
    for source, target in pairs:
        flags[target, source] = True
    return flags


@pytest.mark.parametrize("middle", [0, 1, 2])
def test_a_middle_and_its_two_leaves(middle):
    first, second = (i for i in range(3) if i != middle)
    both = [(middle, first), (first, middle), (middle, second), (second, middle)]
    assert modal._middle(flows(*both)) == (middle, first, second)
    assert modal._middle(flows(*both, (first, second), (second, first))) is None
    assert modal._middle(flows(*both, (first, second))) is None
    assert modal._middle(flows(*both[:3])) is None


def exactly(first: int, x: float) -> float:
    """Σ (−x)^k / (k + first)!: phi1 for first 1, phi2 for 2, in exact fractions."""
    value = Fraction(x)
    return float(sum((-value) ** k / factorial(k + first) for k in range(120)))


@pytest.mark.parametrize("x", [0.0, 1e-300, 1e-12, 0.2, 0.49, 0.5, 0.51, 1.2, 3.0, 20.0])
def test_the_integrals_of_an_exponential(x):
    with np.errstate(all="raise", under="ignore"):
        assert modal.phi1(np.array([x, x]))[0] == pytest.approx(exactly(1, x), rel=4e-16 * max(1, x))
        assert modal.phi2(np.array([x, x]))[1] == pytest.approx(exactly(2, x), rel=2e-15)


def test_the_integrals_far_out():
    assert modal.phi1(np.array([1e6]))[0] == pytest.approx(1e-6, rel=1e-15)
    assert modal.phi2(np.array([1e6]))[0] == pytest.approx((1e6 - 1) / 1e12, rel=1e-15)


def test_vectors_of_coupled_blocks():
    """A lower triangular matrix: its vectors by the textbook, and an inverse that is one."""
    rates = np.array([[1.0, 3.0, 4.0], [1.0, 1.0, 2.0]])
    coupled = np.zeros((2, 3, 3))
    coupled[:, range(3), range(3)] = -rates
    coupled[0, 1, 0], coupled[0, 2, 0], coupled[0, 2, 1] = 1.0, 2.0, 5.0
    vectors, inverse = modal._triangular(rates, coupled, [1, 1, 1])
    assert vectors[0] == pytest.approx(np.array([[1, 0, 0], [0.5, 1, 0], [1.5, 5, 1]]))
    assert vectors[1] == pytest.approx(np.eye(3))  # equal rates, and nothing flows: no division
    assert inverse[0] @ vectors[0] == pytest.approx(np.eye(3), abs=1e-15)


def calm(rates, terms):
    """Whether modes whose amplitudes in one output are ``terms`` keep their digits."""
    return modal._calm(np.array([rates]), np.ones((1, 1, len(rates))), np.array([[terms]]))[0]


def test_amplitudes_that_cancel_too_far_are_refused():
    assert calm([1.0, 2.0], [3.0, -2.0])
    assert calm([1.0, 1.02], [1.0, -1.0])  # their peak is 1/136 of an amplitude
    assert not calm([1.0, 1.001], [1.0, -1.0])  # 1/2720: more than the thousand that is allowed
    assert calm([1.0, 1.001], [1.0, -0.9])
    assert calm([0.0, 1.0], [1.0, -1.0])
    assert calm([100.0, 104.0], [1.0, -1.0])  # the same whatever the unit of time
    assert not calm([100.0, 100.1], [1.0, -1.0])
    assert calm([0.001, 0.00104], [1.0, -1.0])


def test_one_person_among_several_is_refused():
    rates, read = np.array([[1.0, 2.0], [1.0, 1.001]]), np.array([[[1.0, -1.0]]])
    assert modal._calm(rates, np.ones((1, 1, 2)), read).tolist() == [True, False]
    assert modal._calm(rates[:1], np.array([[[1.0, 1.0]], [[2.0, 2.0]]]), read).tolist() == [True, True]


def test_readings_before_the_first_input_are_zero():
    modes = modal.Modes(np.array([[0.5]]), np.ones((1, 1, 1)), np.ones((1, 1, 1)), np.array([True]))
    schedule = Schedule(("a",), np.array([[1.0, 3.0]]), np.array([[[2.0], [1.0]]]), np.zeros((1, 2, 1)))
    with np.errstate(all="raise"):
        found = modal.propagate(modes, schedule, np.array([0.0, 1.0, 2.0, 3.0, 4.0]))[0, 0]
    assert found == pytest.approx([0, 2, 2 * np.exp(-0.5), 2 * np.exp(-1) + 1, 2 * np.exp(-1.5) + np.exp(-0.5)])


def test_depots_are_counted_from_one():
    assert depot_name("in", 0) == "in depot 1"
    assert depot_name("po", 1) == "po depot 2"


def test_a_person_whose_quick_roots_fail_is_solved_among_others():
    """A leaf that hardly exchanges: the symmetric eigenproblem takes over for that person alone."""
    matrix = np.zeros((3, 3, 3))
    for p, (k13, k31) in enumerate(((0.5, 0.3), (1e-30, 0.1), (0.5, 0.2))):
        matrix[p] = [[-1.0 - k13, 0.2, k31], [0.6, -0.2, 0.0], [k13, 0.0, -k31]]
    assert compiled.star(matrix, (0, 1, 2), [0], np.eye(3)[None]).sound.tolist() == [True, False, True]
    system = System(tuple("abc"), tuple("abc"), matrix, np.eye(3)[None])
    each = System(tuple("abc"), tuple("abc"), matrix, np.tile(np.eye(3), (3, 1, 1)))
    for whole in (system, each):
        quick, plain = modal.decompose(whole, ("a",), compiled.star), modal.decompose(whole, ("a",))
        for part in ("rates", "enter", "read", "sound"):
            assert (
                getattr(quick, part)[1].tolist() == getattr(plain, part)[min(1, len(getattr(plain, part)) - 1)].tolist()
            )
    schedule, times = build([Piece("a", 0.0, end_h=1.0, rate=3.0, to_rate=1.0)]), np.linspace(0, 20, 41)
    readable = engine.curves(system, schedule, times, backend="numpy")[0]
    for other in (system, each):
        found = engine.curves(other, schedule, times, backend="compiled")[0]
        assert np.abs(found - readable).max() <= 1e-13 * readable.max()


def test_ramps_long_and_short_by_both_back_ends():
    """Slow and fast modes beside a ramp: the series and the closed form of its integral."""
    system = System(("a", "b"), ("a", "b"), np.array([[[-5.0, 0.001], [0.9, -0.0011]]]), np.eye(2)[None])
    pieces = [Piece("a", 0.5, end_h=30.0, rate=1.0, to_rate=4.0), Piece("b", 2.0, amount=3.0)]
    schedule, times = build(pieces), np.array([0.0, 0.5, 0.6, 1.0, 7.0, 29.0, 30.0, 31.0, 200.0])
    exact = exponential.propagate(system, schedule, times)[0]
    for backend in ("numpy", "compiled"):
        found = engine.curves(system, schedule, times, backend=backend)[0][:, 0]
        assert np.abs(found - exact).max() <= 1e-12 * exact.max()
