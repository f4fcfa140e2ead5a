"""`make bench-pkpd`: four workloads beside the peers that install from the registries, interleaved, with accuracy.

Writes docs/benchmarks/pkpd.json and .md. ``--quick`` uses fewer rounds and people, to see that everything runs.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bench import machine, pkpd_ours, pkpd_peers, report
from bench.pkpd_page import page
from bench.pkpd_workloads import WEEKS_MIN, People, exact_w1, exact_w2, people
from bench.rounds import interleave

Floats = NDArray[np.float64]
REFERENCE_PEOPLE = 5
FIT = "bench.pkpd_fit"  # W3, the fit of one person, lives in its own module: run(rounds) -> the W3 block


def main() -> None:
    """Run every workload and write the results."""
    wanted = argparse.ArgumentParser(description=__doc__)
    wanted.add_argument("--quick", action="store_true")
    wanted.add_argument("--only", default="", help="W1,W2,W3,W4,memory")
    asked = wanted.parse_args()
    rounds, crowd = (2, 1000) if asked.quick else (7, 10_000)
    jobs: dict[str, Callable[[], dict[str, Any]]] = {
        "W1": lambda: w1(rounds, crowd),
        "W2": lambda: w2(rounds, min(crowd, 1000)),
        "W4": lambda: w4(rounds),
        "memory": lambda: memory(10_000 if asked.quick else 100_000),
    }
    if find_spec(FIT):
        jobs["W3"] = lambda: import_module(FIT).run(rounds)
    chosen = [name for name in jobs if not asked.only or name in asked.only.split(",")]
    kept = _kept() if asked.only else {}
    figures = {**kept, **about(), **{name: jobs[name]() for name in sorted(chosen)}}
    if not asked.quick:
        report.write("pkpd", figures, page(figures))
    print(json.dumps(figures, indent=1))


def _kept() -> dict[str, Any]:
    path = report.FOLDER / "pkpd.json"
    return json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}


def about() -> dict[str, Any]:
    """Machine, versions and day."""
    names = ("surcease", "numpy", "scipy", "numba", "numbalsoda", "opentiva", "libroadrunner")
    return {"day": report.today(), "machine": machine.describe(), "versions": machine.versions(*names)}


def w1(rounds: int, n: int) -> dict[str, Any]:
    """n people × 721 times after one infusion."""
    who, reference = people(n), exact_w1(people(REFERENCE_PEOPLE))
    soda = pkpd_peers.numbalsoda_entries()["w1"]
    peers: dict[str, tuple[Callable[[People], Floats], int]] = {
        "numbalsoda": (soda, n), "opentiva": (pkpd_peers.opentiva_w1, n // 10),
        "libroadrunner": (pkpd_peers.roadrunner(False), n // 50), "odeint": (pkpd_peers.odeint_w1, n // 50),
    }  # fmt: skip
    buffer = np.ones((n, reference.shape[1]))
    ours, into = pkpd_ours.w1(who), pkpd_ours.w1_into(who)
    entries = {"ours": ours, "ours_out": into, "limit": _store(buffer)} | _calls(peers, who)
    seconds = interleave(entries, rounds=rounds)
    growth = interleave({str(k): pkpd_ours.w1_into(people(k)) for k in (n // 10, n * 10)}, rounds=3)
    top = reference.max(axis=1, keepdims=True)
    return _block(seconds, peers, n) | {
        "ours_out_s": seconds["ours_out"],
        "out_over_limit": seconds["ours_out"] / seconds["limit"],
        "max_rel_err": float(np.max(np.abs(ours()[:REFERENCE_PEOPLE] / 1000 - reference) / top)),
        "peers_max_rel_err": {
            name: float(np.max(np.abs(call(who.first(REFERENCE_PEOPLE)) - reference) / top))
            for name, (call, _) in peers.items()
        },
        "per_person_growth": (growth[str(n * 10)] / (n * 10)) / (growth[str(n // 10)] / (n // 10)),
    }


def w2(rounds: int, n: int) -> dict[str, Any]:
    """n people × 2017 hours, ten infusions: plasma, effect site, relief."""
    who = people(n)
    soda = pkpd_peers.numbalsoda_entries()["w2"]
    peers: dict[str, tuple[Callable[[People], Floats], int]] = {
        "numbalsoda": (soda, n), "libroadrunner": (pkpd_peers.roadrunner(True), max(n // 20, 1)),
        "odeint": (pkpd_peers.odeint_w2, max(n // 50, 1)),
    }  # fmt: skip
    ours, buffer = pkpd_ours.w2(who), np.ones((3, n, WEEKS_MIN.size))
    seconds = interleave({"ours": ours, "limit": _store(buffer)} | _calls(peers, who), rounds=rounds)
    some, few = np.arange(0, WEEKS_MIN.size, 24), 3
    reference = exact_w2(people(few), WEEKS_MIN[some])
    top = reference.max(axis=2, keepdims=True)

    def error(found: Floats, scale: Floats) -> float:
        return float(np.max(np.abs(found[:, :few][:, :, some] * scale - reference) / top))

    units = np.array([1e-3, 1e-3, 1.0])[:, None, None]
    return _block(seconds, peers, n) | {
        "max_rel_err": error(np.stack(ours()), units),
        "peers_max_rel_err": {
            name: error(call(who.first(few)), np.ones_like(units)) for name, (call, _) in peers.items()
        },
    }


def w4(rounds: int) -> dict[str, Any]:
    """Typical curve and a 95 % band of 1,000 people at 721 times; and a new process up to its answer."""
    who = people(1000)
    soda, quantiles = pkpd_peers.numbalsoda_entries()["w1"], list(pkpd_ours.QUANTILES)

    def banded(call: Callable[[People], Floats], n: int) -> Callable[[], Floats]:
        return lambda: np.quantile(call(who.first(n)), quantiles, axis=0)

    peers: dict[str, tuple[Callable[[People], Floats], int]] = {
        "numbalsoda": (soda, 1000), "opentiva": (pkpd_peers.opentiva_w1, 1000),
        "libroadrunner": (pkpd_peers.roadrunner(False), 100),
    }  # fmt: skip
    ours = pkpd_ours.w4(who)
    entries: dict[str, Callable[[], object]] = {"ours": ours, "limit": _store(np.ones((1000, 721)))}
    entries |= {name: banded(call, n) for name, (call, n) in peers.items()}
    seconds = interleave(entries, rounds=rounds)
    wanted = np.quantile(pkpd_ours.w1(who)(), quantiles, axis=0)
    cold = {"ours": _SIMULATE, "opentiva": _OPENTIVA, "python and numpy": [sys.executable, "-c", "import numpy"]}
    with tempfile.TemporaryDirectory() as folder:
        started = {name: new_process(command, rounds, folder) for name, command in cold.items()}
    return _block(seconds, peers, 1000) | {
        "max_rel_err": float(np.max(np.abs(ours()[1] - wanted)) / wanted.max()),
        "python_and_numpy_s": started.pop("python and numpy"),
        "new_process_s": started,
    }


_SIMULATE = [
    str(Path(sys.executable).with_name("surcease")), "simulate", "0.5 mg/kg over 40 min iv",
    "--at", "20min,40min,60min", "--json",
]  # fmt: skip
_OPENTIVA = [
    sys.executable, "-c",
    "import numpy as np, opentiva.pump as p, opentiva.ketamine as k\n"
    "x = p.Pump(model=k.Domino(0, 40, 70, 170), drug_concentration=1, end_time=3600)\n"
    "x.add_infusion(start=0, dose=35/2400, duration=2400)\nprint(x.run()[[1200, 2400, 3599]])",
]  # fmt: skip


def new_process(command: list[str], rounds: int, folder: str) -> float:
    """Median seconds of a new process up to its answer, its byte code kept in ``folder`` as on any used computer."""
    environment = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
    environment["PYTHONPYCACHEPREFIX"] = folder

    def run() -> None:
        subprocess.run(command, check=True, capture_output=True, env=environment)

    return interleave({"new": run}, rounds=rounds, budget_s=0.0)["new"]


def memory(n: int) -> dict[str, Any]:
    """Peak memory of a new process that makes a band of ``n`` people at 721 times."""
    code = (
        "import time\nfrom pathlib import Path\n"
        "from bench.pkpd_workloads import people\nfrom bench import pkpd_ours\n"
        f"run = pkpd_ours.w4(people({n}))\nrun(); t = time.perf_counter(); run()\n"
        "high = Path('/proc/self/status').read_text().split('VmHWM:')[1].split()[0]\n"
        "print(time.perf_counter() - t, int(high) / 2**20)"
    )
    said = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout.split()
    return {"people": n, "times": 721, "bands_s": float(said[0]), "peak_gib": float(said[1])}


def _calls(peers: Mapping[str, tuple[Callable[[People], Floats], int]], who: People) -> dict[str, Callable[[], object]]:
    return {name: (lambda call=call, n=n: call(who.first(n))) for name, (call, n) in peers.items()}


def _store(buffer: Floats) -> Callable[[], None]:
    """Write the result's size on all cores, nothing computed: what no engine can beat."""
    from bench.pkpd_numbalsoda import fill

    return lambda: fill(buffer, 1.0)


def _block(seconds: dict[str, float], peers: Mapping[str, tuple[object, int]], n: int) -> dict[str, Any]:
    """The figures every workload has; peers measured on fewer people are scaled to ``n`` and say so."""
    scaled = {name: seconds[name] * n / measured for name, (_, measured) in peers.items()}
    best = min(scaled, key=lambda name: scaled[name])
    return {
        "people": n, "ours_s": seconds["ours"], "peers_s": scaled, "limit_s": seconds["limit"],
        "peers_measured_people": {name: measured for name, (_, measured) in peers.items()},
        "best_peer": best, "times_faster": scaled[best] / seconds["ours"],
    }  # fmt: skip


if __name__ == "__main__":
    main()
