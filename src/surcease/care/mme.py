"""Morphine milligram equivalents of a medicine list, line by line, by a stated edition of the CDC table.

What is not in the table, or not known, is *not calculable* with its reason; it is never 0. The total stands only when
every opioid on the list is in it; otherwise ``at_least`` is what the rest comes to. Equivalents describe risk; they are
never used to choose the dose of another opioid.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from surcease.care.medicines import Recognised, recognise, taken
from surcease.care.opioid_dose import Daily, daily
from surcease.care.record import Medication
from surcease.knowledge.fact import Fact
from surcease.knowledge.formulary import Formulary, formulary
from surcease.knowledge.library import Knowledge
from surcease.knowledge.mme_table import DEFAULT, Factor, MmeTable, OpioidWords, mme_table, opioid_words
from surcease.units import Quantity, plain


@dataclass(frozen=True, slots=True)
class MmeLine:
    """One opioid order. ``mme`` None with ``why`` when it is not calculable; ``notes`` say how the dose was read."""

    medicine: str
    drug: str
    daily: Quantity | None = None
    route: str = ""
    factor: Decimal | None = None
    mme: Decimal | None = None
    why: str = ""
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Mme:
    """The list's equivalents per day. ``total`` None when an opioid could not be counted (or nothing is known);
    ``naloxone`` True, False, or None when that cannot be said yet, with ``naloxone_why``."""

    edition: str
    title: str
    total: Decimal | None
    at_least: Decimal | None
    status: str
    lines: tuple[MmeLine, ...]
    unrecognised: tuple[str, ...]
    benzodiazepines: tuple[str, ...]
    naloxone: bool | None
    naloxone_why: str
    naloxone_on_list: bool

    @property
    def opioid_with_benzodiazepine(self) -> bool:
        """Whether both are on the list."""
        return bool(self.lines and self.benzodiazepines)


def mme(
    medications: Iterable[Medication], *, today: date, edition: str = DEFAULT, knowledge: Knowledge | None = None,
    drugs: Formulary | None = None,
) -> Mme:  # fmt: skip
    """The equivalents of the medicines taken ``today``. ``drugs`` may carry a site's product list."""
    table, words, drugs = (
        mme_table(edition, knowledge=knowledge),
        opioid_words(knowledge),
        drugs or formulary(knowledge),
    )
    now = [recognise(m, drugs) for m in medications if taken(m, today)]
    opioids = [r for r in now if "opioid" in r.classes]
    lines = _lines(opioids, table, drugs, words)
    unrecognised = tuple(r.medication.text for r in now if not r.known)
    counted = [line.mme for line in lines if line.mme is not None]
    open_lines = [line for line in lines if line.mme is None]
    total = None if open_lines or (not lines and (unrecognised or not now)) else sum(counted, Decimal(0))
    at_least = sum(counted, Decimal(0)) if counted else total
    benzodiazepines = tuple(r.medication.text for r in now if "benzodiazepine" in r.classes)
    advised, why = _naloxone(lines, total, at_least, bool(benzodiazepines), bool(unrecognised), words)
    return Mme(
        table.id, table.title, total, at_least, _status(now, lines, open_lines, unrecognised, total, at_least),
        lines, unrecognised, benzodiazepines, advised, why, any(r.drugs == ("naloxone",) for r in now),
    )  # fmt: skip


def mme_facts(result: Mme, *, today: date) -> dict[str, Fact]:
    """The facts that rules ask for: the total only when it is known, and the least it can be."""
    facts = {}
    source = f"computed, {result.edition}"
    if result.total is not None:
        facts["mme_per_day"] = Fact(result.total, "mg/d", today, source)
    if result.at_least is not None:
        facts["mme_at_least_per_day"] = Fact(result.at_least, "mg/d", today, source)
    if result.lines or result.total is not None:
        unconverted = tuple(dict.fromkeys(line.drug for line in result.lines if line.mme is None))
        facts["mme_unconverted"] = Fact(unconverted, at=today, source=source)
    return facts


