"""A person is read through ``patients.access`` only. Any other way to a Patient is found here."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

WEB = Path(__file__).parents[2] / "src" / "surcease" / "web"
MANAGERS = {"objects", "_default_manager", "_base_manager"}
FETCHERS = {"get_object_or_404", "get_list_or_404", "aget_object_or_404"}


def other_doors(source: str) -> Iterator[str]:
    """Every place in ``source`` that reaches for patients past the door."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Attribute) and node.attr in MANAGERS and _names_patient(node.value):
            yield f"line {node.lineno}: Patient.{node.attr}"
        if not isinstance(node, ast.Call):
            continue
        if getattr(node.func, "id", "") in FETCHERS and any(_names_patient(given) for given in node.args):
            yield f"line {node.lineno}: a shortcut that fetches a Patient"
        named = any("patients" in str(getattr(given, "value", "")).lower() for given in node.args)
        if getattr(node.func, "attr", "") == "get_model" and named:
            yield f"line {node.lineno}: get_model of patients"


def _names_patient(node: ast.expr) -> bool:
    return (isinstance(node, ast.Name) and node.id == "Patient") or (
        isinstance(node, ast.Attribute) and node.attr == "Patient"
    )


FILES = sorted(
    file for file in WEB.rglob("*.py") if "migrations" not in file.parts and file.parent != WEB / "patients"
    and file.parent != WEB / "patients" / "models"
)  # fmt: skip


@pytest.mark.parametrize("file", FILES, ids=lambda file: str(file.relative_to(WEB)))
def test_nothing_goes_past_the_door(file: Path) -> None:
    found = list(other_doors(file.read_text()))
    assert not found, f"{found}: use patients.access (open_patient, own_patient, lines_of; hold() to lock a row)"


@pytest.mark.parametrize(
    "planted",
    [
        "Patient.objects.get(pk=pk)",
        "models.Patient._default_manager.all()",
        "get_object_or_404(Patient, pk=pk)",
        "get_object_or_404(models.Patient, pk=pk)",
        "apps.get_model('patients', 'Patient')",
        "apps.get_model('patients.Patient')",
    ],
)
def test_a_planted_door_is_found(planted: str) -> None:
    assert list(other_doors(planted))
