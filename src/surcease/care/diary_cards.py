"""Which optional cards a person's diary shows, and how what they say is read.

A card is data (knowledge/diary/cards.yaml): what it asks, what may be answered, whom it concerns. A card that is left
alone is not an answer. Cards follow the person: a standing opioid, doses at home, the painful condition.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from surcease.care.medicines import recognise_all, taken
from surcease.care.record import Condition, Medication
from surcease.knowledge.codes import has_any
from surcease.knowledge.formulary import formulary
from surcease.knowledge.library import Knowledge
from surcease.units import read_number

DOCUMENT = "diary/cards.yaml"
MOST = {"scale": Decimal(10), "minutes": Decimal(1440)}
DOSE_WORDS = ("taken", "skipped", "extra")
Said = Decimal | bool | str


@dataclass(frozen=True, slots=True)
class Card:
    """One optional question. ``type``: scale (0 to 10), yes, minutes, dose; ``every``: day or week."""

    name: str
    type: str
    ask: Mapping[str, str]
    low: Mapping[str, str]
    high: Mapping[str, str]
    every: str
    concerns: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Place:
    """A place on the body map, read like a person who faces you."""

    name: str
    row: int
    column: int
    say: Mapping[str, str]


def cards(knowledge: Knowledge) -> dict[str, Card]:
    """Every card by its name, the pulse's included where it has no daily twin."""
    document = knowledge.documents[DOCUMENT]
    found = {raw["name"]: _card(raw) for raw in document["cards"]}
    return {raw["name"]: _card(raw) for raw in document["pulse"]["cards"]} | found


def pulse_cards(knowledge: Knowledge) -> tuple[Card, ...]:
    """The numbers of a pulse beside pain."""
    return tuple(_card(raw) for raw in knowledge.documents[DOCUMENT]["pulse"]["cards"])


def cards_for(concerns: Iterable[str], knowledge: Knowledge) -> tuple[Card, ...]:
    """The cards of a person of whom this is known (``{"opioid", "home", "crps", …}``), in the file's order."""
    known = {"everyone", *concerns}
    found = (_card(raw) for raw in knowledge.documents[DOCUMENT]["cards"])
    return tuple(card for card in found if known & set(card.concerns))


def concerns_of(
    conditions: Iterable[Condition], medications: Iterable[Medication], *, home: bool, now: datetime,
    knowledge: Knowledge,
) -> frozenset[str]:  # fmt: skip
    """What a record says that cards and questionnaires hang on. What is not in the record adds nothing."""
    standing = [c for c in conditions if c.verified is not False and c.status in ("active", "unknown")]
    codes = [f"{c.system}|{c.code}" for condition in standing for c in condition.codes]
    indications = knowledge.documents["codes/problems.yaml"]["indications"]
    found = {name for name, wanted in indications.items() if has_any(codes, wanted)}
    opioids = [m for m in recognise_all(medications, formulary(knowledge)) if "opioid" in m.classes]
    if any(taken(m.medication, now.date()) for m in opioids):
        found.add("opioid")
    return frozenset(found | ({"home"} if home else set()))


def places(knowledge: Knowledge) -> tuple[Place, ...]:
    """The places of the body map, row by row."""
    raw = knowledge.documents[DOCUMENT]["body"]
    found = [Place(name, int(at["row"]), int(at["column"]), at["say"]) for name, at in raw.items()]
    return tuple(sorted(found, key=lambda p: (p.row, p.column)))


def read_card(card: Card, value: Any) -> Said:
    """What was said on a card; ValueError in one sentence when it cannot be that."""
    if card.type == "yes":
        return _yes(card.name, value)
    if card.type == "dose":
        if value not in DOSE_WORDS:
            raise ValueError(f"{card.name} is {value!r}: it is one of {', '.join(DOSE_WORDS)}.")
        return str(value)
    try:
        number = read_number(str(value))
    except ValueError as error:
        raise ValueError(f"{card.name}: {error}") from error
    if number > MOST[card.type]:
        raise ValueError(f"{card.name} is {number}: it goes from 0 to {MOST[card.type]}.")
    return number


def _yes(name: str, value: Any) -> bool:
    if value in (True, "yes", "true"):
        return True
    if value in (False, "no", "false"):
        return False
    raise ValueError(f"{name} is {value!r}: it is yes or no.")


def _card(raw: Mapping[str, Any]) -> Card:
    none: Mapping[str, str] = {}
    return Card(
        str(raw["name"]), str(raw["type"]), raw["ask"], raw.get("low", none), raw.get("high", none),
        str(raw.get("every", "day")), tuple(raw.get("for", ())),
    )  # fmt: skip
