"""The import in the browser: choose, see, decide; what is broken is said at the field and nothing of it is kept."""

import gzip
import json
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from surcease.fhir import read_sources
from surcease.fhir.strict import source_of
from surcease.web.audit.models import AuditRow
from surcease.web.interop.models import ImportBatch
from surcease.web.papers.models import Document
from surcease.web.patients.models import Patient
from surcease.web.patients.record import make_record

PEOPLE = Path(__file__).parents[2] / "examples" / "people"
pytestmark = pytest.mark.django_db
UPLOAD = "interop:upload"


@pytest.fixture
def nurse(world, client_as):
    return client_as("nurse")


def upload(client, *names, site=None, token="a" * 24, pack=False):
    files = []
    for name in names:
        content = (PEOPLE / name).read_bytes()
        content, name = (gzip.compress(content), f"{name}.gz") if pack else (content, name)
        files.append(SimpleUploadedFile(name, content))
    return client.post(reverse(UPLOAD), {"chosen": files, "site": site.pk if site else "", "form_token": token})


def test_choose_see_accept(nurse, world):
    response = upload(nurse, "crps_referral.json", "opioid_without_dose.json", site=world.site, pack=True)
    assert response.status_code == 302
    batch = ImportBatch.objects.get()
    assert Patient.objects.count() == 1  # the world's own: nothing has entered a record
    page = nurse.get(response["Location"]).content.decode()
    for said in ("Nora Whitfield", "CRPS type I, right hand", "A new person", "Irene M. Castell", "dose unknown",
                 "weight came without a unit", "none in the files"):  # fmt: skip
        assert said in page
    done = nurse.post(response["Location"], {"person": ["0", "1"]}, follow=True).content.decode()
    assert "The import was accepted" in done
    assert "Nora Whitfield" in done
    batch.refresh_from_db()
    assert (batch.state, batch.decided_by) == ("accepted", world.users.nurse)
    patient = Patient.objects.get(family="Whitfield")
    assert [m.text for m in make_record(patient).medications if m.status == "active"] == ["oxycodone 10 mg tablet"]


def test_the_second_time_says_that_the_person_is_here_and_adds_nothing(nurse, world):
    for token in ("a" * 24, "b" * 24):
        response = upload(nurse, "crps_referral.json", site=world.site, token=token)
        page = nurse.get(response["Location"]).content.decode()
        done = nurse.post(response["Location"], {"person": "0"}, follow=True).content.decode()
    assert "here already" in page
    assert "0 entries added, 0 replaced, 23 unchanged" in done
    assert Patient.objects.filter(family="Whitfield").count() == 1


def test_only_the_chosen_people_enter(nurse, world):
    response = upload(nurse, "crps_referral.json", "spinal_cord_injury.json", site=world.site)
    nothing = nurse.post(response["Location"], {}, follow=True).content.decode()
    assert "Nobody is chosen" in nothing
    nurse.post(response["Location"], {"person": "1"})
    assert not Patient.objects.filter(family="Whitfield").exists()
    assert Patient.objects.filter(family="Berger").exists()


def test_a_broken_file_is_said_at_the_field_and_nothing_is_kept(nurse, world):
    response = upload(nurse, "broken.json", "crps_referral.json", site=world.site)
    assert response.status_code == 200
    assert "broken.json is not valid JSON (line 63" in response.content.decode()
    assert not ImportBatch.objects.exists()
    assert not Document.objects.exists()


def test_no_file_is_said_at_the_field(nurse, world):
    response = nurse.post(reverse(UPLOAD), {"site": world.site.pk, "form_token": "a" * 24})
    assert "This field is required" in response.content.decode()


def test_sending_the_form_twice_makes_one_import(nurse, world):
    first = upload(nurse, "crps_referral.json", site=world.site)
    assert upload(nurse, "crps_referral.json", site=world.site)["Location"] == first["Location"]
    assert ImportBatch.objects.count() == 1


