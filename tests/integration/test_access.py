"""The one door: own record, care, emergency, merged records; an audit row each time, or no opening at all."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import transaction
from django.http import Http404
from django.test import Client
from django.urls import reverse
from tests.web_fixtures import World, make_user

from surcease.web.audit import trail
from surcease.web.audit.models import AuditRow
from surcease.web.clinic.models import Site
from surcease.web.patients import access, actions
from surcease.web.patients.access import NotInCare, open_patient
from surcease.web.patients.find import find_patients
from surcease.web.patients.models import BrokenGlass, CareRelation
from surcease.web.worklist.models import Todo

pytestmark = pytest.mark.django_db


@pytest.fixture
def stranger(world: World) -> Any:
    """A nurse of another site."""
    return make_user("nurse", Site.objects.create(name="South"), name="Other Nurse")


def test_opening_leaves_a_row(world: World) -> None:
    open_patient(world.users.nurse, world.patient.pk, why="plan")
    row = AuditRow.objects.latest("id")
    assert (row.action, row.why, row.who, row.patient) == ("open", "plan", world.users.nurse.pk, world.patient.pk)
    assert row.details == {"relation": "care"}


def test_when_the_trail_cannot_be_written_the_chart_does_not_open(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*args: Any, **kwargs: Any) -> None:
        raise OSError("disk full")

    monkeypatch.setattr(AuditRow, "save", fail)
    with pytest.raises(OSError, match="disk full"):
        open_patient(world.users.nurse, world.patient.pk, why="plan")


def test_an_audit_row_outside_a_transaction_is_refused() -> None:
    class Outside:
        in_atomic_block = False

    original, trail.connection = trail.connection, Outside()  # type: ignore[assignment]
    try:
        with pytest.raises(RuntimeError, match="inside the transaction"):
            trail.write("open", by="server")
    finally:
        trail.connection = original  # type: ignore[assignment]


def test_a_patient_opens_only_their_own_record(world: World, now: Any) -> None:
    other = actions.register_patient(by=world.users.front_desk, now=now, family="Other", site=world.site)
    assert open_patient(world.users.patient, world.patient.pk, why="mine").pk == world.patient.pk
    with pytest.raises(Http404):
        open_patient(world.users.patient, other.pk, why="not mine")


def test_nobody_there_is_404_and_so_is_nonsense(world: World) -> None:
    for pk in (uuid4(), "nonsense"):
        with pytest.raises(Http404):
            open_patient(world.users.nurse, pk, why="x")


def test_the_lead_sees_no_chart(world: World) -> None:
    with pytest.raises(Http404):
        open_patient(world.users.lead, world.patient.pk, why="x")


def test_another_site_must_break_the_glass(world: World, stranger: Any) -> None:
    with pytest.raises(NotInCare):
        open_patient(stranger, world.patient.pk, why="x")
    access.break_glass(stranger, world.patient.pk, reason="Collapsed in the corridor")
    assert open_patient(stranger, world.patient.pk, why="x").pk == world.patient.pk
    assert AuditRow.objects.latest("id").broke_glass


@pytest.mark.parametrize("hours", [1, 4, 40])
def test_the_glass_mends_itself_after_at_most_four_hours(world: World, stranger: Any, hours: float) -> None:
    glass = access.break_glass(stranger, world.patient.pk, reason="Collapsed in the corridor", hours=hours)
    assert glass.until - glass.since == timedelta(hours=min(hours, 4))
    assert access.relation_of(stranger, world.patient, glass.until + timedelta(seconds=1)) is None


@pytest.mark.parametrize("reason", ["", "   ", "quick"])
def test_the_glass_needs_a_reason(world: World, stranger: Any, reason: str) -> None:
    with pytest.raises(ValueError, match="emergency"):
        access.break_glass(stranger, world.patient.pk, reason=reason)
    assert not BrokenGlass.objects.exists()


def test_the_glass_in_the_browser_tells_the_lead_at_once(world: World, stranger: Any) -> None:
    client = Client()
    client.force_login(stranger)
    page = reverse("patients:page", kwargs={"patient_id": world.patient.pk})
    glass = reverse("patients:glass", kwargs={"patient_id": world.patient.pk})
    assert client.get(page)["Location"] == glass
    client.post(glass, {"reason": "Collapsed in the corridor"})
    assert client.get(page).status_code == 200
    todo = Todo.objects.get()
    assert (todo.for_role, todo.urgent) == ("lead", True)
    assert str(world.patient.pk) in todo.link


def test_care_ends(world: World, now: Any) -> None:
    actions.end_care(by=world.users.front_desk, now=now, relation=CareRelation.objects.get(patient=world.patient))
    with pytest.raises(NotInCare):
        open_patient(world.users.nurse, world.patient.pk, why="x")


def test_merged_records_open_as_the_one_that_stands(world: World, now: Any) -> None:
    twin = actions.register_patient(by=world.users.front_desk, now=now, family="Lindqvist", given="M.", site=world.site)
    actions.merge(by=world.users.physician, now=now, patient=twin, into=world.patient, reason="Same birth certificate")
    assert open_patient(world.users.nurse, twin.pk, why="x").pk == world.patient.pk
    assert [line.id for line in find_patients(world.users.nurse, "lindqvist")] == [world.patient.pk]


@pytest.mark.parametrize("words", ["lindq", "MARA", "mara lindqvist", "1988-03-24", "MRN-1001", "Lindqvist 1988-03-24"])
def test_finding(world: World, words: str) -> None:
    assert [line.id for line in find_patients(world.users.nurse, words)] == [world.patient.pk]
    assert AuditRow.objects.latest("id").action == "find"


def test_finding_ignores_accents_and_composition(world: World, now: Any) -> None:
    row = actions.register_patient(by=world.users.front_desk, now=now, family="Ñandú", given="Zoë", site=world.site)
    for words in ("nandu", "zoe", "Ñandú", "Zoë", "Zoe\u0308"):
        assert [line.id for line in find_patients(world.users.nurse, words)] == [row.pk]


def test_lists_name_only_people_in_care_and_leave_one_row(world: World, stranger: Any) -> None:
    before = AuditRow.objects.count()
    assert set(access.lines_of(world.users.nurse, {world.patient.pk}, why="today")) == {world.patient.pk}
    assert access.lines_of(stranger, {world.patient.pk}, why="today") == {}
    assert AuditRow.objects.count() == before + 1


def test_id_swap_reaches_nobody(world: World, client_as: Callable[[str], Client], now: Any) -> None:
    """Every address of a person, with another person's id, by that other site's staff and by a patient."""
    other = actions.register_patient(
        by=world.users.front_desk, now=now, family="Other", site=Site.objects.create(name="South")
    )
    for name in ("page", "particulars", "limbs", "link"):
        address = reverse(f"patients:{name}", kwargs={"patient_id": other.pk})
        for role in ("nurse", "physician", "patient", "front_desk"):
            response = client_as(role).get(address)
            assert response.status_code in (302, 403, 404)
            assert "Other" not in response.content.decode()


def test_holding_needs_a_transaction(world: World) -> None:
    with transaction.atomic():
        access.hold(world.patient)
