"""Draws that belong to the person: Philox 4x32-10 against its published known answers."""

import numpy as np
import pytest

from surcease.pkpd.chance import normals, philox, uniforms

# Known-answer vectors of the Random123 distribution (Salmon et al. 2011), file kat_vectors, philox4x32 10.
KNOWN = [
    ((0, 0, 0, 0), (0, 0), (0x6627E8D5, 0xE169C58D, 0xBC57AC4C, 0x9B00DBD8)),
    ((0xFFFFFFFF,) * 4, (0xFFFFFFFF,) * 2, (0x408F276D, 0x41C83B0E, 0xA20BC7C6, 0x6D5451FD)),
    (
        (0x243F6A88, 0x85A308D3, 0x13198A2E, 0x03707344),
        (0xA4093822, 0x299F31D0),
        (0xD16CFE09, 0x94FDCCEB, 0x5001E420, 0x24126EA1),
    ),
]


@pytest.mark.parametrize(("counter", "key", "words"), KNOWN)
def test_philox_gives_the_published_answers(counter, key, words):
    got = philox(tuple(np.array([c], dtype=np.uint64) for c in counter), key)
    assert tuple(int(w[0]) for w in got) == words


def test_a_person_keeps_the_draw_in_any_block():
    whole = normals(range(1000), 7, seed=3)
    parts = np.vstack([normals(range(a, min(a + 333, 1000)), 7, seed=3) for a in range(0, 1000, 333)])
    assert np.array_equal(whole, parts)
    assert np.array_equal(whole[:, :4], normals(range(1000), 4, seed=3))


def test_seeds_and_streams_are_apart():
    one = uniforms(range(100), 4, seed=1)
    for other in (uniforms(range(100), 4, seed=2), uniforms(range(100), 4, seed=1, stream=1)):
        assert not np.any(one == other)
    assert not np.array_equal(one, uniforms(range(100), 4, seed=1 + 2**32))


def test_moments_of_the_normals():
    z = normals(range(200_000), 2, seed=11)
    # standard errors: 1/sqrt(n) for the mean, sqrt(2/n) for the variance
    assert np.all(np.abs(z.mean(axis=0)) < 4 / np.sqrt(len(z)))
    assert np.all(np.abs(z.var(axis=0) - 1) < 4 * np.sqrt(2 / len(z)))
    assert abs(np.corrcoef(z.T)[0, 1]) < 4 / np.sqrt(len(z))


def test_uniforms_stay_inside_the_interval():
    u = uniforms(range(100_000), 1, seed=5)
    assert u.min() > 0
    assert u.max() < 1
