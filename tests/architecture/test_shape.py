"""The shape of the code: small files, plain names, nothing left undone, no dangerous ways."""

from __future__ import annotations

import ast
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SOURCES = sorted(p for p in (ROOT / "src").rglob("*.py") if "migrations" not in p.parts)
MOST_LINES, MOST_BYTES = 400, 1_048_576
LEFT_UNDONE = re.compile(r"\b(TODO|FIXME|XXX|NotImplementedError)\b|pragma: no cover")
POOR_NAMES = {"utils", "util", "helpers", "helper", "common", "manager", "managers", "handler", "handlers", "service",
              "services", "misc"}  # fmt: skip
DANGEROUS_CALLS = {"eval", "exec", "mark_safe", "RawSQL", "raw", "extra"}
DANGEROUS_MODULES = {"pickle", "marshal", "shelve"}


def tracked() -> list[Path]:
    """Files that git knows."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=False)
    if listed.returncode:
        return [p for p in ROOT.rglob("*") if p.is_file() and ".venv" not in p.parts]
    return [ROOT / name for name in listed.stdout.decode().split("\0") if name and (ROOT / name).is_file()]


def test_no_python_file_is_longer_than_400_lines() -> None:
    long = [f"{p.relative_to(ROOT)}: {n}" for p in tracked() if p.suffix == ".py" and (n := _lines(p)) > MOST_LINES]
    assert not long


def _lines(path: Path) -> int:
    return path.read_text(encoding="utf-8").count("\n")


def test_no_tracked_file_is_larger_than_a_mebibyte() -> None:
    assert not [str(p.relative_to(ROOT)) for p in tracked() if p.stat().st_size > MOST_BYTES]


@pytest.mark.parametrize("file", SOURCES, ids=lambda p: str(p.relative_to(ROOT / "src")))
def test_nothing_is_left_undone(file: Path) -> None:
    assert not LEFT_UNDONE.search(file.read_text(encoding="utf-8"))


def test_names_say_what_they_hold() -> None:
    assert not [str(p.relative_to(ROOT)) for p in SOURCES if p.stem in POOR_NAMES or p.stem.startswith("process_")]


def dangerous(tree: ast.AST) -> Iterator[str]:
    """Raw SQL through the ORM, unescaped HTML, code from data."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            name = getattr(node.func, "id", "") or getattr(node.func, "attr", "")
            if name in DANGEROUS_CALLS and not _is_model_of_ours(node, name):
                yield f"line {node.lineno}: {name}()"
        if isinstance(node, ast.Import) and DANGEROUS_MODULES & {alias.name for alias in node.names}:
            yield f"line {node.lineno}: import"
        if isinstance(node, ast.ImportFrom) and node.module in DANGEROUS_MODULES:
            yield f"line {node.lineno}: import"


def _is_model_of_ours(node: ast.Call, name: str) -> bool:
    """``raw`` and ``extra`` are only dangerous on a query set: on something called objects or a query."""
    if name not in ("raw", "extra"):
        return False
    return "objects" not in ast.dump(node.func) and "query" not in ast.dump(node.func).lower()


WEB_SOURCES = [p for p in SOURCES if "web" in p.parts]


@pytest.mark.parametrize("file", WEB_SOURCES, ids=lambda p: str(p.relative_to(ROOT / "src")))
def test_no_dangerous_ways(file: Path) -> None:
    assert list(dangerous(ast.parse(file.read_text(encoding="utf-8")))) == []


@pytest.mark.parametrize(
    "planted", ["mark_safe(x)", "eval(x)", "M.objects.raw(x)", "import pickle", "from pickle import loads"]
)
def test_a_planted_danger_is_found(planted: str) -> None:
    assert list(dangerous(ast.parse(planted)))


def test_templates_escape_and_run_nothing_inline() -> None:
    """No ``|safe``, no ``autoescape off``, no inline script without a type or nonce, no style or on… attribute."""
    wrong = []
    for file in sorted((ROOT / "src").rglob("templates/**/*.html")):
        text = file.read_text(encoding="utf-8")
        for pattern in (
            r"\|\s*safe\b",
            r"autoescape\s+off",
            r"<style",
            r"\sstyle=",
            r"\son(click|load|submit|change|input)=",
        ):
            wrong += [f"{file.relative_to(ROOT)}: {pattern}" for _hit in re.finditer(pattern, text)]
    assert not wrong


def test_no_template_or_script_names_another_host() -> None:
    wrong = []
    for file in [*(ROOT / "src").rglob("templates/**/*.html"), *(ROOT / "src").rglob("static/ui/js/*.js")]:
        if re.search(r"(src|href|action)=[\"']https?://|fetch\([\"']https?://", file.read_text(encoding="utf-8")):
            wrong.append(str(file.relative_to(ROOT)))
    assert not wrong
