"""Dosage → care.record.Dose. What is not said is not guessed: no amount, no dose."""

from __future__ import annotations

from decimal import Context, Decimal
from fractions import Fraction

from surcease.care.record import Dose
from surcease.fhir.book import book
from surcease.fhir.elements import Json, boolean, codes, number, obj, objs, text, unit, words
from surcease.fhir.own import find
from surcease.units import Quantity, UnitError

# Timing codes (HL7 GTS abbreviations) that fix a number of takes per day.
_PER_DAY = {
    "QD": Fraction(1), "AM": Fraction(1), "PM": Fraction(1), "BED": Fraction(1), "BID": Fraction(2),
    "TID": Fraction(3), "QID": Fraction(4), "Q4H": Fraction(6), "Q6H": Fraction(4), "Q8H": Fraction(3),
    "QOD": Fraction(1, 2), "WK": Fraction(1, 7),
}  # fmt: skip
_FIFTEEN = Context(prec=15)
_DAYS = {
    "s": Fraction(1, 86400), "min": Fraction(1, 1440), "h": Fraction(1, 24), "d": Fraction(1), "wk": Fraction(7),
    "mo": Fraction("30.4375"), "a": Fraction("365.25"),
}  # fmt: skip


def directions(dosages: list[Json]) -> str:
    """The order's own words on how to take it."""
    said = [text(d, "text") or text(d, "patientInstruction") for d in dosages]
    return " ".join(dict.fromkeys(" ".join(w.split()) for w in said if w))


def dose(dosages: list[Json], *, own: bool = False) -> Dose | None:
    """The one dose that the dosages state, or None when they state none, or several we cannot add up. ``own``: they
    are from our own export, which says takes per day and words exactly.

    A range keeps its upper end (what the person may take at most) and says so in ``text``. "As needed" is kept,
    with the maximum per day where one is given.
    """
    stated = [d for d in map(_exact if own else _one, dosages) if d is not None]
    if not stated or len(stated) != len(dosages):
        return None
    if len(stated) == 1:
        return stated[0]
    steps = {number(d, "sequence") for d in dosages}
    return _sum(stated) if len(steps) == 1 else None  # different sequence numbers follow each other: a titration


def _one(dosage: Json) -> Dose | None:
    amount, said_unit, words_of = _amount(dosage)
    if amount is None or amount < 0:
        return None
    per_day, timing = _per_day(dosage)
    as_needed = boolean(dosage, "asNeededBoolean") is True or bool(obj(dosage, "asNeededCodeableConcept"))
    most = _maximum(dosage, amount, said_unit)
    if as_needed or per_day is None:
        per_day = most if most is not None else per_day
    said = "; ".join(w for w in (text(dosage, "text"), words_of, timing) if w)
    return Dose(amount, said_unit, per_day, as_needed, _route(obj(dosage, "route")), said)


def _exact(dosage: Json) -> Dose | None:
    """A dose as our own export wrote it."""
    amount, said_unit, _ = _amount(dosage)
    if amount is None:
        return None
    per_day = number(find(dosage, "per-day"), "valueDecimal")
    as_needed = boolean(dosage, "asNeededBoolean") is True
    said = text(find(dosage, "dose-text"), "valueString")
    return Dose(amount, said_unit, per_day, as_needed, text(obj(dosage, "route"), "text"), said)


def _route(concept: Json) -> str:
    """Our word for a route we know by code or by name, else its own words."""
    said = words(concept)
    known = book().routes
    coded = (known[c.code] for c in codes(concept) if c.code in known)
    return next(coded, "") or known.get(said.lower(), said)


def _amount(dosage: Json) -> tuple[Decimal | None, str, str]:
    """Amount, unit and a word about ranges: from doseQuantity, doseRange, rateQuantity or rateRatio."""
    for part in objs(dosage, "doseAndRate"):
        quantity, span = obj(part, "doseQuantity"), obj(part, "doseRange")
        if quantity:
            return number(quantity, "value"), unit(quantity), ""
        if span:
            high, low = obj(span, "high"), obj(span, "low")
            return number(high, "value"), unit(high), f"{_say(low)}–{_say(high)} {unit(high)}".strip()
        if rate := obj(part, "rateQuantity"):
            return number(rate, "value"), unit(rate), ""
        if ratio := obj(part, "rateRatio"):
            return _ratio(ratio)
    return None, "", ""


def _say(quantity: Json) -> str:
    value = number(quantity, "value")
    return "?" if value is None else f"{value:f}"


def _ratio(ratio: Json) -> tuple[Decimal | None, str, str]:
    above, below = obj(ratio, "numerator"), obj(ratio, "denominator")
    top, bottom = number(above, "value"), number(below, "value")
    bottom = Decimal(1) if bottom is None else bottom
    if top is None or bottom <= 0:
        return None, "", ""
    return _decimal(Fraction(top) / Fraction(bottom)), f"{unit(above)}/{unit(below)}", ""


def _per_day(dosage: Json) -> tuple[Decimal | None, str]:
    """Takes per day, and a word when the timing is a range (its more frequent end is kept)."""
    timing = obj(dosage, "timing")
    repeat = obj(timing, "repeat")
    often = number(repeat, "frequencyMax") or number(repeat, "frequency")
    period, period_unit = number(repeat, "period"), text(repeat, "periodUnit")
    if often is None and period is not None:
        often = Decimal(1)
    if often is not None and period and period_unit in _DAYS:
        ranged = "frequencyMax" in repeat or "periodMax" in repeat
        return _decimal(
            Fraction(often) / (Fraction(period) * _DAYS[period_unit])
        ), "the more frequent end is counted" if ranged else ""
    if "when" in repeat and isinstance(repeat["when"], list) and repeat["when"] and "dayOfWeek" not in repeat:
        return Decimal(len(repeat["when"])), ""
    code = next((str(c.get("code")) for c in objs(obj(timing, "code"), "coding")), "")
    return (_decimal(_PER_DAY[code]) if code in _PER_DAY else None), ""


def _decimal(exact: Fraction) -> Decimal:
    """3 for Fraction(3), 0.333… for a third: divided once, at the end, to fifteen digits."""
    return _FIFTEEN.divide(Decimal(exact.numerator), Decimal(exact.denominator))


def _maximum(dosage: Json, amount: Decimal, said_unit: str) -> Decimal | None:
    """The most takes per day that maxDosePerPeriod allows."""
    limit = obj(dosage, "maxDosePerPeriod")
    above, below = obj(limit, "numerator"), obj(limit, "denominator")
    top, bottom = number(above, "value"), number(below, "value") or Decimal(1)
    days = _DAYS.get(text(below, "code") or text(below, "unit"))
    if top is None or days is None or not amount:
        return None
    try:
        total = Quantity.of(top, unit(above)).to(said_unit).value if unit(above) != said_unit else top
    except UnitError:
        return None
    return _decimal(Fraction(total) / Fraction(amount) / (Fraction(bottom) * days))


def _sum(stated: list[Dose]) -> Dose | None:
    """Several dosages of one order (morning 1, night 2) as amount 1 × total, when they share a unit and a rhythm."""
    first = stated[0]
    if any(d.unit != first.unit or d.per_day is None or d.as_needed != first.as_needed for d in stated):
        return None
    total = sum((d.amount * d.per_day for d in stated if d.per_day is not None), Decimal(0))
    said = "; ".join(d.text for d in stated if d.text)
    return Dose(total, first.unit, Decimal(1), first.as_needed, first.route, said)
