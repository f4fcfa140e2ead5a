"""`surcease import --dry-run`: what it prints, its JSON contract, and its refusals. No database is needed."""

import json
from pathlib import Path

import jsonschema_rs
import pytest
import typer
from typer.testing import CliRunner

from surcease import __version__
from surcease.cli import import_

PEOPLE = Path(__file__).parents[2] / "examples" / "people"
CONTRACT = Path(__file__).parents[2] / "docs" / "reference" / "contracts" / "import-1.schema.json"
CRPS, BROKEN = PEOPLE / "crps_referral.json", PEOPLE / "broken.json"


@pytest.fixture
def run():
    app = typer.Typer()
    app.callback()(lambda: None)
    import_.register(app)

    def _run(*words):
        return CliRunner().invoke(app, ["import", *map(str, words), "--dry-run"])

    return _run


def test_the_summary_names_what_was_read_mapped_and_left_and_why(run):
    result = run(CRPS)
    assert result.exit_code == 0
    lines = result.stdout.splitlines()
    assert lines[0] == "Nora Whitfield, born 1988-01-19 (crps_referral.json): read, not written"
    assert lines[1].startswith("  read 24: AllergyIntolerance 1, Condition 2")
    assert lines[2].startswith("  mapped 22:")
    assert lines[3] == "  kept unmapped 2 Procedure: what was done before is asked for at intake, with its effect"


def test_the_json_contract(run):
    body = json.loads(run(CRPS, PEOPLE / "opioid_without_dose.json", BROKEN, "--json").stdout)
    jsonschema_rs.validator_for(json.loads(CONTRACT.read_text(encoding="utf-8"))).validate(body)
    body = json.loads(run(CRPS, "--json").stdout)
    assert (body["schema"], body["surcease"], body["dry_run"]) == ("import/1", __version__, True)
    assert [f["refused"] for f in body["files"]] == [None]
    (person,) = body["patients"]
    assert (person["outcome"], person["id"], person["born"]) == ("read", None, "1988-01-19")
    assert person["unmapped"] == [
        {
            "resource": "Procedure",
            "what": "",
            "why": "what was done before is asked for at intake, with its effect",
            "count": 2,
        }
    ]


def test_a_broken_file_is_refused_with_one_sentence_and_the_others_are_read(run):
    result = run(BROKEN, CRPS)
    assert result.exit_code == 2
    assert result.stderr.splitlines() == [
        "broken.json is not valid JSON (line 63, column 1: Expecting ',' delimiter): nothing was imported."
    ]
    assert result.stdout.startswith("Nora Whitfield")
    body = json.loads(run(BROKEN, CRPS, "--json").stdout)
    assert [f["file"] for f in body["files"] if f["refused"]] == ["broken.json"]
    assert len(body["patients"]) == 1


def test_a_broken_file_alone_imports_nothing(run):
    result = run(BROKEN)
    assert (result.exit_code, result.stdout) == (2, "")


def test_files_that_contradict_each_other_are_refused(run, tmp_path):
    for name, born in (("a.json", "1988"), ("b.json", "1989")):
        (tmp_path / name).write_text(json.dumps({"resourceType": "Patient", "id": "p", "birthDate": born}))
    result = run(tmp_path / "a.json", tmp_path / "b.json")
    assert result.exit_code == 2
    assert "twice with different content" in result.stderr


def test_a_file_without_people(run, tmp_path):
    (tmp_path / "x.json").write_text('{"resourceType": "Organization", "id": "o"}')
    assert run(tmp_path / "x.json").stdout == "Nobody is in these files.\n"


def test_doses_partial_dates_and_refuted_diagnoses_as_the_examples_say(run):
    from datetime import UTC, datetime
    from decimal import Decimal

    from surcease.care.facts import derive
    from surcease.fhir import read_bundle

    (man,) = read_bundle(PEOPLE / "spinal_cord_injury.json")
    assert str(man.record.conditions[0].onset) == "2021-02"
    known = derive(man.record, now=datetime(2026, 3, 2, tzinfo=UTC))
    assert known.value("weight_kg").quantize(Decimal("0.01")) == Decimal("80.01")  # 176.4 × 0.45359237
    assert (known.value("indication"), known.value("mme_per_day")) == ("sci", Decimal(120))  # 80 mg × 1.5
    (woman,) = read_bundle(PEOPLE / "opioid_without_dose.json")
    assert [m.dose is None for m in woman.record.medications] == [True, True, False]
    assert woman.record.conditions[2].verified is False
    known = derive(woman.record, now=datetime(2026, 3, 2, tzinfo=UTC))
    assert "mme_per_day" not in known
    assert {"opioid", "benzodiazepine"} <= set(known.value("med_classes"))
    assert "ischaemic_heart_disease" not in known
    assert "weight_kg" not in known


def test_the_referral_is_the_clean_case():
    from datetime import UTC, datetime
    from decimal import Decimal

    from surcease.care.facts import derive
    from surcease.fhir import read_bundle

    (read,) = read_bundle(CRPS)
    known = derive(read.record, now=datetime(2026, 3, 2, 9, tzinfo=UTC))
    expected = {
        "age_years": 38, "sex": "female", "weight_kg": Decimal("62.0"), "height_cm": 168, "indication": "crps",
        "bmi_kg_per_m2": Decimal("22.0"), "systolic_clinic_mean": 117, "diastolic_clinic_mean": 73, "phq9_score": 8,
        "phq9_item9": 0, "gad7_score": 6, "peg_score": Decimal("7.67"), "nrs_average": 8, "audit_c_score": 1,
        "dast10_score": 0, "mme_per_day": 60, "pregnant": False, "smoker": False, "alt_uln": Decimal("0.45"),
        "ketamine_hypersensitivity": False, "pain_weeks": Decimal("61.3"),
    }  # fmt: skip
    assert {name: known.value(name) for name in expected} == expected
