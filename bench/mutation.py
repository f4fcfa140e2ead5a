"""How strong tests are: how many small faults, put in one at a time, they notice.

    python -m bench.mutation dose       # make mutation: what decides doses, 15 to 45 minutes
    python -m bench.mutation solver     # make mutation-pkpd: the solver, for the night

Copies the pure floors and the tests into a temporary folder, lets mutmut change one thing at a time in the modules
below, and runs the tests that touch it. Writes docs/benchmarks/mutation….json and a page. A change that makes the
tests run without end counts as noticed.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from bench import machine, report

HERE = Path(__file__).parents[1]
ENDLESS = {24, 36, 152, 255, -24, -9}  # mutmut's codes for a test that ran out of time


@dataclass(frozen=True, slots=True)
class Ground:
    """What is changed and who should notice: modules by group below src/surcease, their tests, what both need."""

    report: str
    command: str
    said: str
    target: float
    groups: Mapping[str, Sequence[str]]
    tests: Sequence[str]
    needs: Sequence[str]
    chosen: str = ""  # pytest's -k
    children: int = 1  # changes tried at once, for each core


DOSE = Ground(
    report="mutation",
    command="make mutation",
    said="the code that evaluates rules, scores, and computes doses, programmes and opioid equivalents",
    target=0.95,
    groups={
        "evaluation of rules": ["knowledge/evaluation.py"],
        "scores": ["knowledge/score.py", "knowledge/scales.py", "knowledge/answers.py", "knowledge/branching.py"],
        "doses": ["care/dose.py", "care/dose_words.py"],
        "pump programme": ["care/programme.py", "care/programme_check.py"],
        "opioid equivalents": ["care/mme.py", "care/opioid_dose.py", "knowledge/mme_table.py"],
    },
    tests=[
        "tests/unit/test_knowledge_evaluation.py", "tests/unit/test_score.py", "tests/unit/test_score_whole.py",
        "tests/unit/test_branching.py", "tests/unit/test_instruments.py", "tests/unit/test_dose.py",
        "tests/unit/test_programme.py", "tests/unit/test_programme_check.py", "tests/unit/test_programme_whole.py",
        "tests/unit/test_mme.py", "tests/unit/test_mme_whole.py", "tests/unit/test_medicines.py",
        "tests/cases/test_rule_cases.py", "tests/cases/test_rule_traps.py",
    ],
    needs=["src/surcease/care", "src/surcease/fhir", "src/surcease/charts", "examples"],
)  # fmt: skip
# Only the quick tests are asked; golden tables, random trees and sixty-digit references, which would notice more, are
# left out, for each change waits for all of them.
SOLVER = Ground(
    report="mutation-pkpd",
    command="make mutation-pkpd",
    said="the modules of the solver",
    target=0.90,
    groups={n: [f"pkpd/{n}.py"] for n in ("solve", "modal", "exponential", "ode", "system", "schedule")},
    tests=[
        "tests/unit/test_pkpd_modes.py", "tests/unit/test_pkpd_linear.py", "tests/unit/test_pkpd_solve.py",
        "tests/unit/test_pkpd_ground.py",
    ],
    needs=[],
    chosen="not compiled and not neither_numba",
    children=2,
)  # fmt: skip
GROUNDS = {"dose": DOSE, "solver": SOLVER}
EVERYBODY_NEEDS = ("src/surcease/__init__.py", "src/surcease/units.py", "src/surcease/pkpd", "src/surcease/knowledge")


def main(words: Sequence[str]) -> None:
    """Change, test, write what was noticed. SystemExit with one sentence for an unknown ground or a failed run."""
    if len(words) != 1 or words[0] not in GROUNDS:
        raise SystemExit(f"Say what to change: {' or '.join(GROUNDS)}.")
    ground = GROUNDS[words[0]]
    with tempfile.TemporaryDirectory(prefix="surcease-mutation-") as folder:
        tree = copied(ground, Path(folder))
        run(ground, tree)
        write(ground, counted(ground, tree))


def copied(ground: Ground, tree: Path) -> Path:
    """What the tests need, and the settings, under ``tree``."""
    for name in (*EVERYBODY_NEEDS, *ground.needs, *ground.tests):
        source, place = HERE / name, tree / name
        place.parent.mkdir(parents=True, exist_ok=True)
        if source.is_dir():
            shutil.copytree(source, place, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(source, place)
    (tree / "pyproject.toml").write_text(settings(ground))
    return tree


def settings(ground: Ground) -> str:
    """The pyproject.toml of the copy."""
    words = ["-x", "-p", "no:cacheprovider", "-p", "no:django", *(["-k", ground.chosen] if ground.chosen else [])]
    changed = [f"src/surcease/{name}" for names in ground.groups.values() for name in names]
    beside = [name for name in ground.needs if not name.startswith("src/")]
    return (
        '[tool.mutmut]\nsource_paths = ["src"]\n'
        f"only_mutate = {json.dumps(changed)}\nalso_copy = {json.dumps(beside)}\n"
        f"pytest_add_cli_args = {json.dumps(words)}\n"
        f"pytest_add_cli_args_test_selection = {json.dumps(list(ground.tests))}\nuse_git_change_detection = false\n"
        '[tool.pytest.ini_options]\npythonpath = ["."]\naddopts = "-q --import-mode=importlib"\n'
    )


def run(ground: Ground, tree: Path) -> None:
    """mutmut over the copy; SystemExit with its last words when it fails."""
    environment = {**os.environ, "NUMBA_DISABLE_JIT": "1", "PYTHONDONTWRITEBYTECODE": "1"}
    children = ground.children * (os.cpu_count() or 1)
    command = [str(Path(sys.executable).parent / "mutmut"), "run", "--max-children", str(children)]
    with (tree / "run.log").open("w") as log:
        done = subprocess.run(command, cwd=tree, env=environment, stdout=log, stderr=subprocess.STDOUT, check=False)
    if done.returncode:
        last = (tree / "run.log").read_text(errors="replace")[-2000:]
        raise SystemExit(f"mutmut ended with {done.returncode}: {last}")


def counted(ground: Ground, tree: Path) -> dict[str, Counter[str]]:
    """Noticed, endless and survived by group."""
    found: dict[str, Counter[str]] = {group: Counter() for group in ground.groups}
    for group, names in ground.groups.items():
        for name in names:
            meta = json.loads((tree / "mutants" / "src" / "surcease" / f"{name}.meta").read_text())
            for code in meta["exit_code_by_key"].values():
                word = "survived" if code in (0, 33, None) else "endless" if code in ENDLESS else "noticed"
                found[group][word] += 1
    return found


def score(found: Counter[str]) -> float:
    """Share of the changes that were noticed.

    >>> score(Counter(noticed=8, endless=1, survived=1))
    0.9
    """
    return round(1 - found["survived"] / found.total(), 4)


def write(ground: Ground, found: Mapping[str, Counter[str]], *, folder: Path = report.FOLDER) -> None:
    """The figures and their page."""
    every = sum(found.values(), Counter())
    figures = {
        "measured": report.today(), "versions": machine.versions("mutmut", "pytest"), "target": ground.target,
        "groups": {name: {**counts, "score": score(counts)} for name, counts in found.items()},
        "score": score(every), "mutants": every.total(),
    }  # fmt: skip
    rows = [
        (name, counts.total(), counts["noticed"], counts["endless"], counts["survived"], f"{score(counts):.1%}")
        for name, counts in [*found.items(), ("all", every)]
    ]
    page = (
        "# Small faults that the tests notice\n\n"
        f"mutmut changed one thing at a time, {every.total()} times, in {ground.said} ({report.today()}). "
        f"Target: {ground.target:.0%} noticed; a change that makes the tests run without end counts as noticed. "
        f"`{ground.command}` measures again.\n\n"
        + report.table(("code", "changes", "noticed", "endless", "not noticed", "score"), rows)
    )
    report.write(ground.report, figures, page, folder=folder)
    print(page)


if __name__ == "__main__":
    main(sys.argv[1:])
