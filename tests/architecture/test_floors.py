"""The floors hold; and each contract, broken on purpose in a copy of the source, is seen to be broken."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LINT = Path(sys.executable).parent / "lint-imports"

# contract → (module, line planted in it)
BREACHES = {
    "A floor imports only floors below it": ("units.py", "import surcease.knowledge.finding"),
    "The pure floors know nothing of Django": ("care/record.py", "import django"),
    "Only the kernels import numba": ("knowledge/fact.py", "import numba"),
    "Inside the web a step reads only earlier steps": (
        "web/patients/find.py",
        "import surcease.web.intake.planted",
    ),
}


def lint(folder: Path) -> subprocess.CompletedProcess[str]:
    """What import-linter says of the source under ``folder``."""
    environment = {**os.environ, "PYTHONPATH": str(folder / "src")}
    command = [LINT, "--no-cache", "--config", folder / "pyproject.toml"]
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)


@pytest.fixture(scope="module")
def copied(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("floors")
    shutil.copytree(ROOT / "src", folder / "src", ignore=shutil.ignore_patterns("__pycache__", "*.yaml", "static"))
    shutil.copy(ROOT / "pyproject.toml", folder)
    return folder


def test_the_floors_hold() -> None:
    said = lint(ROOT)
    assert said.returncode == 0, said.stdout


@pytest.mark.parametrize("contract", BREACHES)
def test_a_planted_breach_is_caught(contract: str, copied: Path) -> None:
    name, line = BREACHES[contract]
    file = copied / "src" / "surcease" / name
    planted = copied / "src" / "surcease" / "web" / "intake"
    made = not planted.exists()
    planted.mkdir(exist_ok=True)
    for part in ("__init__.py", "planted.py"):
        (planted / part).touch()
    whole = file.read_text()
    file.write_text(whole + f"\n{line}\n")
    try:
        said = lint(copied)
    finally:
        file.write_text(whole)
        if made:
            shutil.rmtree(planted)
    assert said.returncode == 1
    assert any(contract in row and "BROKEN" in row for row in joined(said.stdout)), said.stdout


def joined(text: str) -> list[str]:
    """Contract lines, which import-linter wraps at the width of a terminal."""
    return [" ".join(part.split()) for part in text.replace("KEPT", "KEPT\0").replace("BROKEN", "BROKEN\0").split("\0")]


def test_every_contract_has_its_breach() -> None:
    text = (ROOT / "pyproject.toml").read_text()
    names = [
        line.split('"')[1] for line in text.splitlines() if line.startswith("name = ") and '"surcease"' not in line
    ]
    contracts = [name for name in names if not name.startswith("surcease")]
    assert len(contracts) == text.count("[[tool.importlinter.contracts]]")
    assert all(any(name.startswith(known) for known in BREACHES) for name in contracts)
