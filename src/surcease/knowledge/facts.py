"""The dictionary of fact names: what each fact is, in which unit, how long it stays true and who supplies it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Context, Decimal
from typing import Any

from surcease.knowledge.fact import Fact, Facts, Value
from surcease.knowledge.yaml import KnowledgeError
from surcease.units import Quantity, UnitError, plain, say_unit

TYPES = ("bool", "number", "text", "choice", "date", "codes")
OWNERS = ("physician", "nurse", "patient", "pharmacist", "lab", "computed", "front_desk")
_KEYS = {"type", "unit", "values", "question", "label", "valid_days", "owner", "supplier", "codes", "block", "note"}


@dataclass(frozen=True, slots=True)
class FactSpec:
    """One entry of facts.yaml. ``codes`` are problem-list codes that make a bool fact true (never false);
    ``block`` names the signed block of questions in which it is asked. ``supplier`` is who gives a computed fact its
    input."""

    name: str
    type: str
    unit: str = ""
    values: tuple[str, ...] = ()
    question: str = ""
    label: str = ""
    valid_days: Decimal | None = None
    owner: str = "physician"
    codes: tuple[str, ...] = ()
    block: str = ""
    supplier: str = ""

    @property
    def asked_of(self) -> str:
        """Who can settle it when it is not known."""
        return self.supplier or (self.owner if self.owner != "computed" else "physician")

    @property
    def words(self) -> str:
        """How the fact is called in a list."""
        return self.label or self.name.replace("_", " ")


def spec(name: str, raw: Mapping[str, Any], *, where: str = "facts.yaml") -> FactSpec:
    """Build one entry; KnowledgeError names the fact and the key that is wrong."""
    if not isinstance(raw, Mapping) or raw.get("type") not in TYPES:
        raise KnowledgeError(f"{where}: {name}: type must be one of {', '.join(TYPES)}.")
    if extra := set(raw) - _KEYS:
        raise KnowledgeError(f"{where}: {name}: the key {min(extra)!r} is not known: use {', '.join(sorted(_KEYS))}.")
    if raw.get("owner") not in OWNERS or raw.get("supplier", "nurse") not in OWNERS:
        raise KnowledgeError(f"{where}: {name}: owner (and supplier) must be one of {', '.join(OWNERS)}.")
    if raw["type"] == "choice" and not raw.get("values"):
        raise KnowledgeError(f"{where}: {name}: a choice needs its values.")
    unit = raw.get("unit", "")
    try:
        Quantity.of(0, unit)
    except UnitError as error:
        raise KnowledgeError(f"{where}: {name}: {error}") from None
    return FactSpec(
        name=name, type=raw["type"], unit=unit, values=tuple(str(v) for v in raw.get("values", ())),
        question=raw.get("question", {}).get("en", ""), label=raw.get("label", ""), valid_days=raw.get("valid_days"),
        owner=raw["owner"], codes=tuple(raw.get("codes", ())), block=raw.get("block", ""),
        supplier=raw.get("supplier", ""),
    )  # fmt: skip


#: units of time as a sentence has them
_TIME_WORDS = {"a": "years", "mo": "months", "wk": "weeks", "d": "days"}


def unit_words(unit: str) -> str:
    """A unit as a sentence has it: years and weeks in words, the rest as on every screen."""
    return _TIME_WORDS.get(unit) or say_unit(unit)


def shown(value: Value, unit: str = "") -> str:
    """A value as a person reads it, with its unit.

    >>> shown(Decimal("160.0"), "mm[Hg]"), shown(False), shown(("gabapentin", "duloxetine"))
    ('160 mmHg', 'no', 'gabapentin, duloxetine')
    """
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, Decimal | int):
        return f"{plain(_readable(Decimal(value)))} {unit_words(unit)}".strip()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, tuple):
        return ", ".join(value) or "none"
    return str(value).replace("_", " ")


def _readable(value: Decimal) -> Decimal:
    """A number that came out of a conversion, to four digits; one that a person wrote stays as written."""
    exponent = value.as_tuple().exponent
    return Context(prec=4).plus(value) if isinstance(exponent, int) and exponent < -4 else value


def read(values: Mapping[str, Any], specs: Mapping[str, FactSpec], *, now: datetime, source: str = "") -> Facts:
    """Facts from a facts file: ``name: value`` (stated now) or ``{value, unit, at, source}``; null is unknown.
    ``at: null`` says that the day is not known.

    Raises ValueError with one sentence for a name the dictionary does not have or a value of another type.
    """
    known: dict[str, Fact] = {}
    for name, raw in values.items():
        if name not in specs:
            raise ValueError(f"The fact {name!r} is not in the dictionary: `surcease rules facts` lists the names.")
        fact = _fact(specs[name], raw, now, source)
        if fact is not None:
            known[name] = fact
    return Facts(known)


def _fact(entry: FactSpec, raw: Any, now: datetime, source: str) -> Fact | None:
    unit = entry.unit
    at: date | datetime | None = now  # a plain value is stated now
    if isinstance(raw, Mapping):
        if extra := set(raw) - {"value", "unit", "at", "source"}:
            raise ValueError(f"The fact {entry.name!r} has the key {min(extra)!r}: use value, unit, at, source.")
        unit, source = raw.get("unit", unit), raw.get("source", source)
        if "at" in raw:  # null: the day is not known, which is not today
            at = None if raw["at"] is None else _moment(entry.name, raw["at"])
        raw = raw.get("value")
    if raw is None:
        return None
    return Fact(_value(entry, raw), unit if entry.type == "number" else "", at, source)


def _moment(name: str, raw: Any) -> date | datetime:
    try:
        return date.fromisoformat(raw) if len(str(raw)) == 10 else datetime.fromisoformat(raw)
    except (TypeError, ValueError):
        raise ValueError(
            f"The fact {name!r} has the time {raw!r}: write 2026-01-31 or 2026-01-31T09:30+01:00."
        ) from None


def _value(entry: FactSpec, raw: Any) -> Value:
    """``raw`` as the type of the entry; ValueError says what is allowed."""
    kind = entry.type
    if kind == "bool" and isinstance(raw, bool):
        return raw
    if kind == "number" and isinstance(raw, Decimal | int) and not isinstance(raw, bool):
        return Decimal(raw)
    if kind == "date":
        return _moment(entry.name, raw)
    if kind == "codes" and isinstance(raw, list | tuple):
        return tuple(str(item) for item in raw)
    if kind == "text" and isinstance(raw, str | Decimal):
        return str(raw)
    if kind == "choice" and str(raw) in entry.values:
        return str(raw)
    allowed = ", ".join(entry.values) or {"bool": "true or false", "codes": "a list"}.get(kind, f"a {kind}")
    raise ValueError(f"The fact {entry.name!r} cannot be {raw!r}: it is {allowed}.")
