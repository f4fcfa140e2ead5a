"""Grade an adverse event by CTCAE v5 where a number or a sign decides; severity is not seriousness.

>>> from surcease.knowledge import load
>>> grade("alt_increased", numbers={"times_upper_limit": Decimal(4)}, knowledge=load()).grade
2
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from surcease.knowledge.library import Knowledge
from surcease.units import plain

DOCUMENT = "codes/ctcae.yaml"


@dataclass(frozen=True, slots=True)
class Graded:
    """A term with its grade, and why. ``grade`` None: nothing that was given decides; 0: a number says normal."""

    term: str
    grade: int | None
    words: str
    because: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Judgement:
    """What is judged apart from the grade. ``serious`` are the criteria of seriousness that hold."""

    serious: tuple[str, ...] = ()
    related: str = ""
    outcome: str = ""


def grade(
    term: str, *, knowledge: Knowledge, numbers: Mapping[str, Decimal] | None = None, signs: Iterable[str] = ()
) -> Graded:
    """The highest grade that a number or a sign gives.

    ``numbers`` by measure (systolic, diastolic, spo2, moaas, times_upper_limit, times_abnormal_baseline); ``signs`` are
    those of the term or of the general scale. ValueError names a term, measure or sign that there is not, and a sign
    whose grade the term does not have.
    """
    document = knowledge.documents[DOCUMENT]
    entry = _known(term, document["terms"], "term")
    reached: dict[str, int] = {}
    for name, value in (numbers or {}).items():
        steps = _known(name, entry.get("numbers", {}), f"measure of {entry['term']}")
        reached[f"{name.replace('_', ' ')} {plain(value)}"] = _step(value, steps)
    for sign in signs:
        reached[sign.replace("_", " ")] = _sign(sign, entry, document)
    if not reached:
        return Graded(entry["term"], None, "not graded yet")
    highest = max(reached.values())
    words = "death" if highest == 5 else entry["grades"].get(str(highest), "normal")
    return Graded(entry["term"], highest, words, tuple(k for k, g in reached.items() if g == highest))


def records_hypertension(*, treated: bool, lasted_min: Decimal, red: bool, knowledge: Knowledge) -> bool:
    """Whether a rise of blood pressure under ketamine is recorded as an adverse event; a short one is expected."""
    return treated or red or lasted_min >= knowledge.documents[DOCUMENT]["record_hypertension_after_min"]


def refuse_judgement(judgement: Judgement, graded: Graded, *, knowledge: Knowledge) -> str:
    """What is wrong or contradictory in a judgement, in one sentence; empty when nothing is."""
    document = knowledge.documents[DOCUMENT]
    if wrong := set(judgement.serious) - set(document["seriousness"]):
        return f"{min(wrong)!r} is not a criterion of seriousness: use {', '.join(document['seriousness'])}."
    if judgement.related not in document["relatedness"]:
        return f"Relatedness cannot be {judgement.related!r}: use {', '.join(document['relatedness'])}."
    if judgement.outcome not in document["outcomes"]:
        return f"The outcome cannot be {judgement.outcome!r}: use {', '.join(document['outcomes'])}."
    needed = {4: "life_threatening", 5: "death"}.get(graded.grade or 0)
    if needed and needed not in judgement.serious:
        return f"Grade {graded.grade} is serious: {needed.replace('_', ' ')} is missing among the criteria."
    return ""


def _known(name: str, table: Mapping[str, Any], what: str) -> Any:
    if name not in table:
        raise ValueError(f"{name!r} is not a {what}: use {', '.join(table) or 'none'}.")
    return table[name]


def _step(value: Decimal, steps: Mapping[str, Mapping[str, Decimal]]) -> int:
    """The highest grade whose comparison holds, 0 when none does."""
    holds = {
        "at_least": lambda limit: value >= limit,
        "above": lambda limit: value > limit,
        "at_most": lambda limit: value <= limit,
        "below": lambda limit: value < limit,
    }
    return max((int(g) for g, test in steps.items() if all(holds[w](n) for w, n in test.items())), default=0)


def _sign(sign: str, entry: Mapping[str, Any], document: Mapping[str, Any]) -> int:
    own = {**document["signs"], **entry.get("signs", {})}
    found = int(_known(sign, own, f"sign of {entry['term']}"))
    if found < 5 and str(found) not in entry["grades"]:
        raise ValueError(f"{entry['term']} has no grade {found}, which {sign.replace('_', ' ')!r} would give it.")
    return found
