"""From files to people: Bundles, references, single resources, and what is refused."""

import json

import pytest

from surcease.fhir import FhirError, read_bundle, read_files

ANN = {"resourceType": "Patient", "id": "ann", "name": [{"family": "Lee", "given": ["Ann"]}], "birthDate": "1988-02-03"}
PAIN = {"coding": [{"system": "http://snomed.info/sct", "code": "82423001", "display": "Chronic pain"}]}


def bundle(*resources, kind="collection", **entry):
    return {"resourceType": "Bundle", "type": kind, "entry": [{"resource": r, **entry} for r in resources]}


def condition(subject="Patient/ann", **more):
    return {"resourceType": "Condition", "id": "c1", "subject": {"reference": subject}, "code": PAIN, **more}


@pytest.fixture
def read(tmp_path):
    def _read(*values, name="x.json"):
        paths = []
        for n, value in enumerate(values):
            path = tmp_path / f"{n}-{name}"
            path.write_text(value if isinstance(value, str) else json.dumps(value), encoding="utf-8")
            paths.append(path)
        return read_files(paths)

    return _read


@pytest.mark.parametrize("kind", ["collection", "transaction", "document", "searchset", "batch"])
def test_the_kinds_of_bundle_that_carry_one_state_are_read(read, kind):
    (found,) = read(bundle(ANN, condition(), kind=kind))
    assert (found.record.person.name, len(found.record.conditions), found.named) == ("Ann Lee", 1, True)


@pytest.mark.parametrize("kind", ["history", "message", "batch-response", None, 3])
def test_other_kinds_are_refused(read, kind):
    with pytest.raises(FhirError, match="Bundle of type"):
        read(bundle(ANN, kind=kind))


def test_references_by_urn_by_absolute_address_and_by_version_find_the_person(read):
    urn = "urn:uuid:0d8c1c7e-3d9c-4e6e-9a55-0b0e0c1a2b3c"
    whole = bundle(condition(urn), condition("https://ehr.example/fhir/Patient/ann", id="c2"))
    whole["entry"].append({"fullUrl": urn, "resource": ANN})
    whole["entry"].append({"resource": condition("Patient/ann/_history/3", id="c3")})
    (found,) = read(whole)
    assert len(found.record.conditions) == 3


def test_the_same_id_on_another_server_is_another_person(read):
    whole = bundle(condition("https://other.example/fhir/Patient/ann"))
    whole["entry"].append({"fullUrl": "https://ehr.example/fhir/Patient/ann", "resource": ANN})
    found = {r.named: len(r.record.conditions) for r in read(whole)}
    assert found == {True: 0, False: 1}


def test_two_people_stay_apart_and_supporting_resources_are_nobodys(read):
    ben = {**ANN, "id": "ben", "name": [{"family": "Moss"}]}
    found = read(bundle(ANN, ben, condition(), condition("Patient/ben", id="c2"), {"resourceType": "Organization"}))
    assert [(r.record.person.id, len(r.record.conditions), r.report.read) for r in found] == [
        ("ann", 1, {"Condition": 1, "Patient": 1}),
        ("ben", 1, {"Condition": 1, "Patient": 1}),
    ]


def test_two_bundles_with_the_same_patient_id_are_two_people(read):
    other = {**ANN, "name": [{"family": "Other"}]}
    assert [r.record.person.family for r in read(bundle(ANN), bundle(other))] == ["Lee", "Other"]


def test_single_resources_and_ndjson_of_one_command_belong_together(read):
    lines = "\n".join(json.dumps(c) for c in (condition(), condition(id="c2")))
    (found,) = read(ANN, lines, name="x.ndjson")
    assert len(found.record.conditions) == 2
    assert found.report.source == "0-x.ndjson and 1 more"


def test_the_same_resource_twice_counts_once_and_a_different_one_is_refused(read):
    (found,) = read(bundle(ANN, condition(), condition()))
    assert len(found.record.conditions) == 1
    with pytest.raises(FhirError, match="Condition/c1 twice with different content"):
        read(bundle(ANN, condition(), condition(note=[{"text": "changed"}])))


def test_a_person_who_is_only_referred_to_stays_unknown(read):
    (found,) = read(condition("Patient/example"))
    assert (found.named, found.record.person.id, found.record.person.born) == (False, "example", None)
    assert "holds no Patient" in found.report.notes[0]


def test_a_deletion_is_refused(read):
    with pytest.raises(FhirError, match="asks to delete"):
        read({"resourceType": "Bundle", "type": "transaction", "entry": [{"request": {"method": "DELETE"}}]})


@pytest.mark.parametrize(
    "broken",
    [
        {"resourceType": "Bundle", "type": "collection"},
        {"resourceType": "Bundle", "type": "collection", "entry": {}},
        {"resourceType": "Bundle", "type": "collection", "entry": [3]},
        {"resourceType": "Bundle", "type": "collection", "entry": [{}]},
        {"resourceType": "Bundle", "type": "collection", "entry": [{"resource": {"id": "x"}}]},
        {"resourceType": "Bundle", "type": "collection", "entry": [{"resource": {"resourceType": 7}}]},
        {"resourceType": ""},
        {"hello": "world"},
    ],
)
def test_a_broken_file_is_refused_with_one_sentence(read, broken):
    with pytest.raises(FhirError) as caught:
        read(broken)
    assert str(caught.value).count(".json") == 1


def test_one_misshapen_resource_is_kept_unmapped_and_says_why(read):
    (found,) = read(bundle(ANN, condition(), condition(id="c2", code="pain"), condition(id="c3", code={"coding": "x"})))
    assert len(found.record.conditions) == 1
    assert [u.why for u in found.report.unmapped] == [
        "its code is not an object, as R4 has it",
        "its coding is not a list of objects, as R4 has it",
    ]


def test_every_resource_is_accounted_for(read):
    extra = [{"resourceType": k, "id": k, "subject": {"reference": "Patient/ann"}} for k in ("Encounter", "Basic")]
    (found,) = read(bundle(ANN, condition(), *extra))
    unmapped = sum(u.count for u in found.report.unmapped)
    assert sum(found.report.read.values()) == sum(found.report.mapped.values()) + unmapped == 4


def test_a_page_of_a_search_says_that_it_is_one(read):
    page = bundle(ANN, kind="searchset") | {"link": [{"relation": "next", "url": "https://ehr.example/?page=2"}]}
    assert "one page" in read(page)[0].report.notes[0]


def test_a_merged_record_names_the_one_that_replaced_it(read):
    merged = {**ANN, "link": [{"type": "replaced-by", "other": {"reference": "Patient/new"}}]}
    (found,) = read(bundle(merged))
    assert found.report.replaced_by == "Patient/new"
    assert "use that record" in found.report.notes[0]


def test_a_patient_of_the_wrong_shape_is_no_person(read):
    (found,) = read(bundle({**ANN, "name": "Ann"}))
    assert (found.record.person.name, found.report.unmapped[0].resource) == ("", "Patient")


def test_read_bundle_reads_one_file(tmp_path):
    path = tmp_path / "a.json"
    path.write_text(json.dumps(bundle(ANN)))
    assert [r.record.person.name for r in read_bundle(path)] == ["Ann Lee"]
