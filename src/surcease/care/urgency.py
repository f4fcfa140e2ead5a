"""How soon somebody calls after an answer about not wanting to live, and who is asked in turn.

Item 9 of the PHQ-9 above zero always reaches a person; how soon follows from its height and its rise. The minutes are
data (knowledge/diary/schedule.yaml, a design default): a clinic's pathway may be quicker, never slower.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from surcease.knowledge.instrument import Instrument
from surcease.knowledge.library import Knowledge

DOCUMENT = "diary/schedule.yaml"


@dataclass(frozen=True, slots=True)
class Urgency:
    """Minutes until somebody has called, by night as by day, and the sentence for the one who calls."""

    minutes: int
    say: str


def urgency(points: Decimal, before: Decimal | None, *, knowledge: Knowledge) -> Urgency | None:
    """The urgency of item 9 at ``points`` (0 to 3) after ``before`` (None: never asked). None at zero."""
    entry = knowledge.documents[DOCUMENT]["item_9"]
    if points <= 0:
        return None
    said = "never asked before" if before is None else f"was {before}"
    if points >= entry["high_from"] or points > (before or 0):
        return Urgency(int(entry["risen_min"]), f"Item 9 is {points} ({said}): call now, ask the suicide screener.")
    return Urgency(
        int(entry["steady_min"]), f"Item 9 is still {points} ({said}): call today, ask the suicide screener."
    )


def points_of(instrument: Instrument, item: str, answer: object) -> Decimal | None:
    """The points an answer has on an item: an option's code, or the points themselves."""
    for option in instrument.item(item).options:
        if option.points is not None and answer in (option.code, option.points):
            return Decimal(option.points)
    return None
