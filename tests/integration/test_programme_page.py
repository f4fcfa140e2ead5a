"""The pump programme: two people, the second one blind, the slip named, the label printed."""

from __future__ import annotations

import pytest
from tests.integration.samples.steps import treated
from tests.web_fixtures import make_user

from surcease.web.signing.actions import signatures_of
from surcease.web.treatment.models import PumpProgramme, SessionEvent
from surcease.web.treatment.programme import KIND, programme_state

pytestmark = pytest.mark.django_db
PASSWORD = "correct horse battery"
ENTER = {"enter": "1", "enter-weight": "62", "enter-vial": "50", "enter-bag": "100", "enter-preparation": "withdraw",
         "enter-diluent": "sodium chloride 0.9 %", "enter-lot": "K2417", "enter-secret": PASSWORD}  # fmt: skip
CHECK = {"check": "1", "check-weight": "62", "check-vial": "50", "check-bag": "100", "check-secret": PASSWORD}


@pytest.fixture
def at(world, client_as):
    """The page, the first nurse, and a second one."""
    from django.test import Client

    second = Client()
    second.force_login(make_user("nurse", world.site, name="Second Nurse"))
    session = treated(world)
    return session, f"/treatment/{session.pk}/programme/", client_as("nurse"), second


def test_the_first_enters_the_second_checks_without_seeing(at):
    session, page, first, second = at
    assert first.post(page, ENTER).status_code == 302
    made = programme_state(session).made
    assert made is not None
    # 0.175 mg/kg/h at 62 kg are 10.85, ordered as 10.8 mg/h and never more: 43.2 mg in 100 mL over 4 h, 25 mL/h
    assert (str(made.total_mg), str(made.first.ml_per_h)) == ("43.2", "25.0")
    assert "43.2 mg" in first.get(page).content.decode()
    blind = second.get(page).content.decode()
    assert "Second check" in blind
    assert "43.2" not in blind.split("Second check")[1]
    assert second.post(page, CHECK | {"check-pump": "25"}).status_code == 302
    assert [s.meaning for s in signatures_of(KIND, session.pk, 1)] == ["author", "verify"]
    checked = SessionEvent.objects.get(session=session, payload__item="programme")
    assert "Second Nurse" in checked.payload["value"]
    assert first.get(f"/treatment/{session.pk}/programme.pdf").content.startswith(b"%PDF")


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"check-vial": "5"}, "decimal point"),
        ({"check-vial": "10"}, "another vial"),
        ({"check-bag": "43.2"}, "milligrams typed in the box for millilitres"),
        ({"check-weight": "26"}, "two digits swapped"),
        ({"check-pump": "10.8"}, "milligrams typed in the box for millilitres"),
    ],
)
def test_what_differs_is_named_and_nothing_is_signed(at, change, sentence):
    session, page, first, second = at
    first.post(page, ENTER)
    assert sentence in second.post(page, CHECK | change).content.decode()
    assert programme_state(session).checked_by == ""


def test_the_same_person_cannot_check_themselves(at):
    session, page, first, _second = at
    first.post(page, ENTER)
    assert "second person" in first.post(page, CHECK).content.decode()
    assert programme_state(session).checked_by == ""


def test_another_weight_than_the_orders_and_an_impossible_bag_are_refused(at):
    session, page, first, _second = at
    assert "stands on 62 kg" in first.post(page, ENTER | {"enter-weight": "72"}).content.decode()
    small = first.post(page, ENTER | {"enter-bag": "1", "enter-vial": "10"}).content.decode()
    assert "do not fit" in small
    assert "required" in first.post(page, ENTER | {"enter-lot": ""}).content.decode()
    assert not PumpProgramme.objects.filter(session=session).exists()


def test_a_new_programme_is_a_new_version_and_unchecked(at):
    session, page, first, second = at
    first.post(page, ENTER)
    second.post(page, CHECK)
    first.post(page, ENTER | {"enter-bag": "250"})
    state = programme_state(session)
    assert state.row is not None
    assert (state.row.version, state.checked_by) == (2, "")
