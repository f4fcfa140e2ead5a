"""Observation → measurements and instrument answers."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from decimal import Decimal

from surcease.care.record import Code, Day, Measurement, Origin
from surcease.fhir.book import Book, Question
from surcease.fhir.elements import (
    LOINC,
    Json,
    ShapeError,
    boolean,
    code_of,
    codes,
    day,
    number,
    obj,
    objs,
    text,
    unit,
    words,
)
from surcease.fhir.origin import LeftOut
from surcease.fhir.own import MEASUREMENT, has_origin, ours, recorded
from surcease.units import Quantity, UnitError

_NOT_YET = {"registered": "it has no result yet", "cancelled": "it was cancelled"}
_TAKEN_BACK = "its source marked it as entered in error"


@dataclass(frozen=True, slots=True)
class Part:
    """One answer or one total, before the sitting is put together. A single item does not say its instrument:
    PHQ-2 and PHQ-9 share two."""

    instrument: str  # "" for a single item
    code: str  # the item's LOINC code, "" for the total
    value: Decimal | str | bool | None
    at: Day
    group: str  # parts of one sitting share it
    origin: Origin | None
    about: str = ""  # the QuestionnaireResponse it was taken from


@dataclass(frozen=True, slots=True)
class Seen:
    """What one Observation says. ``plain`` is True when nothing in it has a name of ours."""

    measurements: tuple[Measurement, ...] = ()
    parts: tuple[Part, ...] = ()
    plain: bool = False


def observation(resource: Json, origin: Origin | None, book: Book) -> Seen:
    """Measurements (one per component with a value) and answers. Raises LeftOut or ShapeError."""
    status = text(resource, "status")
    if status == "entered-in-error":
        raise LeftOut(_TAKEN_BACK)
    if status in _NOT_YET:
        raise LeftOut(_NOT_YET[status])
    said = codes(obj(resource, "code"))
    if has_origin(resource):  # a measurement of our own export, whatever its codes also mean
        return Seen((_measurement(resource, when(resource), origin, book),))
    if not said and not words(obj(resource, "code")):
        raise ShapeError("it does not say what was observed")
    at = when(resource)
    _agree(said, words(obj(resource, "code")), book)
    if parts := _parts(resource, said, at, origin, book):
        return Seen(parts=parts)
    found = tuple(_measurements(resource, at, origin, book))
    if not found:
        raise LeftOut(_empty(resource, said, book))
    return Seen(measurements=found, plain=not any(m.name for m in found))


def when(resource: Json) -> Day:
    """When it was true: effective time, the end of an effective period, else when it was issued."""
    period = obj(resource, "effectivePeriod")
    tries = [day(resource, "effectiveDateTime"), day(resource, "effectiveInstant"), day(period, "end")]
    tries += [day(period, "start"), day(resource, "issued")]
    return next((t for t in tries if t is not None), None)


def _empty(resource: Json, said: tuple[Code, ...], book: Book) -> str:
    if book.panel(said) or any(c.code in book.panels for c in said) or "hasMember" in resource:
        return "a heading whose parts stand by themselves"
    return "it has no value"


def _agree(said: tuple[Code, ...], title: str, book: Book) -> None:
    """A total whose words name another instrument than its code is not read: one of the two is wrong."""
    ours = book.total(said)
    if not ours or not ours.titles:
        return
    spoken = f"{title} {' '.join(c.display for c in said)}"
    others = [form for form in book.forms.values() if form.id != ours.id and form.named_in(spoken)]
    if others and not ours.named_in(spoken):
        raise LeftOut(f"its code says {ours.titles[0]} and its words say {others[0].titles[0]}")


# Instruments


def _parts(resource: Json, said: tuple[Code, ...], at: Day, origin: Origin | None, book: Book) -> tuple[Part, ...]:
    """The total, the panel with its items as components, or a single item."""
    about = next((r for d in objs(resource, "derivedFrom") if (r := _response(d))), "")
    group = about or str(at)
    form = book.total(said) or book.panel(said)
    if form and book.total(said) and not _has_value(resource):
        raise LeftOut("it has no value")
    if form:
        components = {code_of(obj(c, "code"), LOINC): c for c in objs(resource, "component") if _has_value(c)}
        found = [
            Part(form.id, code, answer(components[code], question), at, group, origin, about)
            for code, question in form.items.items()
            if code in components
        ]
        totals = [resource] if book.total(said) else [components[c] for c in form.totals if c in components]
        return (*found, *(Part(form.id, "", _total(t), at, group, origin, about) for t in totals))
    item = book.item(said)
    if item and _has_value(resource):
        return (Part("", item[0], answer(resource, item[1]), at, group, origin, about),)
    return ()


def _total(of: Json) -> Decimal:
    value = number(obj(of, "valueQuantity"), "value")
    value = number(of, "valueInteger") if value is None else value
    if value is None:
        raise LeftOut("its total is not a number")
    return value


def answer(of: Json, question: Question) -> Decimal | str | bool | None:
    """An item's value: a number, a coded answer as the points it counts, else its words. Unknown codes count nothing.

    ``of`` is an Observation, a component, or an answer of a QuestionnaireResponse.
    """
    concept = obj(of, "valueCodeableConcept") or ({"coding": [of["valueCoding"]]} if obj(of, "valueCoding") else {})
    if concept:
        counted = next((question.answers[c.code] for c in codes(concept) if c.code in question.answers), None)
        return counted if counted is not None else _ordinal(concept)
    for name in ("valueDecimal", "valueInteger"):
        if (found := number(of, name)) is not None:
            return found
    if quantity := obj(of, "valueQuantity"):
        return number(quantity, "value")
    flag = boolean(of, "valueBoolean")
    return flag if flag is not None else (text(of, "valueString") or text(of, "valueDate") or None)


def _ordinal(concept: Json) -> Decimal | None:
    """The ordinalValue or itemWeight that a coding carries."""
    for coding in objs(concept, "coding"):
        for extension in objs(coding, "extension"):
            if text(extension, "url").endswith(("ordinalValue", "itemWeight")):
                return number(extension, "valueDecimal")
    return None


def _response(link: Json) -> str:
    found = text(link, "reference").partition("/_history/")[0]
    return found if "QuestionnaireResponse/" in found else ""


def _has_value(of: Json) -> bool:
    return any(name.startswith("value") for name in of)


# Measurements


def _measurements(resource: Json, at: Day, origin: Origin | None, book: Book) -> Iterator[Measurement]:
    for where in (resource, *objs(resource, "component")):
        if _has_value(where) or ("dataAbsentReason" in where and not objs(where, "component")):
            yield _measurement(where, at, origin, book)


def _measurement(where: Json, at: Day, origin: Origin | None, book: Book) -> Measurement:
    own, said = has_origin(where), recorded(obj(where, "code"))
    named = None if own else book.measurement(said)
    value, said_unit, said_words = _value(where)
    if value is not None and named and named.coded:
        value, said_words = None, said_words or f"{value:f} {said_unit}".strip()
    base = Measurement(
        name=(ours(obj(where, "code"), MEASUREMENT) or "") if own else named.name if named else "",
        value=value,
        unit=said_unit,
        at=at,
        codes=said or (() if own else _worded_code(obj(where, "code"))),
        text=said_words or _interpretation(where),
        absent=words(obj(where, "dataAbsentReason")),
        result=codes(obj(where, "valueCodeableConcept")),
        origin=origin,
    )
    return replace(base, upper_normal=_upper(where, base))


def _worded_code(concept: Json) -> tuple[Code, ...]:
    """What was observed, where only words say it."""
    return (Code("", "", words(concept)),) if words(concept) else ()


def _value(where: Json) -> tuple[Decimal | None, str, str]:
    """Number, unit, words. A "less than" has no number: a limit is not a measurement."""
    if quantity := obj(where, "valueQuantity"):
        value, said_unit = number(quantity, "value"), unit(quantity)
        if sign := text(quantity, "comparator"):
            return None, said_unit, f"{sign} {value} {said_unit}".strip()
        return value, said_unit, ""
    if (whole := number(where, "valueInteger")) is not None:
        return whole, "", ""
    return None, "", _worded(where)


def _worded(where: Json) -> str:
    if concept := obj(where, "valueCodeableConcept"):
        return words(concept)
    if (flag := boolean(where, "valueBoolean")) is not None:
        return "yes" if flag else "no"
    if span := obj(where, "valueRange"):
        low, high = obj(span, "low"), obj(span, "high")
        return f"{low.get('value', '?')}–{high.get('value', '?')} {unit(high) or unit(low)}".strip()
    if ratio := obj(where, "valueRatio"):
        return f"{obj(ratio, 'numerator').get('value', '?')}:{obj(ratio, 'denominator').get('value', '?')}"
    return next((text(where, n) for n in ("valueString", "valueDateTime", "valueTime") if text(where, n)), "")


def _interpretation(where: Json) -> str:
    return "; ".join(w for w in map(words, objs(where, "interpretation")) if w)


def _upper(where: Json, measured: Measurement) -> Decimal | None:
    """The upper end of the normal range, in the unit of the value; None when there is none or it cannot be compared."""
    for span in objs(where, "referenceRange"):
        high = obj(span, "high")
        meaning = code_of(obj(span, "type")) or "normal"
        limit = number(high, "value")
        if limit is None or meaning != "normal" or objs(span, "appliesTo"):
            continue
        try:
            return (
                limit if unit(high) in ("", measured.unit) else Quantity.of(limit, unit(high)).to(measured.unit).value
            )
        except UnitError:
            return None
    return None
