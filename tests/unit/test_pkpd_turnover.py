"""The turnover link against an independent integrator (DOP853 at rtol 1e-13) and against algebra."""

import numpy as np
import pytest
from scipy.integrate import solve_ivp

from surcease.pkpd.turnover import nodes, panels, respond

FAST, SLOW = 9.0, 0.35  # per hour: a two-exponential concentration
STARTS = np.arange(4) * 30.0  # four infusions of 1 h, 30 h apart
BREAKS = np.sort(np.concatenate((STARTS, STARTS + 1)))
TIMES = np.linspace(0, 140, 57)


def concentration(t):
    """Closed form of two modes driven by the infusions; at a jump in rate it is continuous."""
    t = np.asarray(t, float)
    total = np.zeros_like(t)
    for start in STARTS:
        on, off = np.clip(t - start, 0, 1), np.clip(t - start - 1, 0, None)
        for rate, size in ((FAST, 40.0), (SLOW, 3.0)):
            total += size * -np.expm1(-rate * on) * np.exp(-rate * off)
    return total


def emax(c, c50=5.0, top=8.0):
    return 1 + top * c / (c50 + c)


def by_dop853(rhs, start):
    edges = np.unique(np.concatenate(([0.0], BREAKS, [TIMES[-1]])))
    r, out = start, {0.0: start}
    for a, b in zip(edges[:-1], edges[1:], strict=True):
        inside = TIMES[(a < TIMES) & (b >= TIMES)]
        grid = np.unique(np.append(inside, b))
        done = solve_ivp(rhs, (a, b), [r], method="DOP853", t_eval=grid, rtol=1e-13, atol=1e-14, max_step=0.25)
        out.update(zip(grid, done.y[0], strict=True))
        r = done.y[0, -1]
    return np.array([out[t] for t in TIMES])


@pytest.mark.parametrize("loss", [0.05, 0.6])
def test_drug_on_production(loss):
    want = by_dop853(lambda t, r: loss * (emax(concentration(t)) - r), 1.0)
    got = respond(lambda t: emax(concentration(t)), TIMES, BREAKS, loss_per_h=loss, start=1.0, fastest_per_h=FAST)
    assert got.shape == (1, len(TIMES))
    assert np.max(np.abs(got[0] - want)) < 1e-10 * want.max()


@pytest.mark.parametrize("loss", [0.05, 0.6])
def test_drug_on_loss(loss):
    want = by_dop853(lambda t, r: loss * (2.0 - emax(concentration(t)) * r), 2.0)
    got = respond(
        lambda t: emax(concentration(t)),
        TIMES,
        BREAKS,
        loss_per_h=loss,
        start=2.0,
        fastest_per_h=FAST,
        base=2.0,
    )
    assert np.max(np.abs(got[0] - want)) < 1e-10 * want.max()


def test_constant_drive_is_the_textbook_exponential():
    got = respond(lambda t: np.full(t.shape, 3.0), [0, 1, 5, 50], [], loss_per_h=0.2, start=1.0, fastest_per_h=1.0)
    want = 3 - 2 * np.exp(-0.2 * np.array([0, 1, 5, 50]))
    assert np.allclose(got[0], want, rtol=1e-14)


def test_without_drug_the_response_stays_at_its_base():
    got = respond(
        lambda t: np.ones((3, t.size)),
        [0, 10, 200],
        [5.0],
        loss_per_h=[0.1, 1, 2],
        start=4.0,
        fastest_per_h=1,
        base=4.0,
    )
    assert np.allclose(got, 4.0, rtol=1e-13)


def test_each_person_has_a_row():
    rates = np.array([0.05, 0.6])
    both = respond(
        lambda t: np.vstack([emax(concentration(t))] * 2), TIMES, BREAKS, loss_per_h=rates, start=1, fastest_per_h=FAST
    )
    for row, rate in zip(both, rates, strict=True):
        alone = respond(lambda t: emax(concentration(t)), TIMES, BREAKS, loss_per_h=rate, start=1, fastest_per_h=FAST)
        assert np.allclose(row, alone[0], rtol=1e-11)


def test_panels_hold_every_time_and_break_and_grow():
    edges = panels([1.0, 7.5], [2.0, 9.0, -1.0], fastest_per_h=4.0)
    assert {0.0, 1.0, 2.0, 7.5} <= set(edges.tolist())
    assert edges[-1] == 7.5
    assert edges[1] == 0.25 / 4.0
    assert edges[edges > 2.0][0] == pytest.approx(2.0625)
    assert np.diff(panels([100.0], [], fastest_per_h=4.0, longest_h=3.0)).max() <= 3.0
    at, weight = nodes(edges)
    assert weight.sum() == pytest.approx(7.5, rel=1e-14)
    assert np.all((at > edges[:-1, None]) & (at < edges[1:, None]))
