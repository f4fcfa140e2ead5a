"""Write SAFETY.md from the hazards, one YAML file each."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from surcease.knowledge.yaml import load

ROOT = Path(__file__).parents[2]
HAZARDS = ROOT / "docs" / "safety" / "hazards"
PAGE = ROOT / "SAFETY.md"
HEAD = """# Safety

Made by `docs/generate.py` from `docs/safety/hazards/`; change it there.

## Intended use

Surcease gives health professionals information for ketamine treatment of chronic pain: findings with their
source, dose arithmetic, forecasts of what was ordered and given, a record of the session, the person's diary.
The decision is theirs.

It is not a monitor, an alarm or a pump controller. It does not diagnose and does not recommend a dose to
patients. Nobody watches the diary around the clock, and the diary says so. No clinic has tried it yet, and no
authority has assessed it.

## Marks, not alarms

A value outside the clinic's own limits is marked on the chart, as an aid to charting. The bedside monitor and
its alarms stay the primary safeguard; a session must be safe with this software switched off.

## Hazards

Risk runs from 1 to 5, before and after the controls. Both figures are proposals until a clinical safety officer
has signed them; *after* is the aim, and holds only once every control is there. **Partly**: the named tests
hold some of the control. **Open**: nothing tests it yet. No hazard is closed.

| id | hazard and causes | harm | before | controls | tests | after (aim) | status |
|-|-|-|-|-|-|-|-|
"""


def hazards() -> list[dict[str, Any]]:
    """Every hazard, by its id."""
    return [load(path) for path in sorted(HAZARDS.glob("*.yaml"))]


def text() -> str:
    """SAFETY.md as it should be."""
    return HEAD + "".join(_row(hazard) for hazard in hazards())


def _row(hazard: dict[str, Any]) -> str:
    tests = ", ".join(f"[{Path(t).stem.removeprefix('test_')}]({t})" for t in hazard["tests"]) or "none"
    what = f"**{hazard['hazard']}**: {hazard['causes']}"
    cells = [hazard["id"], what, hazard["harm"], hazard["initial"], hazard["controls"], tests, hazard["residual"]]
    return "| " + " | ".join(str(c) for c in [*cells, hazard["status"]]) + " |\n"


def stale() -> list[str]:
    """``SAFETY.md`` when it does not say what the hazards say."""
    return [] if PAGE.is_file() and PAGE.read_text("utf-8") == text() else [PAGE.name]


def write() -> None:
    """Write SAFETY.md."""
    PAGE.write_text(text(), "utf-8")
