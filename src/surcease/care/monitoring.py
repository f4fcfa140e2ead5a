"""Which set of observations is due, and from when on it is overdue: the schedules as pure arithmetic on times.

Due at one interval after the last set; overdue at the lesser of one and a half intervals and ten minutes late
(rule MON-06). Times are elapsed time; nothing here reads a clock.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from surcease.care.event import Reading
from surcease.care.session_limits import minutes
from surcease.knowledge.library import Knowledge

DOCUMENT = "limits/schedules.yaml"
OVERDUE = "MON-06"


@dataclass(frozen=True, slots=True)
class Course:
    """The times a schedule hangs on. ``context`` is a key of the schedules; ``started`` the start of the infusion or
    the first dose, None before it; ``ended`` the end of the infusion."""

    context: str
    started: datetime | None = None
    rate_changes: tuple[datetime, ...] = ()
    ended: datetime | None = None


@dataclass(frozen=True, slots=True)
class Taken:
    """A charted set. ``stable`` says that it was within limits; the caller knows the limits."""

    at: datetime
    reading: Reading
    stable: bool = False


@dataclass(frozen=True, slots=True)
class Due:
    """The next set of one stream. ``after`` is the set, start or change it counts from."""

    stream: str
    title: str
    rule: str
    fields: tuple[str, ...]
    after: datetime
    at: datetime
    overdue_at: datetime

    def state(self, now: datetime) -> str:
        """later | due | overdue. Overdue begins after the limit, not on it."""
        if now > self.overdue_at:
            return "overdue"
        return "due" if now >= self.at else "later"

    def facts(self, now: datetime) -> dict[str, Decimal]:
        """The two numbers that rule MON-06 compares."""
        late = max(now - self.at, timedelta(0))
        age = _seconds(now - self.after) / _seconds(self.at - self.after)
        return {"set_age_over_interval": age, "set_overdue_min": _seconds(late) / 60}


@dataclass(frozen=True, slots=True)
class _Point:
    """One candidate: due ``at``, counted from ``after``."""

    after: datetime
    at: datetime


def context_of(*, routes: Iterable[str], form: str, setting: str, pushes_only: bool, home_size: bool) -> str:
    """Which schedule a session follows.

    >>> context_of(routes=("iv",), form="racemic", setting="outpatient", pushes_only=False, home_size=False)
    'outpatient_infusion'
    """
    given = set(routes)
    if form == "esketamine_spray":
        return "nasal_esketamine"
    if home_size or given <= {"po", "sl", "in"}:
        return "home_size_dose"
    if pushes_only or given <= {"im"}:
        return "push"
    return "outpatient_infusion" if setting == "outpatient" else "ward_infusion"


def due(course: Course, taken: Sequence[Taken], *, knowledge: Knowledge) -> tuple[Due, ...]:
    """The next set of every stream that still has one, in the order of their times; none before the start.

    ``taken`` are the sets charted until now, in any order; a set counts for a stream when it has all its fields.
    """
    if course.started is None:
        return ()
    schedule = knowledge.documents[DOCUMENT]["schedules"][course.context]
    early = minutes(knowledge.documents[DOCUMENT]["early_min"])
    limits = knowledge.rule(OVERDUE).thresholds
    found = []
    for stream in schedule["streams"]:
        sets = sorted((t for t in taken if complete(t.reading, stream["fields"])), key=lambda t: t.at)
        point = min(_points(stream["phases"], course, sets, early), key=lambda p: p.at, default=None)
        if point is not None:
            span = point.at - point.after
            latest = point.at + min(span * float(limits["overdue_times"] - 1), minutes(limits["overdue_min"]))
            found.append(
                Due(
                    stream["name"], stream["title"]["en"], schedule["rule"], tuple(stream["fields"]),
                    point.after, point.at, latest,
                )
            )  # fmt: skip
    return tuple(sorted(found, key=lambda d: (d.at, d.stream)))


def complete(reading: Reading, fields: Iterable[str]) -> bool:
    """Whether a set has a value for each field; ``a|b`` is satisfied by either.

    >>> complete(Reading(rass=Decimal(0)), ["sedation_moaas|rass"]), complete(Reading(), ["spo2"])
    (True, False)
    """
    return all(any(getattr(reading, name) is not None for name in field.split("|")) for field in fields)


def _points(
    phases: Iterable[Mapping[str, Any]], course: Course, sets: Sequence[Taken], early: timedelta
) -> Iterator[_Point]:
    """The next time of each phase that still asks for one."""
    last = sets[-1].at if sets else None
    for phase in phases:
        anchor = _anchor(phase["from"], course)
        if anchor is None or _settled(phase, sets, anchor):
            continue
        if "at_min" in phase:
            yield from _fixed(phase["at_min"], anchor, last, early)
        else:
            yield from _repeated(phase, anchor, last, course.ended)


def _anchor(name: str, course: Course) -> datetime | None:
    if name == "rate_change":
        return max(course.rate_changes, default=None)
    return course.started if name == "start" else course.ended


def _settled(phase: Mapping[str, Any], sets: Sequence[Taken], anchor: datetime) -> bool:
    """Whether the phase has reached its own end: enough stable sets in a row, or a pressure that falls."""
    if "until_stable_sets" in phase:
        number = int(phase["until_stable_sets"])
        after = [t for t in sets if t.at > anchor]
        return len(after) >= number and all(t.stable for t in after[-number:])
    if phase.get("until_falling"):
        pressures = [t.reading.systolic for t in sets if t.reading.systolic is not None and t.at >= anchor]
        return len(pressures) >= 2 and pressures[-1] < pressures[-2]
    return False


def _fixed(times: Sequence[Decimal], anchor: datetime, last: datetime | None, early: timedelta) -> Iterator[_Point]:
    """The first fixed time for which no set was taken yet."""
    before = anchor
    for minute in times:
        at = anchor + minutes(minute)
        if last is None or last < at - early:
            yield _Point(before, at)
            return
        before = at


def _repeated(
    phase: Mapping[str, Any], anchor: datetime, last: datetime | None, ended: datetime | None
) -> Iterator[_Point]:
    """One interval after the last set, inside the phase's window."""
    opens = anchor + minutes(phase.get("after_min", 0))
    closes = anchor + minutes(phase["until_min"]) if "until_min" in phase else None
    if phase["from"] != "end" and ended is not None:
        closes = ended if closes is None else min(closes, ended)
    if last is None:
        after = anchor
    else:
        after = last if phase["from"] == "end" else max(last, anchor)
    at = max(after + minutes(phase["every_min"]), opens)
    if closes is None or at <= closes:
        yield _Point(after, at)


def _seconds(span: timedelta) -> Decimal:
    return Decimal(span.days * 86_400 + span.seconds) + Decimal(span.microseconds) / 1_000_000
