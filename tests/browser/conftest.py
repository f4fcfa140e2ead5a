"""A real Chromium for the tests of pages: signed in as any role, with what the console complains of collected."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

AXE = Path(__file__).parent / "vendor" / "axe.min.js"
SIZES = {"desk": (1280, 900), "tablet": (1024, 768), "phone": (390, 800)}


@pytest.fixture(scope="session")
def chromium() -> Iterator[Any]:
    """The browser, started once."""
    from playwright.sync_api import sync_playwright

    found = shutil.which("chromium")
    if found is None:
        pytest.skip("the browser tests need Debian's package chromium")
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=found, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture
def address(live_server: Any) -> str:
    """Where the pages are: by name, because passkeys belong to a name."""
    return str(live_server.url).replace("127.0.0.1", "localhost")


@pytest.fixture
def browse(chromium: Any, address: str, client_as: Callable[[str], Any]) -> Iterator[Callable[..., Any]]:
    """``browse("nurse", "tablet", dark=True)``: a page signed in as that role. Fails the test when its console
    complains or its Content-Security-Policy is broken, unless ``page.complaints`` was emptied."""
    from django.conf import settings

    opened: list[Any] = []

    def open_page(role: str = "anonymous", size: str = "desk", *, dark: bool = False, **more: Any) -> Any:
        width, height = SIZES[size]
        context = chromium.new_context(
            base_url=address, viewport={"width": width, "height": height}, locale="en-GB",
            color_scheme="dark" if dark else "light", **more,
        )  # fmt: skip
        if role != "anonymous":
            value = client_as(role).cookies[settings.SESSION_COOKIE_NAME].value
            context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": value, "url": address}])
        page = context.new_page()
        page.complaints = []
        page.on("console", lambda said: page.complaints.append(said.text) if said.type == "error" else None)
        page.on("pageerror", lambda error: page.complaints.append(str(error)))
        opened.append(page)
        return page

    yield open_page
    complaints = [text for page in opened for text in page.complaints]
    for page in opened:
        page.context.close()
    assert not complaints, complaints


@pytest.fixture
def serious() -> Callable[[Any], list[tuple[str, str]]]:
    """What axe calls serious or critical on a page: rule and place. Also: nothing wider than the window."""

    def look(page: Any) -> list[tuple[str, str]]:
        page.evaluate(AXE.read_text(encoding="utf-8"))
        found = page.evaluate("async () => (await axe.run()).violations")
        faults = [(v["id"], v["nodes"][0]["html"][:120]) for v in found if v["impact"] in ("serious", "critical")]
        if page.evaluate("document.documentElement.scrollWidth > window.innerWidth"):
            faults.append(("wider than the window", page.url))
        return faults

    return look


@pytest.fixture
def come_in(chromium: Any, clinic: Any) -> Iterator[Callable[..., Any]]:
    """``come_in("nurse")``: a page signed in by typing, at the served ``clinic`` of the test's own file. Errors of its
    scripts fail the test."""
    from tests.browser.served import sign_in as typed

    pages: list[Any] = []

    def sign_in(role: str, width: int = 1280, height: int = 900) -> Any:
        context = chromium.new_context(base_url=clinic.url, viewport={"width": width, "height": height}, locale="en-GB")
        page = context.new_page()
        page.complaints = []
        page.on("pageerror", lambda error: page.complaints.append(str(error)))
        typed(page, f"{'desk' if role == 'front_desk' else role}@demo.example")
        pages.append(page)
        return page

    yield sign_in
    complaints = [text for page in pages for text in page.complaints]
    for page in pages:
        page.context.close()
    assert not complaints, complaints
