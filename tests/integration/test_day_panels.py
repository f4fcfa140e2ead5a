"""Each role lands on its day: arrivals, chairs, decisions waiting; only for people in one's care."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client
from tests.web_fixtures import World, make_user
from tests.web_routes import all_samples

from surcease.web.clinic.models import Site
from surcease.web.intake.models import EligibilityDecision
from surcease.web.plan.models import PlanVersion
from surcease.web.review.decisions import decisions
from surcease.web.review.models import ReviewDecision
from surcease.web.treatment.actions import close_session
from surcease.web.treatment.models import TreatmentSession

pytestmark = pytest.mark.django_db


def decide(world: World, verdict: str, version: int = 1) -> None:
    EligibilityDecision(
        patient=world.patient, version=version, verdict=verdict, outcome="REVIEW", headline="", basis="{}",
        knowledge="x", by=world.users.physician, at=world.now,
    ).save()  # fmt: skip


def waiting(world: World, later: timedelta = timedelta(0)) -> dict[str, list[str]]:
    found = decisions(world.users.physician, world.now + later)["kinds"]
    return {kind.word: [who.name for who, _address in kind.people] for kind in found}


def test_a_person_waits_for_one_decision_at_a_time(world: World) -> None:
    name = world.patient.name
    assert waiting(world) == {"eligibility": [name]}
    decide(world, "deferred")
    assert waiting(world) == {}
    decide(world, "with_conditions", version=2)
    assert waiting(world) == {"plan": [name]}


def test_a_review_waits_when_the_response_window_has_closed(world: World) -> None:
    all_samples(world)  # signs a plan and opens a session
    decide(world, "eligible")
    assert PlanVersion.objects.filter(patient=world.patient).exists()
    assert waiting(world, timedelta(days=60)) == {}, "the session is still open"
    session = TreatmentSession.objects.get()
    close_session(by=world.users.nurse, now=world.now, method="password", session=session, way="transfer", given={})
    assert waiting(world, timedelta(days=13)) == {}
    assert waiting(world, timedelta(days=15)) == {"review": [world.patient.name]}
    ReviewDecision(patient=world.patient, version=1, action="continue", next_contact=world.now.date(), next_kind="call",
                   knowledge="x", by=world.users.physician, at=world.now + timedelta(days=15)).save()  # fmt: skip
    assert waiting(world, timedelta(days=16)) == {}


def test_nobody_sees_the_people_of_another_site(world: World) -> None:
    away = make_user("physician", Site.objects.create(name="South", zone="Europe/Berlin"), name="Away Doctor")
    assert decisions(away, world.now) == {"kinds": []}


def test_the_day_of_each_role(world: World, client_as: Callable[[str], Client]) -> None:
    all_samples(world)
    roles = ("nurse", "physician", "front_desk", "pharmacist", "lead")
    day = {role: client_as(role).get("/worklist/").content.decode() for role in roles}
    assert "Chairs" in day["nurse"]
    assert "Who comes today" in day["nurse"]
    assert "Decisions waiting" in day["physician"]
    assert "Who comes today" in day["front_desk"]
    assert "Chairs" not in day["front_desk"]
    assert "Decisions waiting" not in day["nurse"]
    assert "Checks and balances" in day["pharmacist"]
    assert "Checks and balances" in day["lead"]
    assert "full inventory is due" in day["pharmacist"], "nothing was ever counted"
