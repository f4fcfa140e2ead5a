"""Search over resource dicts, by the standard's own rules for tokens, dates and strings."""

from datetime import UTC, datetime

import pytest

from surcease.fhir.search import PARAMETERS, SearchError, search
from surcease.fhir.serve import capability, outcome, searchset

WEIGHT = {
    "resourceType": "Observation", "id": "a", "status": "final", "effectiveDateTime": "2026-03-01T20:05:00+01:00",
    "code": {"coding": [{"system": "http://loinc.org", "code": "29463-7"}, {"code": "weight"}]},
}  # fmt: skip
YEAR = {"resourceType": "Observation", "id": "b", "status": "final", "effectiveDateTime": "2025", "code": {}}
ANN = {
    "resourceType": "Patient", "id": "p", "birthDate": "1988-02", "gender": "female",
    "name": [{"family": "O'Brien", "given": ["Zoë", "Ann"]}], "identifier": [{"system": "urn:mrn", "value": "12"}],
}  # fmt: skip


def ids(kind, **asked):
    return [r["id"] for r in search([WEIGHT, YEAR, ANN], kind, {k.replace("_", "-"): [v] for k, v in asked.items()})]


@pytest.mark.parametrize(
    ("code", "found"),
    [
        ("29463-7", ["a"]),
        ("http://loinc.org|29463-7", ["a"]),
        ("http://loinc.org|", ["a"]),
        ("|weight", ["a"]),
        ("|29463-7", []),
        ("http://snomed.info/sct|29463-7", []),
        ("8302-2,29463-7", ["a"]),
        ("8302-2", []),
    ],
)
def test_tokens(code, found):
    assert ids("Observation", code=code) == found


@pytest.mark.parametrize(
    ("date", "found"),
    [
        ("2026-03-01", ["a"]),
        ("2026", ["a"]),
        ("2025", ["b"]),
        ("2025-06", []),
        ("gt2025", ["a"]),
        ("ge2025", ["a", "b"]),
        ("lt2026", ["b"]),
        ("le2026-03-01", ["a", "b"]),
        ("ne2026", ["b"]),
        ("2026-03-01T19:05:00Z", ["a"]),
    ],
)
def test_dates_as_precise_as_they_are(date, found):
    assert ids("Observation", date=date) == found


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ({"family": "o'b"}, ["p"]),
        ({"given": "ann"}, ["p"]),
        ({"given": "nn"}, []),
        ({"identifier": "urn:mrn|12"}, ["p"]),
        ({"identifier": "12"}, ["p"]),
        ({"birthdate": "1988"}, ["p"]),
        ({"birthdate": "1988-02-03"}, []),
        ({"gender": "male"}, []),
    ],
)
def test_people(asked, found):
    assert ids("Patient", **asked) == found


def test_several_parameters_must_all_fit():
    assert ids("Observation", code="29463-7", date="2025") == []
    assert ids("Observation", code="29463-7", status="final") == ["a"]
    assert [r["id"] for r in search([WEIGHT, YEAR], "Observation", {"_id": ["b,c"]})] == ["b"]


@pytest.mark.parametrize(
    ("kind", "asked", "says"),
    [
        ("Observation", {"value-quantity": ["5"]}, "no search parameter 'value-quantity'"),
        ("Observation", {"date": ["yesterday"]}, "not a date"),
        ("Observation", {"date": ["gt2026-13"]}, "not a date"),
        ("Encounter", {"status": ["x"]}, "no search parameter"),
    ],
)
def test_what_is_not_served_is_said(kind, asked, says):
    with pytest.raises(SearchError, match=says):
        search([WEIGHT], kind, asked)


def test_the_capability_statement_names_what_is_served():
    statement = capability("https://h.example/fhir", at=datetime(2026, 3, 2, tzinfo=UTC))
    listed = {r["type"]: {p["name"] for p in r["searchParam"]} for r in statement["rest"][0]["resource"]}
    assert set(listed) == set(PARAMETERS)
    assert {"patient", "code", "date", "_id"} <= listed["Observation"]
    assert statement["fhirVersion"] == "4.0.1"


def test_outcomes_and_pages():
    assert outcome("invalid", "No.")["issue"][0]["details"]["text"] == "No."
    page = searchset([ANN], "https://h.example/fhir", total=3, links=[("self", "x"), ("next", "y")])
    assert (page["total"], page["link"][1]["url"]) == (3, "y")
    assert page["entry"][0]["fullUrl"] == "https://h.example/fhir/Patient/p"
