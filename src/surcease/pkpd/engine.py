"""Curves of many people from one system: modes where they are sound, the matrix exponential for the rest."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Literal, TypeAlias

import numpy as np
from numpy.typing import DTypeLike, NDArray

from surcease.pkpd import buffers, exponential, modal
from surcease.pkpd.modal import Modes
from surcease.pkpd.schedule import Schedule
from surcease.pkpd.system import System

Array = NDArray[np.float64]
Floats: TypeAlias = NDArray[np.floating]
Backend = Literal["auto", "numpy", "compiled"]

COMPILED_FROM = 2_000_000  # people times points from which "auto" takes the compiled path (it costs a second to load)
_CHUNK = 400_000  # people times points times modes that the NumPy path holds at once


def backend_for(points: int, backend: Backend) -> Backend:
    """The back end for so many people times points; "auto" depends on nothing else, so that results repeat."""
    if backend == "auto":
        return "compiled" if points >= COMPILED_FROM else "numpy"
    return backend


def count(system: System, schedule: Schedule) -> int:
    """How many people the system and its inputs are for."""
    return max(system.people, len(schedule.times), len(schedule.jumps))


def curves(
    system: System,
    schedule: Schedule,
    times: Array,
    *,
    out: Floats | None = None,
    dtype: DTypeLike = np.float64,
    backend: Backend = "auto",
) -> tuple[Floats, int]:
    """(outputs, people, times) and how many people needed the exponential.

    ``out`` of that shape, or (people, times) for a single output, receives the values.
    """
    people = count(system, schedule)
    whole = _target(out, (len(system.outputs), people, len(times)), dtype)
    if backend_for(people * len(times), backend) == "compiled":
        modes = _compiled(system, schedule, times, whole)
    else:
        modes = _interpreted(system, schedule, times, whole)
    sound = np.zeros(people, bool) if modes is None else np.broadcast_to(modes.sound, (people,))
    for who in _chunks(people, len(times) * len(system.states), ~sound):
        whole[:, who] = exponential.propagate(take_system(system, who), take(schedule, who), times).transpose(1, 0, 2)
    return whole, int(people - sound.sum())


def _interpreted(system: System, schedule: Schedule, times: Array, whole: Floats) -> Modes | None:
    modes = modal.decompose(system, schedule.channels)
    if modes is not None:
        for who in _chunks(whole.shape[1], len(times) * modes.rates.shape[1]):
            with np.errstate(all="ignore"):  # unsound people are overwritten afterwards
                curves = modal.propagate(_some(modes, who), take(schedule, who), times)
            whole[:, who] = curves.transpose(1, 0, 2)
    return modes


def _compiled(system: System, schedule: Schedule, times: Array, whole: Floats) -> Modes | None:
    from surcease.pkpd import compiled  # numba: loaded only for large work, or when asked for

    modes = modal.decompose(system, schedule.channels, compiled.star)
    if modes is not None:
        compiled.fill(modes, schedule, times, whole)
    return modes


def _target(out: Floats | None, shape: tuple[int, int, int], dtype: DTypeLike) -> Floats:
    if out is None:
        return buffers.empty(shape, dtype)
    view = out[None] if out.ndim == 2 else out
    if view.shape != shape:
        raise ValueError(f"out has the shape {out.shape}; the result is (outputs, people, times) = {shape}.")
    return view


def _chunks(people: int, each: int, mask: NDArray[np.bool_] | None = None) -> Iterator[NDArray[np.intp]]:
    chosen = np.arange(people) if mask is None else np.flatnonzero(mask)
    size = max(1, _CHUNK // max(each, 1))
    for at in range(0, len(chosen), size):
        yield chosen[at : at + size]


def _rows(array: Array, who: NDArray[np.intp]) -> Array:
    return array if len(array) == 1 else array[who]


def _some(modes: Modes, who: NDArray[np.intp]) -> Modes:
    if len(modes.rates) == 1 and len(modes.read) == 1:
        return modes
    return Modes(_rows(modes.rates, who), _rows(modes.enter, who), _rows(modes.read, who), modes.sound)


def take(schedule: Schedule, who: NDArray[np.intp]) -> Schedule:
    """The schedule of some people."""
    return replace(
        schedule,
        times=_rows(schedule.times, who),
        jumps=_rows(schedule.jumps, who),
        rates=_rows(schedule.rates, who),
        slopes=None if schedule.slopes is None else _rows(schedule.slopes, who),
    )


def take_system(system: System, who: NDArray[np.intp]) -> System:
    """The system of some people."""
    return replace(system, matrix=_rows(system.matrix, who), read=_rows(system.read, who))
