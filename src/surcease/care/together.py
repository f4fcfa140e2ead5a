"""What else happened in the weeks of a series. It is reported together with the infusions; no share is ever split off.

Therapy attended, home exercise and medicines that were started, stopped or changed between the first day of the
baseline and the last day of the response window.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from surcease.care.record import DiaryEntry, Medication, Record

THERAPIES = {"therapy_done": "therapy", "exercise_done": "home exercise"}
BOOKED = "therapy_booked"


@dataclass(frozen=True, slots=True)
class Beside:
    """One thing beside the infusions, on its days; ``booked`` days for therapy, None where nobody said."""

    what: str
    days: tuple[date, ...]
    booked: int | None = None

    @property
    def said(self) -> str:
        """In words.

        >>> Beside("therapy", (date(2026, 3, 2), date(2026, 3, 4)), booked=3).said
        'therapy on 2 days (3 booked)'
        """
        if self.what not in THERAPIES.values():  # one change of a medicine
            return f"{self.what} on {self.days[0]:%d %b}"
        booked = "" if self.booked is None else f" ({self.booked} booked)"
        return f"{self.what} on {len(self.days)} {'day' if len(self.days) == 1 else 'days'}{booked}"


def beside(record: Record, first: date, last: date) -> tuple[Beside, ...]:
    """Everything else from seven days before ``first`` to fourteen after ``last``, both session days."""
    start, end = first - timedelta(days=7), last + timedelta(days=14)
    inside = [e for e in record.diary if start <= e.local_date <= end]
    found = [b for name, words in THERAPIES.items() if (b := _therapy(name, words, inside)) is not None]
    return (*found, *_medicines(record.medications, start, end))


def _therapy(name: str, words: str, inside: list[DiaryEntry]) -> Beside | None:
    done = sorted({e.local_date for e in inside if e.values.get(name) is True})
    booked = {e.local_date for e in inside if e.values.get(BOOKED) is True} if name == "therapy_done" else set()
    if not done and not booked:
        return None
    return Beside(words, tuple(done), len(booked | set(done)) if booked else None)


def _medicines(medications: tuple[Medication, ...], start: date, end: date) -> Iterator[Beside]:
    for medicine in medications:
        for moment, did in (
            (medicine.started, "started"),
            (medicine.changed, "changed"),
            (medicine.stopped, "stopped"),
        ):
            day = moment.date() if isinstance(moment, datetime) else moment
            if day is not None and start <= day <= end:
                yield Beside(f"{medicine.text} {did}", (day,))
