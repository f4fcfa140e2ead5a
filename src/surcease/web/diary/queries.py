"""Reads of the diary: a person's days, their medicines, messages, what waits."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from surcease.care.record import DiaryEntry
from surcease.care.response import daily_means
from surcease.web.diary.arrival import ANSWERS
from surcease.web.diary.models import EntryRow
from surcease.web.diary.record import diary_of
from surcease.web.intake.calls import site_of as site_of
from surcease.web.patients.models import MedicationRow, Patient
from surcease.web.patients.ribbon import StepState


@dataclass(frozen=True, slots=True)
class Day:
    """One day of the ribbon: the day's mean, or nothing."""

    day: date
    pain: Decimal | None
    session: bool = False

    @property
    def tone(self) -> str:
        """low, middle, high or none: the ribbon's word for it, beside the number."""
        if self.pain is None:
            return "none"
        return "low" if self.pain < 4 else "middle" if self.pain < 7 else "high"


def ribbon(patient: Patient, *, today: date, days: int = 14, sessions: frozenset[date] = frozenset()) -> list[Day]:
    """The last days, oldest first, gaps shown as gaps."""
    entries = list(diary_of(patient))
    means: Mapping[date, Decimal] = daily_means(entries)
    span = [today - timedelta(days=n) for n in range(days - 1, -1, -1)]
    return [Day(d, means.get(d), d in sessions) for d in span]


def entries_of(patient: Patient, *, today: date, days: int | None = 60) -> list[DiaryEntry]:
    """The person's own entries of the last ``days`` (None: all), newest first."""
    since = date.min if days is None else today - timedelta(days=days)
    return sorted((e for e in diary_of(patient) if e.local_date >= since), key=lambda e: e.at, reverse=True)


def medicines(patient: Patient) -> list[str]:
    """The person's list, for ticking."""
    rows = MedicationRow.objects.standing().filter(patient=patient, status="active").order_by("text")
    return list(dict.fromkeys(row.text for row in rows))


def shares(patient: Patient, *, today: date, days: int = 28) -> dict[str, Any]:
    """How many of the last days have an entry."""
    since = today - timedelta(days=days - 1)
    have = EntryRow.objects.filter(patient=patient, local_date__gte=since, local_date__lte=today).exclude(kind=ANSWERS)
    n = have.values("local_date").distinct().count()
    return {"n": n, "of": days}


def step_state(patient: Patient) -> StepState:
    """For the ribbon above a person's pages."""
    return StepState(done=EntryRow.objects.filter(patient=patient).exists())
