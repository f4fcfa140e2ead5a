"""An instrument as frozen data: items, scales with their bands, safety triggers, licence. FHIR-Questionnaire shaped.

Shipped instruments, a site's text packs and instruments that a clinic builds or imports are all this one type.
``link_id``, ``type``, ``enable_when`` mean what FHIR R4 means by linkId, type and enableWhen.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from decimal import Decimal

TYPES = ("group", "display", "boolean", "integer", "decimal", "date", "string", "text", "choice")
METHODS = ("sum", "mean", "minimum", "none")
LICENCES = ("free", "own_words", "conditional", "site_text")
OPERATORS = ("exists", "=", "!=", ">", "<", ">=", "<=")

Answer = bool | Decimal | str
"""One answer as scored: a truth value, a number, an option's code, a text or an ISO date."""


@dataclass(frozen=True, slots=True)
class Option:
    """One answer of a choice. ``points`` is its ordinal score; ``system`` names the code system of ``code``."""

    code: str
    text: str = ""
    points: Decimal | None = None
    system: str = ""

    @property
    def shown(self) -> str:
        """The words, or the points where the site has not loaded the words."""
        return self.text or f"{self.code if self.points is None else self.points}"


@dataclass(frozen=True, slots=True)
class EnableWhen:
    """The item is asked when the answer to ``question`` stands in ``operator`` to ``answer``."""

    question: str
    operator: str
    answer: Answer


@dataclass(frozen=True, slots=True)
class Item:
    """One question, group or piece of text. ``label`` is a neutral short name where the text may not be shipped.

    ``low`` and ``high`` bound a number; ``points_yes`` and ``points_no`` those of a truth value; ``scored`` is False
    for what is asked but never counted; ``code`` is a LOINC code, given only where it was verified.
    """

    link_id: str
    type: str
    text: str = ""
    label: str = ""
    options: tuple[Option, ...] = ()
    low: Decimal | None = None
    high: Decimal | None = None
    low_text: str = ""
    high_text: str = ""
    unit: str = ""
    help: str = ""
    points_yes: Decimal = Decimal(1)
    points_no: Decimal = Decimal(0)
    required: bool = False
    scored: bool = True
    code: str = ""
    enable_when: tuple[EnableWhen, ...] = ()
    enable_any: bool = False
    items: tuple[Item, ...] = ()

    @property
    def shown(self) -> str:
        """What to call the item on a page: its text, or its label until the site has loaded the text."""
        return self.text or self.label or self.link_id

    @property
    def asks(self) -> bool:
        """Whether it takes an answer."""
        return self.type not in ("group", "display")


@dataclass(frozen=True, slots=True)
class Band:
    """What a score from ``at_least`` up to the next band means, and on whose word."""

    at_least: Decimal
    label: str
    grade: str = "assumption"
    source: str = ""


@dataclass(frozen=True, slots=True)
class Change:
    """The smallest change that matters: ``points`` or ``percent``, and on whose word."""

    points: Decimal | None = None
    percent: Decimal | None = None
    label: str = ""
    grade: str = "assumption"
    source: str = ""


@dataclass(frozen=True, slots=True)
class Scale:
    """One score: a method over items, its range, bands, and how many items may be missing.

    Up to ``allowed_missing`` missing items are prorated and the score says so; one more and there is no score.
    ``multiply`` turns a raw sum into the scale shown; ``cap`` holds it at the top of the range.
    """

    id: str
    title: str
    method: str
    items: tuple[str, ...]
    low: Decimal
    high: Decimal
    allowed_missing: int = 0
    multiply: Decimal = Decimal(1)
    cap: bool = False
    better: str = "lower"  # lower | higher | neither
    bands: tuple[Band, ...] = ()
    changes: tuple[Change, ...] = ()
    code: str = ""


@dataclass(frozen=True, slots=True)
class Trigger:
    """An answer that asks for an act at once, whatever the score: ``then`` names what to open."""

    item: str
    at_least: Decimal
    then: str
    say: str


@dataclass(frozen=True, slots=True)
class Licence:
    """Who owns the words and what that means here. ``kind``: free | own_words | conditional | site_text."""

    kind: str
    holder: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Instrument:
    """An instrument. The first scale is the one quoted as the score; ``function`` names a scoring that is not a
    plain scale (see :mod:`surcease.knowledge.branching`), with its numbers in ``parameters``."""

    id: str
    title: str
    version: int
    items: tuple[Item, ...]
    licence: Licence
    short: str = ""
    by: str = "patient"  # patient | clinician | nurse
    recall: str = ""
    minutes: Decimal = Decimal(1)
    stem: str = ""
    scales: tuple[Scale, ...] = ()
    function: str = ""
    parameters: tuple[tuple[str, tuple[tuple[str, Decimal], ...]], ...] = ()
    triggers: tuple[Trigger, ...] = ()
    code: str = ""
    language: str = "en"
    per_site: bool = False
    items_from_site: bool = False
    source: str = ""
    grade: str = "assumption"
    note: str = ""
    _index: dict[str, Item] = field(default_factory=dict, init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        for item in self.flat():
            self._index[item.link_id] = item
        for item in self.flat():
            if item.code:
                self._index.setdefault(item.code, item)

    def flat(self) -> Iterator[Item]:
        """Every item, groups before what is in them, in the order they stand."""
        yield from _walk(self.items)

    @property
    def questions(self) -> tuple[Item, ...]:
        """The items that take an answer."""
        return tuple(item for item in self.flat() if item.asks)

    @property
    def scored(self) -> tuple[Item, ...]:
        """The items that count, in order; `surcease score ID 2,2,1…` fills these."""
        return tuple(item for item in self.questions if item.scored)

    def item(self, key: str) -> Item:
        """The item of a link id, or of its LOINC code (with or without a leading slash); ValueError names the rest."""
        found = self._index.get(key) or self._index.get(key.removeprefix("/"))
        if found is None:
            raise ValueError(
                f"{self.short or self.title} has no item {key!r}: its items are "
                f"{', '.join(i.link_id for i in self.questions)}."
            )
        return found

    @property
    def has_text(self) -> bool:
        """Whether the questions can be put to a person: every one of them has its words."""
        return bool(self.questions) and all(
            item.text and all(option.text for option in item.options) for item in self.questions
        )

    def parameter(self, name: str) -> dict[str, Decimal]:
        """A named table of numbers of the scoring function."""
        return dict(dict(self.parameters).get(name, ()))

    def with_items(self, items: tuple[Item, ...]) -> Instrument:
        """The same instrument with other items (a text pack, a translation)."""
        return replace(self, items=items)


def _walk(items: tuple[Item, ...]) -> Iterator[Item]:
    for item in items:
        yield item
        yield from _walk(item.items)


def sittings(
    instruments: tuple[Instrument, ...], *, minutes: Decimal = Decimal(12)
) -> tuple[tuple[Instrument, ...], ...]:
    """Split a battery into sittings that take at most ``minutes`` each, in the order given.

    An instrument that alone takes longer has a sitting of its own.

    >>> peg, phq = (Instrument(i, i, 1, (), Licence("free"), minutes=Decimal(m)) for i, m in (("peg", 7), ("phq-9", 6)))
    >>> [[x.id for x in sitting] for sitting in sittings((peg, phq))]
    [['peg'], ['phq-9']]
    """
    done: list[list[Instrument]] = []
    for instrument in instruments:
        if done and sum(i.minutes for i in done[-1]) + instrument.minutes <= minutes:
            done[-1].append(instrument)
        else:
            done.append([instrument])
    return tuple(tuple(sitting) for sitting in done)
