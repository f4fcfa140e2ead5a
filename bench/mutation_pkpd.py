"""How strong the solver's tests are: how many small faults, put in one at a time, they notice.

    python -m bench.mutation_pkpd       # make mutation-pkpd, for the night

Copies the science floor, its data and the solver's tests into a temporary folder, lets mutmut change one thing at a
time in the modules below, and runs the tests that touch it. Writes docs/benchmarks/mutation-pkpd.json and a page.
Target: 90 % noticed. Only the quick tests are asked; golden tables, random trees and sixty-digit references, which
would notice more, are left out, for each change waits for all of them. A change that makes the tests run without end
counts as noticed.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from bench import machine, report

HERE = Path(__file__).parents[1]
TARGET = 0.90
MODULES = ("solve", "modal", "exponential", "ode", "system", "schedule")
TESTS = (
    "tests/unit/test_pkpd_modes.py", "tests/unit/test_pkpd_linear.py", "tests/unit/test_pkpd_solve.py",
    "tests/unit/test_pkpd_ground.py",
)  # fmt: skip
CHOSEN = "not compiled and not neither_numba"
ENDLESS = {24, 36, 152, 255, -24, -9}  # mutmut's codes for a test that ran out of time
Counts = Mapping[str, Counter[str]]


def main() -> None:
    """Change, test, write what was noticed."""
    with tempfile.TemporaryDirectory(prefix="surcease-mutation-") as folder:
        tree = copied(Path(folder))
        environment = {**os.environ, "NUMBA_DISABLE_JIT": "1", "PYTHONDONTWRITEBYTECODE": "1"}
        command = [str(Path(sys.executable).parent / "mutmut"), "run", "--max-children", str(2 * (os.cpu_count() or 1))]
        with (tree / "run.log").open("w") as log:
            done = subprocess.run(command, cwd=tree, env=environment, stdout=log, stderr=log, check=False)
        if done.returncode:
            raise SystemExit((tree / "run.log").read_text(errors="replace")[-2000:])
        write(counted(tree))


def copied(tree: Path) -> Path:
    """What the solver's tests need, and the settings, under ``tree``."""
    for part in ("units.py", "__init__.py", "pkpd", "knowledge"):
        source, place = HERE / "src" / "surcease" / part, tree / "src" / "surcease" / part
        place.parent.mkdir(parents=True, exist_ok=True)
        if source.is_dir():
            shutil.copytree(source, place, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(source, place)
    for test in TESTS:
        (tree / test).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(HERE / test, tree / test)
    (tree / "pyproject.toml").write_text(settings())
    return tree


def settings() -> str:
    """The pyproject.toml of the copy."""
    quoted = json.dumps
    return (
        '[tool.mutmut]\nsource_paths = ["src"]\n'
        f"only_mutate = {quoted([f'src/surcease/pkpd/{name}.py' for name in MODULES])}\n"
        f'pytest_add_cli_args = ["-x", "-p", "no:cacheprovider", "-p", "no:django", "-k", {quoted(CHOSEN)}]\n'
        f"pytest_add_cli_args_test_selection = {quoted(list(TESTS))}\nuse_git_change_detection = false\n"
        '[tool.pytest.ini_options]\npythonpath = ["."]\naddopts = "-q --import-mode=importlib"\n'
    )


def counted(tree: Path) -> dict[str, Counter[str]]:
    """Noticed, endless and survived by module."""
    found: dict[str, Counter[str]] = {}
    for name in MODULES:
        meta = json.loads((tree / "mutants" / "src" / "surcease" / "pkpd" / f"{name}.py.meta").read_text())
        codes = meta["exit_code_by_key"].values()
        found[name] = Counter(
            "survived" if code in (0, 33, None) else "endless" if code in ENDLESS else "noticed" for code in codes
        )
    return found


def score(found: Counter[str]) -> float:
    """Share of the changes that were noticed.

    >>> score(Counter(noticed=8, endless=1, survived=1))
    0.9
    """
    return round(1 - found["survived"] / found.total(), 4)


def write(found: Counts, *, folder: Path = report.FOLDER) -> None:
    """The figures and their page."""
    every = sum(found.values(), Counter())
    figures: dict[str, Any] = {
        "measured": report.today(), "versions": machine.versions("mutmut", "pytest"), "target": TARGET,
        "modules": {name: {**counts, "score": score(counts)} for name, counts in found.items()},
        "score": score(every), "mutants": every.total(),
    }  # fmt: skip
    rows = [
        (name, counts.total(), counts["noticed"], counts["endless"], counts["survived"], f"{score(counts):.1%}")
        for name, counts in [*found.items(), ("all", every)]
    ]
    page = (
        "# Small faults in the solver that the tests notice\n\n"
        f"mutmut changed one thing at a time, {every.total()} times, in the modules of the solver ({report.today()}). "
        f"Target: {TARGET:.0%} noticed; a change that makes the tests run without end counts as noticed. "
        "`make mutation-pkpd` measures again.\n\n"
        + report.table(("module", "changes", "noticed", "endless", "not noticed", "score"), rows)
    )
    report.write("mutation-pkpd", figures, page, folder=folder)
    print(page)


if __name__ == "__main__":
    main()
