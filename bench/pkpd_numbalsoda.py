"""numbalsoda's side of the benchmark: compiled right-hand sides and a parallel loop over people."""

from __future__ import annotations

import itertools

import numpy as np
from numba import carray, cfunc, njit, prange
from numbalsoda import lsoda, lsoda_sig

from bench.pkpd_workloads import DOSE_MG, INFUSION_MIN, ONE_DAY_MIN, STARTS_MIN, WEEKS_MIN, People

RTOL, ATOL = 1e-8, 1e-12


@njit
def three_compartments(x, t, k10, k12, k13, k21, k31, rate):
    """Amounts of the three compartments, mg; for odeint."""
    dx = np.empty(3)
    dx[0] = rate - (k10 + k12 + k13) * x[0] + k21 * x[1] + k31 * x[2]
    dx[1] = k12 * x[0] - k21 * x[1]
    dx[2] = k13 * x[0] - k31 * x[2]
    return dx


@njit
def five_states(x, t, v1, k10, k12, k13, k21, k31, ke0, kl, rate):
    """Three compartments, effect site and slow site; for odeint."""
    dx = np.empty(5)
    dx[0] = rate - (k10 + k12 + k13) * x[0] + k21 * x[1] + k31 * x[2]
    dx[1] = k12 * x[0] - k21 * x[1]
    dx[2] = k13 * x[0] - k31 * x[2]
    dx[3] = ke0 * (x[0] / v1 - x[3])
    dx[4] = kl * (x[0] / v1 - x[4])
    return dx


@cfunc(lsoda_sig)
def _rhs3(t, x_, dx_, p_):
    x, dx, p = carray(x_, (3,)), carray(dx_, (3,)), carray(p_, (6,))
    dx[0] = p[5] - (p[0] + p[1] + p[2]) * x[0] + p[3] * x[1] + p[4] * x[2]
    dx[1] = p[1] * x[0] - p[3] * x[1]
    dx[2] = p[2] * x[0] - p[4] * x[2]


@cfunc(lsoda_sig)
def _rhs5(t, x_, dx_, p_):
    x, dx, p = carray(x_, (5,)), carray(dx_, (5,)), carray(p_, (9,))
    dx[0] = p[5] - (p[0] + p[1] + p[2]) * x[0] + p[3] * x[1] + p[4] * x[2]
    dx[1] = p[1] * x[0] - p[3] * x[1]
    dx[2] = p[2] * x[0] - p[4] * x[2]
    dx[3] = p[6] * (x[0] / p[8] - x[3])
    dx[4] = p[7] * (x[0] / p[8] - x[4])


_PTR3, _PTR5 = _rhs3.address, _rhs5.address


@njit(parallel=True)
def _w1(ptr, table, on, off, rate):
    n = table.shape[0]
    out = np.empty((n, on.size + off.size - 1))
    for i in prange(n):
        p = np.empty(6)
        p[:5], p[5] = table[i, 1:6], rate
        first, _ = lsoda(ptr, np.zeros(3), on, data=p, rtol=RTOL, atol=ATOL)
        p[5] = 0.0
        second, _ = lsoda(ptr, first[-1].copy(), off, data=p, rtol=RTOL, atol=ATOL)
        out[i, : on.size] = first[:, 0] / table[i, 0]
        out[i, on.size - 1 :] = second[:, 0] / table[i, 0]
    return out


def w1(who: People) -> np.ndarray:
    """People × 721 concentrations, mg/L."""
    on, off = ONE_DAY_MIN[ONE_DAY_MIN <= INFUSION_MIN], ONE_DAY_MIN[ONE_DAY_MIN >= INFUSION_MIN]
    return _w1(_PTR3, who.values, on, off, DOSE_MG / INFUSION_MIN)


@njit(parallel=True)
def _w2(ptr, table, grid, first, last, rates, keep):
    n, segments = table.shape[0], rates.size
    out = np.empty((3, n, keep))
    for i in prange(n):
        p = np.empty(9)
        p[:5], p[6], p[7], p[8] = table[i, 1:6], table[i, 6], table[i, 7], table[i, 0]
        y, c50 = np.zeros(5), table[i, 8]
        out[0, i, 0] = out[1, i, 0] = out[2, i, 0] = 0.0
        at = 1
        for s in range(segments):
            p[5] = rates[s]
            states, _ = lsoda(ptr, y, grid[s, : last[s] + 1].copy(), data=p, rtol=RTOL, atol=ATOL)
            for j in range(1, first[s] + 1):
                out[0, i, at] = states[j, 0] / p[8]
                out[1, i, at] = states[j, 3]
                out[2, i, at] = states[j, 4] / (states[j, 4] + c50)
                at += 1
            y = states[-1].copy()
    return out


def _segments() -> tuple[np.ndarray, ...]:
    """Rows of times between rate changes, how many of each are output, its last index, and its rate."""
    edges = np.unique(np.concatenate((STARTS_MIN, STARTS_MIN + INFUSION_MIN, WEEKS_MIN[-1:])))
    rows, counts, lasts, rates = [], [], [], []
    for a, b in itertools.pairwise(edges):
        inside = WEEKS_MIN[(a < WEEKS_MIN) & (b >= WEEKS_MIN)]
        row = np.unique(np.concatenate(([a], inside, [b])))
        rows.append(row)
        counts.append(inside.size)
        lasts.append(row.size - 1)
        rates.append(DOSE_MG / INFUSION_MIN if a in STARTS_MIN else 0.0)
    grid = np.zeros((len(rows), max(r.size for r in rows)))
    for i, row in enumerate(rows):
        grid[i, : row.size] = row
    return grid, np.array(counts), np.array(lasts), np.array(rates)


def w2(who: People) -> np.ndarray:
    """3 × people × 2017: plasma and effect-site mg/L, relief share."""
    grid, counts, lasts, rates = _segments()
    return _w2(_PTR5, who.values, grid, counts, lasts, rates, WEEKS_MIN.size)


@njit(parallel=True)
def _fill(flat, value):
    for part in prange(64):
        for i in range(part * flat.size // 64, (part + 1) * flat.size // 64):
            flat[i] = value


def fill(buffer: np.ndarray, value: float) -> None:
    """Write ``value`` everywhere, on all cores."""
    _fill(buffer.reshape(-1), value)
