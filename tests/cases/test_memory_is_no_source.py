"""What was written down from memory ships as an assumption or a site's default, never as a citation."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from surcease.knowledge import load

CLINICAL = Path(__file__).parents[2].parent / "shared" / "clinical.md"
UNCITED = ("assumption", "site_default")
ROW = re.compile(r"\|\s*([A-Z]{2,4}-[A-Z0-9]+)\s*\|.*\|\s*(?:[A-Z]+\d* )?M(?: \([^|]*\))?\s*\|")


def from_memory() -> list[str]:
    """Rule ids whose whole source is tagged M in the collected facts."""
    if not CLINICAL.is_file():
        return []
    lines = CLINICAL.read_text(encoding="utf-8").splitlines()
    whole = [line for line in lines if not re.search(r"\bF2?\b", line)]  # a row that is found in part is cited in part
    return [found[1] for line in whole if (found := ROW.fullmatch(line))]


@pytest.mark.skipif(not CLINICAL.is_file(), reason="the collected facts are not beside the repository")
def test_every_rule_from_memory_says_so():
    stems = from_memory()
    assert len(stems) >= 10
    shipped = {stem: [r for r in load().rules if re.fullmatch(f"{stem}[a-z]?", r.id)] for stem in stems}
    cited = {r.id: (r.grade, r.source.key) for rules in shipped.values() for r in rules if r.grade not in UNCITED}
    assert cited == {}
    assert sum(map(bool, shipped.values())) >= 10  # they ship, marked


def test_what_has_no_source_cites_none():
    """A site's default may name what it leans on; an assumption may not."""
    assumed = [r for r in load().rules if r.grade == "assumption"]
    assert [r.id for r in assumed if r.source.key != "surcease_assumption" or r.source.url] == []
    assert len(assumed) > 10


def test_a_stop_never_stands_on_memory():
    stops = [r for r in load().rules if r.outcome == "STOP" and r.grade == "assumption"]
    assert stops == []


def test_a_rescue_dose_without_a_source_ships_without_its_number():
    cards = [r for r in load().rules if r.id.startswith("RSC-") and r.grade == "assumption"]
    amount = re.compile(r"\b\d+(?:\.\d+)?(?:[–-]\d+(?:\.\d+)?)? ?(?:mg|mcg|g)\b")
    documents = load().documents
    wrong = [r.id for r in cards if amount.search(documents[f"rules/{r.topic}/{r.id}.yaml"]["do"]["en"])]
    assert cards
    assert wrong == []
