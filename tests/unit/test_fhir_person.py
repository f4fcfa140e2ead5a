"""Patient → Person: the current name, what is known of birth and death, every identifier."""

from datetime import date

import pytest

from surcease.care.partial import PartialDate
from surcease.care.record import Sex
from surcease.fhir.elements import ShapeError
from surcease.fhir.person import person


def _person(**fields):
    return person({"resourceType": "Patient", **fields}, "p1")


def test_the_official_current_name_wins():
    names = [
        {"use": "nickname", "given": ["Annie"]},
        {"use": "old", "family": "Before", "given": ["Ann"]},
        {"family": "Past", "period": {"end": "2016-12-06"}},
        {"use": "official", "family": "Lee", "given": ["Ann", "M."]},
    ]
    assert _person(name=names).name == "Ann M. Lee"


def test_a_name_in_one_text_is_kept():
    assert _person(name=[{"text": "Ann Lee"}]).name == "Ann Lee"


@pytest.mark.parametrize(("given", "kept"), [("1988", "1988"), ("1988-05", "1988-05"), ("1988-05-17", "1988-05-17")])
def test_a_partial_birth_date_stays_partial(given, kept):
    born = _person(birthDate=given).born
    assert str(born) == kept
    assert isinstance(born, PartialDate) == (len(given) < 10)


@pytest.mark.parametrize("impossible", ["1988-13", "1988-02-30", "yesterday", "88", "1988-00"])
def test_a_birth_date_that_does_not_exist_is_not_guessed(impossible):
    with pytest.raises(ShapeError, match="birthDate is not a date that exists"):
        _person(birthDate=impossible)


@pytest.mark.parametrize(
    ("fields", "deceased", "died"),
    [
        ({}, None, None),
        ({"deceasedBoolean": False}, False, None),
        ({"deceasedBoolean": True}, True, None),
        ({"deceasedDateTime": "2023-10-15T04:11:10+00:00"}, True, date(2023, 10, 15)),
        ({"deceasedDateTime": "2023"}, True, PartialDate.of("2023")),
    ],
)
def test_death_is_read_as_far_as_it_is_said(fields, deceased, died):
    found = _person(**fields)
    assert (found.deceased, found.died) == (deceased, died)


def test_sex_unknown_to_the_standard_is_unknown():
    assert [_person(gender=g).sex for g in ("female", "other", "f", "")] == [
        Sex.FEMALE, Sex.OTHER, Sex.UNKNOWN, Sex.UNKNOWN,
    ]  # fmt: skip


def test_identifiers_language_zone_and_ways_to_reach():
    found = _person(
        identifier=[
            {"system": "http://h.example/mrn", "value": "12"},
            {"system": "http://h.example/mrn", "value": "12"},
            {"value": "loose"},
            {"system": "http://h.example/mrn", "use": "old", "value": "9"},
            {"system": "http://h.example/empty"},
        ],
        communication=[
            {"language": {"coding": [{"system": "urn:ietf:bcp:47", "code": "en"}]}},
            {"language": {"coding": [{"system": "urn:ietf:bcp:47", "code": "es"}]}, "preferred": True},
        ],
        telecom=[
            {"system": "phone", "value": "1", "use": "work"},
            {"system": "phone", "value": "2", "use": "mobile"},
            {"system": "email", "value": "a@b.example"},
        ],
        extension=[{"url": "http://hl7.org/fhir/StructureDefinition/timezone", "valueCode": "Europe/London"}],
    )
    assert found.identifiers == (("http://h.example/mrn", "12"), ("", "loose"))
    assert (found.language, found.phone, found.email, found.zone) == ("es", "2", "a@b.example", "Europe/London")
