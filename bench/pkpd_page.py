"""The page of docs/benchmarks made from the figures of the pkpd benchmark."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bench.report import seconds, table

# Measured for this project on the same four workloads with tools that do not come from the Python registries
# (another day, another run of the machine): how many times slower than the same prototype each was.
QUOTED = {
    "W1": {"mrgsolve": 2.163 / 0.929, "rxode2 linCmt()": 2.50 / 1.25, "stanpumpR": 15.1 / 1.25, "PKPDsim": 179 / 1.25},
    "W2": {"mrgsolve, 2 forks": 1.55 / 1.26, "rxode2 ODE": 1.90 / 1.26},
    "W3": {"mapbayr, no Hessian": 391 / 1200},
    "W4": {"mrgsolve": 297 / 107, "rxode2 ODE": 354 / 107},
}
AGAINST = {"W1": "numbalsoda", "W2": "numbalsoda", "W3": "libroadrunner", "W4": "numbalsoda"}
TITLES = {
    "W1": "W1: one infusion, 10,000 people × 721 times",
    "W2": "W2: ten infusions, 1,000 people × 2,017 hours × plasma, effect site, relief",
    "W3": "W3: fit of one person, 90 pain scores",
    "W4": "W4: typical curve and 95 % band of 1,000 people × 721 times",
}


def page(figures: Mapping[str, Any]) -> str:
    """Markdown."""
    parts = ["# Speed and accuracy of pkpd", "Made by `make bench-pkpd`; do not edit.", _setting(figures)]
    parts.append(_floors(figures))
    parts += [_workload(name, figures[name]) for name in TITLES if name in figures]
    if "memory" in figures:
        parts.append(_memory(figures["memory"]))
    return "\n\n".join(parts)


# (what, where its figure stands, the floor, the aim); a leading ≥ or ≤ says which side is better
FLOORS: list[tuple[str, str, float, float, str]] = [
    ("W1 beside the best peer measured here, times faster", "W1.times_faster", 100, 300, "≥"),
    ("W1 into the caller's buffer, times the limit", "W1.out_over_limit", 2.0, 1.3, "≤"),
    ("W1, error of the maximum", "W1.max_rel_err", 1e-12, 1e-14, "≤"),
    ("W1, time per person at 100,000 over that at 1,000", "W1.per_person_growth", 1.5, 1.1, "≤"),
    ("W2 beside the best peer, times faster", "W2.times_faster", 40, 200, "≥"),
    ("W2, error of the maximum, relief among it", "W2.max_rel_err", 1e-9, 1e-12, "≤"),
    ("W3 beside the best peer, times faster", "W3.times_faster", 500, 1500, "≥"),
    ("W3, height of the optimum below the best peer's", "W3.behind_best_optimum", 0.0, 0.0, "≤"),
    ("W4 beside the best peer, times faster", "W4.times_faster", 30, 100, "≥"),
    ("W4, seconds", "W4.ours_s", 0.005, 0.005, "≤"),
    ("W4, a new process up to its answer, seconds", "W4.new_process_s.ours", 0.6, 0.25, "≤"),
    ("Bands of 100,000 people × 721 times, GiB", "memory.peak_gib", 1.0, 1.0, "≤"),
]


def _floors(figures: Mapping[str, Any]) -> str:
    rows = []
    for what, where, floor, aim, side in FLOORS:
        found: Any = figures
        for name in where.split("."):
            found = found.get(name) if isinstance(found, Mapping) else None
        if found is not None:
            inside = found >= floor if side == "≥" else found <= floor
            rows.append([what, f"{side} {floor:g}", f"{side} {aim:g}", f"{found:.3g}", "yes" if inside else "**no**"])
    return "## Required and found\n\n" + table(["", "required", "aim", "found", "reached"], rows)


def _setting(figures: Mapping[str, Any]) -> str:
    m, versions = figures["machine"], figures["versions"]
    return (
        f"{figures['day']}; {m['processor']}, {m['cores']} cores, {m['memory_gib']} GiB, {m['system']}, "
        f"Python {m['python']}; " + ", ".join(f"{name} {v}" for name, v in versions.items()) + ".\n\n"
        "All entries run in one process, are warmed, and are then visited in shuffled rounds; a figure is the median. "
        "The parameter table is given to everybody, so drawing random numbers is outside the timed part. ODE solvers "
        "run at a relative tolerance of 1e-8 and restart at each change of rate. A peer measured on fewer people is "
        "scaled to the same number in proportion. Errors are of the curve's maximum, against 40-digit arithmetic "
        "(W4: of the bands, against NumPy's quantiles of the same curves). The "
        "limit is the time to write a result of that size and compute nothing."
    )


def _workload(name: str, block: Mapping[str, Any]) -> str:
    errors = block.get("peers_max_rel_err", {})
    ours = block["ours_s"]
    rows = [["**Surcease**", seconds(ours), "1", _error(block.get("max_rel_err"))]]
    if "ours_out_s" in block:
        rows.append(["Surcease, into the caller's buffer", seconds(block["ours_out_s"]), "", ""])
    for peer, took in sorted(block["peers_s"].items(), key=lambda item: item[1]):
        n = block.get("peers_measured_people", {}).get(peer, block.get("people"))
        scaled = f" (measured on {n})" if n != block.get("people") else ""
        rows.append([peer + scaled, seconds(took), f"{took / ours:.0f}×", _error(errors.get(peer))])
    rows += _quoted(name, block)
    rows.append(["limit: writing the result", seconds(block["limit_s"]), "", ""])
    said = [f"## {TITLES[name]}", table(["", "time", "slower by", "error of the maximum"], rows)]
    if "new_process_s" in block:
        cold = block["new_process_s"]
        said.append(
            f"A new process up to its answer, byte code kept: `surcease simulate` {seconds(cold['ours'])}, opentiva "
            f"{seconds(cold['opentiva'])}; Python with NumPy alone {seconds(block['python_and_numpy_s'])}."
        )
    if "out_over_limit" in block:
        said.append(
            f"Into a buffer: {block['out_over_limit']:.2f} times the limit. Time per person, 1,000 to 100,000 people: "
            f"×{block['per_person_growth']:.2f}."
        )
    return "\n\n".join(said)


def _quoted(name: str, block: Mapping[str, Any]) -> list[list[str]]:
    """Peers that cannot be installed from the registries, by their published ratio to one that can."""
    base = block["peers_s"].get(AGAINST[name])
    if base is None:
        return []
    return [
        [
            f"{peer} (quoted: {ratio:.2g} × {AGAINST[name]})",
            seconds(base * ratio),
            f"{base * ratio / block['ours_s']:.0f}×",
            "",
        ]
        for peer, ratio in QUOTED[name].items()
    ]


def _memory(block: Mapping[str, Any]) -> str:
    return (
        f"## Memory\n\nBands of {block['people']:,} people at {block['times']} times: {block['peak_gib']:.2f} GiB at "
        f"the highest, {seconds(block['bands_s'])}."
    )


def _error(value: float | None) -> str:
    return "" if value is None else f"{value:.0e}"
