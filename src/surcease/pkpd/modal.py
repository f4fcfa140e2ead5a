"""Exact solution by modes: each block of a model is a symmetric matrix in disguise, and blocks feed one another.

Compartments that exchange both ways without a cycle form a block whose matrix becomes symmetric when each state is
divided by the square root of its detailed-balance weight. Its eigenvalues are real and its eigenvectors orthogonal,
whatever the rates. Between blocks flow is one way, so the rest is a triangular matrix. Only there can two equal rates
make the modes useless; :func:`decompose` says for whom, and those are solved by :mod:`surcease.pkpd.exponential`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from surcease.pkpd.schedule import Schedule
from surcease.pkpd.system import System

Array = NDArray[np.float64]

# Rounding is about 2e-16 times this; above it a person's curve is solved by the matrix exponential instead.
MOST_AMPLIFICATION = 1000.0
# Rounding of a symmetric block is in proportion to its fastest rate. It lasts as long as the slowest mode, and undoing
# the scaling multiplies it by the ratio of the scales; above this share of the curve, likewise.
MOST_LOST = 1e-10
_EPSILON = float(np.finfo(float).eps)


@dataclass(frozen=True, slots=True)
class Modes:
    """``rates`` λ (people, m); ``enter`` (people, channels, m) and ``read`` (people, outputs, m); ``sound`` (people,).

    An amount a into channel c shows in output o as ``a Σ_m read[o,m] · enter[c,m] · exp(−λ_m t)``.
    """

    rates: Array
    enter: Array
    read: Array
    sound: NDArray[np.bool_]


Star = Callable[[Array, tuple[int, int, int], list[int], Array], Modes]


def decompose(system: System, channels: tuple[str, ...], star: Star | None = None) -> Modes | None:
    """The modes of ``system`` as seen from ``channels``; None when a block has a cycle (then use the exponential).

    ``star``, where given, solves a block of three (compiled); it says for whom it did, and the rest are done here.
    """
    entry = [system.states.index(c) for c in channels]
    matrix = system.matrix
    flows = (matrix != 0).any(axis=0)
    blocks = _blocks(flows.tobytes(), len(flows))
    people, n = matrix.shape[0], matrix.shape[1]
    if star is not None and len(blocks) == 1 and n == 3 and (middle := _middle(flows)) is not None:
        quick = star(matrix, middle, entry, system.read)
        return quick if quick.sound.all() else _repaired(quick, system, channels)
    to_modes, from_modes = np.zeros((people, n, n)), np.zeros((people, n, n))
    rates = np.empty((people, n))
    sound = np.ones(people, bool)
    at = 0
    for block in blocks:
        where = slice(at, at + len(block))
        solved = _symmetric_block(matrix[:, block][:, :, block])
        if solved is None:
            return None
        rates[:, where], to_modes[:, where, block], from_modes[:, block, where], fine = solved
        sound &= fine
        at += len(block)
    if len(blocks) == 1:
        return Modes(rates, _rows(to_modes[:, :, entry]), system.read @ from_modes, sound)
    with np.errstate(all="ignore"):
        coupled = to_modes @ matrix @ from_modes
        vectors, inverse = _triangular(rates, coupled, [len(b) for b in blocks])
        enter, read = _rows((inverse @ to_modes)[:, :, entry]), system.read @ from_modes @ vectors
        sound = sound & _calm(rates, enter, read)
    return Modes(rates, enter, read, sound)


def _middle(flows: NDArray[np.bool_]) -> tuple[int, int, int] | None:
    """(middle, leaf, leaf) of three compartments that exchange through one, None when all three exchange."""
    linked = flows & flows.T & ~np.eye(3, dtype=bool)
    middle = int(linked.sum(axis=0).argmax())
    leaves = [i for i in range(3) if i != middle]
    return None if linked[leaves[0], leaves[1]] or (flows != linked | flows * np.eye(3, dtype=bool)).any() else (
        middle, leaves[0], leaves[1]
    )  # fmt: skip


def _repaired(quick: Modes, system: System, channels: tuple[str, ...]) -> Modes:
    """The compiled modes with those for whom its roots were too close done by the symmetric eigenproblem."""
    who = np.flatnonzero(~quick.sound)
    read = system.read if len(system.read) == 1 else system.read[who]
    rest = decompose(replace(system, matrix=system.matrix[who], read=read), channels)
    assert rest is not None  # a middle with two leaves has no cycle
    quick.rates[who], quick.enter[who], quick.read[who], quick.sound[who] = (
        rest.rates,
        rest.enter,
        rest.read,
        rest.sound,
    )
    return quick


def _rows(columns: Array) -> Array:
    return np.ascontiguousarray(columns.transpose(0, 2, 1))


@lru_cache(maxsize=256)
def _blocks(pattern: bytes, n: int) -> list[list[int]]:
    """Groups of states that reach one another, each group before those it feeds.

    ``pattern`` holds the n × n flags ``flows[i, j]``, j feeds i: a model's structure, the same at every call.
    """
    reach = np.frombuffer(pattern, bool).reshape(n, n) | np.eye(n, dtype=bool)
    for _ in range(n):
        reach = reach | (reach.astype(int) @ reach.astype(int) > 0)
    mutual = reach & reach.T
    groups = {tuple(np.flatnonzero(mutual[i]).tolist()) for i in range(n)}
    return [list(g) for g in sorted(groups, key=lambda g: (int(reach[g[0]].sum()), g))]


def _symmetric_block(block: Array) -> tuple[Array, Array, Array, NDArray[np.bool_]] | None:
    """Rates, state→mode and mode→state matrices of one block; None when its exchange has a cycle."""
    people, b = block.shape[0], block.shape[1]
    if b == 1:
        one = np.ones((people, 1, 1))
        return -block[:, :, 0], one, one, np.ones(people, bool)
    scale, fine = _scales(block)
    if scale is None:
        return None
    product = block * block.transpose(0, 2, 1)
    diagonal = np.arange(b)
    symmetric = np.sqrt(np.maximum(product, 0.0))
    symmetric[:, diagonal, diagonal] = block[:, diagonal, diagonal]
    values, vectors = np.linalg.eigh(symmetric)
    lost = np.abs(values[:, 0]) / np.maximum(-values[:, -1], 1e-300) * scale.max(axis=1) / scale.min(axis=1)
    fine = fine & (_EPSILON * lost <= MOST_LOST)
    return -values, vectors.transpose(0, 2, 1) / scale[:, None, :], vectors * scale[:, :, None], fine


def _scales(block: Array) -> tuple[Array | None, NDArray[np.bool_]]:
    """Square-root detailed-balance weights along the tree of exchanges, and for whom they exist."""
    people, b = block.shape[0], block.shape[1]
    linked = ((block != 0) | (block.transpose(0, 2, 1) != 0)).any(axis=0)
    np.fill_diagonal(linked, False)
    fine = np.ones(people, bool)
    if linked.sum() != 2 * (b - 1):
        return None, fine
    scale, seen, queue = np.ones((people, b)), {0}, [0]
    while queue:
        parent = queue.pop(0)
        for child in np.flatnonzero(linked[parent]):
            if child in seen:
                continue
            there, back = block[:, child, parent], block[:, parent, child]
            idle = (there == 0) & (back == 0)
            fine &= idle | ((there > 0) & (back > 0))
            ratio = np.where(fine & ~idle, there, 1.0) / np.where(fine & ~idle, back, 1.0)
            scale[:, child] = scale[:, parent] * np.sqrt(ratio)
            seen.add(int(child))
            queue.append(int(child))
    return scale, fine


def _triangular(rates: Array, coupled: Array, sizes: list[int]) -> tuple[Array, Array]:
    """Eigenvectors (unit lower triangular) of the coupled blocks, and their inverse."""
    people, n = rates.shape
    vectors = np.zeros((people, n, n))
    vectors[:, range(n), range(n)] = 1.0
    inverse = vectors.copy()
    ends = np.repeat(np.cumsum(sizes), sizes)
    for column in range(n):
        for row in range(int(ends[column]), n):
            feed = np.einsum("pk,pk->p", coupled[:, row, column:row], vectors[:, column:row, column])
            vectors[:, row, column] = np.where(feed == 0.0, 0.0, feed / (rates[:, row] - rates[:, column]))
    for column in range(n):
        for row in range(int(ends[column]), n):
            inverse[:, row, column] = -np.einsum(
                "pk,pk->p", vectors[:, row, column:row], inverse[:, column:row, column]
            )
    return vectors, inverse


def _calm(rates: Array, enter: Array, read: Array) -> NDArray[np.bool_]:
    """For whom the modes of every channel and output add up without losing digits."""
    people = max(len(rates), len(enter), len(read))
    terms = read[:, :, None, :] * enter[:, None, :, :]  # people, outputs, channels, modes
    scale = np.abs(terms).sum(axis=-1)
    at = 1.0 / np.maximum(rates, 1e-300)
    decay = np.exp(-at[:, :, None] * rates[:, None, :])  # people, instants, modes
    peak = np.abs(np.einsum("pocm,ptm->poct", np.broadcast_to(terms, (people, *terms.shape[1:])), decay)).max(axis=-1)
    peak = np.maximum(peak, np.abs(terms.sum(axis=-1)))
    return np.asarray((scale <= MOST_AMPLIFICATION * peak).all(axis=(1, 2)))


def propagate(modes: Modes, schedule: Schedule, times: Array) -> Array:
    """Outputs (people, outputs, times) of the modes driven by ``schedule``; zero before the first input."""
    rates, starts = modes.rates, schedule.times
    state, drive, slope = _along(modes, schedule)
    segment = _segments(starts, times)  # people or 1, times
    safe = np.maximum(segment, 0)
    since = np.where(segment >= 0, times - np.take_along_axis(starts, safe, axis=1), 0.0)
    pick = np.broadcast_to(safe, (len(state), len(times)))[:, :, None]
    x = since[:, :, None] * rates[:, None, :]
    decay = np.exp(-x)
    modal = np.take_along_axis(state, pick, axis=1) * decay
    if drive is not None:
        modal = modal + np.take_along_axis(drive, pick, axis=1) * (since[:, :, None] * phi1(x))
    if slope is not None:
        modal = modal + np.take_along_axis(slope, pick, axis=1) * (since[:, :, None] ** 2 * phi2(x))
    modal = modal * (segment >= 0)[:, :, None]
    return np.asarray(modes.read @ np.swapaxes(modal, 1, 2))


def _segments(starts: Array, times: Array) -> NDArray[np.intp]:
    """Index of the breakpoint that each time follows, −1 before the first; a time on a breakpoint follows it."""
    return np.stack([np.searchsorted(row, times, side="right") for row in starts]) - 1


def _along(modes: Modes, schedule: Schedule) -> tuple[Array, Array | None, Array | None]:
    """Modal amounts just after each breakpoint, and modal rates and slopes from there on (people, breakpoints, m)."""
    jumps = schedule.jumps @ modes.enter
    drive = schedule.rates @ modes.enter if schedule.rates.any() else None
    slope = schedule.slopes @ modes.enter if schedule.slopes is not None else None
    gaps = np.diff(schedule.times, axis=1)[:, :, None]
    x = gaps * modes.rates[:, None, :]
    decay = np.exp(-x)
    grown = np.zeros_like(x) if drive is None else drive[:, :-1] * (gaps * phi1(x))
    if slope is not None:
        grown = grown + slope[:, :-1] * (gaps**2 * phi2(x))
    people, count = max(len(jumps), len(x)), jumps.shape[1]
    state = np.empty((people, count, modes.rates.shape[1]))
    state[:, 0] = jumps[:, 0]
    for k in range(1, count):
        state[:, k] = state[:, k - 1] * decay[:, k - 1] + grown[:, k - 1] + jumps[:, k]
    return state, drive, slope


def phi1(x: Array) -> Array:
    """(1 − exp(−x)) / x, 1 at 0, exact to rounding for any x ≥ 0."""
    tiny = x == 0
    return np.where(tiny, 1.0, -np.expm1(-x) / np.where(tiny, 1.0, x))


def phi2(x: Array) -> Array:
    """(x − 1 + exp(−x)) / x², ½ at 0; by its series where the closed form would cancel."""
    small = np.abs(x) < 0.5
    y = np.where(small, x, 0.0)
    series, term = np.zeros_like(y), np.full_like(y, 0.5)
    for k in range(3, 20):
        series, term = series + term, term * (-y / k)
    z = np.where(small, 1.0, x)
    return np.where(small, series, (z + np.expm1(-z)) / (z * z))
