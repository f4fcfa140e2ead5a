"""How long knowledge takes: to load from its files and from the cache, to judge one person by every rule, and to test
a plan of ten sessions on 1,000 simulated people before it is signed.

    python -m bench.knowledge

Writes docs/benchmarks/knowledge.json and a page. Targets: load under 0.5 s, all rules on one person under 20 ms, the
plan test under 2 s with its checks, its share beyond each limit and its relief, linear algebra on one thread.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from statistics import median

from bench import machine, report, rounds
from surcease.care.change import what_would_change
from surcease.care.eligibility import assess
from surcease.knowledge import evaluate, load, yaml
from surcease.knowledge.fact import Facts
from surcease.knowledge.facts import read

NOW = datetime(2026, 6, 15, 9, 0, tzinfo=UTC)
BASE = Path(__file__).parents[1] / "examples" / "cases" / "base.yaml"
LOADING = (
    "import time; t, p = time.perf_counter(), time.process_time(); "
    "from surcease.knowledge import load; k = load(); k.rules; "
    "print(time.perf_counter() - t, time.process_time() - p)"
)
PLAN = """
import time
from datetime import UTC, datetime
from pathlib import Path
from surcease.care.plan_check import check_plan
from surcease.care.plan_forecast import Whom, forecast
from surcease.care.plan_order import read_plan
from surcease.knowledge import load, yaml
order, knowledge = read_plan(yaml.load(Path("examples/plans/crps_ten_days.yaml"))), load()
for _ in range(3):
    t, p = time.perf_counter(), time.process_time()
    check_plan(order, knowledge=knowledge, now=datetime(2026, 6, 15, 9, tzinfo=UTC))
    found = forecast(order.course_text(), Whom(62.0, 38.0), knowledge=knowledge, people=1000)
    print(time.perf_counter() - t, time.process_time() - p, order.sessions)
"""
ONE_THREAD = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}
TARGETS = {"load_s": 0.5, "all_rules_s": 0.02, "plan_s": 2.0}


def main() -> None:
    """Measure, write, and say each figure beside its target."""
    knowledge = load()
    known = read(yaml.load(BASE)["facts"], knowledge.facts, now=NOW, source="base")
    stopped = read({"stroke_history": True}, knowledge.facts, now=NOW)
    times = rounds.interleave(
        {
            "all rules, everything known": lambda: evaluate(knowledge.rules, known, now=NOW),
            "all rules, nothing known": lambda: evaluate(knowledge.rules, Facts({}), now=NOW),
            "intake decides": lambda: assess(known, knowledge, now=NOW),
            "what would change a STOP": lambda: what_would_change(assess(stopped, knowledge, now=NOW), knowledge),
        }
    )
    with tempfile.TemporaryDirectory() as cache:
        for name, fresh in (("nothing cached", True), ("cached", False)):
            wall, processor = _load(cache, fresh=fresh)
            times[f"load in a new process, {name}"] = wall
            times[f"load in a new process, {name}, processor time"] = processor
    first, again = _plan()
    for name, (wall, processor) in (("the first in a process", first), ("the next ones", again)):
        times[f"plan test, 1,000 people × 10 sessions, {name}"] = wall
        times[f"plan test, 1,000 people × 10 sessions, {name}, processor time"] = processor
    figures = {
        "measured": report.today(),
        "machine": machine.describe(),
        "versions": machine.versions("pyyaml"),
        "load_average": round(os.getloadavg()[0], 1),
        "rules": len(knowledge.rules),
        "documents": len(knowledge.documents),
        "targets": TARGETS,
        "seconds": {name: float(f"{value:.4g}") for name, value in times.items()},
    }
    rows = [(name, report.seconds(value), _target(name)) for name, value in times.items()]
    page = (
        f"# Knowledge: loading and judging\n\n{len(knowledge.rules)} rules, {len(knowledge.documents)} documents, "
        f"measured on {report.today()} ({machine.describe()['processor']}, {os.cpu_count()} cores, load average "
        f"{figures['load_average']}).\n\n" + report.table(("what", "median", "target"), rows)
    )
    report.write("knowledge", figures, page)
    for row in rows:
        print(*row, sep="\t")


def _load(cache: str, *, fresh: bool) -> tuple[float, float]:
    """Seconds on the clock and on the processor to import, load and build all rules in a new process."""
    env = {**os.environ, "SURCEASE_CACHE": cache}
    runs = []
    for _ in range(7):
        for file in (Path(cache) / "knowledge").glob("*") if fresh else ():
            file.unlink()
        done = subprocess.run([sys.executable, "-c", LOADING], capture_output=True, text=True, check=True, env=env)
        runs.append(tuple(float(x) for x in done.stdout.split()))
    return median(wall for wall, _ in runs), median(processor for _, processor in runs)


def _plan() -> tuple[tuple[float, float], tuple[float, float]]:
    """Seconds on the clock and on the processor of a plan test, in a new process: the first one and the quickest
    after it, as on a server that runs."""
    env = {**os.environ, **ONE_THREAD}
    root = Path(__file__).parents[1]
    done = subprocess.run(
        [sys.executable, "-c", PLAN], capture_output=True, text=True, check=True, env=env, cwd=root
    )  # fmt: skip
    runs = [tuple(float(x) for x in line.split()) for line in done.stdout.splitlines()]
    assert all(sessions == 10 for *_, sessions in runs)
    timed = [(wall, processor) for wall, processor, _ in runs]
    return timed[0], min(timed[1:])


def _target(name: str) -> str:
    if name.startswith("plan test"):
        return report.seconds(TARGETS["plan_s"])
    if name.startswith("load"):
        return report.seconds(TARGETS["load_s"])
    return report.seconds(TARGETS["all_rules_s"]) if name.startswith("all rules") else "–"


if __name__ == "__main__":
    main()
