"""Run pytest where Django is not installed: ``python tests/pure_environment.py tests/unit …``.

The environment holds the distributions that the pure floors name in pyproject.toml, what those need, and the test
tools; nothing else is on the path (``python -S``), so an import of anything of the web fails as it would for someone
who installed surcease without its extra ``web``.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import tomllib
from importlib import metadata
from pathlib import Path

from packaging.requirements import Requirement

ROOT = Path(__file__).parents[1]
TOOLS = (
    "pytest",
    "pytest-xdist",
    "hypothesis",
    "hl7",
    "time-machine",
    "pandas",
    "dask",
    "distributed",
    "coverage",
)
BARRED = ("django", "allauth", "psycopg", "uvicorn", "typst", "httpx2", "whitenoise", "pytest_django")


def wanted() -> set[str]:
    """Names of the distributions that belong, through what they require."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    names: set[str] = {"surcease"}
    queue = [Requirement(line) for line in [*project["dependencies"], *TOOLS]]
    while queue:
        requirement = queue.pop()
        name = requirement.name.lower().replace("_", "-")
        if name in names or not installed(name):
            continue
        names.add(name)
        for line in metadata.requires(name) or []:
            needed = Requirement(line)
            extras = requirement.extras or {""}
            if needed.marker is None or any(needed.marker.evaluate({"extra": extra}) for extra in extras):
                queue.append(needed)
    return names


def installed(name: str) -> bool:
    """Whether the distribution is here (a marker may have left it out)."""
    try:
        metadata.distribution(name)
    except metadata.PackageNotFoundError:
        return False
    return True


def link(names: set[str], folder: Path) -> None:
    """A folder of links to the files of these distributions."""
    for name in sorted(names):
        for file in metadata.distribution(name).files or []:
            top = file.parts[0]
            if top in ("..", "__pycache__") or top.endswith(".pth"):
                continue
            target, here = Path(str(metadata.distribution(name).locate_file(top))), folder / top
            if target.exists() and not here.is_symlink():
                here.symlink_to(target)


def main(arguments: list[str]) -> int:
    """Prove that Django is absent, then run pytest; its exit code."""
    with tempfile.TemporaryDirectory(prefix="surcease-pure-") as folder:
        link(wanted(), Path(folder))
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join([folder, str(ROOT / "src")])}
        check = f"import importlib.util as u, sys; sys.exit(any(u.find_spec(name) for name in {BARRED!r}))"
        if subprocess.run([sys.executable, "-S", "-c", check], env=environment, check=False).returncode:
            print(
                "The pure environment still sees the web's libraries: mend tests/pure_environment.py.", file=sys.stderr
            )
            return 1
        command = [sys.executable, "-S", "-m", "pytest", *arguments]
        return subprocess.run(command, env=environment, cwd=ROOT, check=False).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
