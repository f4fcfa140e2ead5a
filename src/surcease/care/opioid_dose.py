"""What one opioid order comes to in a day, read from its dose, its unit and its product's own name. Never guessed."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal

from surcease.care.record import Medication
from surcease.knowledge.formulary import Formulary
from surcease.knowledge.mme_table import OpioidWords
from surcease.units import Quantity, UnitError, plain

# a strength as product names write it: 10 MG, 0.075 MG/HR, 75 mcg/h, 2 MG/ML, 10 mg/5 mL
_STRENGTH = re.compile(
    r"\s*(\d+(?:\.\d+)?)\s*(mg|mcg|ug|µg|g)(?:\s*/\s*(\d+(?:\.\d+)?)?\s*(hr|h|hour|ml|l))?(?![a-z0-9/%])", re.IGNORECASE
)
_INJECTED = ("intravenous", "intramuscular", "subcutaneous", "epidural", "intrathecal")
_PATCHES = ("patch", "patches", "{patch}")
_PLAIN = {"mg", "g", "ug", "mcg", "ml", "ug/h", "mcg/h", "mg/h", "mg/d"}  # as people write them in capitals
_PER_DAY = re.compile(r"(?P<mass>mg|g|ug|mcg|µg)/(?:d|day|24 ?h|24 ?hr)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Daily:
    """A day's amount (mg/d), or a patch's rate (ug/h), by ``route``; or None and ``why`` not. ``notes`` are readings
    that the line must show."""

    amount: Quantity | None
    route: str = ""
    why: str = ""
    notes: tuple[str, ...] = ()


class _UnknownError(Exception):
    """Carries the sentence why the amount is not known."""


def daily(medication: Medication, drug: str, formulary: Formulary, words: OpioidWords) -> Daily:
    """The day's amount of ``drug`` in one order."""
    notes: list[str] = []
    route = ""
    try:
        route = _route(medication, drug, words, notes)
        amount = _amount(medication, drug, route, formulary, words, notes)
    except _UnknownError as unknown:
        return Daily(None, route, str(unknown), tuple(notes))
    return Daily(amount, route, "", tuple(notes))


def _route(medication: Medication, drug: str, words: OpioidWords, notes: list[str]) -> str:
    stated = words.route(medication.dose.route) if medication.dose else ""
    form = words.form(_text(medication))
    if stated and form and stated != form and not (form == "injection" and stated in _INJECTED):
        raise _UnknownError(f"the order says {stated}, the product {form}: settle which")
    if stated or form:
        return stated or form
    if drug in words.oral_at_home:
        notes.append("route not stated, read as oral")
        return "oral"
    raise _UnknownError("the route is not stated")


def _amount(
    medication: Medication, drug: str, route: str, formulary: Formulary, words: OpioidWords, notes: list[str]
) -> Quantity:
    dose = medication.dose
    if dose is None:
        raise _UnknownError("the dose is not known")
    if dose.amount <= 0:
        raise _UnknownError("the dose is not above zero")
    unit = dose.unit.strip().lower() if dose.unit.strip().lower() in _PLAIN else dose.unit.strip()
    if not unit:
        raise _UnknownError("the unit of the dose is not stated")
    if route == "transdermal":
        return _rate(medication, drug, unit, formulary, words, notes)
    if whole := _PER_DAY.fullmatch(unit):
        if dose.per_day not in (None, Decimal(1)):
            raise _UnknownError(f"{unit} is already per day, yet {dose.per_day} a day are given: settle which")
        return _milligrams(dose.amount, whole["mass"])
    if dose.per_day is None:
        raise _UnknownError("how often a day is not known")
    if dose.as_needed:
        notes.append("as needed, the most allowed is counted")
    return _milligrams(*_one_take(medication, drug, unit, formulary, words, notes)) * dose.per_day


