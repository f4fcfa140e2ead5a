"""A rule as frozen data, and the closed grammar of its ``when``.

    when = {all: […]} | {any: […]} | {not: …} | {fact: NAME, WORD: …, threshold?: NAME}
    WORD = is | in | above | at_least | below | at_most | within_days | older_than_days | has_code

``threshold`` names a number that a site may change by a signed, dated record. Where a rule compares one number only,
the rule's own key ``threshold`` names it; where it compares more, each leaf names its own.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal

from surcease.knowledge.facts import FactSpec
from surcease.knowledge.finding import Outcome, Source

NUMERIC = ("above", "at_least", "below", "at_most")
AGES = ("within_days", "older_than_days")
WORDS = ("is", "in", *NUMERIC, *AGES, "has_code")
KINDS = ("rule", "schedule", "card", "statement")
STAGES = ("intake", "plan", "day", "session", "discharge", "review", "home")


@dataclass(frozen=True, slots=True)
class Test:
    """One comparison of one fact."""

    __test__ = False  # not a pytest class

    fact: FactSpec
    word: str
    value: bool | Decimal | str | tuple[str, ...]
    threshold: str = ""


@dataclass(frozen=True, slots=True)
class All:
    """Every part holds. No part at all holds always."""

    parts: tuple[Condition, ...] = ()


@dataclass(frozen=True, slots=True)
class AnyOf:
    """At least one part holds."""

    parts: tuple[Condition, ...]


@dataclass(frozen=True, slots=True)
class Not:
    """The part does not hold."""

    part: Condition


Condition = Test | All | AnyOf | Not


@dataclass(frozen=True, slots=True)
class Rule:
    """One dated, versioned, sourced statement. ``outcome`` is what it asks for when it fires; ``signed_outcome``
    is the stricter one it asks for once the site has signed it (a STOP without a label or guideline behind it).
    ``placeholders`` are the facts named in ``say`` and ``do``, ``looks_at`` every comparison it makes, ``persons`` how
    many must agree to set it aside."""

    id: str
    version: int
    effective: date
    kind: str
    topic: str
    stages: tuple[str, ...]
    title: str
    when: Condition
    outcome: Outcome
    say: str
    do: str
    source: Source
    grade: str
    applies: Condition | None = None
    expires: date | None = None
    owner: str = ""
    covers: tuple[str, ...] = ()
    site_configurable: bool = False
    signed_outcome: Outcome | None = None
    persons: int = 1
    basis: str = ""
    note: str = ""
    placeholders: Mapping[str, FactSpec] = field(default_factory=dict)
    looks_at: tuple[Test, ...] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        parts = [self.when] if self.applies is None else [self.applies, self.when]
        object.__setattr__(self, "looks_at", tuple(test for part in parts for test in leaves(part)))

    @property
    def stage(self) -> str:
        """The first stage it belongs to."""
        return self.stages[0]

    @property
    def thresholds(self) -> dict[str, Decimal]:
        """The named numbers of ``applies`` and ``when`` with their defaults."""
        return {t.threshold: t.value for t in self.looks_at if t.threshold and isinstance(t.value, Decimal)}


def leaves(condition: Condition) -> Iterator[Test]:
    """Every comparison in a condition, from left to right."""
    if isinstance(condition, Test):
        yield condition
        return
    for part in (condition.part,) if isinstance(condition, Not) else condition.parts:
        yield from leaves(part)


def with_numbers(rule: Rule, numbers: Mapping[str, Decimal]) -> Rule:
    """The rule with the numbers of some thresholds replaced; names it does not have are ignored."""
    if not numbers or not set(numbers) & set(rule.thresholds):
        return rule
    applies = _numbered(rule.applies, numbers) if rule.applies else None
    return replace(rule, applies=applies, when=_numbered(rule.when, numbers))


def _numbered(condition: Condition, numbers: Mapping[str, Decimal]) -> Condition:
    if isinstance(condition, Test):
        return replace(condition, value=numbers.get(condition.threshold, condition.value))
    if isinstance(condition, Not):
        return Not(_numbered(condition.part, numbers))
    return type(condition)(tuple(_numbered(part, numbers) for part in condition.parts))
