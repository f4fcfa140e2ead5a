"""The MME tables by edition, and the words in which opioid orders are written (knowledge/opioids)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from surcease.knowledge.formulary import words_of
from surcease.knowledge.library import Knowledge, load

DEFAULT = "cdc_2022"


@dataclass(frozen=True, slots=True)
class Factor:
    """What one ``unit`` of a drug by a route counts. ``tiers`` are (up to and including, factor), the last without
    an end, by the day's total of the drug."""

    drug: str
    route: str
    unit: str
    tiers: tuple[tuple[Decimal | None, Decimal], ...]

    def of(self, total: Decimal) -> Decimal:
        """The factor for a day's total, in ``unit``.

        >>> methadone = Factor("methadone", "oral", "mg/d", ((Decimal(20), Decimal(4)), (None, Decimal(8))))
        >>> methadone.of(Decimal(20)), methadone.of(Decimal("20.5"))
        (Decimal('4'), Decimal('8'))
        """
        return next(factor for to, factor in self.tiers if to is None or total <= to)


@dataclass(frozen=True, slots=True)
class MmeTable:
    """One edition of the table."""

    id: str
    title: str
    source: str
    factors: Mapping[tuple[str, str], Factor]


@dataclass(frozen=True, slots=True)
class OpioidWords:
    """How orders say routes, forms, pieces and salts; why a drug has no factor; when naloxone is advised."""

    routes: Mapping[str, str]
    forms: tuple[tuple[str, tuple[str, ...]], ...]
    oral_at_home: frozenset[str]
    pieces: frozenset[str]
    salts: frozenset[str]
    reasons: Mapping[str, str]
    naloxone_at_least: Decimal

    def route(self, said: str) -> str:
        """Our word for a stated route; "" when nothing is stated, the words themselves when they are not known."""
        plain = " ".join(words_of(said))
        return self.routes.get(plain, plain)

    def form(self, text: str) -> str:
        """The route that the form in a product's name implies, or ""."""
        padded = f" {' '.join(words_of(text))} "
        return next((route for route, words in self.forms if any(f" {w} " in padded for w in words)), "")


def mme_table(edition: str = DEFAULT, *, knowledge: Knowledge | None = None) -> MmeTable:
    """The table of an edition (``cdc_2022``, or just ``2022``); ValueError lists the editions.

    >>> mme_table("2016").factors["hydromorphone", "oral"].of(Decimal(8))
    Decimal('4')
    """
    documents = dict((knowledge or load()).under("opioids"))
    tables = {raw["id"]: raw for raw in documents.values() if "factors" in raw}
    raw = tables.get(edition) or tables.get(f"cdc_{edition}")
    if raw is None:
        raise ValueError(f"There is no MME edition {edition!r}: choose one of {', '.join(sorted(tables))}.")
    factors = (
        Factor(f["drug"], f["route"], f["unit"], tuple((t.get("to"), t["factor"]) for t in f.get("tiers", [f])))
        for f in raw["factors"]
    )
    return MmeTable(raw["id"], raw["title"], raw["source"], {(f.drug, f.route): f for f in factors})


def opioid_words(knowledge: Knowledge | None = None) -> OpioidWords:
    """The words of opioid orders."""
    raw = (knowledge or load()).documents["opioids/words.yaml"]
    order = ("sublingual", "buccal", "intranasal", "transdermal", "rectal", "injection", "oral")
    return OpioidWords(
        routes={" ".join(words_of(word)): route for route, words in raw["routes"].items() for word in words},
        forms=tuple((route, tuple(" ".join(words_of(w)) for w in raw["forms"][route])) for route in order),
        oral_at_home=frozenset(raw["oral_at_home"]),
        pieces=frozenset(raw["pieces"]),
        salts=frozenset(raw["salts"]),
        reasons={drug: words["en"] for drug, words in raw["not_calculable"].items()},
        naloxone_at_least=raw["naloxone"]["mme_at_least"],
    )
