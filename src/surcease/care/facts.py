"""From a person's record to the facts that rules are evaluated on. What the record does not say stays absent."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

from surcease.care.derive_answers import answer_facts
from surcease.care.derive_body import body_facts, moment
from surcease.care.derive_course import course_facts
from surcease.care.derive_medicines import list_facts
from surcease.care.derive_problems import problem_facts
from surcease.care.partial import bounds
from surcease.care.record import Record
from surcease.knowledge import Knowledge, load, yaml
from surcease.knowledge.fact import Fact, Facts
from surcease.knowledge.facts import read


def derive(record: Record, *, now: datetime, knowledge: Knowledge | None = None) -> Facts:
    """Every fact the record can supply at ``now``, with unit, time and source; trends included.

    What somebody stated at intake (``record.statements``) stands beside what was measured: the newer wins, and at
    the same moment what was stated.
    """
    knowledge = knowledge or load()
    known: dict[str, Fact] = {}
    parts = (
        _person(record, now.date()),
        body_facts(record, now),
        problem_facts(record, now, knowledge),
        answer_facts(record, now, knowledge),
        course_facts(record, now, knowledge),
        list_facts(record, now, knowledge),
        record.statements,
    )
    for part in parts:
        _newer(known, part)
    return Facts(known)


def _newer(known: dict[str, Fact], found: Mapping[str, Fact]) -> None:
    """Add what is found; of two facts of one name the newer stays, and of equals the later source."""
    for name, fact in found.items():
        if name not in known or moment(fact.at) >= moment(known[name].at):
            known[name] = fact


def _person(record: Record, today: date) -> dict[str, Fact]:
    age = age_years(record.person.born, today)
    found = {"age_years": Fact(Decimal(age), "a", today, "birth date")} if age is not None else {}
    if record.person.sex in ("female", "male", "other"):
        found["sex"] = Fact(str(record.person.sex), source="record")
    return found


def age_years(born: date | None, today: date) -> int | None:
    """Completed years; None when unknown, or when a partial birth date leaves two answers.

    >>> age_years(date(1988, 2, 29), date(2026, 2, 28)), age_years(date(1988, 2, 29), date(2026, 3, 1))
    (37, 38)
    """
    if born is None:
        return None
    ages = {today.year - d.year - ((today.month, today.day) < (d.month, d.day)) for d in bounds(born)}
    return ages.pop() if len(ages) == 1 and min(ages) >= 0 else None


def read_facts_file(path: Path | str, *, now: datetime, knowledge: Knowledge | None = None) -> Facts:
    """Facts of a YAML file: ``name: value`` or ``name: {value, unit, at, source}``; null or absent is unknown.

    Raises ValueError with one sentence for a name the dictionary does not have, a value of another type, or a file
    that is not such a list; FileNotFoundError when there is none.
    """
    path = Path(path)
    values = yaml.load(path)
    if values is None:
        return Facts({})
    if not isinstance(values, Mapping):
        raise ValueError(f"{path.name} is not a list of facts: write one fact a line, such as age_years: 38.")
    return read(values, (knowledge or load()).facts, now=now, source=path.name)
