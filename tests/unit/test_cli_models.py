"""`surcease models` and `models show`: the table, one model, and the contract of their JSON."""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema_rs
import pytest
from typer.testing import CliRunner

from surcease.cli.main import build

CONTRACTS = Path(__file__).parents[2] / "docs" / "reference" / "contracts"


def run(*words: str):
    return CliRunner().invoke(build(["models"]), ["models", *words])


def test_the_table_names_every_model():
    found = run()
    assert found.exit_code == 0
    lines = found.stdout.splitlines()
    assert lines[0].split() == ["name", "substance", "routes", "site", "grade", "population"]
    row = next(line for line in lines if line.startswith("kamp_2020"))
    assert all(word in row for word in ("any", "iv", "im", "sc", "arterial", "verified"))
    assert "venous (assumption)" in next(line for line in lines if line.startswith("domino_1982"))


@pytest.mark.parametrize("model_id", ["kamp_2020", "simons_2022", "clements_1981", "perez_ruixo_2021"])
def test_one_model_with_its_limits_and_doubts(model_id):
    found = run("show", model_id)
    assert found.exit_code == 0
    assert "Doubts" in found.stdout
    assert "between people" in found.stdout


def test_what_is_borrowed_is_marked():
    text = run("show", "kamp_2020").stdout
    assert "84 L/h" in text
    assert "CV 20 %, borrowed" in text
    assert "SD 0.71 on the logit, borrowed" in text
    assert "Route im    calibrated" in text


def test_an_unknown_model():
    found = run("show", "kamp_2021")
    assert found.exit_code == 2
    assert "there are clements_1981" in found.stderr
    assert found.stderr.count("\n") == 1


@pytest.mark.parametrize(("words", "schema"), [(("--json",), "models-1"), (("show", "otto_2021", "--json"), "model-1")])
def test_contract(words, schema):
    found = json.loads(run(*words).stdout)
    contract = json.loads((CONTRACTS / f"{schema}.schema.json").read_text())
    jsonschema_rs.validate(contract, found)
    assert list(found)[:2] == ["schema", "surcease"]


def test_every_model_meets_the_contract():
    contract = json.loads((CONTRACTS / "model-1.schema.json").read_text())
    for model in json.loads(run("--json").stdout)["models"]:
        jsonschema_rs.validate(contract, json.loads(run("show", model["name"], "--json").stdout))
