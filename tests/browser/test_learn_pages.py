"""What a person reads and decides, in a real browser: both languages, phone, dark, paper; consent taken back."""

from __future__ import annotations

import re

import pytest
from tests.integration.samples.steps import treated

from surcease.web.diary.models import Message
from surcease.web.patients.models import Consent

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
PAGES = (
    "/diary/learn/", "/diary/learn/steps/", "/diary/learn/evidence/", "/diary/learn/plan/?at=09:00",
    "/diary/learn/plan/fridge/?at=09:00", "/diary/messages/?about=Tips", "/diary/mine/", "/diary/mine/consent/",
)  # fmt: skip


def test_the_pages_are_clean_in_both_languages_light_and_dark(world, browse, serious):
    treated(world)
    for dark in (False, True):
        page = browse("patient", "phone", dark=dark)
        if dark:
            page.goto("/diary/learn/")
            page.get_by_role("button", name="Español").click()
        for address in PAGES:
            page.goto(address)
            assert page.locator("html").get_attribute("lang") == ("es" if dark else "en")
            assert serious(page) == [], address


def test_the_drawings_are_there_and_say_what_they_show(world, browse):
    treated(world)
    page = browse("patient", "phone")
    page.goto("/diary/learn/plan/")
    drawing = page.locator(".picture svg")
    assert "4 hours" in drawing.get_attribute("aria-label")
    box = drawing.bounding_box()
    assert box["width"] > 250
    size = page.locator(".picture text").first.evaluate(
        "e => parseFloat(getComputedStyle(e).fontSize) * e.ownerSVGElement.getScreenCTM().a"
    )
    assert size >= 14  # px on the screen


def test_on_paper_the_fridge_page_is_days_and_numbers_only(world, browse):
    treated(world)
    page = browse("patient", "desk")
    page.goto("/diary/learn/plan/fridge/?at=09:00")
    page.emulate_media(media="print")
    assert not page.locator(".rail").is_visible()
    assert not page.get_by_role("link", name="Open as PDF to print").is_visible()
    assert page.get_by_text("2 of 10").is_visible()


def test_a_question_about_a_page_and_a_consent_taken_back_by_keyboard(world, browse):
    treated(world)
    page = browse("patient", "phone")
    page.goto("/diary/learn/tips/")
    page.get_by_role("link", name="Ask about this page").press("Enter")
    page.get_by_label("Write to your team").fill("May I bring my own music?")
    page.get_by_role("button", name="Send").press("Enter")
    page.get_by_text("Sent. We answer within 24 hours.").wait_for()
    assert Message.objects.get().about == "Tips for the day"
    page.goto("/diary/mine/consent/")
    card = page.locator("#treatment")
    card.get_by_text("Take it back", exact=True).press("Enter")
    assert card.get_by_text("No new treatment starts.").is_visible()
    card.get_by_role("button", name=re.compile("Yes, take it back")).press("Enter")
    page.get_by_text("It holds from now on.").wait_for()
    assert Consent.objects.get().given is False
    with page.expect_download() as download:
        page.goto("/diary/learn/plan/")
        page.get_by_role("link", name="Put it in my calendar").click()
    assert download.value.suggested_filename == "treatment.ics"
