"""Codes ↔ our names, from knowledge/codes/fhir.yaml and knowledge/instruments: measurements, instruments, routes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from functools import lru_cache
from typing import Any

from surcease.care.record import Code
from surcease.fhir.elements import LOINC
from surcease.knowledge import Knowledge, instrument_file, load
from surcease.knowledge.instrument import Instrument, Item


@dataclass(frozen=True, slots=True)
class Named:
    """A measurement we have a name for. ``unit`` "" compares nothing; ``coded`` results are answers, not numbers."""

    name: str
    label: str
    unit: str
    coded: bool
    codes: tuple[tuple[str, str], ...]  # (system, code); the first is written on export


@dataclass(frozen=True, slots=True)
class Question:
    """One item: our id, and answer code → the points it counts (or the code itself, where it counts nothing)."""

    id: str
    answers: Mapping[str, Decimal | str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Form:
    """Where an instrument's answers live: the panel, the totals, and item code → question."""

    id: str
    panel: str
    totals: frozenset[str]
    items: Mapping[str, Question]
    titles: tuple[str, ...]

    def code_of(self, item: str) -> str:
        """The LOINC code of one of our items, "" when there is none."""
        return next((code for code, question in self.items.items() if question.id == item), "")

    def named_in(self, words: str) -> bool:
        """Whether these words name this instrument."""
        return any(title.lower() in words.lower() for title in self.titles)


@dataclass(frozen=True)
class Book:
    """The whole map, both ways."""

    measurements: Mapping[str, Named]
    panels: frozenset[str]
    forms: Mapping[str, Form]
    routes: Mapping[str, str]  # code or lower-case words → our word
    results: Mapping[str, frozenset[str]]  # our word → codes that say it
    _by_code: Mapping[tuple[str, str], Named]

    def measurement(self, codes: tuple[Code, ...]) -> Named | None:
        """Our name for what is measured, by the first code that has one."""
        return next((found for c in codes if (found := self._by_code.get((c.system, c.code)))), None)

    def total(self, codes: tuple[Code, ...]) -> Form | None:
        """The instrument whose total this is."""
        wanted = self._wanted(codes)
        return next((form for form in self.forms.values() if form.totals & wanted), None)

    def panel(self, codes: tuple[Code, ...]) -> Form | None:
        """The instrument whose panel this is."""
        wanted = self._wanted(codes)
        return next((form for form in self.forms.values() if form.panel in wanted), None)

    def item(self, codes: tuple[Code, ...]) -> tuple[str, Question] | None:
        """The item this is, in whichever instrument has it: its code and how it counts."""
        found = ((c, form.items[c]) for c in self._wanted(codes) for form in self.forms.values() if c in form.items)
        return next(found, None)

    def best(self, item_codes: set[str]) -> Form | None:
        """The instrument these items belong to: most items, and of equals the one they fill best."""
        ranked = [(len(item_codes & set(form.items)), form) for form in self.forms.values()]
        most = max(ranked, key=lambda r: (r[0], r[0] / max(len(r[1].items), 1)))
        return most[1] if most[0] else None

    def _wanted(self, codes: tuple[Code, ...]) -> set[str]:
        """LOINC codes that are not measurements of ours: 72514-3 is a pain score, whoever also uses it."""
        return {c.code for c in codes if c.system == LOINC and (c.system, c.code) not in self._by_code}


def book_of(knowledge: Knowledge) -> Book:
    """The book of one knowledge release."""
    raw = knowledge.documents["codes/fhir.yaml"]
    named = {name: _named(name, entry) for name, entry in raw["measurements"].items()}
    shipped = (instrument_file.read(document) for document in knowledge.instruments.values())
    forms = {key: _listed(key, entry) for key, entry in raw["instruments"].items()}
    forms |= {i.id: _shipped(i) for i in shipped if i.code or any(s.code for s in i.scales)}
    titled = {key: _titled(form, raw["titles"].get(key, ())) for key, form in forms.items()}
    by_code = {code: entry for entry in named.values() for code in entry.codes}
    routes = {str(word): name for name, entry in raw["routes"].items() for word in (*entry["snomed"], *entry["words"])}
    results = {n: frozenset(map(str, (c for codes in e.values() for c in codes))) for n, e in raw["results"].items()}
    return Book(named, frozenset(raw["panels"]), titled, routes, results, by_code)


@lru_cache(maxsize=1)
def book() -> Book:
    """The book of the knowledge that is shipped."""
    return book_of(load())


def _named(name: str, entry: Mapping[str, Any]) -> Named:
    loinc = [(LOINC, str(code)) for code in entry.get("loinc", ())]
    other = [tuple(str(code).rsplit("|", 1)) for code in entry.get("codes", ())]
    codes = tuple((system, code) for system, code in [*loinc, *other])
    return Named(name, entry["label"], entry.get("unit", ""), entry.get("values") == "coded", codes)


def _listed(key: str, entry: Mapping[str, Any]) -> Form:
    answers = {code: Decimal(points) for code, points in entry.get("answers", {}).items()}
    items = {str(code): Question(str(n), answers) for n, code in enumerate(entry.get("items", ()), start=1)}
    items |= {str(code): Question(str(code), answers) for code in entry.get("extra", ())}
    return Form(key, str(entry.get("panel", "")), frozenset({str(entry["total"])}), items, ())


def _shipped(instrument: Instrument) -> Form:
    items = dict(_questions(instrument))
    totals = frozenset(s.code for s in instrument.scales if s.code)
    return Form(instrument.id, instrument.code, totals, items, ())


def _questions(instrument: Instrument) -> Iterator[tuple[str, Question]]:
    for item in instrument.questions:
        if item.code:
            yield item.code, Question(item.link_id, _answers(item))


def _answers(item: Item) -> dict[str, Decimal | str]:
    if item.type == "boolean":  # LOINC's own yes and no
        return {"LA33-6": Decimal(1), "LA32-8": Decimal(0)}
    return {o.code: o.code if o.points is None else o.points for o in item.options}


def _titled(form: Form, titles: Any) -> Form:
    return Form(form.id, form.panel, form.totals, form.items, tuple(map(str, titles)))
