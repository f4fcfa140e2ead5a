"""The compiled core: the readable path is its test, and the number of threads never changes a bit."""

from __future__ import annotations

import os
import subprocess
import sys

import numpy as np
import pytest

from surcease.care.forecast import belief_in
from surcease.knowledge import load
from surcease.knowledge.effect import relief_prior
from surcease.pkpd import compile_cache, compiled, modal
from surcease.pkpd.band import over_people
from surcease.pkpd.person import Course, _compiled_slopes, _Problem, fit, most_likely
from surcease.pkpd.regimen import parse
from surcease.pkpd.schedule import Piece, build
from surcease.pkpd.scores import scores
from surcease.pkpd.slow_site import slow_site
from surcease.pkpd.system import System

TIMES = np.arange(1, 43) * 24.0
GIVEN = parse("35 mg over 40 min iv esketamine every 84 h x 10").for_weight(70)


@pytest.fixture(scope="module")
def belief():
    knowledge = load()
    return belief_in(knowledge, relief_prior(knowledge, "rct"))


@pytest.fixture(scope="module", params=["numpy", "compiled"])
def there(belief, request):
    surface = slow_site(
        load().model("domino_1982"), GIVEN, TIMES, middle_k_per_h=belief.relief.k_per_h, backend=request.param
    )
    return Course(surface, np.linspace(1, 0, TIMES.size))


def diary(kind: str):
    chance = np.random.default_rng(4)
    values = {
        "any": chance.integers(0, 11, TIMES.size), "none": np.zeros(TIMES.size), "worst": np.full(TIMES.size, 10),
        "halves": chance.integers(0, 21, TIMES.size) / 2, "missing": np.where(TIMES % 72 == 0, np.nan, 6),
    }[kind]  # fmt: skip
    seen = scores(TIMES, values, step=0.5 if kind == "halves" else 1.0)
    return seen, np.isin(TIMES, seen.times_h)


@pytest.mark.parametrize("kind", ["any", "none", "worst", "halves", "missing"])
@pytest.mark.parametrize(("far", "worth"), [(0.3, 1.0), (1.0, 0.4), (4.0, 1.0), (12.0, 1.0)])
def test_slopes_are_the_readable_ones(belief, there, kind, far, worth):
    seen, days = diary(kind)
    course = Course(there.slow.at(days), there.placebo[days])
    problem = _Problem(belief, course, seen, np.arange(4), worth)
    u = np.random.default_rng(9).normal(size=(4, 4)) * far
    for ours, readable in zip(_compiled_slopes(problem)(u), problem.slopes(u), strict=True):
        assert ours == pytest.approx(readable, rel=1e-8, abs=1e-9 * np.abs(readable).max())


@pytest.mark.parametrize("kind", ["any", "none", "missing"])
def test_both_find_the_same_peak(belief, there, kind):
    seen, days = diary(kind)
    course = Course(there.slow.at(days), there.placebo[days])
    readable, quick = (most_likely(belief, course, seen, backend=backend) for backend in ("auto", "compiled"))
    assert quick.height == pytest.approx(readable.height, abs=1e-6)
    assert quick.steps == readable.steps
    assert most_likely(belief, course, seen, kinds=[2], backend="compiled").height == pytest.approx(quick.height[2:3])
    assert np.isfinite(fit(belief, course, seen, draws=90, keep=50).shifts).all()


def test_a_scale_so_wide_that_modes_lose_digits_is_left_to_the_exponential():
    """Exchange of 10⁴ and 0.1 per hour beside 10⁻⁴ and 1: modes were wrong by 4·10⁻⁹ of the peak here."""

    def exchanging(*pairs):
        matrix = np.diag([-1.0, 0, 0, 0])[None]
        for child, (there, back) in enumerate(pairs, start=1):
            matrix[0, child, 0], matrix[0, 0, child], matrix[0, child, child] = there, back, -back
            matrix[0, 0, 0] -= there
        return modal.decompose(System(tuple("abcd"), tuple("abcd"), matrix, np.eye(4)[None]), ("b",))

    assert not exchanging((1e-4, 1.0), (1.0, 1e3), (1e4, 0.1)).sound[0]
    assert exchanging((0.5, 1.0), (2.0, 8.0), (10.0, 0.1)).sound[0]


def test_slopes_far_from_every_score_follow_the_normals_tail(belief, there):
    seen, days = diary("any")
    problem = _Problem(belief, Course(there.slow.at(days), there.placebo[days]), seen, np.arange(4))
    u = np.tile([0.0, 0.0, 0.0, -11.0], (4, 1))  # a scatter of hundredths of a point
    found = _compiled_slopes(problem)(u)
    assert np.isfinite(found[0]).all()
    assert found[0] == pytest.approx(problem.slopes(u)[0], rel=1e-9)
    assert found[1] == pytest.approx(problem.slopes(u)[1], rel=1e-9)


