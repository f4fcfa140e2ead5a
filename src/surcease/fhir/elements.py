"""The small parts of R4: codings, dates, quantities, references. A part of the wrong shape raises ShapeError."""

from __future__ import annotations

import re
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from surcease.care.partial import PartialDate
from surcease.care.record import Code, Day

Json = dict[str, Any]

LOINC = "http://loinc.org"
SNOMED = "http://snomed.info/sct"
RXNORM = "http://www.nlm.nih.gov/research/umls/rxnorm"
UCUM = "http://unitsofmeasure.org"
ICD10 = ("http://hl7.org/fhir/sid/icd-10-cm", "http://hl7.org/fhir/sid/icd-10")
_UNDOTTED = re.compile(r"[A-TV-Z][0-9][0-9AB][0-9A-Z]{1,4}", re.ASCII)
_WHOLE_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)


class ShapeError(ValueError):
    """A resource that does not have the shape R4 gives it; it is kept unmapped with this sentence."""


def obj(of: Json, name: str) -> Json:
    """A child object, {} when absent."""
    value = of.get(name, {})
    if not isinstance(value, dict):
        raise ShapeError(f"its {name} is not an object, as R4 has it")
    return value


def objs(of: Json, name: str) -> list[Json]:
    """A list of child objects, [] when absent."""
    value = of.get(name, [])
    if not isinstance(value, list) or not all(isinstance(v, dict) for v in value):
        raise ShapeError(f"its {name} is not a list of objects, as R4 has it")
    return value


def text(of: Json, name: str) -> str:
    """A string, "" when absent."""
    value = of.get(name, "")
    if not isinstance(value, str):
        raise ShapeError(f"its {name} is not text")
    return value.strip()


def texts(of: Json, name: str) -> list[str]:
    """A list of strings, [] when absent."""
    value = of.get(name, [])
    if not isinstance(value, list) or not all(isinstance(v, str) for v in value):
        raise ShapeError(f"its {name} is not a list of texts")
    return [v.strip() for v in value]


def number(of: Json, name: str) -> Decimal | None:
    """An exact number, None when absent."""
    value = of.get(name)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        raise ShapeError(f"its {name} is not a number")
    return Decimal(value)


def boolean(of: Json, name: str) -> bool | None:
    """True, False or None when absent."""
    value = of.get(name)
    if value is not None and not isinstance(value, bool):
        raise ShapeError(f"its {name} is not true or false")
    return value


def day(of: Json, name: str) -> Day:
    """A date, dateTime or instant, as precise as it was given; None when absent.

    A year or month stays a :class:`PartialDate`. A time without an offset says no instant: its day is kept.
    """
    value = text(of, name)
    if not value:
        return None
    try:
        if len(value) in (4, 7):
            return PartialDate.of(value)
        if _WHOLE_DAY.fullmatch(value):
            return date.fromisoformat(value)
        moment = datetime.fromisoformat(_six_digits(value))
    except ValueError:
        raise ShapeError(f"its {name} is not a date that exists") from None
    return moment if moment.tzinfo else moment.date()


def _six_digits(value: str) -> str:
    """Fractions of a second cut to the microsecond, which is as far as Python reads."""
    return re.sub(r"(\.\d{6})\d+", r"\1", value)


def codes(concept: Json) -> tuple[Code, ...]:
    """Every coding of a CodeableConcept, in order; an ICD-10 code without its dot gains a dotted twin.

    >>> [c.code for c in codes({"coding": [{"system": "http://hl7.org/fhir/sid/icd-10-cm", "code": "G9050"}]})]
    ['G9050', 'G90.50']
    """
    found: list[Code] = []
    for coding in objs(concept, "coding"):
        one = Code(text(coding, "system"), text(coding, "code"), text(coding, "display"))
        for code in (one, _dotted(one)):
            if code and code.code and all((c.system, c.code) != (code.system, code.code) for c in found):
                found.append(code)
    return tuple(found)


def _dotted(code: Code) -> Code | None:
    """G9050 → G90.50: other systems write ICD-10-CM without the dot."""
    if code.system not in ICD10 or not _UNDOTTED.fullmatch(code.code.upper()):
        return None
    plain = code.code.upper()
    return Code(code.system, f"{plain[:3]}.{plain[3:]}", code.display)


def words(concept: Json) -> str:
    """What a CodeableConcept says: its text, else the first display, else the first code."""
    said = text(concept, "text")
    found = codes(concept)
    return said or next((c.display for c in found if c.display), "") or next((c.code for c in found), "")


def code_of(concept: Json, system: str = "") -> str:
    """The first code of a concept, of one system when named; "" when there is none."""
    return next((c.code for c in codes(concept) if not system or c.system == system), "")


def unit(quantity: Json) -> str:
    """The unit of a Quantity: the UCUM code when there is one, else the unit as written."""
    code = text(quantity, "code")
    return code if code and text(quantity, "system") in (UCUM, "") else text(quantity, "unit")


def reference(of: Json, name: str) -> str:
    """The reference string of a Reference, "" when absent; a version suffix is dropped."""
    return text(obj(of, name), "reference").partition("/_history/")[0]


def display(of: Json, name: str) -> str:
    """Who or what a Reference says it is."""
    return text(obj(of, name), "display")
