"""A record as R4: what other systems find in it, and the standard's own invariants."""

import json
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal

import pytest
from fhirpathpy import compile as fhirpath

from surcease.care.partial import PartialDate
from surcease.care.record import (
    Allergy,
    Answers,
    Code,
    Condition,
    DiaryEntry,
    Dose,
    Given,
    Measurement,
    Medication,
    Origin,
    Person,
    Record,
    Sex,
)
from surcease.fhir.write import dumps, write_bundle
from surcease.knowledge.fact import Fact

EVENING = datetime(2026, 3, 1, 20, 5, tzinfo=timezone(timedelta(hours=1)))
ENTRY = DiaryEntry("e1", "now", EVENING, date(2026, 3, 1), 60, EVENING, Decimal(6), "hand", {"sleep": None}, True)
RECORD = Record(
    Person(
        "p1", "Lee", "Ann Marie", PartialDate.of("1988"), Sex.FEMALE, identifiers=(("http://h.example/mrn", "12"),),
        language="es", zone="Europe/London", phone="020 7946 0000", email="ann@example.org",
    ),
    (
        Condition((Code("http://hl7.org/fhir/sid/icd-10-cm", "G90.511", "CRPS"),), "CRPS", "active", date(2025, 1, 2)),
        Condition((), "old pain", "unknown", ended=date(2020, 1, 1), verified=False, note="told so"),
    ),
    (
        Medication((), "oxycodone", "active", Dose(Decimal("5.0"), "mg", Decimal(4), True, "po", "5 mg qid"), EVENING),
        Medication((), "patch", "unknown", Dose(Decimal(25), "ug/h"), changed=date(2026, 1, 1)),
        Medication((), "naproxen", "stopped", stopped=date(2026, 1, 1), directions="as needed"),
    ),
    (Allergy((), "latex", reaction="rash"), Allergy((), "dust", "refuted"), Allergy((), "none", none_known=True)),
    (
        Measurement("weight", Decimal("62.50"), "kg", EVENING, origin=Origin("staff", "row", "nurse", EVENING)),
        Measurement("alt", Decimal(80), "U/L", date(2026, 1, 1), upper_normal=Decimal(40)),
        Measurement("smoking", None, "", None, text="Never", result=(Code("http://snomed.info/sct", "266919005"),)),
        Measurement("qtc", None, "", EVENING, absent="not done"),
    ),
    (
        Answers("phq-9", "1", {"1": "LA6570-1", "2": Decimal(1), "3": None}, EVENING, Decimal(3)),
        Answers("c-ssrs", "1", {"1": False, "6": ("a", "b")}, None),
    ),
    (ENTRY,),
    (Given("racemic", "iv", Decimal("86.8"), EVENING, EVENING + timedelta(hours=4), "s1"),
     Given("s_ketamine", "po", None, EVENING, completed=False)),
    {"smoker": Fact(False, at=EVENING, source="intake"), "failed_classes": Fact(("opioid",)),
     "nrs_average": Fact(Decimal(7), "{score}")},
)  # fmt: skip
BUNDLE = write_bundle(RECORD, now=datetime(2026, 3, 2, tzinfo=UTC))
PLAIN = json.loads(dumps(BUNDLE))
RESOURCES = [e["resource"] for e in PLAIN["entry"]]


def of(kind):
    return [r for r in RESOURCES if r["resourceType"] == kind]


# Invariants of HL7 FHIR R4 (4.0.1), by their keys.
INVARIANTS = {
    "Patient": ["contact.all(name.exists() or telecom.exists())"],
    "Condition": [
        "abatement.empty() or clinicalStatus.coding.where(code = 'resolved' or code = 'inactive').exists()",
        "verificationStatus.coding.where(code='entered-in-error').empty() or clinicalStatus.empty()",
    ],
    "AllergyIntolerance": [
        "verificationStatus.coding.where(code='entered-in-error').exists() or clinicalStatus.exists()",
        "verificationStatus.coding.where(code='entered-in-error').empty() or clinicalStatus.empty()",
    ],
    "Observation": ["dataAbsentReason.empty() or value.empty()", "code.exists() and status.exists()"],
    "MedicationAdministration": ["dosage.empty() or dosage.dose.exists()", "effective.exists()"],
    "MedicationStatement": ["medication.exists() and subject.exists() and status.exists()"],
    "QuestionnaireResponse": ["item.all((answer.exists() and item.exists()).not())", "status.exists()"],
}  # fmt: skip


