"""An import in a real Chromium: choose, see, accept; axe finds nothing serious on the way."""

from pathlib import Path

import pytest
from django.conf import settings

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
ROOT = Path(__file__).parents[2]
PEOPLE = ROOT / "examples" / "people"
AXE = (Path(__file__).parent / "vendor" / "axe.min.js").read_text(encoding="utf-8")


@pytest.fixture
def page(chromium, live_server, world, client_as):
    session = client_as("nurse").cookies[settings.SESSION_COOKIE_NAME].value
    context = chromium.new_context(base_url=live_server.url, viewport={"width": 1280, "height": 900})
    context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": session, "url": live_server.url}])
    yield context.new_page()
    context.close()


def serious(page):
    """What axe calls serious or critical, by rule and place."""
    page.evaluate(AXE)
    found = page.evaluate("async () => (await axe.run()).violations")
    return [(v["id"], v["nodes"][0]["html"][:90]) for v in found if v["impact"] in ("serious", "critical")]


def test_choose_see_accept(page):
    complaints = []
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    page.goto("/patients/")
    page.get_by_role("link", name="Import a record").click()
    assert not serious(page)
    page.set_input_files("input[type=file]", [str(PEOPLE / "broken.json")])
    page.get_by_role("button", name="Read the files").click()
    assert page.get_by_text("broken.json is not valid JSON").is_visible()
    assert not serious(page)
    page.set_input_files(
        "input[type=file]", [str(PEOPLE / n) for n in ("crps_referral.json", "opioid_without_dose.json")]
    )
    page.get_by_role("button", name="Read the files").click()
    assert page.get_by_role("heading", name="Nora Whitfield").is_visible()
    for width in (1280, 390):
        page.set_viewport_size({"width": width, "height": 800})
        assert not serious(page)
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    page.get_by_label("Take in").last.uncheck()
    page.get_by_role("button", name="Take the chosen people in").click()
    assert page.get_by_role("heading", name="The import was accepted").is_visible()
    assert not serious(page)
    page.get_by_role("link", name="Nora Whitfield").click()
    assert page.get_by_role("heading", name="Nora Whitfield").is_visible()
    assert not complaints