def _one_take(
    medication: Medication, drug: str, unit: str, formulary: Formulary, words: OpioidWords, notes: list[str]
) -> tuple[Decimal, str]:
    """The drug in one take, as a mass: stated, or pieces or millilitres times the product's strength."""
    assert medication.dose is not None
    amount = medication.dose.amount
    if _is(unit, "mg"):
        others = [n for n, _ in formulary.find(_text(medication)) if drug not in formulary.names[n]]
        if others:
            notes.append(f"a combination: the dose is read as {drug}")
        return amount, unit
    strength = _strength(medication, drug, formulary, words)
    if strength is None:
        raise _UnknownError(f"the strength of one {unit} is not in the product's name")
    each, mass, per, base = strength
    if base == "" and unit.lower() in words.pieces:
        notes.append(f"{plain(each)} {mass.replace('µ', 'mc')} in one {unit.strip('{}')}")
        return amount * each, mass
    if base in ("ml", "l") and _is(unit, "mL"):
        volume = Quantity.of(amount, unit).to("mL").value / (per * (1000 if base == "l" else 1))
        notes.append(f"{plain(each)} {mass.replace('µ', 'mc')} in {plain(per)} {base}")
        return volume * each, mass
    raise _UnknownError(f"{unit} does not fit the product's strength")


def _rate(
    medication: Medication, drug: str, unit: str, formulary: Formulary, words: OpioidWords, notes: list[str]
) -> Quantity:
    """The rate of the patches worn at one time."""
    assert medication.dose is not None
    dose = medication.dose
    if _is(unit, "ug/h"):
        return Quantity.of(dose.amount, unit).to("ug/h")
    strength = _strength(medication, drug, formulary, words)
    if unit.lower() not in _PATCHES or strength is None or strength[3] not in ("h", "hr", "hour"):
        raise _UnknownError("a patch counts by its rate: give it in mcg/h")
    if dose.per_day is not None and dose.per_day > 1:
        raise _UnknownError("more than one patch change a day: settle how many are worn")
    each = Quantity.of(strength[0], f"{_mass(strength[1])}/h").to("ug/h")
    notes.append(f"{plain(dose.amount)} patch of {each} worn at a time")
    return each * dose.amount


def _strength(
    medication: Medication, drug: str, formulary: Formulary, words: OpioidWords
) -> tuple[Decimal, str, Decimal, str] | None:
    """(amount, mass unit, per, base unit) that stands right behind the drug's name, salts between; None otherwise."""
    found = {
        strength
        for text in _texts(medication)
        for name in (drug, *formulary.drugs[drug].names)
        for at in re.finditer(rf"(?<![a-z0-9]){re.escape(name)}(?![a-z0-9])", text, re.IGNORECASE)
        if (strength := _behind(text[at.end() :], words)) is not None
    }
    if len(found) > 1:
        raise _UnknownError("the product's name gives more than one strength")
    return found.pop() if found else None


def _behind(rest: str, words: OpioidWords) -> tuple[Decimal, str, Decimal, str] | None:
    while (word := re.match(r"\s*([A-Za-z-]+)", rest)) and word[1].lower() in words.salts:
        rest = rest[word.end() :]
    match = _STRENGTH.match(rest)
    if match is None:
        return None
    return Decimal(match[1]), match[2].lower(), Decimal(match[3] or 1), (match[4] or "").lower()


def _texts(medication: Medication) -> list[str]:
    return [medication.text, *(c.display for c in medication.codes)]


def _text(medication: Medication) -> str:
    return " ".join(_texts(medication))


def _is(unit: str, kind: str) -> bool:
    try:
        return Quantity.of(0, unit).same_kind(kind)
    except UnitError:
        return False


def _mass(unit: str) -> str:
    return {"mcg": "ug", "µg": "ug"}.get(unit.lower(), unit.lower())


def _milligrams(amount: Decimal, mass: str) -> Quantity:
    return Quantity.of(amount, _mass(mass)).to("mg")