@pytest.mark.parametrize(("kind", "rule"), [(k, rule) for k, rules in INVARIANTS.items() for rule in rules])
def test_invariants(kind, rule):
    from fhirpathpy.models import models

    holds = fhirpath(rule, models["r4"])
    assert of(kind)
    for resource in of(kind):
        assert holds(resource) == [True], resource


def _empties(value, path=""):
    if value in ({}, [], "", None):
        yield path
    for key, part in value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ():
        yield from _empties(part, f"{path}.{key}")


def test_nothing_is_empty():
    assert not list(_empties(PLAIN))


def test_ids_and_addresses_are_unique_and_valid():
    ids = [r["id"] for r in RESOURCES]
    assert len(set(ids)) == len(ids)
    assert all(len(i) <= 64 and i.replace("-", "").isalnum() for i in ids)
    assert len({e["fullUrl"] for e in PLAIN["entry"]}) == len(PLAIN["entry"])


def test_every_extension_has_one_value_or_parts():
    def extensions(value):
        if isinstance(value, dict):
            yield from value.get("extension", [])
            for part in value.values():
                yield from extensions(part)
        elif isinstance(value, list):
            for part in value:
                yield from extensions(part)

    for extension in extensions(PLAIN):
        assert len([k for k in extension if k.startswith("value")]) + ("extension" in extension) == 1


def test_the_person():
    (patient,) = of("Patient")
    assert patient["name"] == [{"use": "official", "family": "Lee", "given": ["Ann", "Marie"]}]
    assert (patient["birthDate"], patient["gender"]) == ("1988", "female")
    assert patient["identifier"] == [{"system": "http://h.example/mrn", "value": "12"}]


def test_digits_and_units_are_kept():
    assert '"value":62.50' in dumps(BUNDLE)
    weight = of("Observation")[0]
    assert {c.get("code") for c in weight["code"]["coding"]} == {"weight", "29463-7"}
    assert weight["valueQuantity"]["code"] == "kg"
    assert weight["effectiveDateTime"] == "2026-03-01T20:05:00+01:00"


def test_a_dose_says_its_frequency_and_an_unknown_dose_says_nothing():
    oxycodone, patch, naproxen = of("MedicationStatement")
    assert oxycodone["dosage"][0]["timing"]["repeat"] == {"frequency": 4, "period": 1, "periodUnit": "d"}
    assert oxycodone["dosage"][0]["asNeededBoolean"] is True
    assert "timing" not in patch["dosage"][0]
    assert naproxen["dosage"] == [{"text": "as needed"}]


def test_answers_carry_their_words_and_a_blank_stays_a_blank():
    phq9 = of("QuestionnaireResponse")[0]
    first, second, third, score = phq9["item"]
    assert first["answer"][0]["valueCoding"]["display"] == "More than half the days"
    assert first["text"].startswith("Little interest")
    assert second["answer"] == [{"valueDecimal": 1}]
    assert "answer" not in third
    assert score == {"linkId": "/score", "text": "Score", "answer": [{"valueDecimal": 3}]}


def test_an_unknown_total_is_left_out():
    known, unknown = of("MedicationAdministration")
    assert known["dosage"]["dose"] == {"value": 86.8, "unit": "mg", "system": "http://unitsofmeasure.org", "code": "mg"}
    assert "dosage" not in unknown
    assert unknown["status"] == "stopped"


def test_the_questionnaires_come_along_where_their_words_may():
    titles = {q["title"] for q in of("Questionnaire")}
    assert any("Patient Health Questionnaire" in t for t in titles)
    assert not any("Columbia" in t for t in titles)  # its words are under a licence
    (asked,) = [r for r in of("QuestionnaireResponse") if "phq-9" in r["questionnaire"]]
    assert asked["questionnaire"] == "https://surcease.org/fhir/Questionnaire/phq-9|1"
    assert asked["questionnaire"].partition("|")[0] in {q["url"] for q in of("Questionnaire")}