def test_the_upper_of_two_neighbouring_numbers():
    from surcease.pkpd.kernels import _tied

    above = np.nextafter(1.0, 2.0)  # half-way between them rounds to the lower one
    values = np.array([1.0] * 3 + [above] * 5)
    assert _tied(values, 5, 1.0, above) == above
    assert _tied(values, 1, 1.0, above) == 1.0


def test_a_band_of_what_is_no_number_is_none():
    curves = np.full((50, 3), np.nan)
    curves[:, 1] = np.arange(50.0)
    low, high = over_people(curves, np.array([0.1, 0.9]), backend="compiled")
    assert np.isnan([low[0], high[0], low[2], high[2]]).all()
    assert (low[1], high[1]) == pytest.approx((4.9, 44.1))


def test_a_uniform_grid_is_told_from_one_that_is_not():
    assert compiled.step_of(np.array([0.0, 0.1])) == 0.0
    assert compiled.step_of(np.arange(50) * 0.1) == pytest.approx(0.1)
    assert compiled.step_of(np.array([0.0, 1.0, 2.0, 3.5])) == 0.0
    assert compiled.step_of(np.zeros(4)) == 0.0


@pytest.mark.parametrize("end", [5.0, 40.0])
def test_long_and_short_infusions_on_a_grid(end):
    """Blocks of readings within one stretch and over several, against the readable path."""
    system = System(("a", "b"), ("a", "b"), np.array([[[-1.1, 0.3], [0.8, -0.3]]]), np.eye(2)[None])
    schedule, times = build([Piece("a", 0.0, end_h=end, rate=2.0, to_rate=2.0)]), np.linspace(0, 60, 601)
    modes = modal.decompose(system, schedule.channels)
    out = np.empty((2, 1, times.size))
    compiled.fill(modes, schedule, times, out)
    readable = modal.propagate(modes, schedule, times)
    assert np.abs(out[:, 0] - readable[0]).max() <= 1e-13 * readable.max()


THREADS = """
import hashlib, numba, numpy as np
from surcease import knowledge
from surcease.pkpd.many import bands, solve_many
from surcease.pkpd.regimen import parse
from surcease.pkpd.system import EffectSite
model, dose = knowledge.model("domino_1982"), parse("35 mg over 40 min iv every 12 h x 3")
times = np.linspace(0, 48, 333)
etas = {n: 0.3 * np.random.default_rng(i).standard_normal(1013) for i, n in enumerate(("v1", "k10", "k12", "k21"))}
for threads in (1, 2, 3, 4):
    numba.set_num_threads(threads)
    every = solve_many(model, dose, times, etas=etas, effect_sites={"x": EffectSite(5.0)}, backend="compiled")
    alone = solve_many(model, dose, times, etas=etas, backend="compiled").cp_ng_per_ml
    seen = bands(model, dose, times, etas=etas, quantiles=(0.025, 0.5, 0.9), backend="compiled").curves["ketamine"]
    parts = (every.cp_ng_per_ml, every.effect_sites["x"], alone, seen)
    print(hashlib.sha256(b"".join(np.ascontiguousarray(p).tobytes() for p in parts)).hexdigest())
"""


@pytest.mark.skipif(bool(os.environ.get("NUMBA_DISABLE_JIT")), reason="without compilation there is one thread")
def test_any_number_of_threads_gives_the_same_bits():
    environment = {**os.environ, "NUMBA_NUM_THREADS": "4"}
    said = subprocess.check_output([sys.executable, "-c", THREADS], text=True, env=environment).split()
    assert len(said) == 4
    assert len(set(said)) == 1


def test_compiled_code_is_kept_where_it_may_be_written(tmp_path):
    code = "from surcease.pkpd.compile_cache import KEPT; import os; print(KEPT, os.environ['NUMBA_CACHE_DIR'])"

    def kept(folder):
        environment = {**os.environ, "NUMBA_CACHE_DIR": str(folder)}
        return subprocess.check_output([sys.executable, "-c", code], text=True, env=environment).split()

    assert kept(tmp_path / "new" / "folder") == ["True", str(tmp_path / "new" / "folder")]
    blocked = tmp_path / "file"
    blocked.write_text("")
    assert kept(blocked / "below")[0] == "False"
    assert compile_cache.KEPT in (True, False)
