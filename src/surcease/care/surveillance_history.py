"""What the record says of the looking-after: when liver, bladder, side effects, cognition were last looked at."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from typing import Any

from surcease.care.record import Record
from surcease.care.surveillance import History

LIVER = ("alt", "ast", "alp", "ggt", "bilirubin")
ANSWERED = {"bladder": ("bpic-ss",), "kset": ("kset-r",), "moca": ("moca",)}


def history_of(record: Record) -> History:
    """The history that :func:`surcease.care.surveillance.due_tests` asks for, as far as the record tells it.

    A liver test counts on the day of any of its parts; what was never written down is never assumed done.
    """
    last: dict[str, date] = {}
    for name, day in (*_measured(record), *_answered(record)):
        last[name] = max(last.get(name, day), day)
    screen = record.statements.get("uds_result")
    screened = _day(screen.at) if screen is not None else None
    if screened is not None:
        last["uds"] = screened
    return History(given=tuple(record.given), last=last)


def _measured(record: Record) -> Iterator[tuple[str, date]]:
    for one in record.measurements:
        day = _day(one.at)
        if one.name in LIVER and day is not None:
            yield "lft", day
        if one.name in ("moca", "moca_score") and day is not None:
            yield "moca", day


def _answered(record: Record) -> Iterator[tuple[str, date]]:
    for answers in record.answers:
        day = _day(answers.at)
        for name, instruments in ANSWERED.items():
            if answers.instrument in instruments and day is not None:
                yield name, day


def _day(at: Any) -> date | None:
    """The day of a day, an instant, or a partial date that has one."""
    if isinstance(at, datetime):
        return at.date()
    return at if isinstance(at, date) else None
