"""The review in a real browser: read, followed to its data, forecast loaded, signed, released and seen; a red flag that
reaches the clinician's page."""

from __future__ import annotations

from datetime import timedelta

import pytest
from tests.integration.test_plan_and_review import reviewed_person
from tests.web_fixtures import PASSWORD

from surcease.web.review.models import ForecastShown, ReviewDecision
from surcease.web.worklist.models import Todo

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
SLOW_MS = 90_000  # the first forecast of a process may compile


def outlook_of(page):
    page.get_by_text("What it stands on").wait_for(timeout=SLOW_MS)
    page.locator("#outlook figure[data-drawn]").wait_for(timeout=SLOW_MS)


@pytest.mark.parametrize(("size", "dark"), [("desk", False), ("phone", True)])
def test_the_review_with_its_forecast_is_clean(world, browse, serious, size, dark):
    reviewed_person(world)
    page = browse("physician", size, dark=dark)
    page.goto(f"/review/person/{world.patient.pk}/")
    outlook_of(page)
    assert serious(page) == []


def test_a_sentence_opens_the_datum_it_stands_on_by_keyboard(world, browse):
    reviewed_person(world)
    page = browse("physician")
    page.goto(f"/review/person/{world.patient.pk}/")
    table = page.locator("#datum-baseline table")
    assert not table.is_visible()
    page.locator('a[href="#datum-baseline"]').first.focus()
    page.keyboard.press("Enter")
    table.wait_for()
    assert table.locator("tbody tr").count() == 7


def test_a_review_is_signed_with_the_forecast_before_ones_eyes_and_the_person_sees_what_was_released(world, browse):
    reviewed_person(world)
    doctor, patient = browse("physician"), browse("patient", "phone")
    doctor.goto(f"/review/person/{world.patient.pk}/")
    outlook_of(doctor)
    day = (world.now + timedelta(days=14)).date().isoformat()
    doctor.locator("#id_action").select_option("stop_futility")
    doctor.locator("#id_reason").fill("She wants no more of it.")
    doctor.locator("#id_next_contact").fill(day)
    doctor.locator("#id_secret").fill(PASSWORD)
    doctor.get_by_role("button", name="Sign the review").click()
    doctor.get_by_text("Last decided: stop, not enough benefit").wait_for()
    assert ReviewDecision.objects.get().forecast in ForecastShown.objects.all()
    outlook_of(doctor)
    doctor.locator("#decide-on").fill(day)
    doctor.get_by_role("button", name="Release to the person").click()
    doctor.get_by_text("Released: the person sees it now.").wait_for()
    patient.goto("/diary/")
    assert not patient.get_by_text("in the trial").is_visible()
    patient.get_by_role("link", name="My treatment").click()
    patient.get_by_text("Of 10 people in the trial").wait_for()
    assert patient.get_by_text("We stop this treatment").is_visible()
    assert patient.locator("main").inner_text().count("%") == 0


def test_the_persons_page_is_clean(world, browse, serious):
    page = browse("patient", "phone", dark=True)
    page.goto("/review/mine/")
    assert serious(page) == []


def test_a_red_flag_in_the_diary_reaches_the_clinician(world, browse):
    """What the person ticks stands on the nurse's page as urgent, and in the chart's banner for the physician."""
    reviewed_person(world)
    phone, nurse, doctor = browse("patient", "phone"), browse("nurse"), browse("physician")
    phone.goto("/diary/")
    phone.get_by_role("button", name="Something is wrong").click()
    phone.get_by_label("chest pain").check()
    phone.locator("#wrong button.main, #wrong button[type=submit], #wrong button").first.click()
    for _ in range(120):
        if Todo.objects.filter(kind="red flag").exists():
            break
        phone.wait_for_timeout(250)
    todo = Todo.objects.get(kind="red flag")
    assert todo.urgent
    nurse.goto("/")
    nurse.get_by_text("chest pain").first.wait_for()
    doctor.goto(f"/review/person/{world.patient.pk}/")
    doctor.locator(".banner").get_by_text("chest pain").wait_for()
