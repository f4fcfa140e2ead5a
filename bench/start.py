"""From a clean checkout to the first served page, cold and warm: ``make bench-start``.

Cold: a fresh clone, an empty package cache, an empty home; ``make run`` downloads, installs, makes the demo clinic and
serves. Warm: the same command again. The clock stops when the sign-in page answers 200.
"""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from bench import report
from bench.machine import describe

AIM_S = {"cold": 240.0, "warm": 5.0}
GIVE_UP_S = 900.0
WARM_RUNS = 5
DEVELOPERS_OWN = {"PYTHONPATH", "VIRTUAL_ENV", "PYTHONDONTWRITEBYTECODE"}  # not in the shell of who tries it first
ROOT = Path(__file__).parents[1]


def main() -> None:
    """Measure and write docs/benchmarks/start.json with its page."""
    folder = Path(tempfile.mkdtemp(prefix="surcease-start-"))
    try:
        figures = measure(folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    report.write("start", figures, page(figures))
    print(page(figures))


def measure(folder: Path) -> dict[str, Any]:
    """Clone, run, stop, run again."""
    checkout = folder / "checkout"
    subprocess.run(["git", "clone", "-q", str(ROOT), str(checkout)], check=True)
    environment = {k: v for k, v in os.environ.items() if k not in DEVELOPERS_OWN}
    environment |= {"SURCEASE_HOME": str(folder / "home"), "UV_CACHE_DIR": str(folder / "cache")}
    cold = _served_after(checkout, environment)
    warm = sorted(_served_after(checkout, environment) for _run in range(WARM_RUNS))
    return {
        "day": report.today(), "machine": describe(),
        "cold_s": round(cold, 1), "warm_s": round(warm[WARM_RUNS // 2], 2),
        "warm_runs_s": [round(s, 2) for s in warm], "aim_s": AIM_S,
    }  # fmt: skip


def _served_after(checkout: Path, environment: Mapping[str, str]) -> float:
    """Seconds from the command to the sign-in page; the server is stopped again."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    began = time.perf_counter()
    log = (checkout / "run.log").open("wb")
    command = ["make", "run", f"PORT={port}"]
    served = subprocess.Popen(
        command, cwd=checkout, env=dict(environment), stdout=log, stderr=log, start_new_session=True
    )
    try:
        while not _answers(f"http://localhost:{port}/account/login/"):
            if served.poll() is not None or time.perf_counter() - began > GIVE_UP_S:
                raise RuntimeError(f"`make run` served no page: {(checkout / 'run.log').read_text()[-600:]}")
            time.sleep(0.02)
        return time.perf_counter() - began
    finally:
        os.killpg(served.pid, signal.SIGTERM)
        served.wait(30)
        log.close()


def _answers(address: str) -> bool:
    try:
        with urllib.request.urlopen(address, timeout=5) as answer:
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError):
        return False


def page(figures: Mapping[str, Any]) -> str:
    """The figures as a page."""
    machine = figures["machine"]
    rows = [
        ("cold: clean checkout, empty package cache, empty home", f"{figures['cold_s']} s", f"{AIM_S['cold']:.0f} s"),
        (f"warm: the same command again (median of {WARM_RUNS})", f"{figures['warm_s']} s", f"{AIM_S['warm']:.0f} s"),
    ]
    return "\n\n".join(
        (
            "# From a clean checkout to the first page",
            f"`make run`, measured {figures['day']} on {machine['cores']} cores ({machine['processor']}), Python "
            f"{machine['python']}; until the sign-in page answers. Cold depends mostly on the network.",
            report.table(["", "measured", "aim"], rows),
        )
    )


if __name__ == "__main__":
    main()
