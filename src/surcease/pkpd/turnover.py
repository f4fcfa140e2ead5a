"""The turnover effect link: a response that is made and lost, where the drug changes the making or the loss.

Dayneka, Garg and Jusko 1993 (doi 10.1007/BF01061691). With loss rate k and the drive g(C):

* drug on production:  dR/dt = k·(g(C(t)) − R)
* drug on loss:        dR/dt = k·(base − g(C(t))·R)

Both are linear in R, so variation of constants solves them by integrals of the drive alone. The drive is smooth
between rate changes, so Gauss-Legendre panels, graded finely after each rate change, reach rounding error; no step
control, no solver noise. Panels are the same for every person.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]
Drive = Callable[[Floats], Floats]

NODES = 8  # Gauss-Legendre nodes a panel: error near 1e-13 of the peak on graded panels
GROWTH = 1.6  # each panel after a rate change may be this much longer than the one before


def panels(times_h: ArrayLike, breaks_h: ArrayLike, *, fastest_per_h: float, longest_h: float = np.inf) -> Floats:
    """Panel edges from 0 to the last time: every time and break is an edge; fine after each break, growing after.

    ``fastest_per_h`` is the fastest rate constant that the drive follows; the first panel is a quarter of its time.
    No panel is longer than ``longest_h``.
    """
    times, breaks = np.unique(np.asarray(times_h, float)), np.asarray(breaks_h, float)
    end = times[-1]
    starts = np.unique(np.concatenate(([0.0], breaks[(breaks > 0) & (breaks < end)])))
    stops = np.append(starts[1:], end)
    offsets = _offsets(0.25 / fastest_per_h, longest_h, float(np.max(stops - starts)))
    graded = starts[:, None] + offsets[None, :]
    return np.unique(np.concatenate((starts, times, graded[graded < stops[:, None]])))


def _offsets(first: float, longest: float, reach: float) -> Floats:
    """Cumulative panel lengths first, first·GROWTH, …, each capped at ``longest``, until ``reach`` is passed."""
    growing = int(np.ceil(np.log(max(min(longest, reach) / first, 1)) / np.log(GROWTH))) + 1
    lengths = np.minimum(first * GROWTH ** np.arange(growing), longest)
    left = reach - lengths.sum()
    steady = np.full(max(int(np.ceil(left / lengths[-1])), 0), lengths[-1])
    return np.cumsum(np.concatenate((lengths, steady)))


def nodes(edges: Floats) -> tuple[Floats, Floats]:
    """Gauss-Legendre times and weights of each panel, both of shape (panels, NODES)."""
    x, w = np.polynomial.legendre.leggauss(NODES)
    half = np.diff(edges)[:, None] / 2
    return (edges[:-1, None] + half) + half * x, half * w


def respond(
    drive: Drive,
    times_h: ArrayLike,
    breaks_h: ArrayLike,
    *,
    loss_per_h: ArrayLike,
    start: ArrayLike = 0.0,
    fastest_per_h: float,
    base: ArrayLike | None = None,
) -> Floats:
    """The response at ``times_h`` (sorted, ≥ 0), shape (people, times).

    ``drive(times)`` gives g(C(t)) as (people, times) and is called once. With ``base`` None the drug acts on
    production; with ``base`` it acts on loss and the response without drug is ``base``. ``loss_per_h``, ``start``
    and ``base`` are one number, or one a person.
    """
    times = np.asarray(times_h, float)
    longest = 2 / float(np.max(loss_per_h))
    edges = panels(times, breaks_h, fastest_per_h=fastest_per_h, longest_h=longest)
    at, weight = nodes(edges)
    g = np.atleast_2d(drive(at.ravel()))
    g = g.reshape(g.shape[0], *at.shape)
    k = np.broadcast_to(np.asarray(loss_per_h, float).reshape(-1, 1), (g.shape[0], 1))
    r0 = np.broadcast_to(np.asarray(start, float).ravel(), g.shape[:1])
    if base is None:
        decay, gain = _production(g, at, weight, edges, k)
    else:
        decay, gain = _loss(g, at, weight, edges, k)
        gain = gain * np.broadcast_to(np.asarray(base, float).reshape(-1, 1), (g.shape[0], 1))
    return _march(decay, gain, r0)[:, np.searchsorted(edges, times)]


def _production(g: Floats, at: Floats, weight: Floats, edges: Floats, k: Floats) -> tuple[Floats, Floats]:
    """What is kept of the response over each panel, and what the drive adds."""
    decay = np.exp(-k * np.diff(edges))
    left = edges[1:, None] - at
    gain = k * np.einsum("ipn,ipn->ip", g, np.exp(-k[:, :, None] * left) * weight)
    return decay, gain


def _loss(g: Floats, at: Floats, weight: Floats, edges: Floats, k: Floats) -> tuple[Floats, Floats]:
    """The same when the drug multiplies the loss: the decay's exponent is itself an integral of the drive."""
    x, _ = np.polynomial.legendre.leggauss(NODES)
    to_right = _remaining(x)
    half = np.diff(edges)[:, None] / 2
    whole = k * np.einsum("ipn,pn->ip", g, weight)
    rest = k[:, :, None] * np.einsum("ipn,mn->ipm", g, to_right) * half
    return np.exp(-whole), k * np.einsum("ipn,pn->ip", np.exp(-rest), weight)


def _remaining(x: Floats) -> Floats:
    """Matrix that turns node values on [-1, 1] into the integrals from each node to 1 of their polynomial."""
    powers = np.arange(NODES)
    inverse = np.linalg.inv(np.polynomial.legendre.legvander(x, NODES - 1))
    integrals = np.empty((NODES, NODES))
    for p in powers:
        antiderivative = np.polynomial.legendre.legint(np.eye(NODES)[p])
        integrals[:, p] = np.polynomial.legendre.legval(1.0, antiderivative) - np.polynomial.legendre.legval(
            x, antiderivative
        )
    return integrals @ inverse


def _march(decay: Floats, gain: Floats, start: Floats) -> Floats:
    """R at every edge, from R(0): R ← decay·R + gain."""
    out = np.empty((decay.shape[0], decay.shape[1] + 1))
    out[:, 0] = start
    for p in range(decay.shape[1]):
        out[:, p + 1] = decay[:, p] * out[:, p] + gain[:, p]
    return out
