"""Opioids beside ketamine: morphine equivalents by day, one proposed step down, and when a step must wait.

A step is proposed to the prescriber and never advances by itself: the next one is only proposed at a later review.
Equivalents follow risk; they are never a dose for changing opioids (MME-02). The size is that of rule MME-06.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from decimal import Decimal

from surcease.care.medicines import TAKEN
from surcease.care.mme import Mme, mme
from surcease.care.record import Medication
from surcease.knowledge.library import Knowledge
from surcease.units import plain

STEP_PERCENT = Decimal(10)  # a month at most (MME-06)
FAST_PERCENT, FAST_DAYS = Decimal(25), 28  # a fall that asks about withdrawal
WITHDRAWAL = ("Is there withdrawal (sweating, restlessness, gut cramps, poor sleep)?", "How is the mood?",
              "Who decided on the lower dose?")  # fmt: skip


@dataclass(frozen=True, slots=True)
class Step:
    """Equivalents from ``day`` on; ``mme`` None when they cannot be calculated, with the reason."""

    day: date
    mme: Decimal | None
    status: str


@dataclass(frozen=True, slots=True)
class Taper:
    """What is proposed: ``to`` MME a day (None: no step), why it waits, and what to ask first."""

    said: str
    to: Decimal | None = None
    waits: tuple[str, ...] = ()
    ask: tuple[str, ...] = ()
    rules: tuple[str, ...] = ("MME-02", "MME-06")


def steps(medications: Sequence[Medication], *, since: date, until: date, knowledge: Knowledge) -> tuple[Step, ...]:
    """Equivalents on ``since`` and on each later day on which the list changed, up to ``until``."""
    days = sorted({since, until, *(d for m in medications for d in _days(m) if since < d <= until)})
    found: list[Step] = []
    for day in days:
        there = mme(_taken_on(medications, day), today=day, knowledge=knowledge)
        if not found or found[-1].mme != there.total or day == until:
            found.append(Step(day, there.total, there.status))
    return tuple(found)


def taper(
    now: Mme, before: Sequence[Step], *, today: date, responder: bool | None, holds: Sequence[str]
) -> Taper | None:
    """One step down, or why not; None where no opioid is on the list. ``before`` are the steps of the last months,
    ``holds`` the reasons of rule that pause every taper (mood, pain that returns)."""
    if not now.lines:
        return None
    fast = _fast(now.total, before, today)
    if fast:
        return Taper(f"{fast} Ask before anything else is lowered.", waits=(fast,), ask=WITHDRAWAL)
    if now.total is None:
        return Taper("No step is proposed: the opioids cannot be added up in full.", waits=(now.status,))
    waits = [*holds, *_recent(before, now.total, today)]
    if not responder:
        waits.append("A response is not established.")
    if waits:
        return Taper(f"{plain(now.total)} MME a day stay as they are: the taper waits.", waits=tuple(waits))
    to = (now.total * (100 - STEP_PERCENT) / 100).quantize(Decimal("0.1"))
    return Taper(
        f"If the person wants it: at most {plain(STEP_PERCENT)} % less within a month, from {plain(now.total)} to "
        f"{plain(to)} MME a day. One step; the next is proposed at a later review only.",
        to=to,
    )


def _fast(total: Decimal | None, before: Sequence[Step], today: date) -> str:
    """A fall of a quarter or more within four weeks, in words."""
    then = _on(before, today - timedelta(days=FAST_DAYS))
    highest = max((s.mme for s in before if s.mme is not None and (today - s.day).days <= FAST_DAYS), default=None)
    top = max((v for v in (then, highest) if v is not None), default=None)
    if not top or total is None:
        return ""
    fall = (top - total) / top * 100
    if fall < FAST_PERCENT:
        return ""
    return f"Opioids fell by {fall:.0f} % within four weeks ({plain(top)} to {plain(total)} MME a day)."


def _recent(before: Sequence[Step], total: Decimal, today: date) -> Iterator[str]:
    then = _on(before, today - timedelta(days=FAST_DAYS))
    if then is not None and then > total:
        yield "The last step is less than four weeks old."


def _taken_on(medications: Sequence[Medication], day: date) -> list[Medication]:
    """The list as it was on a day: what had begun and had not ended yet."""
    found = []
    for medicine in medications:
        began, ended = (m.date() if isinstance(m, datetime) else m for m in (medicine.started, medicine.stopped))
        if (began is None or began <= day) and (medicine.status in TAKEN if ended is None else ended > day):
            found.append(replace(medicine, status="active"))
    return found


def _on(before: Sequence[Step], day: date) -> Decimal | None:
    past = [s for s in before if s.day <= day]
    return past[-1].mme if past else None


def _days(medicine: Medication) -> Iterator[date]:
    for moment in (medicine.started, medicine.stopped, medicine.changed):
        if moment is not None:
            yield moment.date() if isinstance(moment, datetime) else moment
