"""`surcease rules …` and `surcease screen …`: JSON shapes, facts files, refusals in one sentence with exit 2."""

import json
import subprocess
from pathlib import Path

import jsonschema_rs
import pytest
from typer.testing import CliRunner

from surcease.cli.main import build
from surcease.knowledge import load

RUNNER = CliRunner()
CONTRACTS = Path(__file__).parents[2] / "docs" / "reference" / "contracts"
DATA = Path(__file__).parents[2].parent / "shared" / "data" / "04-fhir"
AT = ["--at", "2026-06-15T09:00+00:00"]


def run(*words):
    done = RUNNER.invoke(build(list(words)), list(words))
    if done.exception and not isinstance(done.exception, SystemExit):
        raise done.exception
    return done


def out(*words):
    done = run(*words, "--json")
    assert done.exit_code == 0, done.stderr
    body = json.loads(done.stdout)
    name, _, version = body["schema"].partition("/")
    jsonschema_rs.validate(json.loads((CONTRACTS / f"{name}-{version}.schema.json").read_text()), body)
    return body


@pytest.fixture
def facts(tmp_path):
    def write(text):
        path = tmp_path / "facts.yaml"
        path.write_text(text)
        return str(path)

    return write


def test_screen_by_a_facts_file_alone(facts):
    body = out("screen", "--facts", facts("age_years: 17\nweight_kg: {value: 62, unit: kg, at: 2026-06-10}"), *AT)
    assert list(body)[:2] == ["schema", "surcease"]
    assert (body["schema"], body["decision"], body["counts"]["stop"]) == ("screen/1", "STOP", 1)
    assert body["headline"].startswith("1 STOP, 0 to settle, ")
    assert body["knowledge"] == load().hash
    first = next(f for f in body["findings"] if f["id"] == "ELG-01")
    assert (first["outcome"], first["fired"], first["missing"]) == ("STOP", True, [])
    assert first["say"].startswith("The person is 17 years old.")
    assert first["do"]
    assert first["source"]["key"] == "slbl"
    unknown = next(f for f in body["findings"] if f["id"] == "CIN-CV4")
    assert (unknown["fired"], unknown["outcome"], unknown["missing"]) == (None, "DEFER", ["intracerebral_haemorrhage"])
    assert {m["name"] for m in body["missing"]} >= {"intracerebral_haemorrhage", "pain_weeks"}
    assert body["facts"]["weight_kg"] == {"value": 62, "unit": "kg", "at": "2026-06-10", "source": "facts.yaml"}
    assert all(f["source"]["title"] for f in body["findings"])


def test_screen_tells_what_would_change(facts):
    path = facts("stroke_history: true")
    body = out("screen", "--facts", path, "--change", *AT)
    assert [c["name"] for c in body["change"]["changes"]] == ["stroke_history"]
    text = run("screen", "--facts", path, "--change", *AT).stdout
    assert text.startswith("STOP: 1 STOP")
    assert "history of stroke: yes → no" in text
    assert "Missing, physician:" in text
    dead_end = run("screen", "--facts", facts("age_years: 17"), "--change", *AT).stdout
    assert "No fact that can change makes it milder." in dead_end


def test_null_makes_a_fact_unknown(facts):
    body = out("screen", "--facts", facts("stroke_history: null"), "--at", "2026-06-15T09:00")
    assert "stroke_history" in {m["name"] for m in body["missing"]}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("shoe_size: 43", "The fact 'shoe_size' is not in the dictionary"),
        ("age_years: young", "cannot be 'young'"),
        ("stroke_history: no", "bare word 'no'"),
        ("- 1", "is not a facts file"),
    ],
)
def test_a_wrong_facts_file_is_one_sentence_and_exit_2(facts, text, words):
    done = run("screen", "--facts", facts(text), "--json")
    assert done.exit_code == 2
    assert words in done.stderr
    assert done.stderr.count("\n") == 1
    assert done.stdout == ""


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["screen"], "Nothing to screen"),
        (["screen", "--facts", "no-such-file.yaml"], "no-such-file.yaml"),
        (["screen", "no-such-bundle.json"], "no-such-bundle.json"),
        (["screen", "--facts", "x", "--stage", "lunch"], "The stage 'lunch' is not known"),
        (["screen", "--facts", "x", "--at", "soon"], "Invalid isoformat string"),
        (["rules", "show", "XXX-9"], "There is no rule 'XXX-9'"),
        (["rules", "diff", "no-such-revision"], "There is no knowledge at 'no-such-revision'"),
        (["rules", "diff", "--", "-x"], "is not a revision"),
    ],
)
def test_misuse_is_one_sentence_and_exit_2(words, said):
    done = run(*words)
    assert done.exit_code == 2
    assert said in done.stderr


