"""CDS Hooks: requests read strictly, cards from the rules; the published opioid requests as foreign input."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from surcease.fhir import FhirError
from surcease.fhir.hook_answer import answer
from surcease.fhir.hooks import cards, read_request, services
from surcease.fhir.strict import parse
from surcease.knowledge import load
from surcease.knowledge.finding import Finding, Outcome, Source

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
DATA = Path(__file__).parents[2].parent / "shared" / "data" / "04-fhir" / "cds-hooks-opioid"
RXNORM = "http://www.nlm.nih.gov/research/umls/rxnorm"
PERSON = {"resourceType": "Patient", "id": "p1", "birthDate": "1980-01-01", "gender": "female"}
SUBJECT = {"reference": "Patient/p1"}
BROKEN = {"resourceType": "Bundle", "entry": 3}


def order(name, words="", code=""):
    coded = [{"system": RXNORM, "code": code}] if code else []
    made = {"resourceType": "MedicationRequest", "status": "draft", "intent": "order", "subject": SUBJECT}
    made["medicationCodeableConcept"] = {"text": name, "coding": coded}
    return made | ({"dosageInstruction": [{"text": words}]} if words else {})


def bundle(*resources):
    return {"resourceType": "Bundle", "type": "searchset", "entry": [{"resource": r} for r in resources]}


def weight(kg):
    code = {"coding": [{"system": "http://loinc.org", "code": "29463-7"}]}
    return {
        "resourceType": "Observation", "id": "w", "status": "final", "subject": SUBJECT, "code": code,
        "effectiveDateTime": "2026-03-01", "valueQuantity": {"value": kg, "unit": "kg"},
    }  # fmt: skip


def ask(hook, drafts=(), **prefetch):
    context = {"patientId": "p1"}
    body = {"hook": hook, "hookInstance": "x", "context": context, "prefetch": {"patient": PERSON, **prefetch}}
    if drafts:
        body["context"]["draftOrders"] = bundle(*[{"id": f"d{n}", **d} for n, d in enumerate(drafts)])
    return body


def answered(*words, **parts):
    return answer(ask(*words, **parts), now=NOW, knowledge=load())["cards"]


def details(found):
    return " ".join(card.get("detail", card["summary"]) for card in found)


def test_discovery():
    listed = {s["id"]: s["hook"] for s in services()["services"]}
    assert listed == {"ketamine-eligibility": "patient-view", "ketamine-order": "order-sign"}


def test_a_view_says_what_speaks_against_ketamine_and_nothing_unknown():
    assert answered("patient-view") == []
    aneurysm = {
        "resourceType": "Condition", "id": "c", "subject": SUBJECT,
        "code": {"coding": [{"system": "http://hl7.org/fhir/sid/icd-10-cm", "code": "I714"}]},
    }  # fmt: skip
    found = answered("patient-view", conditions=bundle(aneurysm), medications=None)
    assert found[0]["indicator"] == "critical"
    assert "CIN-CV3" in details(found)


def test_an_opioid_meeting_a_benzodiazepine():
    taken = order("lorazepam 1 mg") | {"status": "active", "id": "m"}
    found = answered("order-sign", [order("oxycodone 5 mg")], medications=bundle(taken))
    assert "DDI-01" in details(found)
    assert all(len(card["summary"]) <= 140 for card in found)


def test_a_ketamine_order_is_checked_for_its_dose():
    low = answered("order-sign", [order("ketamine injection", "0.5 mg/kg over 40 min iv")], vitals=bundle(weight(70)))
    high = answered("order-sign", [order("ketamine injection", "5 mg/kg over 40 min iv")], vitals=bundle(weight(70)))
    assert "SET-04b" not in details(low)
    assert "SET-04b" in details(high)  # 7.5 mg/kg/h, above the highest rate the guideline names
    assert high[0]["indicator"] == "critical"


@pytest.mark.parametrize(
    ("drafts", "vitals", "says"),
    [
        ([order("ketamine")], (70,), "no dose in words"),
        ([order("ketamine", "0.5 mg/kg over 40 min iv")], (), "No weight was sent"),
        ([order("ketamine", "as directed")], (70,), "was not checked"),
    ],
)
def test_what_could_not_be_checked_is_a_card(drafts, vitals, says):
    found = answered("order-sign", drafts, vitals=bundle(*map(weight, vitals)))
    assert any(says in card["summary"] for card in found)


@pytest.mark.parametrize(
    ("body", "says"),
    [
        ([], "no hook of ours"),
        ({"hook": "order-select"}, "no hook of ours"),
        ({"hook": "patient-view", "context": {}}, "names no patient"),
        ({"hook": "patient-view", "context": []}, "not the shape"),
        ({"hook": "patient-view", "context": {"patientId": 3}}, "not the shape"),
        (
            {
                "hook": "order-sign",
                "context": {"patientId": "p", "draftOrders": {"resourceType": "Bundle", "entry": 3}},
            },
            "not the shape",
        ),
    ],
)
def test_requests_that_are_not_ours(body, says):
    with pytest.raises(FhirError, match=says):
        read_request(body)


def test_another_persons_data_is_left_out():
    other = weight(200) | {"subject": {"reference": "Patient/p2"}}
    assert not read_request(ask("patient-view", vitals=bundle(other))).record.measurements


def test_many_findings_are_counted():
    source = Source("x", "A source")
    many = [Finding(f"R{n}", "1", "plan", Outcome.CAUTION, True, f"Say {n}", "Do", source, "–") for n in range(20)]
    found = cards(many)
    assert len(found) == 13
    assert found[-1]["summary"].startswith("8 more findings")


needs_data = pytest.mark.skipif(not DATA.is_dir(), reason="the public CDS Hooks requests are not beside the checkout")


@needs_data
def test_the_published_requests_are_almost_all_broken_json_and_refused_with_a_sentence():
    expected = {e["request"]: e["valid_json"] for e in json.loads((DATA / "expected.json").read_text())}
    for path in sorted(DATA.glob("requests/*/*.json")):
        if expected[path.name]:
            parse(path.read_text(encoding="utf-8-sig"), path.name)
            continue
        with pytest.raises(FhirError, match="not valid JSON"):
            parse(path.read_text(encoding="utf-8-sig"), path.name)


@needs_data
def test_the_repaired_requests_are_answered():
    for path in sorted(DATA.glob("requests-repaired/*/*.json")):
        body = parse(path.read_text(encoding="utf-8-sig"), path.name)
        if not body.get("context", {}).get("patientId"):
            continue
        for card in answer(body, now=NOW, knowledge=load())["cards"]:
            assert card["indicator"] in ("info", "warning", "critical")
            assert card["source"]["label"]
