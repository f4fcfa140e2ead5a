"""Ketamine products as frozen data: form, strengths, how fast a push may be, what it is diluted in, how long it keeps.

Racemic ketamine, S-ketamine and the esketamine spray are three dose scales (``form``); they are never exchanged.

>>> racemic = load_products()["racemic_injection"]
>>> [str(s.strength) for s in racemic.strengths]
['10 mg/mL', '50 mg/mL', '100 mg/mL']
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from surcease.knowledge.library import load
from surcease.knowledge.yaml import KnowledgeError
from surcease.units import Quantity

if TYPE_CHECKING:
    from surcease.knowledge.library import Knowledge

FORMS = {
    "racemic": "racemic ketamine",
    "s_ketamine": "S-ketamine (esketamine)",
    "esketamine_spray": "esketamine nasal spray",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Strength:
    """One strength on the shelf: mg/mL with its container, or mg a piece."""

    strength: Quantity
    kind: str
    container: Quantity | None = None
    per_spray: Quantity | None = None


@dataclass(frozen=True, slots=True)
class Product:
    """A product. ``keeps_hours`` is how long it is good once diluted or compounded, an assumption until a pharmacist
    enters the site's number; the push limits are None where nothing is pushed."""

    id: str
    title: str
    form: str
    substance: str
    routes: tuple[str, ...]
    amounts_as: str
    strengths: tuple[Strength, ...]
    diluents: tuple[str, ...]
    not_with: tuple[str, ...]
    source: tuple[str, ...]
    push_fastest: Quantity | None = None
    push_shortest: Quantity | None = None
    dilute_above: Quantity | None = None
    least: Quantity | None = None  # the smallest amount that can be given, None where any can
    keeps_hours: Decimal | None = None
    keeps_says: str = ""
    note: str = ""

    @property
    def form_words(self) -> str:
        """What stands on a label: racemic or S, in full."""
        return FORMS[self.form]

    def stocked(self, strength: Quantity) -> bool:
        """Whether this strength is one the product comes in."""
        return any(s.strength.same_kind(strength.unit) and s.strength.to(strength.unit) == strength
                   for s in self.strengths)  # fmt: skip


def load_products() -> Mapping[str, Product]:
    """Every product of the installed knowledge by id."""
    return load().products


def products_in(knowledge: Knowledge) -> Mapping[str, Product]:
    """Every product of a knowledge release by id; KnowledgeError names the file and what is wrong."""
    return {raw["id"]: _freeze(raw, path.rpartition("/")[2]) for path, raw in knowledge.under("drugs")}


def _freeze(raw: Mapping[str, Any], where: str) -> Product:
    try:
        if raw["form"] not in FORMS or raw["id"] != where.removesuffix(".yaml"):
            raise ValueError(f"form must be one of {', '.join(FORMS)} and id the file's name.")
        push, stability = raw["push"] or {}, raw["stability"] or {}
        return Product(
            id=raw["id"], form=raw["form"], substance=raw["substance"], amounts_as=raw["amounts_as"],
            routes=tuple(raw["routes"]), diluents=tuple(raw["diluents"]), not_with=tuple(raw["not_with"]),
            source=tuple(raw["source"]), title=raw["title"]["en"], strengths=tuple(map(_strength, raw["strengths"])),
            push_fastest=_maybe(push.get("fastest")), push_shortest=_maybe(push.get("shortest")),
            dilute_above=_maybe(push.get("dilute_above")), least=_maybe(raw.get("least")),
            keeps_hours=stability.get("hours"), keeps_says=stability.get("says", ""),
            note=(raw.get("note") or {}).get("en", ""),
        )  # fmt: skip
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise KnowledgeError(f"{where}: {error}") from None


def _strength(raw: Mapping[str, Any]) -> Strength:
    return Strength(_quantity(raw["strength"]), raw["kind"], _maybe(raw.get("container")), _maybe(raw.get("per_spray")))


def _quantity(text: str) -> Quantity:
    value, _, unit = text.partition(" ")
    return Quantity.of(value, unit)


def _maybe(text: str | None) -> Quantity | None:
    return None if text is None else _quantity(text)
