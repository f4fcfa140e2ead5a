"""`surcease import` into a home folder: an empty one becomes a clinic, the second time changes nothing."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from surcease.fhir import read_sources
from surcease.fhir.strict import read_source
from surcease.web.clinic.models import Installation, Site
from surcease.web.interop.command import import_files
from surcease.web.interop.models import ImportBatch
from surcease.web.patients.models import CareRelation, Patient

PEOPLE = Path(__file__).parents[2] / "examples" / "people"


def files(*names):
    sources = [read_source(PEOPLE / name) for name in names]
    return sources, read_sources(sources)


@pytest.mark.django_db
def test_the_first_import_makes_a_real_clinic_with_a_site():
    outcomes = import_files(*files("crps_referral.json", "spinal_cord_injury.json"))
    assert [o.word for o in outcomes] == ["new", "new"]
    assert Installation.objects.get().kind == "real"
    assert CareRelation.objects.filter(site__name="Main").count() == 2
    assert ImportBatch.objects.get().files.count() == 2
    assert [o.word for o in import_files(*files("crps_referral.json"))] == ["unchanged"]
    assert Patient.objects.count() == 2


@pytest.mark.django_db
def test_a_clinic_that_only_imported_can_still_be_opened():
    from surcease.web.accounts.first import begin, opens, setup_path, unopened

    import_files(*files("crps_referral.json"))
    assert unopened()
    assert opens(setup_path().rstrip("/").rpartition("/")[2])
    lead = begin(
        organisation="Harbour", site="North", zone="UTC", name="Lea", credentials="", email="lea@test.example",
        password="correct horse battery",
    )  # fmt: skip
    assert not unopened()
    assert (Installation.objects.get().organisation, lead.sites.get().name) == ("Harbour", "North")
    assert CareRelation.objects.get().site.name == "North"
    with pytest.raises(ValueError, match="first account already"):
        begin(organisation="x", site="x", zone="UTC", name="x", credentials="", email="x@x.example", password="x" * 12)


@pytest.mark.django_db
def test_several_sites_need_a_name(clinic):
    Site.objects.create(name="South", zone="UTC")
    with pytest.raises(ValueError, match="--site, of North, South"):
        import_files(*files("crps_referral.json"))
    assert import_files(*files("crps_referral.json"), site="South")[0].word == "new"
    assert CareRelation.objects.get().site.name == "South"


def test_the_command_twice_on_an_empty_home(tmp_path):
    def run(*words):
        program = "from surcease.cli.main import app; app()"
        environment = {**os.environ, "SURCEASE_HOME": str(tmp_path / "elsewhere")}
        environment.pop("DATABASE_URL", None)
        done = subprocess.run(
            [sys.executable, "-c", program, "import", *map(str, words), "--home", str(tmp_path / "home"), "--json"],
            capture_output=True, text=True, env=environment, timeout=120, check=False,
        )  # fmt: skip
        return done.returncode, json.loads(done.stdout), done.stderr

    code, first, said = run(PEOPLE / "crps_referral.json", PEOPLE / "broken.json")
    assert (code, said.count("\n")) == (2, 1)
    assert [p["outcome"] for p in first["patients"]] == ["new"]
    code, second, said = run(PEOPLE / "crps_referral.json")
    assert (code, said) == (0, "")
    (person,) = second["patients"]
    assert (person["outcome"], person["added"], person["replaced"]) == ("unchanged", 0, 0)
    assert person["id"] == first["patients"][0]["id"]
