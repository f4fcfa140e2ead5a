"""The papers hold: paths that README and SAFETY name exist, pictures are small, generated pages are fresh."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from docs import generate
from docs.safety import page as safety

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text("utf-8")
PLACES = re.findall(r"^\| [^|]+ \| `([^`]+)`", README, re.MULTILINE)
HAZARDS = safety.hazards()


def test_every_place_to_change_something_exists() -> None:
    assert len(PLACES) > 12
    assert not [p for p in PLACES if not (ROOT / p).exists()]


@pytest.mark.parametrize("paper", ["README.md", "SAFETY.md", "CONTRIBUTING.md"])
def test_every_link_leads_somewhere(paper: str) -> None:
    links = re.findall(r"\]\(([^)#]+)[^)]*\)", (ROOT / paper).read_text("utf-8"))
    assert not [link for link in links if "://" not in link and not (ROOT / link).exists()]


def test_pictures_are_small() -> None:
    pictures = sorted((ROOT / "docs" / "images").glob("*.png"))
    assert len(pictures) >= 4
    assert not [p.name for p in pictures if p.stat().st_size > 300_000]


def test_all_hazards_are_there() -> None:
    assert [h["id"] for h in HAZARDS] == [f"H-{n:02}" for n in range(1, 28)]


@pytest.mark.parametrize("hazard", HAZARDS, ids=lambda h: h["id"])
def test_a_hazard_names_tests_that_exist_or_is_open(hazard: dict) -> None:
    assert not [t for t in hazard["tests"] if not (ROOT / t).is_file()]
    assert (hazard["status"] == "open") == (not hazard["tests"])
    assert hazard["residual"] <= hazard["initial"]


def test_generated_pages_are_fresh() -> None:
    assert generate.stale() == []
