"""How strong the tests of the code that decides doses are: how many small faults, put in one at a time, they notice.

    python -m bench.mutation            # make mutation

Copies the pure floors and their tests into a temporary folder, lets mutmut change one thing at a time in the modules
below, and runs the tests that touch it. Writes docs/benchmarks/mutation.json and a page. Target: 95 % noticed.
A change that makes the tests run without end counts as noticed. It takes 15 to 45 minutes.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path

from bench import machine, report

HERE = Path(__file__).parents[1]
TARGET = 0.95
MODULES = {
    "evaluation of rules": ["knowledge/evaluation.py"],
    "scores": ["knowledge/score.py", "knowledge/scales.py", "knowledge/answers.py", "knowledge/branching.py"],
    "doses": ["care/dose.py", "care/dose_words.py"],
    "pump programme": ["care/programme.py", "care/programme_check.py"],
    "opioid equivalents": ["care/mme.py", "care/opioid_dose.py", "knowledge/mme_table.py"],
}
TESTS = [
    "tests/unit/test_knowledge_evaluation.py", "tests/unit/test_score.py", "tests/unit/test_score_whole.py",
    "tests/unit/test_branching.py", "tests/unit/test_instruments.py", "tests/unit/test_dose.py",
    "tests/unit/test_programme.py", "tests/unit/test_programme_check.py", "tests/unit/test_programme_whole.py",
    "tests/unit/test_mme.py", "tests/unit/test_mme_whole.py", "tests/unit/test_medicines.py",
    "tests/cases/test_rule_cases.py", "tests/cases/test_rule_traps.py",
]  # fmt: skip
ENDLESS = {24, 36, 152, 255, -24, -9}  # mutmut's codes for a test that ran out of time
SETTINGS = """[tool.mutmut]
source_paths = ["src"]
only_mutate = {modules}
also_copy = ["examples"]
pytest_add_cli_args = ["-x", "-p", "no:cacheprovider", "-p", "no:django", "--import-mode=importlib"]
pytest_add_cli_args_test_selection = {tests}
use_git_change_detection = false

[tool.pytest.ini_options]
pythonpath = ["."]
addopts = "-q"
"""


def main() -> None:
    """Change, test, write what was noticed, and say each group beside the target."""
    with tempfile.TemporaryDirectory(prefix="surcease-mutation-") as folder:
        tree = _copy(Path(folder))
        env = {**os.environ, "NUMBA_DISABLE_JIT": "1", "PYTHONDONTWRITEBYTECODE": "1"}
        command = [str(Path(sys.executable).parent / "mutmut"), "run", "--max-children", str(os.cpu_count() or 1)]
        with (tree / "run.log").open("w") as log:
            done = subprocess.run(command, cwd=tree, env=env, stdout=log, stderr=subprocess.STDOUT, check=False)
        if done.returncode:
            raise SystemExit(
                f"mutmut ended with {done.returncode}: " + (tree / "run.log").read_text(errors="replace")[-300:]
            )
        groups = {name: _count(tree, modules) for name, modules in MODULES.items()}
    _write(groups)


def _copy(tree: Path) -> Path:
    for part in ("units.py", "__init__.py", "pkpd", "knowledge", "care", "fhir", "charts"):
        source, place = HERE / "src" / "surcease" / part, tree / "src" / "surcease" / part
        place.parent.mkdir(parents=True, exist_ok=True)
        if source.is_dir():
            shutil.copytree(source, place, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(source, place)
    shutil.copytree(HERE / "examples", tree / "examples")
    for test in TESTS:
        (tree / test).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(HERE / test, tree / test)
    modules = [f"src/surcease/{name}" for names in MODULES.values() for name in names]
    (tree / "pyproject.toml").write_text(SETTINGS.format(modules=json.dumps(modules), tests=json.dumps(TESTS)))
    return tree


def _count(tree: Path, modules: list[str]) -> Counter[str]:
    found: Counter[str] = Counter()
    for name in modules:
        meta = tree / "mutants" / "src" / "surcease" / f"{name}.meta"
        for code in json.loads(meta.read_text())["exit_code_by_key"].values():
            found["survived" if code in (0, 33, None) else "endless" if code in ENDLESS else "noticed"] += 1
    return found


def _write(groups: dict[str, Counter[str]]) -> None:
    every: Counter[str] = Counter()
    for found in groups.values():
        every += found
    rows = [_row(name, found) for name, found in [*groups.items(), ("all", every)]]
    figures = {
        "measured": report.today(), "versions": machine.versions("mutmut", "pytest"), "target": TARGET,
        "groups": {name: {**found, "score": _score(found)} for name, found in groups.items()},
        "score": _score(every), "mutants": every.total(),
    }  # fmt: skip
    page = (
        "# Small faults that the tests notice\n\n"
        f"mutmut changed one thing at a time, {every.total()} times, in the code that evaluates rules, scores, and "
        f"computes doses, programmes and opioid equivalents ({report.today()}). Target: {TARGET:.0%} noticed; a change "
        "that makes the tests run without end counts as noticed. `make mutation` measures again.\n\n"
        + report.table(("code", "changes", "noticed", "endless", "not noticed", "score"), rows)
    )
    report.write("mutation", figures, page)
    for row in rows:
        print(*row, sep="\t")


def _score(found: Counter[str]) -> float:
    return round(1 - found["survived"] / found.total(), 4)


def _row(name: str, found: Counter[str]) -> tuple[object, ...]:
    return name, found.total(), found["noticed"], found["endless"], found["survived"], f"{_score(found):.1%}"


if __name__ == "__main__":
    main()