def _lines(opioids: list[Recognised], table: MmeTable, drugs: Formulary, words: OpioidWords) -> tuple[MmeLine, ...]:
    read = []
    for found in _once(opioids):
        named = [d for d in found.drugs if "opioid" in drugs.drugs[d].classes]
        drug = named[0] if len(named) == 1 else " or ".join(named)
        amount = daily(found.medication, drug, drugs, words) if len(named) == 1 else None
        read.append((found.medication.text, drug, amount))
    totals: dict[tuple[str, str], Decimal] = {}
    for _, drug, amount in read:
        if amount and amount.amount:
            totals[drug, amount.route] = totals.get((drug, amount.route), Decimal(0)) + amount.amount.value
    return tuple(_line(text, drug, amount, table, totals, words) for text, drug, amount in read)


def _once(opioids: list[Recognised]) -> list[Recognised]:
    """The same order written anew (same words, same dose, another start) is one order: the newest stands."""
    newest: dict[object, Recognised] = {}
    for i, found in enumerate(opioids):
        medication = found.medication
        key: object = i if medication.started is None else (medication.text, medication.codes, medication.dose)
        if key not in newest or _day(medication) >= _day(newest[key].medication):
            newest[key] = found
    return list(newest.values())


def _day(medication: Medication) -> date:
    started = medication.started
    return started.date() if isinstance(started, datetime) else started or date.min


def _line(
    text: str, drug: str, amount: Daily | None, table: MmeTable, totals: dict[tuple[str, str], Decimal],
    words: OpioidWords,
) -> MmeLine:  # fmt: skip
    if amount is None:
        return MmeLine(text, drug, why="not calculable: more than one opioid in one entry")
    factor = table.factors.get((drug, amount.route))
    if factor is None and (drug in words.reasons or amount.route or not _anywhere(drug, table)):
        return MmeLine(text, drug, amount.amount, amount.route, why=_no_factor(drug, amount.route, table, words))
    if amount.amount is None or factor is None:
        return MmeLine(text, drug, None, amount.route, why=f"not calculable: {amount.why}", notes=amount.notes)
    value = factor.of(totals[drug, amount.route])
    return MmeLine(
        text, drug, _in(amount.amount, factor), amount.route, value, amount.amount.value * value, notes=amount.notes
    )


def _anywhere(drug: str, table: MmeTable) -> list[Factor]:
    return [f for (of, _), f in table.factors.items() if of == drug]


def _no_factor(drug: str, route: str, table: MmeTable, words: OpioidWords) -> str:
    if drug in words.reasons:
        return f"not calculable: {words.reasons[drug]}"
    others = _anywhere(drug, table)
    if not others:
        return f"not calculable: {drug} is not in the table"
    return f"not calculable: the table counts {drug} by the {others[0].route} route only, not {route}"


def _in(amount: Quantity, factor: Factor) -> Quantity:
    return Quantity(amount.value, factor.unit)


def _status(
    now: list[Recognised], lines: tuple[MmeLine, ...], open_lines: list[MmeLine], unrecognised: tuple[str, ...],
    total: Decimal | None, at_least: Decimal | None,
) -> str:  # fmt: skip
    if not now:
        return "No medicine taken is on the list: whether an opioid is taken is not known."
    beside = f" Not recognised: {', '.join(unrecognised)}." if unrecognised else ""
    if not lines:
        known = "No opioid was recognised" if unrecognised else "No opioid is on the list"
        return f"{known} ({len(now)} {'medicine' if len(now) == 1 else 'medicines'}).{beside}"
    if total is not None:
        return f"{plain(total)} MME a day.{beside}"
    counted = "" if at_least is None else f"at least {plain(at_least)} MME a day; "
    reasons = dict.fromkeys(_reason(line) for line in open_lines)
    return f"Not calculable as a whole: {counted}{'; '.join(reasons)}.{beside}"


def _reason(line: MmeLine) -> str:
    reason = line.why.removeprefix("not calculable: ")
    return reason if line.drug in reason else f"{line.drug}, {reason}"


def _naloxone(
    lines: tuple[MmeLine, ...], total: Decimal | None, at_least: Decimal | None, benzodiazepine: bool, unsure: bool,
    words: OpioidWords,
) -> tuple[bool | None, str]:  # fmt: skip
    limit = words.naloxone_at_least
    if lines and benzodiazepine:
        return True, "An opioid and a benzodiazepine are taken together."
    if at_least is not None and at_least >= limit:
        return True, f"{plain(at_least)} MME a day or more, the advice starts at {plain(limit)}."
    if total is None or (lines and unsure):
        return None, "Cannot be said: an opioid or another medicine on the list is not settled."
    return False, f"Below {plain(limit)} MME a day and no benzodiazepine with an opioid."
