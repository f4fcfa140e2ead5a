"""The benchmark's own arithmetic: timing in turn, scaling in proportion, the page made from figures."""

import json
import sys

from bench import report, rounds
from bench.pkpd_page import page

BLOCK = {
    "people": 10_000, "ours_s": 0.006, "ours_out_s": 0.003, "limit_s": 0.002, "out_over_limit": 1.5,
    "peers_s": {"numbalsoda": 1.2, "odeint": 16.0}, "peers_measured_people": {"numbalsoda": 10_000, "odeint": 200},
    "max_rel_err": 5e-15, "peers_max_rel_err": {"numbalsoda": 2e-8}, "per_person_growth": 1.1,
}  # fmt: skip
FIGURES = {
    "day": "2026-01-02", "machine": {"processor": "p", "cores": 2, "memory_gib": 4, "system": "s", "python": "3.11"},
    "versions": {"numpy": "2.4"}, "W1": BLOCK,
    "memory": {"people": 100_000, "times": 721, "bands_s": 1.0, "peak_gib": 0.5},
}  # fmt: skip


def test_every_entry_is_warmed_and_visited_in_each_round(monkeypatch):
    seen = []
    monkeypatch.setattr(rounds, "_busy_s", lambda: 0.0)
    found = rounds.interleave({"a": lambda: seen.append("a"), "b": lambda: seen.append("b")}, rounds=3, budget_s=0)
    assert set(found) == {"a", "b"}
    assert seen[:2] == ["a", "b"]
    assert sorted(seen[2:]) == ["a"] * 3 + ["b"] * 3


def test_a_visit_disturbed_by_others_is_repeated(monkeypatch):
    busy = iter([0.0, 100.0, 100.0, 100.0, 100.0])
    monkeypatch.setattr(rounds, "_busy_s", lambda: next(busy))
    monkeypatch.setattr(rounds.time, "sleep", lambda _: None)
    calls = []
    assert rounds._quiet_visit(lambda: calls.append(1), 0) > 0
    assert len(calls) == 2


def test_the_page_says_ratios_scaling_and_errors():
    text = page(FIGURES)
    assert "| numbalsoda | 1.2 s | 200× | 2e-08 |" in text
    assert "odeint (measured on 200)" in text
    assert "mrgsolve (quoted" in text
    assert "1.50 times the limit" in text
    assert "0.50 GiB" in text
    assert "## W4" not in text


def test_a_workload_with_new_processes():
    block = {**BLOCK, "new_process_s": {"ours": 0.25, "opentiva": 0.7}, "python_and_numpy_s": 0.1}
    assert "byte code kept: `surcease simulate` 250 ms, opentiva 700 ms" in page({**FIGURES, "W4": block})
    alone = {**BLOCK, "peers_s": {"other": 1.0}}
    assert "quoted" not in page({**FIGURES, "W1": alone})


def test_the_page_says_which_floors_are_reached():
    block = {**BLOCK, "times_faster": 99.9}
    text = page({**FIGURES, "W1": block})
    assert "| W1 beside the best peer measured here, times faster | ≥ 100 | ≥ 300 | 99.9 | **no** |" in text
    assert "| W1 into the caller's buffer, times the limit | ≤ 2 | ≤ 1.3 | 1.5 | yes |" in text
    assert "| Bands of 100,000 people × 721 times, GiB | ≤ 1 | ≤ 1 | 0.5 | yes |" in text


def test_a_new_process_is_timed_with_its_byte_code_kept(tmp_path):
    from bench.pkpd import new_process

    command = [sys.executable, "-c", "import bench.report"]
    assert new_process(command, 1, str(tmp_path)) > 0
    assert list(tmp_path.rglob("report*.pyc"))


def test_figures_and_page_are_written_side_by_side(tmp_path):
    path = report.write("pkpd", FIGURES, "# page\n\n\n", folder=tmp_path)
    assert json.loads(path.read_text()) == FIGURES
    assert (tmp_path / "pkpd.md").read_text() == "# page\n"


def test_times_are_said_as_people_read_them():
    assert [report.seconds(t) for t in (2.0, 0.0025, 3e-6, 5e-9)] == ["2 s", "2.5 ms", "3 µs", "5 ns"]
