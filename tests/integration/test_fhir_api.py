"""The R4 read API and CDS Hooks over HTTP: who may, what is found, and what nobody learns."""

import json
from pathlib import Path

import pytest

from surcease.fhir import read_sources
from surcease.fhir.strict import source_of
from surcease.web.audit.models import AuditRow
from surcease.web.interop.command import import_files
from surcease.web.patients.models import Patient

PEOPLE = Path(__file__).parents[2] / "examples" / "people"
pytestmark = pytest.mark.django_db


@pytest.fixture
def nora(world):
    sources = [source_of((PEOPLE / "crps_referral.json").read_bytes(), "x.json")]
    import_files(sources, read_sources(sources))
    return Patient.objects.get(family="Whitfield")


@pytest.fixture
def get(client_as):
    def _get(address, role="nurse"):
        response = client_as(role).get(f"/fhir/{address}")
        body = json.loads(response.content) if response["Content-Type"] == "application/fhir+json" else None
        return response.status_code, body

    return _get


def found(body):
    return [entry["resource"] for entry in body["entry"]]


def test_metadata_is_open_to_everyone(get, world):
    status, body = get("metadata", "anonymous")
    assert (status, body["resourceType"]) == (200, "CapabilityStatement")


def test_a_person_is_found_by_identifier_and_read_by_id(get, nora):
    status, body = get("Patient?identifier=https://referrals.example/mrn|HR-20417")
    assert (status, [p["id"] for p in found(body)]) == (200, [str(nora.pk)])
    assert get("Patient?family=whit&birthdate=1988-01-19")[1]["total"] == 1
    assert get("Patient?family=whit&gender=male")[1]["total"] == 0
    status, body = get(f"Patient/{nora.pk}")
    assert body["name"][0]["family"] == "Whitfield"


def test_values_are_searched_paged_and_read_one_by_one(get, nora):
    status, body = get(f"Observation?patient={nora.pk}&code=http://loinc.org|8480-6")
    pressures = found(body)
    assert (status, body["total"]) == (200, 2)
    one = pressures[0]
    assert get(f"Observation/{one['id']}")[1] == one
    assert len(one["id"]) <= 64
    status, page = get(f"Observation?patient={nora.pk}&_count=5")
    assert len(found(page)) == 5
    following = next(link["url"] for link in page["link"] if link["relation"] == "next").partition("/fhir/")[2]
    assert not {r["id"] for r in found(page)} & {r["id"] for r in found(get(following)[1])}
    assert get(f"Condition?patient=Patient/{nora.pk}&clinical-status=active")[1]["total"] == 1


def test_everything_reads_back_as_the_record(get, nora):
    status, body = get(f"Patient/{nora.pk}/$everything")
    body["type"] = "collection"
    (read,) = read_sources([source_of(json.dumps(body).encode(), "x.json")])
    assert (status, read.record.person.name, len(read.record.answers)) == (200, "Nora Whitfield", 5)


@pytest.mark.parametrize(
    ("address", "says"),
    [
        ("Observation", "Name the person"),
        ("Observation?patient=me", "id of a Patient"),
        ("Patient", "Name the person by"),
        ("Encounter?patient=x", "is not served"),
        ("Condition?patient={pk}&evidence=x", "no search parameter"),
        ("Observation?patient={pk}&date=soon", "not a date"),
        ("Observation?patient={pk}&_count=many", "whole numbers"),
    ],
)
def test_a_search_that_cannot_be_answered_says_so(get, nora, address, says):
    status, body = get(address.format(pk=nora.pk))
    assert (status, body["resourceType"]) == (400, "OperationOutcome")
    assert says in body["issue"][0]["details"]["text"]


def test_who_is_not_in_care_is_not_there(get, nora, world):
    from surcease.web.clinic.models import Site

    reached = get(f"Observation?patient={nora.pk}")[1]["entry"][0]["resource"]["id"]
    world.users.nurse.sites.set([Site.objects.create(name="South", zone="UTC")])
    nobody = "00000000-0000-4000-8000-000000000000"
    for address in ("Patient/{}", "Patient/{}/$everything"):
        hidden, missing = get(address.format(nora.pk)), get(address.format(nobody))
        assert hidden == missing
        assert hidden[0] == 404
    assert get(f"Observation/{reached}")[0] == 404
    assert get(f"Observation?patient={nora.pk}&_count=many")[0] == 400
    assert get(f"Observation?patient={nora.pk}")[1]["total"] == 0
    assert get("Patient?identifier=HR-20417")[1]["total"] == 0


def test_a_patient_sees_their_own_and_nobody_elses(get, nora, world):
    assert get("Patient?_id=whatever", "patient")[1]["total"] == 0
    assert get(f"Patient/{world.patient.pk}", "patient")[0] == 200
    assert get("Observation", "patient")[0] == 200  # their own, unnamed
    assert get(f"Patient/{nora.pk}", "patient")[0] == 404
    assert get(f"Observation?patient={nora.pk}", "patient")[1]["total"] == 0


def test_front_desk_and_links_get_nothing(get, nora):
    for role in ("front_desk", "lead", "link", "anonymous"):
        assert get(f"Patient/{nora.pk}", role)[0] in (302, 403)


def test_questionnaires_are_served_where_their_words_may_be(get, world):
    assert get("Questionnaire/phq-9")[1]["title"].startswith("Patient Health")
    assert get("Questionnaire/c-ssrs")[0] == 404
    for nothing in ("Observation/x", "Observation/zz.1", "Patient/x", f"Encounter/{world.patient.pk}", "Observation/."):
        assert get(nothing)[0] == 404
    assert get("Questionnaire?code=44249-1")[1]["total"] == 1


def test_every_read_is_on_the_trail(get, nora):
    before = AuditRow.objects.filter(action="open", patient=nora.pk).count()
    get(f"Condition?patient={nora.pk}")
    row = AuditRow.objects.filter(action="open", patient=nora.pk).latest("pk")
    assert AuditRow.objects.filter(action="open", patient=nora.pk).count() == before + 1
    assert row.why == "FHIR Condition"


def post(client, service, body):
    text = body if isinstance(body, str | bytes) else json.dumps(body)
    return client.post(f"/cds-services/{service}", text, content_type="application/json")


def test_hooks(client_as, world):
    listed = json.loads(client_as("anonymous").get("/cds-services").content)["services"]
    assert [s["id"] for s in listed] == ["ketamine-eligibility", "ketamine-order"]
    nurse = client_as("nurse")
    body = {"hook": "patient-view", "hookInstance": "x", "context": {"patientId": "p"}, "prefetch": {}}
    answer = post(nurse, "ketamine-eligibility", body)
    assert (answer.status_code, json.loads(answer.content)) == (200, {"cards": []})
    assert AuditRow.objects.filter(action="CDS hook", why="ketamine-eligibility").exists()
    assert post(nurse, "ketamine-order", body).status_code == 400
    assert post(nurse, "ketamine-order", '{"hook": "order-sign"}}').status_code == 400
    assert post(nurse, "ketamine-order", b"\xff").status_code == 400
    assert post(nurse, "nothing", body).status_code == 404
    assert post(client_as("front_desk"), "ketamine-order", body).status_code == 403
