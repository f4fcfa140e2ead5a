"""`make bench-forecast`: does the personal forecast keep its word, and is it better than guessing?"""

from __future__ import annotations

import statistics
import time
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import numpy as np

from bench.forecast_people import (
    BASELINES,
    EVALUATION,
    WORLDS,
    Setting,
    World,
    covered,
    covered_fairly,
    crps,
    expect,
    invent,
    setting,
    spreads,
)  # fmt: skip
from bench.report import seconds, table, today, write
from surcease.care.forecast import forecast
from surcease.care.record import DiaryEntry, Given
from surcease.knowledge.library import load

PEOPLE = 200


def judge(here: Setting, world: World, people: int, spread: dict[str, np.ndarray]) -> dict[str, float]:
    """Coverage and CRPS over the people of one world."""
    rows: dict[str, list[float]] = {name: [] for name in ("fair", "plain", "ours", *BASELINES)}
    for n in range(people):
        seed = EVALUATION + n
        who, rng = invent(here, world, seed), np.random.default_rng(seed + 500_000)
        drawn, score = expect(here, who, seed), who.score[who.ahead]
        rows["fair"].append(float(covered_fairly(drawn, score, rng).mean()))
        rows["plain"].append(float(covered(drawn, score).mean()))
        rows["ours"].append(float(crps(drawn, score).mean()))
        for name, at in BASELINES.items():
            rows[name].append(float(crps(np.clip(at(who) + spread[name], 0, 10), score).mean()))
    return {name: float(np.mean(values)) for name, values in rows.items()}


def seconds_per_forecast() -> tuple[float, float]:
    """Median processor seconds, all threads, and median seconds on the clock, of the whole forecast of a record: 90
    days of diary, bands for 12 weeks. They differ where the machine does other work."""
    first, knowledge = date(2026, 3, 2), load()
    diary = [_entry(first + timedelta(days=n - 7), 7 if n < 11 else 3 + n // 30) for n in range(90)]
    start = datetime(2026, 3, 2, 9, tzinfo=UTC)
    given = [Given("s_ketamine", "iv", Decimal(2220), start, start + timedelta(hours=100))]
    busy, clock = [], []
    for _ in range(9):
        before, at = time.process_time(), time.perf_counter()
        forecast(diary, given, indication="crps", knowledge=knowledge, weight_kg=70.0, as_of=first + timedelta(days=82))
        busy.append(time.process_time() - before)
        clock.append(time.perf_counter() - at)
    return statistics.median(busy), statistics.median(clock)


def _entry(day: date, score: int) -> DiaryEntry:
    at = datetime(day.year, day.month, day.day, 21, tzinfo=UTC)
    return DiaryEntry(f"e{day}", "average", at, day, 0, at, Decimal(score))


def main() -> None:
    """Measure, write docs/benchmarks/forecast.json and its page."""
    here = setting()
    spread = spreads(here, PEOPLE)
    found = {world.name: judge(here, world, PEOPLE, spread) for world in WORLDS}
    pool = {key: float(np.mean([f[key] for f in found.values()])) for key in ("fair", "plain")}
    busy, clock = seconds_per_forecast()
    figures = {
        "coverage_80": round(pool["fair"], 4),
        "crps_ratio": {
            name: round(
                float(np.mean([f["ours"] for f in found.values()]) / np.mean([f[name] for f in found.values()])), 4
            )
            for name in BASELINES
        },
        "seconds_per_forecast": round(busy, 4),
        "clock_seconds_per_forecast": round(clock, 4),
        "scenarios": {name: {key: round(value, 4) for key, value in f.items()} for name, f in found.items()},
        "coverage_80_ends_included": round(pool["plain"], 4),
        "people_per_scenario": PEOPLE,
        "measured": today(),
    }
    write("forecast", figures, page(figures))


def page(figures: dict) -> str:
    """The figures in words."""
    rows = [
        (name, f"{100 * f['fair']:.1f} %", f"{100 * f['plain']:.1f} %", *(f"{f['ours'] / f[b]:.2f}" for b in BASELINES))
        for name, f in figures["scenarios"].items()
    ]
    head = ("invented people", "80 % bands cover", "ends included", *(f"CRPS / {b}" for b in BASELINES))
    ratios = figures["crps_ratio"]
    pooled = (
        "**pool**",
        f"{100 * figures['coverage_80']:.1f} %",
        f"{100 * figures['coverage_80_ends_included']:.1f} %",
    )
    return f"""# Personal forecast

Measured {figures["measured"]} with `make bench-forecast`: {figures["people_per_scenario"]} invented people a row, eight
weeks ahead, from a diary of two to six weeks after one infusion. The people used to tune the baselines' spread are
never the people judged. A ratio under 1 means that the forecast is better.

{table(head, [*rows, (*pooled, *(f"{ratios[b]:.2f}" for b in BASELINES))])}

A band is drawn for the pain before it is rounded to a written score, and the last columns of coverage count a score
as in or out of it as it stands, both ends included. The first column compares like with like, whole numbers with whole
numbers, ties broken at random; it is the one that should be 80. One forecast of a 90-day diary, 12 weeks ahead, takes
{seconds(figures["seconds_per_forecast"])} of processor time ({seconds(figures["clock_seconds_per_forecast"])} on the
clock while the machine did what else it had to do).

The people are invented with the model's own equations; the rows after the first break one assumption each. How real
people differ from all of them is not known.
"""


if __name__ == "__main__":
    main()
