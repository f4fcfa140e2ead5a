"""Recognise the medicines on a list, coded or in free text, and say what matched on what. Never a dose.

A medicine is known by its RxNorm code, by its name, or by a word in its text. A near spelling only asks. What is not
recognised is listed, because "no match" is not "not a problem".
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from surcease.care.record import Medication
from surcease.knowledge.fact import Fact
from surcease.knowledge.formulary import RXNORM, Formulary, words_of

#: statuses of a medicine that is taken, as far as the list says
TAKEN = ("active", "unknown")
_DOUBTS = re.compile(
    r"\b(no longer|not taking|stopped|discontinued|previously|former(ly)?|allerg(y|ic)|intoleran(ce|t)|avoid|declined"
    r"|never|no|not|without|off|held|on hold)\b",
    re.ASCII,
)


@dataclass(frozen=True, slots=True)
class Match:
    """One drug found: ``on`` code | name | word | spelling, ``matched`` the code or words, ``confidence`` sure |
    unverified (a code from memory) | ask (only a near spelling: not counted until a person says so)."""

    drug: str
    on: str
    matched: str
    confidence: str = "sure"


@dataclass(frozen=True, slots=True)
class Recognised:
    """One medicine of the list with everything that was found in it. ``doubt`` says what a person should check."""

    medication: Medication
    matches: tuple[Match, ...]
    drugs: tuple[str, ...]
    classes: tuple[str, ...]
    long_acting: bool = False
    doubt: str = ""

    @property
    def known(self) -> bool:
        """Whether at least one drug was recognised (a near spelling is not)."""
        return bool(self.drugs)


def recognise(medication: Medication, formulary: Formulary) -> Recognised:
    """What one medicine is.

    >>> from surcease.knowledge.formulary import formulary
    >>> found = recognise(Medication((), "Percocet 5-325 prn"), formulary())
    >>> found.drugs, found.matches[0].on, found.matches[0].matched
    (('oxycodone',), 'name', 'percocet')
    """
    by_code = list(_by_code(medication, formulary))
    texts = list(dict.fromkeys([medication.text, *(c.display for c in medication.codes)]))
    by_words = [m for text in texts if text for m in _by_words(text, formulary)]
    found = list({(m.drug, m.on, m.matched): m for m in [*by_code, *by_words]}.values())
    drugs = tuple(sorted({m.drug for m in found}))
    near = [] if found else [m for text in texts for m in _by_spelling(text, formulary)]
    classes, long_acting = formulary.classes(drugs), _long_acting(" ".join(texts), drugs, formulary)
    if long_acting and "opioid" in classes:
        classes = tuple(sorted({*classes, "opioid_long_acting"}))
    return Recognised(
        medication,
        tuple(found or near),
        drugs,
        classes,
        long_acting,
        _doubt(medication, by_code, by_words, near, formulary),
    )


def recognise_all(medications: Iterable[Medication], formulary: Formulary) -> tuple[Recognised, ...]:
    """Every medicine of the list."""
    return tuple(recognise(m, formulary) for m in medications)


def taken(medication: Medication, today: date) -> bool:
    """Whether it is taken today, as far as the list says; an end that has passed ends it."""
    ended = medication.stopped
    ended = ended.date() if isinstance(ended, datetime) else ended
    return medication.status in TAKEN and (ended is None or ended > today)


def medicine_facts(
    medications: tuple[Medication, ...], formulary: Formulary, *, today: date, none_taken: bool = False
) -> dict[str, Fact]:
    """The facts of the medicine list, by name. Nothing when there is no list: an empty list is known to be empty only
    when somebody said so (``none_taken``)."""
    if not medications and not none_taken:
        return {}
    now = [r for m in medications if taken(m, today) for r in [recognise(m, formulary)]]
    opioids = {d for r in now for d in r.drugs if "opioid" in formulary.drugs[d].classes}
    long_acting = {d for r in now if r.long_acting for d in r.drugs if d in opioids}
    source = f"medicine list ({len(now)} taken)"

    def fact(value: Decimal | bool | tuple[str, ...], unit: str = "") -> Fact:
        return Fact(value, unit, today, source)

    return {
        "med_classes": fact(tuple(sorted({c for r in now for c in r.classes}))),
        "med_drugs": fact(tuple(sorted({d for r in now for d in r.drugs}))),
        "med_unrecognised_count": fact(Decimal(sum(not r.known for r in now)), "1"),
        "opioid_count": fact(Decimal(len(opioids)), "1"),
        "opioid_long_acting_count": fact(Decimal(len(long_acting)), "1"),
        "naloxone_on_list": fact(any(r.drugs == ("naloxone",) for r in now)),
    }


def _by_code(medication: Medication, formulary: Formulary) -> Iterator[Match]:
    for coding in medication.codes:
        if coding.system != RXNORM:
            continue
        if drug := formulary.codes.get(coding.code):
            unverified = formulary.drugs[drug].grade == "assumption"
            yield Match(drug, "code", f"RxNorm {coding.code}", "unverified" if unverified else "sure")
        for drug in formulary.products.get(coding.code, ()):
            yield Match(drug, "code", f"RxNorm product {coding.code}")


def _by_words(text: str, formulary: Formulary) -> Iterator[Match]:
    """Names as whole words; what one name has used no other may use again."""
    for name, at in formulary.find(text):
        for drug in formulary.names[name]:
            yield Match(drug, "word" if at else "name", name)


def _by_spelling(text: str, formulary: Formulary) -> Iterator[Match]:
    for word in words_of(text):
        if len(word) < 7:
            continue
        near = {d for name, drugs in formulary.names.items() if len(name) > 6 and _one_off(word, name) for d in drugs}
        if len(near) == 1:
            yield Match(near.pop(), "spelling", word, "ask")


def _one_off(a: str, b: str) -> bool:
    """Whether one letter added, left out, changed or swapped with its neighbour makes b of a."""
    if abs(len(a) - len(b)) > 1 or a == b:
        return False
    i = next((i for i, (x, y) in enumerate(zip(a, b, strict=False)) if x != y), min(len(a), len(b)))
    tails = (a[i + 1 :] == b[i + 1 :], a[i + 1 :] == b[i:], a[i:] == b[i + 1 :])
    return any(tails) or (a[i : i + 2] == b[i : i + 2][::-1] and a[i + 2 :] == b[i + 2 :])


def _long_acting(text: str, drugs: tuple[str, ...], formulary: Formulary) -> bool:
    words = f" {' '.join(words_of(text))} "
    return any("opioid_long_acting" in formulary.drugs[d].classes for d in drugs) or any(
        f" {word} " in words for word in formulary.long_acting_words
    )


def _doubt(
    medication: Medication, by_code: list[Match], by_words: list[Match], near: list[Match], formulary: Formulary
) -> str:
    """The one thing a person should check first, in words."""
    coded, worded = {m.drug for m in by_code}, {m.drug for m in by_words}
    if coded and worded and not coded & worded:
        return f"The code says {', '.join(sorted(coded))}, the words say {', '.join(sorted(worded))}: which is right?"
    if near:
        return f"{near[0].matched!r} was not recognised: is it {near[0].drug}?"
    if not coded and not worded:
        return "Not recognised: what is it?"
    said = _DOUBTS.search(" ".join(words_of(f"{medication.text} {medication.directions}")))
    return f"The words say {said[0]!r}: is it taken?" if said else ""
