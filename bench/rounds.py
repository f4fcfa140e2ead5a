"""Fair timing on a shared machine: entries warmed, visited in turn while nobody else computes, medians kept."""

from __future__ import annotations

import os
import random
import statistics
import time
from collections.abc import Callable, Mapping
from pathlib import Path

QUIET = 0.15  # of a core, used by other processes: above it a visit is repeated
TRIES = 6


def interleave(
    entries: Mapping[str, Callable[[], object]], *, rounds: int = 7, budget_s: float = 0.2
) -> dict[str, float]:
    """Median seconds of each entry over ``rounds`` visits in shuffled order.

    Within a visit, calls are repeated until ``budget_s`` has passed (at most 25 times) and their median is the visit's
    figure, so that a millisecond entry is not one lucky call. A visit during which others computed is repeated; the
    quietest of TRIES counts.
    """
    for call in entries.values():
        call()
    order, seen = list(entries), {name: [] for name in entries}  # type: dict[str, list[float]]
    shuffle = random.Random(1)
    for _ in range(rounds):
        shuffle.shuffle(order)
        for name in order:
            seen[name].append(_quiet_visit(entries[name], budget_s))
    return {name: statistics.median(times) for name, times in seen.items()}


def _quiet_visit(call: Callable[[], object], budget_s: float) -> float:
    tries: list[tuple[float, float]] = []
    while len(tries) < TRIES and (not tries or min(tries)[0] > QUIET):
        if tries:
            time.sleep(0.2)
        start, busy, own = time.perf_counter(), _busy_s(), _own_s()
        took = _visit(call, budget_s)
        others = (_busy_s() - busy) - (_own_s() - own)
        tries.append((max(others, 0.0) / (time.perf_counter() - start), took))
    return min(tries)[1]


def _visit(call: Callable[[], object], budget_s: float) -> float:
    times: list[float] = []
    while not times or (len(times) < 25 and sum(times) < budget_s):
        start = time.perf_counter()
        call()
        times.append(time.perf_counter() - start)
    return statistics.median(times)


def _busy_s() -> float:
    """Seconds of processor time used on this machine since it started, by everybody; 0 where that is not told."""
    try:
        fields = Path("/proc/stat").read_text(encoding="utf-8").split("\n", 1)[0].split()[1:]
    except OSError:
        return 0.0
    user, nice, system, _idle, _waiting, irq, softirq, *_ = (int(f) for f in fields)
    return (user + nice + system + irq + softirq) / os.sysconf("SC_CLK_TCK")


def _own_s() -> float:
    used = os.times()
    return used.user + used.system + used.children_user + used.children_system
