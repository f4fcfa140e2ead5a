"""T-515: the label stands at the chair, on the pages about monitors, in the manual and in the stream."""

from __future__ import annotations

from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
DEVICES = ROOT / "src" / "surcease" / "web" / "devices"
LABEL = "secondary display; not a patient monitor"


@pytest.mark.parametrize(
    "place",
    [
        DEVICES / "templates" / "devices" / "feed.html", DEVICES / "templates" / "devices" / "page.html",
        DEVICES / "templates" / "devices" / "use.html", DEVICES / "ingest.py",
        ROOT / "docs" / "how-to" / "connect-a-monitor.md",
    ],
    ids=lambda place: place.name,
)  # fmt: skip
def test_the_label_is_there(place: Path) -> None:
    assert LABEL in place.read_text(encoding="utf-8").lower()


def test_the_session_page_says_who_stays_primary() -> None:
    page = ROOT / "src" / "surcease" / "web" / "treatment" / "templates" / "treatment" / "session.html"
    assert "The bedside monitor and its alarms stay the primary safeguard." in page.read_text(encoding="utf-8")
