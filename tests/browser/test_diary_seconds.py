"""How long an entry takes a person, by a keystroke-level model: what a hand does in the real page, counted and priced.

Card, Moran and Newell's model (1980) with the prices 1.1 s for pointing and tapping, 0.28 s for a key and 1.35 s for a
decision. Every act is done to the page; an element outside the window costs one more pointing, to scroll. What the
machine itself needs is measured elsewhere (bench/pages.py).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from tests.browser.served import PASSWORD, Served, small_clinic

pytestmark = pytest.mark.browser
POINT, KEY, DECISION = 1.1, 0.28, 1.35
FIRST, REPEAT = 30.0, 8.0
EMAIL = "patient@demo.example"
PHONE = {"width": 390, "height": 844}
ZOOMED_PHONE = {"width": 195, "height": 422}  # the same glass at 200 %
DESK = {"width": 1280, "height": 800}
ZOOMED_DESK = {"width": 640, "height": 400}


@dataclass
class Hand:
    """Does things to a page and counts what they cost."""

    page: Any
    seconds: float = 0.0

    def decides(self) -> None:
        """Think: read a question, choose an answer."""
        self.seconds += DECISION

    def taps(self, target: Any) -> None:
        """Point at it and tap; scroll first where it is out of sight."""
        box, seen = target.bounding_box(), self.page.viewport_size
        if box["y"] < 0 or box["y"] + box["height"] > seen["height"]:
            self.seconds += POINT
        self.seconds += POINT
        target.click()

    def presses(self, key: str, times: int = 1) -> None:
        """Press a key."""
        for _ in range(times):
            self.page.keyboard.press(key)
        self.seconds += KEY * times

    def types(self, text: str) -> None:
        """Type, a key each letter."""
        self.page.keyboard.type(text)
        self.seconds += KEY * len(text)

    def tabs_to(self, selector: str) -> None:
        """Tab until the focus is there; each press counts."""
        for _ in range(60):
            if self.page.evaluate("(s) => document.activeElement.matches(s)", selector):
                return
            self.presses("Tab")
        raise AssertionError(f"{selector} cannot be reached with the Tab key")


@pytest.fixture(scope="module")
def clinic(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A served small clinic."""
    served = small_clinic(tmp_path_factory.mktemp("seconds") / "home")
    served.start()
    yield served
    served.stop()


@pytest.fixture
def window(chromium: Any, clinic: Served) -> Iterator[Callable[[dict[str, int]], Any]]:
    """``window(PHONE)``: an empty page of that size."""
    opened: list[Any] = []

    def make(size: dict[str, int]) -> Any:
        opened.append(chromium.new_context(base_url=clinic.url, viewport=size, locale="en-GB"))
        return opened[-1].new_page()

    yield make
    for context in opened:
        context.close()


def signed_in(hand: Hand) -> None:
    """A new user comes in: e-mail address and password, by keyboard on glass or desk."""
    hand.page.goto("/account/login/?next=/diary/")
    hand.decides()
    hand.tabs_to("[name=login]")
    hand.types(EMAIL)
    hand.tabs_to("[name=password]")
    hand.types(PASSWORD)
    hand.presses("Enter")
    hand.page.locator("#pain").wait_for()


def saved(page: Any) -> None:
    page.get_by_text("Saved").first.wait_for()


@pytest.mark.parametrize("size", [PHONE, ZOOMED_PHONE, ZOOMED_DESK], ids=["phone", "phone at 200 %", "desk at 200 %"])
def test_with_a_finger(size: dict[str, int], window: Callable[..., Any]) -> None:
    page = window(size)
    first = Hand(page)
    signed_in(first)
    first.decides()  # what is asked
    first.decides()  # which number
    first.taps(page.locator("#pain label").nth(6))
    saved(page)
    assert first.seconds < FIRST, first.seconds
    again = Hand(page)
    again.decides()  # to open the diary
    again.seconds += POINT  # its icon
    page.goto("/diary/")
    again.decides()  # which number
    again.taps(page.locator("#pain label").nth(4))
    saved(page)
    assert again.seconds < REPEAT, again.seconds
    assert not page.evaluate("document.documentElement.scrollWidth > window.innerWidth")


@pytest.mark.parametrize("size", [DESK, ZOOMED_DESK], ids=["desk", "desk at 200 %"])
def test_with_the_keyboard_alone(size: dict[str, int], window: Callable[..., Any]) -> None:
    page = window(size)
    first = Hand(page)
    signed_in(first)
    for hand in (first, Hand(page)):
        if hand is not first:
            page.goto("/diary/")
            hand.decides()  # to open the diary
        hand.decides()  # which number
        hand.tabs_to("#pain input")
        hand.presses("Space")
        hand.presses("ArrowRight", 6)
        hand.presses("Enter")
        saved(page)
        assert hand.seconds < (FIRST if hand is first else REPEAT), hand.seconds


def test_two_taps_from_a_personal_link(window: Callable[..., Any], clinic: Served) -> None:
    """Open, number, done: the link is one tap, the number the other, and nothing else was asked."""
    page = window(PHONE)
    hand = Hand(page)
    signed_in(Hand(page))
    hand.seconds += POINT
    page.goto("/diary/")
    hand.decides()
    hand.taps(page.locator("#pain label").nth(2))
    saved(page)
    assert round((hand.seconds - DECISION) / POINT) == 2


def test_a_bad_day_with_a_finger(window: Callable[..., Any]) -> None:
    page = window(PHONE)
    hand = Hand(page)
    signed_in(Hand(page))
    hand.decides()
    hand.taps(page.locator("#bad-button"))
    hand.decides()
    hand.taps(page.locator("#bad label").nth(2))
    saved(page)
    assert hand.seconds < REPEAT
