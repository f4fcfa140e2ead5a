"""A fact about a person at a time, and the set of facts that rules are evaluated on. Unknown is not no."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal

Value = bool | Decimal | str | date | datetime | tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Fact:
    """One named value with its unit, its time and where it came from. ``value`` is never None here:
    a fact that is not known is simply absent from :class:`Facts`."""

    value: Value
    unit: str = ""
    at: date | datetime | None = None
    source: str = ""


@dataclass(frozen=True, slots=True)
class Facts(Mapping[str, Fact]):
    """Known facts by name. ``facts.value("age_years")`` is None when unknown.

    >>> Facts({"age_years": Fact(Decimal(38), "a")}).value("age_years")
    Decimal('38')
    >>> Facts({}).value("age_years") is None
    True
    """

    known: Mapping[str, Fact] = field(default_factory=dict)

    def __getitem__(self, name: str) -> Fact:
        return self.known[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self.known)

    def __len__(self) -> int:
        return len(self.known)

    def value(self, name: str) -> Value | None:
        """The value, or None when it is unknown."""
        fact = self.known.get(name)
        return None if fact is None else fact.value

    def with_facts(self, **changes: Fact | None) -> Facts:
        """These facts with some replaced; None makes one unknown."""
        merged = {**self.known, **{k: v for k, v in changes.items() if v is not None}}
        return Facts({k: v for k, v in merged.items() if changes.get(k, v) is not None})
