"""Observations and questionnaire answers: values, units, moments, sittings; a limit is not a measurement."""

import json
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from surcease.fhir import read_files

LOINC = "http://loinc.org"


def obs(code, value=None, unit="", *, at="2024-03-01T09:00:00Z", display="", **more):
    made = {"resourceType": "Observation", "status": "final", "subject": {"reference": "Patient/ann"}}
    made["code"] = {"coding": [{"system": LOINC, "code": code, "display": display}]}
    if at:
        made["effectiveDateTime"] = at
    if value is not None:
        made["valueQuantity"] = {"value": value, "unit": unit}
    return made | more


@pytest.fixture
def read(tmp_path):
    def _read(*resources):
        people = [{"resourceType": "Patient", "id": "ann"}, *resources]
        entries = [{"resource": {"id": f"r{n}", **r}} for n, r in enumerate(people)]
        path = tmp_path / "x.json"
        path.write_text(json.dumps({"resourceType": "Bundle", "type": "collection", "entry": entries}))
        return read_files([path])[0]

    return _read


def test_a_weight_keeps_the_unit_it_came_in(read):
    (found,) = read(obs("29463-7", 136.7, "[lb_av]")).record.measurements
    assert (found.name, found.value, found.unit) == ("weight", Decimal("136.7"), "[lb_av]")
    assert found.at == datetime(2024, 3, 1, 9, tzinfo=UTC)


def test_the_ucum_code_wins_over_the_printed_unit(read):
    quantity = {"value": 99, "unit": "%O2", "system": "http://unitsofmeasure.org", "code": "%"}
    assert read(obs("2708-6", valueQuantity=quantity)).record.measurements[0].unit == "%"


@pytest.mark.parametrize(("unit", "said"), [("stone", "in 'stone'"), ("", "without a unit")])
def test_a_unit_we_do_not_know_is_kept_and_said(read, unit, said):
    found = read(obs("29463-7", 10, unit))
    assert found.record.measurements[0].unit == unit
    assert any(said in note for note in found.report.notes)


def test_blood_pressure_comes_as_components_and_a_missing_part_says_why(read):
    absent = {"dataAbsentReason": {"text": "Unknown"}}
    parts = [
        {"code": {"coding": [{"system": LOINC, "code": "8480-6"}]}, "valueQuantity": {"value": 109, "unit": "mmHg"}},
        {"code": {"coding": [{"system": LOINC, "code": "8462-4"}]}, **absent},
    ]
    systolic, diastolic = read(obs("85354-9", component=parts)).record.measurements
    assert (systolic.name, systolic.value) == ("systolic", Decimal(109))
    assert (diastolic.name, diastolic.value, diastolic.absent) == ("diastolic", None, "Unknown")


def test_less_than_is_a_limit_and_not_a_number(read):
    (found,) = read(obs("1742-6", valueQuantity={"value": 5, "comparator": "<", "unit": "U/L"})).record.measurements
    assert (found.value, found.text) == (None, "< 5 U/L")


def test_the_moment_is_effective_else_the_end_of_the_period_else_issued(read):
    assert read(obs("8867-4", 70, "/min", at="", issued="2023-10-01T11:06:11Z")).record.measurements[0].at == datetime(
        2023, 10, 1, 11, 6, 11, tzinfo=UTC
    )
    period = obs("8867-4", 70, "/min", at="", effectivePeriod={"start": "2023-08-03", "end": "2023-08-06"})
    assert read(period).record.measurements[0].at == date(2023, 8, 6)
    assert str(read(obs("8867-4", 70, "/min", at="2023-08")).record.measurements[0].at) == "2023-08"
    assert read(obs("8867-4", 70, "/min", at="")).record.measurements[0].at is None


@pytest.mark.parametrize(
    ("status", "why"),
    [("entered-in-error", "entered in error"), ("cancelled", "cancelled"), ("registered", "no result")],
)
def test_statuses_that_do_not_count(read, status, why):
    found = read(obs("29463-7", 60, "kg", status=status))
    assert not found.record.measurements
    assert why in found.report.unmapped[0].why


def test_coded_results_keep_their_code_and_words(read):
    not_pregnant = {"coding": [{"system": "http://snomed.info/sct", "code": "60001007", "display": "Not pregnant"}]}
    (found,) = read(obs("82810-3", valueCodeableConcept=not_pregnant)).record.measurements
    assert (found.name, found.text, found.result[0].code) == ("pregnancy_status", "Not pregnant", "60001007")


def test_a_pregnancy_wish_is_not_a_pregnancy(read):
    # The text of the US Core example says "Pregnant" beside a code that says "not sure".
    wish = {"coding": [{"system": "http://snomed.info/sct", "code": "454381000124105"}], "text": "Pregnant"}
    found = read(obs("86645-9", valueCodeableConcept=wish))
    assert [m.name for m in found.record.measurements] == [""]


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ({"valueString": " Regular (R) "}, "Regular (R)"),
        ({"valueBoolean": True}, "yes"),
        ({"valueRange": {"low": {"value": 1}, "high": {"value": 2, "unit": "mg"}}}, "1–2 mg"),
        ({"valueRatio": {"numerator": {"value": 1}, "denominator": {"value": 8}}}, "1:8"),
        ({"valueDateTime": "2020"}, "2020"),
    ],
)
def test_other_values_are_kept_in_words(read, value, words):
    found = read(obs("8884-9", **value))
    assert found.record.measurements[0].text == words
    assert "without a name of ours" in found.report.unmapped[0].why


