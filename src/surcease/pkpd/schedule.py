"""What goes into which state when: jumps and rates between breakpoints, ready for any solver.

Between two breakpoints every input is a constant or a straight line; at a breakpoint an amount may jump in.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from surcease.pkpd.individual import Number

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Piece:
    """One delivery into ``state``: ``amount`` mg at once when ``end_h`` is None, else a rate from start to end.

    ``rate`` is mg/h at the start and ``to_rate`` at the end. Every number may be an array over people.
    """

    state: str
    start_h: Number
    amount: Number = 0.0
    end_h: Number | None = None
    rate: Number = 0.0
    to_rate: Number = 0.0


@dataclass(frozen=True, slots=True)
class Schedule:
    """``times`` (people, breakpoints) in h; ``jumps``, ``rates``, ``slopes`` (people, breakpoints, channels).

    A leading axis of 1 means the same for everyone. ``rates`` hold from a breakpoint on, growing by ``slopes``.
    """

    channels: tuple[str, ...]
    times: Array
    jumps: Array
    rates: Array
    slopes: Array | None = None


def build(pieces: Sequence[Piece]) -> Schedule:
    """The schedule of ``pieces``. Breakpoints that coincide for everyone are merged.

    >>> hour = Piece("central", 0.0, end_h=1.0, rate=5.0, to_rate=5.0)
    >>> build([hour, Piece("central", 1.0, amount=2.0)]).rates[0, :, 0]
    array([5., 0.])
    """
    channels = tuple(dict.fromkeys(p.state for p in pieces))
    times = _breakpoints(pieces)
    shape = (_people(pieces, times), times.shape[1], len(channels))
    jumps, rates, slopes = np.zeros(shape), np.zeros(shape), np.zeros(shape)
    for piece in pieces:
        channel = channels.index(piece.state)
        if len(times) == 1:
            _add_at_shared_times(piece, times[0], jumps[:, :, channel], rates[:, :, channel], slopes[:, :, channel])
            continue
        start = _column(piece.start_h)
        if piece.end_h is None:
            first = np.cumsum(times == start, axis=1) == 1
            jumps[:, :, channel] += np.where(first & (times == start), _column(piece.amount), 0.0)
            continue
        end = _column(piece.end_h)
        on = (times >= start) & (times < end)
        slope = np.where(
            on, (_column(piece.to_rate) - _column(piece.rate)) / np.where(end > start, end - start, 1.0), 0.0
        )
        slopes[:, :, channel] += slope
        rates[:, :, channel] += np.where(on, _column(piece.rate) + slope * (times - start), 0.0)
    return Schedule(channels, times, jumps, rates, slopes if slopes.any() else None)


def _add_at_shared_times(piece: Piece, times: Array, jumps: Array, rates: Array, slopes: Array) -> None:
    """What ``piece`` brings where everyone has the same breakpoints: no need to look for its place person by person."""
    first = np.searchsorted(times, piece.start_h)
    if piece.end_h is None:
        jumps[:, first] += piece.amount
        return
    on = slice(first, np.searchsorted(times, piece.end_h))
    if piece.to_rate is piece.rate:
        rates[:, on] += _column(piece.rate)
        return
    slope = _column(np.subtract(piece.to_rate, piece.rate) / np.subtract(piece.end_h, piece.start_h))
    slopes[:, on] += slope
    rates[:, on] += _column(piece.rate) + slope * (times[on] - piece.start_h)


def _breakpoints(pieces: Sequence[Piece]) -> Array:
    marks = [m for p in pieces for m in ((p.start_h,) if p.end_h is None else (p.start_h, p.end_h))]
    if all(np.ndim(m) == 0 for m in marks):
        return np.array([sorted({float(m) for m in marks})])  # np.unique would import numpy.ma, 30 ms
    people = max(np.shape(m)[0] for m in marks if np.ndim(m))
    unique: list[Number] = [
        *dict.fromkeys(float(m) for m in marks if np.ndim(m) == 0),
        *(m for m in marks if np.ndim(m)),
    ]
    return np.sort(np.stack([np.broadcast_to(m, (people,)) for m in unique], axis=1), axis=1)


def _people(pieces: Sequence[Piece], times: Array) -> int:
    numbers = [n for p in pieces for n in (p.amount, p.rate, p.to_rate)]
    return max(times.shape[0], *(np.shape(n)[0] if np.ndim(n) else 1 for n in numbers))


def _column(value: Number) -> Array:
    return np.asarray(value, float).reshape(-1, 1)
