"""What a monitor's codes, names and units mean: knowledge/codes/devices.yaml, and a site's own codes before it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, TypeVar

from surcease.knowledge.library import Knowledge

K = TypeVar("K")
DOCUMENT = "codes/devices.yaml"
MDC, LOINC = ("MDC", "", "ISO", "11073", "ISO/IEEE11073"), ("LN", "LOINC")


@dataclass(frozen=True, slots=True)
class Parameter:
    """One thing a monitor measures. ``field`` is that of a charted set, "" when it is only kept."""

    id: str
    title: str
    field: str
    unit: str
    least: Decimal
    most: Decimal
    kind: str  # continuous | cuff


@dataclass(frozen=True, slots=True)
class SiteCode:
    """A code of a site's own monitors: (system, code) means this parameter."""

    system: str
    code: str
    parameter: str


@dataclass(frozen=True)
class Table:
    """The meaning of codes, names and units. ``parameter`` and ``unit`` are None for what is not known."""

    parameters: Mapping[str, Parameter]
    by_code: Mapping[tuple[str, str], str]
    by_name: Mapping[str, str]
    units: Mapping[str, str]
    containers: frozenset[str]
    no_value: frozenset[Decimal]
    states: Mapping[str, str]
    own: Mapping[tuple[str, str], str] = field(default_factory=dict)

    def by(self, system: str, code: str) -> Parameter | None:
        """What a code means; the site's own table first."""
        found = self.own.get((system.upper(), code))
        if found is None:
            book = "mdc" if system.upper() in MDC else "loinc" if system.upper() in LOINC else ""
            found = self.by_code.get((book, code))
        return self.parameters.get(found or "")

    def named(self, name: str) -> Parameter | None:
        """What a name means."""
        return self.parameters.get(self.by_name.get(_bare(name), ""))

    def unit(self, text: str) -> str | None:
        """The UCUM unit of a code or a spelling."""
        return self.units.get(text) or self.units.get(text.lower())

    def of_site(self, codes: Iterable[SiteCode]) -> Table:
        """This table with a site's own codes; ValueError for a parameter that is not there."""
        own = {}
        for line in codes:
            if line.parameter not in self.parameters:
                raise ValueError(f"{line.parameter!r} is not measured here: it is one of {', '.join(self.parameters)}.")
            own[(line.system.upper(), line.code)] = line.parameter
        return Table(
            self.parameters, self.by_code, self.by_name, self.units, self.containers, self.no_value, self.states, own
        )


_made: dict[str, Table] = {}


def table(knowledge: Knowledge) -> Table:
    """The table of a knowledge release, made once. ValueError when a name or code stands for two parameters."""
    if knowledge.hash not in _made:
        _made.clear()
        _made[knowledge.hash] = _make(knowledge.documents[DOCUMENT])
    return _made[knowledge.hash]


def _make(raw: Mapping[str, Any]) -> Table:
    parameters, codes, names = dict[str, Parameter](), dict[tuple[str, str], str](), dict[str, str]()
    for key, entry in raw["parameters"].items():
        parameters[key] = Parameter(
            key, entry["title"]["en"], entry["field"], entry["unit"], Decimal(entry["from"]), Decimal(entry["to"]),
            entry["kind"],
        )  # fmt: skip
        for book in ("mdc", "loinc"):
            for code in entry[book]:
                _once(codes, (book, code), key)
        for name in entry["names"]:
            _once(names, _bare(name), key)
    states = {letter: state for state, letters in raw["states"].items() for letter in letters}
    units = dict(raw["units"]) | {spelling.lower(): unit for spelling, unit in raw["units"].items()}
    return Table(
        parameters, codes, names, units, frozenset(raw["containers"]), frozenset(Decimal(v) for v in raw["no_value"]),
        states,
    )  # fmt: skip


def _once(found: dict[K, str], key: K, value: str) -> None:
    if found.setdefault(key, value) != value:
        raise ValueError(f"{DOCUMENT}: {key!r} stands for {found[key]} and {value}: keep one.")


def _bare(name: str) -> str:
    return "".join(c for c in name.lower() if c.isalnum())