def test_the_upper_end_of_normal_comes_in_the_unit_of_the_value(read):
    misshapen = [{"high": {"value": "x"}}]
    found = read(obs("1742-6", 80, "U/L", referenceRange=misshapen))
    assert found.report.unmapped[0].why == "its value is not a number"
    ranges = [{"type": {"coding": [{"code": "treatment"}]}, "high": {"value": 200}}, {"high": {"value": 40}}]
    assert read(obs("1742-6", 80, "U/L", referenceRange=ranges)).record.measurements[0].upper_normal == 40
    grams = [{"high": {"value": 0.012, "unit": "g/L"}}]
    found = read(obs("1975-2", 0.8, "mg/dL", referenceRange=grams)).record.measurements[0]
    assert found.upper_normal == Decimal("1.2")
    alien = [{"high": {"value": 40, "unit": "kat/L"}}]
    assert read(obs("1742-6", 80, "U/L", referenceRange=alien)).record.measurements[0].upper_normal is None


def test_a_total_with_its_items_is_one_sitting(read):
    items = [
        {"code": {"coding": [{"system": LOINC, "code": code}]}, "valueQuantity": {"value": value}}
        for code, value in (("75893-8", 7), ("91145-3", 5), ("91146-1", 4))
    ]
    (found,) = read(obs("91147-9", 5, component=items, display="Mean score [PEG]")).record.answers
    assert (found.instrument, found.score, list(found.items.values())) == ("peg", Decimal(5), [7, 5, 4])


def test_single_answers_of_one_moment_are_one_sitting_and_two_belong_to_the_short_form(read):
    phq9 = ("44250-9", "44255-8", "44259-0", "44254-1", "44251-7", "44258-2", "44252-5", "44253-3", "44260-8")
    (whole,) = read(*[obs(code, 1) for code in phq9]).record.answers
    assert (whole.instrument, len(whole.items)) == ("phq-9", 9)
    (short,) = read(*[obs(code, 1) for code in phq9[:2]]).record.answers
    assert (short.instrument, len(short.items)) == ("phq-2", 2)
    (named,) = read(obs("44261-6", 2, display="PHQ-9"), *[obs(code, 1) for code in phq9[:2]]).record.answers
    assert (named.instrument, named.score, len(named.items)) == ("phq-9", Decimal(2), 2)
    two = read(obs("44261-6", 2), obs("44261-6", 3, at="2024-04-01")).record.answers
    assert [a.score for a in two] == [2, 3]


def test_a_total_whose_words_name_another_instrument_is_not_read(read):
    # A published test fixture codes a GAD-7 total as PHQ-9.
    found = read(obs("44261-6", 6, display="GAD-7 total score"))
    assert not found.record.answers
    assert found.report.unmapped[0].why == "its code says PHQ-9 and its words say GAD-7"


def test_totals_without_a_number_are_left_out(read):
    absent = {"dataAbsentReason": {"text": "Unknown"}}
    assert read(obs("75626-2", **absent)).report.unmapped[0].why == "it has no value"
    assert read(obs("75626-2", valueString="low")).report.unmapped[0].why == "its total is not a number"
    assert read(obs("75626-2", valueInteger=3)).record.answers[0].score == 3


def test_a_heading_carries_no_value(read):
    members = {"hasMember": [{"reference": "Observation/x"}]}
    assert "heading" in read(obs("44249-1", **members)).report.unmapped[0].why
    assert read(obs("1742-6")).report.unmapped[0].why == "it has no value"


def _response(*items, status="completed", questionnaire="http://x.example/Questionnaire/phq", **more):
    return {
        "resourceType": "QuestionnaireResponse", "status": status, "questionnaire": questionnaire,
        "subject": {"reference": "Patient/ann"}, "authored": "2022-11-29T20:50:32Z", "item": list(items), **more,
    }  # fmt: skip


def _item(link, **value):
    return {"linkId": link, "answer": [value]}


def test_answers_are_counted_by_code_by_ordinal_or_as_they_are(read):
    ordinal = [{"url": "http://hl7.org/fhir/StructureDefinition/ordinalValue", "valueDecimal": 3}]
    group = {"linkId": "g", "item": [_item("/44259-0", valueInteger=1)]}
    answers = read(
        _response(
            _item("/44250-9", valueCoding={"system": LOINC, "code": "LA6570-1"}),
            _item("/44255-8", valueCoding={"code": "mine", "extension": ordinal}),
            group,
            _item("/44254-1", valueCoding={"code": "who knows"}),
            _item("/44261-6", valueDecimal=6),
            {"linkId": "/44251-7"},
        )
    ).record.answers[0]
    assert (answers.instrument, answers.score) == ("phq-9", Decimal(6))
    assert list(answers.items.values()) == [2, 3, 1, None]


@pytest.mark.parametrize(
    ("response", "why"),
    [
        (_response(_item("/44250-9", valueInteger=1), status="in-progress"), "not finished"),
        (_response(_item("/44250-9", valueInteger=1), status="entered-in-error"), "entered in error"),
        (_response(_item("/89555-7", valueDecimal=3)), "not one we can score"),
        (_response(), "not one we can score"),
    ],
)
def test_responses_that_do_not_count(read, response, why):
    found = read(response)
    assert not found.record.answers
    assert why in found.report.unmapped[0].why


def test_the_same_answers_as_observations_do_not_count_twice(read):
    link = {"derivedFrom": [{"reference": "QuestionnaireResponse/q1"}]}
    response = _response(_item("/44250-9", valueInteger=1), _item("/44255-8", valueInteger=2), id="q1")
    found = read(response, obs("44250-9", 1, **link), obs("44255-8", 2, **link))
    assert len(found.record.answers) == 1
    assert found.report.unmapped[0].why == "the same answers stand in a QuestionnaireResponse"
