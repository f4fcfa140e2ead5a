"""No foreign file makes the reader crash: it is refused with one sentence, or every resource is accounted for; and
whatever was read gives facts."""

import json
from datetime import UTC, date, datetime
from decimal import Decimal

from hypothesis import given, settings
from hypothesis import strategies as st

from surcease.care.facts import derive
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
    Person,
    Record,
)
from surcease.fhir import FhirError, read_sources
from surcease.fhir.strict import source_of
from surcease.fhir.write import dumps, write_bundle
from surcease.knowledge.fact import Fact

NEW_YEAR = datetime(2026, 1, 1, tzinfo=UTC)
RECORD = Record(
    Person("p1", "Lee", "Ann", date(1988, 2, 3)),
    (Condition((Code("http://snomed.info/sct", "82423001"),), "pain", "active", date(2020, 1, 1)),),
    (Medication((), "oxycodone", "active", Dose(Decimal(5), "mg", Decimal(2), True, "po", "x"), date(2020, 1, 1)),),
    (Allergy((), "latex"),),
    (Measurement("weight", Decimal(62), "kg", date(2026, 1, 1), upper_normal=Decimal(9)),),
    (Answers("peg", "1", {"pain": Decimal(3)}, date(2026, 1, 1), Decimal(3)),),
    (DiaryEntry("e", "now", NEW_YEAR, NEW_YEAR.date(), 0, NEW_YEAR, Decimal(3), values={"sleep": Decimal(2)}),),
    (Given("racemic", "iv", Decimal(20), NEW_YEAR),),
    {"smoker": Fact(True)},
)
SUBJECT = {"reference": "Patient/p1"}
PATIENT = {"resourceType": "Patient", "id": "p1", "name": [{"family": "Lee", "given": ["Ann"]}], "birthDate": "1988"}
PRESSURE = {
    "resourceType": "Observation",
    "status": "final",
    "subject": SUBJECT,
    "code": {"coding": [{"system": "http://loinc.org", "code": "85354-9"}]},
    "effectivePeriod": {"start": "2020", "end": "2021"},
    "referenceRange": [{"high": {"value": 3}}],
    "performer": [SUBJECT],
    "component": [
        {
            "code": {"coding": [{"system": "http://loinc.org", "code": "8480-6"}]},
            "valueQuantity": {"value": 120, "unit": "mmHg"},
        }
    ],
}
ORDER = {
    "resourceType": "MedicationRequest",
    "status": "active",
    "subject": SUBJECT,
    "contained": [{"resourceType": "Medication", "id": "a", "code": {"text": "x"}}],
    "medicationReference": {"reference": "#a"},
    "dosageInstruction": [
        {
            "timing": {"repeat": {"frequency": 1, "period": 8, "periodUnit": "h"}},
            "doseAndRate": [{"doseRange": {"high": {"value": 1, "unit": "mg"}}}],
            "maxDosePerPeriod": {
                "numerator": {"value": 4, "unit": "mg"},
                "denominator": {"value": 1, "unit": "d"},
            },
        }
    ],
}
RESPONSE = {
    "resourceType": "QuestionnaireResponse",
    "status": "completed",
    "subject": SUBJECT,
    "item": [
        {"linkId": "/44250-9", "answer": [{"valueCoding": {"system": "http://loinc.org", "code": "LA6570-1"}}]},
        {"linkId": "/44261-6", "answer": [{"valueDecimal": 3}]},
    ],
}
FOREIGN = {
    "resourceType": "Bundle",
    "type": "collection",
    "entry": [{"resource": {"id": f"r{n}", **r}} for n, r in enumerate((PATIENT, PRESSURE, ORDER, RESPONSE))],
}
LEAVES = [None, True, 0, -3, 2.5, 10**12, "", "x", "2020-13-99", "Patient/p1", {}, []]
KEYS = st.sampled_from(["value", "coding", "reference"])
JSON = st.recursive(
    st.sampled_from(LEAVES),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(KEYS, inner, max_size=2),
    max_leaves=4,
)


def _paths(value, path=()):
    yield path
    parts = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, part in parts:
        yield from _paths(part, (*path, key))


def _spoil(value, path, with_):
    if not path:
        return with_
    made = dict(value) if isinstance(value, dict) else list(value)
    made[path[0]] = _spoil(value[path[0]], path[1:], with_)
    return made


WHOLE = [FOREIGN, json.loads(dumps(write_bundle(RECORD)))]
PLACES = [sorted(_paths(whole), key=str) for whole in WHOLE]


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_no_foreign_file_crashes_the_reader(data):
    which = data.draw(st.sampled_from([0, 1]))
    path = data.draw(st.sampled_from(PLACES[which]))
    _never_crashes(_spoil(WHOLE[which], path, data.draw(JSON)))


def test_no_single_wrong_leaf_crashes_the_reader():
    for whole, places in zip(WHOLE, PLACES, strict=True):
        for path in places:
            for leaf in (None, 7, "x", [], {}, [3], {"x": 1}):
                _never_crashes(_spoil(whole, path, leaf))


def _never_crashes(whole):
    try:
        reads = read_sources([source_of(json.dumps(whole).encode(), "x.json")])
    except FhirError as refused:
        sentence = str(refused)
    else:
        sentence = "read"
        for read in reads:
            total = sum(read.report.mapped.values()) + sum(u.count for u in read.report.unmapped)
            assert sum(read.report.read.values()) == total
            derive(read.record, now=NEW_YEAR)
    assert "\n" not in sentence
