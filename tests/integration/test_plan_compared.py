"""Two or three plans side by side, and the consent that shows them with the evidence for and against."""

from __future__ import annotations

import pytest
from tests.integration.samples.steps import weekday
from tests.integration.test_plan_and_review import weigh

from surcease.knowledge.fact import Fact
from surcease.web.papers.actions import content_of
from surcease.web.papers.models import Document
from surcease.web.patients import actions as patients
from surcease.web.plan.consent import consent_data, evidence_for
from surcease.web.plan.queries import desk
from surcease.web.plan.tested import in_silico

pytestmark = pytest.mark.django_db


@pytest.fixture
def doctor(client_as, world):
    weigh(world)
    facts = {"indication": Fact("crps", at=world.now, source="asked")}
    patients.state(by=world.users.nurse, now=world.now, patient=world.patient, facts=facts)
    client = client_as("physician")
    client.post(
        f"/plan/person/{world.patient.pk}/",
        {"version": "0", "protocol": "P01", "start": weekday(world.now).isoformat(), "endpoint": "write",
         "stop_rule": "30 %"},
    )  # fmt: skip
    return client


def test_each_cap_says_which_it_is(doctor, world):
    page = doctor.get(f"/plan/person/{world.patient.pk}/").content.decode()
    for name in ("cap of the rate", "cap of a session", "cap of the course"):
        assert f"<dt>{name}</dt>" in page


def test_three_plans_stand_side_by_side(doctor, world):
    page = doctor.get(f"/plan/person/{world.patient.pk}/forecast/?compare=P09&compare=P03").content.decode()
    assert page.count('<th scope="col">P') == 3
    assert '<option value="P09" selected>' in page


def test_the_consent_shows_the_evidence_both_ways_and_the_options(doctor, world):
    found = desk(world.patient, now=world.now, site=world.site)
    told = {f.id: f.grade for f in evidence_for(found.facts, now=world.now)}
    assert told["IND-CRPS"] == "B"
    assert "EVD-01" in told  # the review that found no clear benefit
    assert "IND-FM" not in told
    tested = in_silico(found.worked, found.record, found.facts, now=world.now, others=["P09"], people=50)
    parts = consent_data(world.patient, found, tested, now=world.now)["parts"]
    evidence = {said: grade for grade, said in parts[1]["facts"]}
    assert any("moderate evidence of relief for up to 12 weeks" in said for said in evidence)
    assert any("no NMDA antagonist showed a clear benefit" in said for said in evidence)
    options = [name for name, _said in parts[2]["facts"]]
    assert len(options) == 3
    assert options[-1] == "Without ketamine"


def test_printing_keeps_the_paper_as_it_was_read(doctor, world):
    done = doctor.post(f"/plan/person/{world.patient.pk}/consent/", {"compare": ["P09"]})
    row = Document.objects.get(kind="consent")
    assert done["Location"].endswith(f"{row.pk}/")
    assert row.patient_id == world.patient.pk
    assert content_of(row).startswith(b"%PDF")


def test_without_a_plan_there_is_nothing_to_consent_to(client_as, world):
    done = client_as("physician").post(f"/plan/person/{world.patient.pk}/consent/", follow=True)
    assert "Choose a protocol" in done.content.decode()
    assert not Document.objects.exists()
