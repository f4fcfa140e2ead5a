"""What our own export says beyond plain R4, in both directions: code systems, extensions, exact values.

Other systems may ignore all of it. A coding that we only add for them is marked, so that it is dropped on the way back.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from surcease.care.record import Code, Origin
from surcease.fhir.elements import UCUM, Json, boolean, codes, day, number, obj, objs, text, unit
from surcease.units import Quantity, UnitError

BASE = "https://surcease.org/fhir"
QUESTIONNAIRE = f"{BASE}/Questionnaire/"
MEASUREMENT = f"{BASE}/CodeSystem/measurement"
FACT = f"{BASE}/CodeSystem/fact"
FACT_CODE = f"{BASE}/CodeSystem/fact-code"
DIARY = f"{BASE}/CodeSystem/diary"
DIARY_VALUE = f"{BASE}/CodeSystem/diary-value"
SUBSTANCE = f"{BASE}/CodeSystem/substance"
DIARY_ENTRY = f"{BASE}/NamingSystem/diary-entry"
SESSION = f"{BASE}/NamingSystem/session"
OWN_SYSTEMS = frozenset({MEASUREMENT, FACT, DIARY, DIARY_VALUE, SUBSTANCE})
_ADDED = f"{BASE}/StructureDefinition/added"
_ORIGIN = f"{BASE}/StructureDefinition/origin"


def url(name: str) -> str:
    """The address of one of our extensions."""
    return f"{BASE}/StructureDefinition/{name}"


def extension(name: str, **value: Any) -> Json:
    """An extension with one value, e.g. ``extension("late", valueBoolean=True)``."""
    return {"url": url(name), **value}


def find(of: Json, name: str) -> Json:
    """One of our extensions on an element, {} when it is not there."""
    return next((e for e in objs(of, "extension") if text(e, "url") == url(name)), {})


def iso(value: date | datetime) -> str:
    """A FHIR date, dateTime or partial date."""
    return value.isoformat()


# Origin


def origin_extension(origin: Origin | None) -> Json:
    """Where a statement came from, so that it is still known after a journey."""
    if origin is None:
        return {"url": _ORIGIN, "extension": [{"url": "kind", "valueString": "none"}]}
    parts = [("kind", "valueString", origin.kind), ("ref", "valueString", origin.ref), ("by", "valueString", origin.by)]
    parts += [("at", "valueDateTime", iso(origin.at) if origin.at else "")]
    return {"url": _ORIGIN, "extension": [{"url": name, kind: value} for name, kind, value in parts if value]}


def has_origin(resource: Json) -> bool:
    """Whether a resource carries our account of its origin: it is one of our own."""
    return bool(find(resource, "origin"))


def origin_from(resource: Json) -> Origin | None:
    """The origin as it was."""
    said = {text(e, "url"): e for e in objs(find(resource, "origin"), "extension")}
    kind = text(said.get("kind", {}), "valueString")
    if kind == "none":
        return None
    at = day(said.get("at", {}), "valueDateTime")
    ref, by = (text(said.get(name, {}), "valueString") for name in ("ref", "by"))
    return Origin(kind, ref, by, at if isinstance(at, datetime) else None)


# Codings


def coding(code: Code) -> Json:
    """A coding as it came."""
    parts = (("system", code.system), ("code", code.code), ("display", code.display))
    return {name: value for name, value in parts if value}


def added(system: str, code: str, display: str = "") -> Json:
    """A coding of ours that is not part of what was recorded."""
    return {**coding(Code(system, code, display)), "extension": [{"url": _ADDED, "valueBoolean": True}]}


def concept(found: Iterable[Code], words: str = "", *extra: Json) -> Json:
    """A CodeableConcept of recorded codings, our additions and words."""
    made: Json = {}
    if codings := [*map(coding, found), *extra]:
        made["coding"] = codings
    return made | ({"text": words} if words else {})


def recorded(said: Json) -> tuple[Code, ...]:
    """The codings that were recorded: ours and the added ones left out."""
    kept = [c for c in objs(said, "coding") if not any(text(e, "url") == _ADDED for e in objs(c, "extension"))]
    return tuple(c for c in codes({"coding": kept}) if c.system not in OWN_SYSTEMS)


def ours(said: Json, system: str) -> str | None:
    """Our own code in a concept, None when there is none."""
    return next((text(c, "code") for c in objs(said, "coding") if text(c, "system") == system), None)


# Values


def quantity(value: Decimal, said_unit: str) -> Json:
    """An exact Quantity; a UCUM code only where the unit is written as UCUM writes it."""
    made: Json = {"value": value}
    if said_unit:
        made["unit"] = said_unit
        if _is_ucum(said_unit):
            made |= {"system": UCUM, "code": said_unit}
    return made


def _is_ucum(said_unit: str) -> bool:
    try:
        return Quantity.of(0, said_unit).unit == said_unit
    except UnitError:
        return False


def value_of(value: Any, said_unit: str = "") -> Json:
    """A value[x] of one of our own values: truth, number, text, day or list of codes."""
    if isinstance(value, bool):
        return {"valueBoolean": value}
    if isinstance(value, Decimal):
        return {"valueQuantity": quantity(value, said_unit)}
    if isinstance(value, date):
        return {"valueDateTime": iso(value)}
    if isinstance(value, tuple):
        listed = [{"system": FACT_CODE, "code": str(v)} for v in value]
        return {"valueCodeableConcept": {"coding": listed} if listed else {"text": "none"}}
    return {"valueString": str(value)}


def value_from(of: Json) -> tuple[Any, str]:
    """The value and unit that :func:`value_of` wrote; (None, "") when there is none."""
    if (flag := boolean(of, "valueBoolean")) is not None:
        return flag, ""
    if said := obj(of, "valueQuantity"):
        return number(said, "value"), unit(said)
    if "valueCodeableConcept" in of:
        return tuple(text(c, "code") for c in objs(obj(of, "valueCodeableConcept"), "coding")), ""
    if (moment := day(of, "valueDateTime")) is not None:
        return moment, ""
    return text(of, "valueString") or None, ""
