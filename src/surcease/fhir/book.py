"""Codes ↔ our names, from knowledge/codes/fhir.yaml: measurements, instruments, coded results."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from typing import Any

from surcease.care.record import Code
from surcease.fhir.elements import LOINC
from surcease.knowledge import Knowledge, load


@dataclass(frozen=True, slots=True)
class Named:
    """A measurement we have a name for. ``unit`` "" compares nothing; ``coded`` results are answers, not numbers."""

    name: str
    label: str
    unit: str
    coded: bool
    codes: tuple[tuple[str, str], ...]  # (system, code); the first is written on export


@dataclass(frozen=True, slots=True)
class Instrument:
    """Where an instrument's answers live in LOINC. ``items`` is code → our item id."""

    id: str
    panels: frozenset[str]
    total: str
    items: Mapping[str, str]
    answers: Mapping[str, Decimal]
    names: tuple[str, ...]

    def item_code(self, item: str) -> str:
        """The LOINC code of one of our items, "" when there is none."""
        return next((code for code, name in self.items.items() if name == item), "")


@dataclass(frozen=True)
class Book:
    """The whole map, both ways."""

    measurements: Mapping[str, Named]
    panels: frozenset[str]
    instruments: Mapping[str, Instrument]
    _by_code: Mapping[tuple[str, str], Named]

    def measurement(self, codes: tuple[Code, ...]) -> Named | None:
        """Our name for what is measured, by the first code that has one."""
        return next((found for c in codes if (found := self._by_code.get((c.system, c.code)))), None)

    def total(self, codes: tuple[Code, ...]) -> Instrument | None:
        """The instrument whose total this is."""
        wanted = {c.code for c in codes if c.system == LOINC}
        return next((i for i in self.instruments.values() if i.total in wanted), None)

    def panel(self, codes: tuple[Code, ...]) -> Instrument | None:
        """The instrument whose panel this is."""
        wanted = {c.code for c in codes if c.system == LOINC}
        return next((i for i in self.instruments.values() if i.panels & wanted), None)

    def best(self, item_codes: set[str]) -> Instrument | None:
        """The instrument these items belong to: most items, and of equals the one they fill best."""
        ranked = [(len(item_codes & set(i.items)), i) for i in self.instruments.values()]
        most = max(ranked, key=lambda r: (r[0], r[0] / max(len(r[1].items), 1)))
        return most[1] if most[0] else None


def book_of(knowledge: Knowledge) -> Book:
    """The book of one knowledge release."""
    raw = knowledge.documents["codes/fhir.yaml"]
    named = {name: _named(name, entry) for name, entry in raw["measurements"].items()}
    instruments = {key: _instrument(key, entry, raw["answers"], knowledge) for key, entry in raw["instruments"].items()}
    by_code = {code: entry for entry in named.values() for code in entry.codes}
    return Book(named, frozenset(raw["panels"]), instruments, by_code)


@lru_cache(maxsize=1)
def book() -> Book:
    """The book of the knowledge that is shipped."""
    return book_of(load())


def _named(name: str, entry: Mapping[str, Any]) -> Named:
    loinc = [(LOINC, str(code)) for code in entry.get("loinc", ())]
    other = [tuple(str(code).rsplit("|", 1)) for code in entry.get("codes", ())]
    codes = tuple((system, code) for system, code in [*loinc, *other])
    return Named(name, entry["label"], entry.get("unit", ""), entry.get("values") == "coded", codes)


def _instrument(key: str, entry: Mapping[str, Any], answers: Mapping[str, Any], knowledge: Knowledge) -> Instrument:
    ids = _item_ids(knowledge.instruments.get(key, {}), len(entry["items"]))
    items = dict(zip(map(str, entry["items"]), ids, strict=True)) | {str(c): str(c) for c in entry.get("extra", ())}
    counts = {code: Decimal(value) for code, value in answers.get(entry.get("answers", ""), {}).items()}
    panels = frozenset(map(str, entry["panel"]))
    return Instrument(key, panels, str(entry["total"]), items, counts, tuple(entry["names"]))


def _item_ids(document: Mapping[str, Any], count: int) -> list[str]:
    """The instrument's own ids of its items, in order; 1, 2, 3 … until it has a document."""
    items = [str(i["id"]) for i in document.get("items", ()) if isinstance(i, Mapping) and "id" in i][:count]
    return items if len(items) == count else [str(n + 1) for n in range(count)]