def test_discard_leaves_nothing_and_a_decision_is_made_once(nurse, world):
    response = upload(nurse, "crps_referral.json", site=world.site)
    assert "discarded" in nurse.post(response["Location"], {"discard": "1"}, follow=True).content.decode()
    again = nurse.post(response["Location"], {"person": "0"}, follow=True).content.decode()
    assert "decided before" in again
    assert not Patient.objects.filter(family="Whitfield").exists()


def test_somebody_elses_site_does_not_see_it(nurse, world, client_as):
    from surcease.web.clinic.models import Site

    response = upload(nurse, "crps_referral.json", site=world.site)
    world.users.physician.sites.set([Site.objects.create(name="South", zone="UTC")])
    assert client_as("physician").get(response["Location"]).status_code == 404


def test_a_person_of_another_site_is_not_taken_in(nurse, world):
    from surcease.web.clinic.models import Site
    from surcease.web.interop.command import import_files

    sources = [source_of((PEOPLE / "crps_referral.json").read_bytes(), "x.json")]
    Site.objects.create(name="South", zone="UTC")
    import_files(sources, read_sources(sources), site="South")
    response = upload(nurse, "crps_referral.json", site=world.site)
    assert "in the care of another site" in nurse.get(response["Location"]).content.decode()
    done = nurse.post(response["Location"], {"person": "0"}, follow=True).content.decode()
    assert "ask that site to import it" in done


def test_a_namesake_is_pointed_out(nurse, world):
    text = (PEOPLE / "crps_referral.json").read_text(encoding="utf-8")
    upload(nurse, "crps_referral.json", site=world.site)
    nurse.post(reverse("interop:batch", args=[ImportBatch.objects.get().pk]), {"person": "0"})
    other = text.replace("HR-20417", "HR-99999")
    data = {"chosen": [SimpleUploadedFile("x.json", other.encode())], "site": world.site.pk, "form_token": "c" * 24}
    page = nurse.get(nurse.post(reverse(UPLOAD), data)["Location"]).content.decode()
    assert "Somebody of the same name and birth date" in page


def test_an_export_is_a_file_that_reads_back_equal(nurse, world, client_as):
    response = nurse.get(reverse("interop:export", args=[world.patient.pk]))
    assert response["Content-Type"] == "application/fhir+json"
    assert "mara-lindqvist" in response["Content-Disposition"]
    (read,) = read_sources([source_of(response.content, "export.json")])
    assert read.record == make_record(world.patient)
    mine = client_as("patient").get(reverse("interop:own_export"))
    assert json.loads(mine.content)["entry"][0]["resource"]["id"] == str(world.patient.pk)


def test_a_repeated_order_is_one_line(nurse, world):
    whole = json.loads((PEOPLE / "opioid_without_dose.json").read_text(encoding="utf-8"))
    order = next(e for e in whole["entry"] if e["resource"]["resourceType"] == "MedicationRequest")["resource"]
    for n, day in enumerate(("2026-01-20", "2026-02-11")):
        whole["entry"].append({"resource": order | {"id": f"again-{n}", "authoredOn": day}})
    data = {"chosen": [SimpleUploadedFile("x.json", json.dumps(whole).encode())], "site": world.site.pk}
    response = nurse.post(reverse(UPLOAD), data | {"form_token": "d" * 24})
    page = nurse.get(response["Location"]).content.decode()
    assert "dose unknown; 3 orders, newest, 2026-02-11" in page


def test_the_ways_in_and_out_are_on_the_pages(nurse, world, client_as):
    assert reverse(UPLOAD) in nurse.get(reverse("patients:list")).content.decode()
    page = reverse("patients:page", args=[world.patient.pk])
    assert reverse("interop:export", args=[world.patient.pk]) in nurse.get(page).content.decode()
    assert "interop/export" not in client_as("front_desk").get(page).content.decode()


def test_every_step_leaves_a_trail(nurse, world):
    response = upload(nurse, "crps_referral.json", site=world.site)
    nurse.get(response["Location"])
    nurse.post(response["Location"], {"person": "0"})
    actions = set(AuditRow.objects.values_list("action", flat=True))
    assert {"receive import", "keep paper", "preview import", "import accepted", "register", "take in"} <= actions
