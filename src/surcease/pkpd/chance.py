"""Chance that belongs to the person: the same person gets the same draw whatever the order, the block or the worker.

Philox 4x32-10 (Salmon, Moraes, Dror and Shaw 2011, "Parallel random numbers: as easy as 1, 2, 3",
doi 10.1145/2063384.2063405) turns (seed, person, slot) into random bits without any state. So a population
nests (the first 100 of 1,000 people are the 100), and results do not depend on how many processes drew them.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
_Words = NDArray[np.uint64]

_M0, _M1 = np.uint64(0xD2511F53), np.uint64(0xCD9E8D57)
_W0, _W1 = 0x9E3779B9, 0xBB67AE85
_LOW, _HALF = np.uint64(0xFFFFFFFF), np.uint64(32)


def philox(counter: tuple[_Words, _Words, _Words, _Words], key: tuple[int, int]) -> tuple[_Words, ...]:
    """Ten rounds of Philox 4x32: four 32-bit words a counter, held in uint64 arrays of one shape."""
    c0, c1, c2, c3 = counter
    for turn in range(10):
        k0 = np.uint64((key[0] + turn * _W0) & 0xFFFFFFFF)
        k1 = np.uint64((key[1] + turn * _W1) & 0xFFFFFFFF)
        a, b = _M0 * c0, _M1 * c2
        c0, c1, c2, c3 = (b >> _HALF) ^ c1 ^ k0, b & _LOW, (a >> _HALF) ^ c3 ^ k1, a & _LOW
    return c0, c1, c2, c3


def uniforms(people: range, slots: int, *, seed: int, stream: int = 0) -> Floats:
    """Uniform draws in the open interval (0, 1): one row a person, ``slots`` columns.

    ``stream`` keeps purposes apart (variability, uncertainty, noise), so that adding one never moves another.

    >>> bool((uniforms(range(2, 4), 3, seed=7) == uniforms(range(9), 5, seed=7)[2:4, :3]).all())
    True
    """
    person = np.arange(people.start, people.stop, dtype=np.uint64)[:, None]
    blocks = np.arange((slots + 1) // 2, dtype=np.uint64)[None, :]
    shape = np.broadcast_shapes(person.shape, blocks.shape)
    counter = (
        np.broadcast_to(person & _LOW, shape),
        np.broadcast_to(person >> _HALF, shape),
        np.broadcast_to(blocks, shape),
        np.full(shape, stream, dtype=np.uint64),
    )
    words = philox(counter, (seed & 0xFFFFFFFF, (seed >> 32) & 0xFFFFFFFF))
    pairs = np.stack((_unit(words[0], words[1]), _unit(words[2], words[3])), axis=-1)
    return pairs.reshape(shape[0], -1)[:, :slots]


def normals(people: range, slots: int, *, seed: int, stream: int = 0) -> Floats:
    """Standard normal draws (Box and Muller 1958): one row a person, ``slots`` columns."""
    u = uniforms(people, slots + slots % 2, seed=seed, stream=stream)
    radius, angle = np.sqrt(-2 * np.log(u[:, 0::2])), 2 * np.pi * u[:, 1::2]
    both = np.stack((radius * np.cos(angle), radius * np.sin(angle)), axis=-1)
    return both.reshape(len(u), -1)[:, :slots]


def _unit(high: _Words, low: _Words) -> Floats:
    """52 random bits, centred in their cell, so that neither 0 nor 1 is ever drawn."""
    bits = (high << np.uint64(20)) | (low >> np.uint64(12))
    return (bits.astype(np.float64) + 0.5) * 2.0**-52
