"""The cases in which a simple closed form loses its digits, against the same equations in sixty digits.

The reference is the series of the matrix exponential in 60-digit decimals, which shares nothing with the code under
test.
"""

from __future__ import annotations

from decimal import Decimal, getcontext, localcontext

import numpy as np
import pytest

from surcease.pkpd import engine
from surcease.pkpd.schedule import Piece, build
from surcease.pkpd.system import System

DOMINO = {"k10": 0.438, "k12": 0.592, "k13": 0.590, "k21": 0.247, "k31": 0.0146}  # per min
INFUSION = [Piece("central", 0.0, end_h=40.0, rate=35 / 40, to_rate=35 / 40)]  # "hours" are minutes here
TIMES = np.array([1.0, 10.0, 39.0, 40.0, 41.0, 60.0, 120.0, 240.0])


def mammillary(ke0: float | None = None, ka: float | None = None, **changes: float) -> System:
    """Three compartments, with an effect site or a depot if asked, from rates per minute."""
    k = {**DOMINO, **changes}
    states = ["central", "fast", "slow"] + (["effect"] if ke0 else []) + (["depot"] if ka else [])
    a = np.zeros((1, len(states), len(states)))
    a[0, 0, 0] = -(k["k10"] + k["k12"] + k["k13"])
    a[0, 1, 0], a[0, 0, 1], a[0, 1, 1] = k["k12"], k["k21"], -k["k21"]
    a[0, 2, 0], a[0, 0, 2], a[0, 2, 2] = k["k13"], k["k31"], -k["k31"]
    if ke0:
        a[0, 3, 0], a[0, 3, 3] = ke0, -ke0
    if ka:
        d = len(states) - 1
        a[0, 0, d], a[0, d, d] = ka, -ka
    return System(tuple(states), tuple(states), a, np.eye(len(states))[None])


def precise(system: System, pieces: list[Piece], times: np.ndarray) -> np.ndarray:
    """(outputs, times) in sixty digits: x' = A x + u solved by the series of the joined matrix."""
    with localcontext() as context:
        context.prec = 60
        return sum(_one_piece(system, piece, times) for piece in pieces)


def _one_piece(system: System, piece: Piece, times: np.ndarray) -> np.ndarray:
    n, entry = len(system.states), system.states.index(piece.state)
    joined = [[Decimal(float(system.matrix[0, i, j])) for j in range(n)] + [Decimal(0)] for i in range(n)]
    joined.append([Decimal(0)] * (n + 1))
    joined[entry][n] = Decimal(float(piece.rate))
    x = [Decimal(0)] * n + [Decimal(1)]
    if piece.end_h is None:
        x[entry], x[n] = Decimal(float(piece.amount)), Decimal(0)
    now, end = Decimal(float(piece.start_h)), Decimal(float(np.inf if piece.end_h is None else piece.end_h))
    curves = np.zeros((n, len(times)))
    for k, time in enumerate(Decimal(float(t)) for t in times):
        if now < end <= time:  # the infusion stops on the way
            x, now = _exponential_times(joined, end - now, x), end
            x[n] = Decimal(0)
        x, now = _exponential_times(joined, time - now, x), time
        curves[:, k] = [float(v) for v in x[:n]]
    return curves


def _exponential_times(matrix: list[list[Decimal]], time: Decimal, x: list[Decimal]) -> list[Decimal]:
    steps = int(max(sum(abs(v) for v in row) for row in matrix) * time / 4) + 1
    for _ in range(steps):
        term, total = list(x), list(x)
        for order in range(1, 70):
            term = [sum(a * t for a, t in zip(row, term, strict=True)) * time / steps / order for row in matrix]
            total = [a + b for a, b in zip(total, term, strict=True)]
        x = total
    return x


def error(system: System, pieces: list[Piece], backend: str) -> float:
    """Largest error over the times, each output against its own peak (or a millionth of the largest, if it is less)."""
    found = engine.curves(system, build(pieces), TIMES, backend=backend)[0][:, 0]
    exact = precise(system, pieces, TIMES)
    peaks = np.abs(exact).max(axis=1)
    return float((np.abs(found - exact).max(axis=1) / np.maximum(peaks, 1e-6 * peaks.max())).max())


BACKENDS = ("numpy", "compiled")


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("k10", [1e-12, 0.0])
def test_elimination_vanishes_during_the_infusion(backend, k10):
    assert error(mammillary(k10=k10), INFUSION, backend) <= 1e-12


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("near", [1e-3, 1e-6, 1e-9, 1e-13, 0.0])
def test_one_peripheral_becomes_the_other(backend, near):
    assert error(mammillary(k21=0.0146 * (1 + near)), INFUSION, backend) <= 1e-12


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("small", [1e-8, 1e-16, 1e-30, 0.0])
def test_exchange_vanishes(backend, small):
    assert error(mammillary(k13=small), INFUSION, backend) <= 1e-12
    close = mammillary(k12=small, k13=small, k21=0.438 * (1 + 1e-9), k31=0.438)
    assert error(close, INFUSION, backend) <= 1e-12


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("gap", [1e-1, 1e-2, 1e-3, 1e-6, 1e-10, 1e-13, 0.0])
@pytest.mark.parametrize("what", ["ke0", "ka"])
def test_a_rate_comes_near_to_a_mode(backend, gap, what):
    """Divided differences fail as 1e-16 over the gap; the answer must not."""
    slow = float(np.sort(-np.linalg.eigvals(mammillary().matrix[0]).real)[0])
    system = mammillary(**{what: slow * (1 + gap)})
    pieces = [Piece("depot", 0.0, amount=35.0)] if what == "ka" else INFUSION
    assert error(system, pieces, backend) <= 1e-12


@pytest.mark.parametrize("backend", BACKENDS)
def test_wide_variability(backend):
    """Standard deviation 1.0 on every rate constant."""
    rng = np.random.default_rng(5)
    worst = 0.0
    for _ in range(6):
        changes = {name: value * float(np.exp(rng.standard_normal())) for name, value in DOMINO.items()}
        worst = max(worst, error(mammillary(**changes), INFUSION, backend))
    assert worst <= 1e-12


@pytest.mark.parametrize("backend", BACKENDS)
def test_low_tail_keeps_its_digits(backend):
    """A day later concentration is far below a thousandth of its peak, and still right to nine digits."""
    system, late = mammillary(), np.array([1440.0])
    found = engine.curves(system, build(INFUSION), late, backend=backend)[0][0, 0]
    exact = precise(system, INFUSION, late)[0]
    assert found == pytest.approx(exact, rel=1e-9)


def test_the_reference_itself_is_precise():
    """One compartment has a closed form in elementary functions."""
    one = System(("a",), ("a",), np.array([[[-0.1]]]), np.ones((1, 1, 1)))
    assert getcontext().prec == 28
    exact = 5 * (1 - np.exp(-0.1 * 10)) / 0.1
    assert precise(one, [Piece("a", 0.0, end_h=10.0, rate=5.0, to_rate=5.0)], np.array([10.0]))[0, 0] == pytest.approx(
        exact, rel=1e-15
    )
