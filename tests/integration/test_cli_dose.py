"""`surcease check-plan` and `surcease programme` as they are typed."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from surcease.cli.main import build

PLANS = Path(__file__).parents[2] / "examples" / "plans"


def run(*words):
    return CliRunner().invoke(build(list(words)), list(words))


def test_programme_in_json():
    result = run(
        "programme", "0.35 mg/kg/h for 4 h", "--weight", "71", "--vial", "50 mg/mL", "--bag", "100 mL", "--json"
    )
    body = json.loads(result.stdout)
    assert result.exit_code == 0
    assert list(body)[:2] == ["schema", "surcease"]
    assert body["schema"] == "programme/1"
    assert (body["mg_per_h"], body["total_mg"], body["draw_ml"], body["ml_per_h"]) == (24.85, 99.4, 1.99, 25)
    assert body["mg_per_ml"] == 0.994
    assert body["check"] == {"agrees": True, "disagreements": []}
    assert body["assumed"] == ["route iv", "racemic ketamine"]
    assert body["other_preparation"]["final_ml"] == 101.988


def test_programme_in_words():
    result = run("programme", "5 to 20 mg/h by 5 every 2 h for 10 h sc esketamine", "--weight", "70 kg", "--vial", "25",
                 "--bag", "100", "--concentration", "1 mg/mL", "--overfill", "7", "--dead", "2")  # fmt: skip
    assert result.exit_code == 0
    assert "then 20 mL/h = 20 mg/h" in result.stdout
    assert "Second calculation: agrees." in result.stdout


def test_two_calculations_that_differ_are_not_used(monkeypatch):
    from surcease.care import programme_check

    honest = programme_check.recompute
    monkeypatch.setattr(programme_check, "recompute", lambda *a, **k: honest(*a, **k) | {"total_mg": 100})
    words = ("programme", "0.35 mg/kg/h for 4 h iv", "--weight", "71", "--vial", "50 mg/mL", "--bag", "100 mL")
    result = run(*words)
    assert result.exit_code == 1
    assert "DIFFERS, do not use" in result.stdout
    assert json.loads(run(*words, "--json").stdout)["check"]["agrees"] is False


@pytest.mark.parametrize(
    ("words", "part"),
    [
        (("3 mg bolus iv", "70", "50 mg/mL", "100 mL"), "A push is not a pump programme"),
        (("0.35 mg/kg/h for 4 h", "1,5", "50 mg/mL", "100 mL"), "not a number we can read safely"),
        (("0.35 mg/kg/h for 4 h", "700", "50 mg/mL", "100 mL"), "not a person's"),
        (("0.35 mg/kg/h for 4 h", "70", "fifty", "100 mL"), "write for example 50 mg/mL"),
        (("0.35 mg/kg/h for 4 h", "70", "50 mL", "100 mL"), "different things"),
        (("0.35 mg/kg/h", "70", "50 mg/mL", "100 mL"), "route"),
    ],
)
def test_bad_programmes_are_one_sentence_and_exit_2(words, part):
    order, weight, vial, bag = words
    result = run("programme", order, "--weight", weight, "--vial", vial, "--bag", bag)
    assert result.exit_code == 2
    assert part in result.stderr
    assert result.stderr.count("\n") == 1


def test_a_quick_look_at_one_dose():
    result = run("check-plan", "--dose", "0.5 mg/kg over 40 min iv", "--weight", "70", "--age", "45", "--json")
    body = json.loads(result.stdout)
    assert result.exit_code == 0
    assert body["schema"] == "check-plan/1"
    finding = {f["id"]: f for f in body["findings"]}
    assert set(finding["DOS-01"]) >= {"id", "outcome", "fired", "say", "do", "source", "missing"}
    assert finding["DOS-03"]["fired"] is False
    assert (finding["DOS-25"]["fired"], finding["DOS-25"]["outcome"]) == (True, "DEFER")
    assert finding["DOS-18b"]["fired"] is None
    assert body["orders"] == ["0.5 mg/kg over 40 min iv: 35 mg; 52.5 mg/h = 0.75 mg/kg/h = 12.5 mcg/kg/min"]


def test_a_quick_look_beside_a_protocol():
    result = run("check-plan", "--dose", "0.5 mg/kg over 40 min iv", "--weight", "96", "--height", "163",
                 "--sex", "female", "--age", "46", "--product", "racemic_injection", "--protocol", "P09",
                 "--setting", "outpatient", "--json")  # fmt: skip
    body = json.loads(result.stdout)
    assert body["dose_weight_kg"] == 55.1
    assert body["protocol"]["orders"] == ["27.5 mg over 40 min iv racemic"]
    assert body["stopped_by"] == []


def test_plan_files_in_json_and_in_words():
    good = run("check-plan", str(PLANS / "crps_ten_days.yaml"), "--json")
    assert json.loads(good.stdout)["may_be_signed"] is True
    bad = run("check-plan", str(PLANS / "lost_decimal_point.yaml"))
    assert bad.exit_code == 0
    assert "STOP    DOS-18b" in bad.stdout
    assert bad.stdout.rstrip().endswith("May not be signed: STOP.")
    assert run("check-plan", str(PLANS / "fibromyalgia_ideal_weight.yaml")).stdout.rstrip().endswith("May be signed.")


@pytest.mark.parametrize(
    ("words", "part"),
    [
        ((), "Nothing to check"),
        (("--dose", "0.5 mg/kg over 40 min iv"), "add --weight"),
        (("--dose", "half a vial", "--weight", "70"), "is not a dose"),
        (("--dose", "35 mg over 40 min iv", "--weight", "0"), "not a person's"),
        (("--dose", "35 mg over 40 min iv", "--weight", "7e1"), "not a number we can read safely"),
        (("nowhere.yaml",), "There is no plan file nowhere.yaml"),
        ((str(PLANS / "crps_ten_days.yaml"), "--dose", "1 mg iv"), "not both"),
        ((str(PLANS.parent.parent / "Makefile"),), ""),
    ],
)
def test_bad_plans_are_one_sentence_and_exit_2(words, part):
    result = run("check-plan", *words)
    assert result.exit_code == 2
    assert part in result.stderr
    assert result.stderr.count("\n") == 1


def test_a_plan_is_tested_on_simulated_people():
    plan = str(PLANS / "crps_ten_days.yaml")
    body = json.loads(run("check-plan", plan, "--people", "100", "--systolic", "118", "--json").stdout)
    assert body["forecast"]["people"] == 100
    assert body["forecast"]["cumulative_mg"] == pytest.approx(802.4)
    assert body["forecast"]["length_h"] == 268
    assert {share["limit"]["id"] for share in body["forecast"]["shares"]} >= {"dissociation", "systolic", "sedation"}
    said = run("check-plan", "--dose", "35 mg over 40 min iv", "--weight", "70", "--people", "50").stdout
    assert "50 simulated people of this weight and age; without: age" in said
    assert "Relief at week 4, routine prior" in said
