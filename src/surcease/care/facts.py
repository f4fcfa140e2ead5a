"""From a person's record to the facts that rules are evaluated on. What the record does not say stays absent."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from surcease.care.partial import bounds
from surcease.care.record import Record
from surcease.knowledge.fact import Fact, Facts


def derive(record: Record, *, now: datetime, knowledge: Any = None) -> Facts:
    """Every fact the record can supply at ``now``, with unit, time and source; trends included.

    What somebody stated at intake (``record.statements``) stands beside what was measured; the newer wins.
    """
    known: dict[str, Fact] = {**_person(record, now.date())}
    return Facts(known | dict(record.statements))


def _person(record: Record, today: date) -> dict[str, Fact]:
    age = age_years(record.person.born, today)
    found = {"age_years": Fact(Decimal(age), "a", today, "birth date")} if age is not None else {}
    if record.person.sex in ("female", "male"):
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
