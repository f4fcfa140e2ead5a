"""Fair timing on a shared machine: every entry is warmed, then all are visited in turn, and medians are kept."""

from __future__ import annotations

import random
import statistics
import time
from collections.abc import Callable, Mapping


def interleave(
    entries: Mapping[str, Callable[[], object]], *, rounds: int = 7, budget_s: float = 0.2
) -> dict[str, float]:
    """Median seconds of each entry over ``rounds`` visits in shuffled order; a fast entry is repeated in a visit.

    Within a visit, calls are repeated until ``budget_s`` has passed (at most 25 times) and their median is the
    visit's figure, so that a millisecond entry is not one lucky call.
    """
    for call in entries.values():
        call()
    order, seen = list(entries), {name: [] for name in entries}  # type: dict[str, list[float]]
    shuffle = random.Random(1)
    for _ in range(rounds):
        shuffle.shuffle(order)
        for name in order:
            seen[name].append(_visit(entries[name], budget_s))
    return {name: statistics.median(times) for name, times in seen.items()}


def _visit(call: Callable[[], object], budget_s: float) -> float:
    times: list[float] = []
    while not times or (len(times) < 25 and sum(times) < budget_s):
        start = time.perf_counter()
        call()
        times.append(time.perf_counter() - start)
    return statistics.median(times)
