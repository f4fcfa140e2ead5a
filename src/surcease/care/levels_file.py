"""Read measured levels from a CSV file: ``at,ng_per_ml``, one line a sample; blank is not measured, never 0.

``at`` is a time with its offset or without one (the clock of the regimen file); a date alone is not enough.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from pathlib import Path

from surcease.care.diary_scores import Treated
from surcease.pkpd.person_pk import Levels, levels
from surcease.units import read_number

COLUMNS = ("at", "ng_per_ml")


class LevelsFileError(ValueError):
    """A line of a levels file that cannot be read, with its number and what is allowed."""


@dataclass(frozen=True, slots=True)
class Sample:
    """One measured level on the person's own clock."""

    at: datetime
    ng_per_ml: Decimal


def is_levels(path: Path) -> bool:
    """Whether a CSV file holds levels rather than a diary."""
    if not path.is_file():
        return False
    with path.open(encoding="utf-8-sig", errors="replace") as lines:
        return COLUMNS[1] in [c.strip() for c in lines.readline().split(",")]


def read_levels(path: Path) -> tuple[Sample, ...]:
    """The samples of a levels file in time order. LevelsFileError names the line."""
    rows = csv.DictReader(path.read_text(encoding="utf-8-sig").splitlines())
    found = []
    for number, row in enumerate(rows, start=2):
        cells = {(k or "").strip(): v.strip() for k, v in row.items() if isinstance(v, str)}
        if cells.get("ng_per_ml"):
            where = f"{path.name} line {number}"
            found.append(Sample(_moment(where, cells.get("at", "")), _level(where, cells["ng_per_ml"])))
    return tuple(sorted(found, key=lambda s: s.at))


def on_clock(samples: tuple[Sample, ...], treated: Treated) -> Levels:
    """The samples in hours from the first dose. ValueError for one that was drawn before it."""
    hours = [treated.hours(s.at) for s in samples]
    if hours and min(hours) < 0:
        raise ValueError(
            f"The level of {samples[0].at:%Y-%m-%d %H:%M} was drawn before the first dose: check its time."
        )
    return levels(hours, [float(s.ng_per_ml) for s in samples])


def _moment(where: str, text: str) -> datetime:
    try:
        at = datetime.fromisoformat(text) if len(text) > 10 else None
    except ValueError:
        at = None
    if at is None:
        raise LevelsFileError(f"{where}: {text!r} is not a time: write 2026-03-02T09:45.")
    return at.replace(tzinfo=None)


def _level(where: str, text: str) -> Decimal:
    try:
        value = read_number(text)
    except ValueError:
        value = Decimal(0)
    if value <= 0:
        raise LevelsFileError(f"{where}: the level {text!r} is not a positive number of ng/mL; leave it blank when the "
                              "drug was not found.")  # fmt: skip
    return value
