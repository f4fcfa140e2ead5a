"""`surcease response`, `forecast` and `fit` as a person types them: answers, contracts, refusals."""

import json
from datetime import date, timedelta
from pathlib import Path

import jsonschema_rs
import numpy as np
import pytest
from typer.testing import CliRunner

from surcease.cli.main import build
from surcease.knowledge import load
from surcease.pkpd.regimen import parse
from surcease.pkpd.solve import solve

CONTRACTS = Path(__file__).parents[2] / "docs" / "reference" / "contracts"
FIRST = date(2026, 3, 2)


def run(*words):
    return CliRunner().invoke(build(list(words)), [str(w) for w in words])


def as_json(*words):
    result = run(*words, "--json")
    assert result.exit_code == 0, result.stderr
    body = json.loads(result.stdout)
    contract = json.loads((CONTRACTS / f"{body['schema'].replace('/', '-')}.schema.json").read_text())
    jsonschema_rs.validator_for(contract).validate(body)
    return body


def refused(*words):
    result = run(*words)
    assert (result.exit_code, result.stdout, result.stderr.count("\n")) == (2, "", 1)
    return result.stderr.strip()


def file(folder, name, text):
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


@pytest.fixture
def diary(tmp_path):
    """7 on six of the seven days before; 4 from day 8 to 14 after a series that ends on 13 March; a blank and a gap."""
    lines = [f"{FIRST - timedelta(days=n)},7" for n in range(1, 7)]
    lines += [f"{date(2026, 3, 21) + timedelta(days=n)},4" for n in range(6)] + ["2026-03-27,"]
    return file(tmp_path, "diary.csv", "at,score\n" + "\n".join(lines) + "\n")


@pytest.fixture
def infusion(tmp_path):
    text = 'weight_kg: 70\ndoses: [{start: "2026-03-02T09:00", text: "22.2 mg/h for 100 h iv esketamine"}]\n'
    return file(tmp_path, "regimen.yaml", text)


def test_response_counts_its_windows(diary):
    found = as_json("response", diary, "--series", "2026-03-02..2026-03-13", "--pgic", "2")
    assert (found["baseline"]["mean"], found["baseline"]["n"]) == (7, 6)
    assert (found["response"]["mean"], found["response"]["n"], found["response"]["of"]) == (4, 6, 7)
    assert found["change_percent"] == pytest.approx(100 * 3 / 7)
    assert (found["responder_30"], found["responder_50"], found["responder"]) == (True, False, True)


def test_a_forecast_says_what_it_stands_on(diary, infusion):
    found = as_json("forecast", diary, "--regimen", infusion, "--indication", "crps")
    assert (found["prior"], found["inside_its_data"], found["as_of"]) == ("rct", True, "2026-03-27")
    assert (found["weeks"], found["knowing"]) == (list(range(1, 13)), [])
    elsewhere = as_json("forecast", diary, "--regimen", infusion, "--indication", "fibromyalgia")
    assert (elsewhere["prior"], elsewhere["booster"]["first"]) == ("routine", None)
    assert "outside its data" in elsewhere["booster"]["why"]


def test_doses_after_the_last_entry_are_planned(diary, tmp_path):
    """Five of the ten daily doses start after the last entry of 27 March: "when would I know?" has five answers."""
    text = (
        'weight_kg: 70\ndoses: [{start: "2026-03-23T09:00", text: "35 mg over 40 min iv esketamine every 24 h x 10"}]'
    )
    found = as_json("forecast", diary, "--regimen", file(tmp_path, "ten.yaml", text), "--indication", "crps")
    assert [k["session"] for k in found["knowing"]] == [1, 2, 3, 4, 5]
    assert [k["on"] for k in found["knowing"]][:2] == ["2026-03-29", "2026-03-30"]
    assert "know by" in run("forecast", diary, "--regimen", tmp_path / "ten.yaml", "--indication", "crps").stdout


def test_relief_is_fitted_from_a_diary(diary, infusion):
    found = as_json("fit", diary, "--regimen", infusion, "--indication", "crps")
    assert (found["of"], set(found["parameters"])) == (
        "diary", {"baseline", "c50_ng_per_ml", "half_life_days", "day_to_day_sd"},
    )  # fmt: skip


def test_kinetics_are_fitted_from_levels(tmp_path):
    """Levels of a person whose clearance is 1.4 times the typical one (computed apart): the fit says so."""
    model, regimen = load().model("kamp_2020"), parse("0.5 mg/kg over 40 min iv").for_weight(70)
    hours = np.array([0.5, 1.0, 1.5, 2.0, 3.0, 4.0, 6.0])
    typical = model.parameters["cl"].value
    true = solve(model, regimen, hours, parameters={"cl": 1.4 * typical}).cp_ng_per_ml
    minutes = [f"2026-03-02T{9 + int(h):02d}:{int(h % 1 * 60):02d},{v:.1f}" for h, v in zip(hours, true, strict=True)]
    levels = file(tmp_path, "levels.csv", "at,ng_per_ml\n" + "\n".join(minutes) + "\n2026-03-02T17:00,\n")
    text = 'weight_kg: 70\ndoses: [{start: "2026-03-02T09:00", text: "0.5 mg/kg over 40 min iv racemic"}]\n'
    found = as_json("fit", levels, "--regimen", file(tmp_path, "one.yaml", text), "--model", "kamp_2020")
    assert (found["of"], found["n"], found["model"]) == ("levels", 7, "kamp_2020")
    clearance = found["parameters"]["cl"]
    assert clearance["q10"] < 1.4 * typical < clearance["q90"] * 1.05
    assert clearance["q50"] > 1.2 * typical
    assert all(lo < hi for lo, hi in zip(found["bands"]["q10"], found["bands"]["q90"], strict=True))
    assert "Fitted to 7 levels" in run("fit", levels, "--regimen", tmp_path / "one.yaml").stdout


def test_without_a_level_it_is_the_population(tmp_path, infusion):
    found = as_json("fit", file(tmp_path, "none.csv", "at,ng_per_ml\n"), "--regimen", infusion, "--model", "kamp_2020")
    assert (found["enough"], found["n"], found["bands"]) == (False, 0, {})
    assert found["status"].startswith("Not enough data")


@pytest.mark.parametrize(
    ("line", "part"),
    [
        ("2026-03-02,100", "is not a time: write 2026-03-02T09:45"),
        ("2026-03-02T10:00,-5", "is not a positive number"),
        ("2026-03-02T10:00,0", "is not a positive number"),
        ("2026-03-01T10:00,50", "before the first dose"),
    ],
)
def test_a_level_that_cannot_be_is_refused_in_one_sentence(tmp_path, infusion, line, part):
    assert part in refused("fit", file(tmp_path, "l.csv", f"at,ng_per_ml\n{line}\n"), "--regimen", infusion)


def test_other_wrong_files_are_refused(tmp_path, diary, infusion):
    assert "There is no file" in refused("fit", diary, "--regimen", tmp_path / "missing.yaml")
    levels = file(tmp_path, "l.csv", "at,ng_per_ml\n2026-03-02T10:00,50\n")
    assert "There is no file" in refused("fit", levels, "--regimen", tmp_path / "missing.yaml")
    assert "There is no model" in refused("fit", levels, "--regimen", infusion, "--model", "nobody_1900")
    bad = file(tmp_path, "bad.csv", "at,score\n2026-03-02,11\n")
    assert "from 0 to 10" in refused("forecast", bad, "--regimen", infusion)
    assert "ends before it starts" in refused("response", diary, "--series", "2026-03-13..2026-03-02")