def test_rules_list_show_and_facts():
    body = out("rules")
    assert body["schema"] == "rules/1"
    assert len(body["rules"]) == len(load().rules)
    assert body["assumptions"] == sum(r.grade == "assumption" for r in load().rules)
    only = out("rules", "--topic", "eligibility", "--stage", "intake")
    assert {r["topic"] for r in only["rules"]} == {"eligibility"}
    assert "ELG-01" in run("rules").stdout

    shown = out("rules", "show", "CIN-SUD1b")
    assert (shown["id"], shown["signed_outcome"], shown["persons"]) == ("CIN-SUD1b", "STOP", 2)
    assert shown["thresholds"] == {"dast_limit": 6, "audit_limit": 8}
    assert {c["kind"] for c in shown["cases"]} >= {"fires", "boundary", "unknown"}
    text = run("rules", "show", "CIN-SUD1b").stdout
    assert "site may change dast_limit: 6 by default" in text
    assert "grade: site_default" in text

    names = {f["name"] for f in out("rules", "facts")["facts"]}
    assert names == set(load().facts)
    assert "physician" in run("rules", "facts").stdout


def test_rules_diff_with_a_stored_release(tmp_path):
    release = load().canonical().replace('"below":18,"fact":"age_years"', '"below":16,"fact":"age_years"')
    path = tmp_path / "release.json"
    path.write_text(release)
    body = out("rules", "diff", str(path))
    (found,) = body["differences"]
    assert (found["where"], found["clinical"]) == ("rules/eligibility/ELG-01", True)
    assert found["lines"] == ["when.below: 16 → 18"]
    text = run("rules", "diff", str(path)).stdout
    assert "Clinical: 1" in text
    assert "Wording only: 0" in text


def test_rules_diff_with_a_revision():
    here = Path(__file__).parents[2]
    if subprocess.run(["git", "-C", str(here), "rev-parse", "HEAD"], capture_output=True).returncode:
        pytest.skip("not a git checkout")
    assert out("rules", "diff", "HEAD")["schema"] == "rules-diff/1"


# --- real records: a decision without a crash, and every unknown named


def bundles():
    return [*sorted(DATA.glob("synthea-r4/*.json.gz")), *sorted(DATA.glob("pain-management-summary/*r4*.json"))]


@pytest.mark.skipif(not DATA.exists(), reason="the real inputs are not beside this checkout")
@pytest.mark.parametrize("path", bundles(), ids=lambda p: p.name[:24])
def test_real_records_give_a_decision(path):
    body = out("screen", str(path), *AT)
    assert body["decision"] in {"STOP", "DEFER"}
    waiting = {name for f in body["findings"] if f["counts"] and f["fired"] is None for name in f["missing"]}
    assert waiting == {m["name"] for m in body["missing"]}
    assert waiting


@pytest.mark.skipif(not DATA.exists(), reason="the real inputs are not beside this checkout")
def test_one_patient_with_opioids_that_cannot_be_counted():
    (path,) = [p for p in bundles() if "brenda" in p.name.lower()]
    body = out("screen", str(path), *AT)
    findings = {f["id"]: f for f in body["findings"]}
    assert body["facts"].get("mme_per_day") is None  # her orders carry no dose: not computable, not 0
    assert findings["MME-04"]["fired"] is True
    assert findings["MME-08"]["fired"] is True  # chlordiazepoxide with an opioid
    assert body["facts"]["peg_score"]["value"] == 5
    assert body["facts"]["phq9_score"]["value"] == 8


@pytest.mark.skipif(not DATA.exists(), reason="the real inputs are not beside this checkout")
def test_a_file_with_several_persons_asks_which(tmp_path):
    lines = []
    for i in range(2):
        lines.append(json.dumps({"resourceType": "Patient", "id": f"p{i}", "birthDate": "1980-01-01"}))
    path = tmp_path / "two.ndjson"
    path.write_text("\n".join(lines))
    done = run("screen", str(path))
    assert done.exit_code == 2
    assert "holds 2 persons: name one with --person, such as p0, p1" in done.stderr
    assert out("screen", str(path), "--person", "p1", *AT)["facts"]["age_years"]["value"] == 46
    assert "and none is p9" in run("screen", str(path), "--person", "p9").stderr
