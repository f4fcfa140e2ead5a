"""What a course says: inpatient or not, and whether a measure of disability moved by what matters."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from surcease.care.facts import derive
from surcease.care.record import Answers, Given, Person, Record, Sex

NOW = datetime(2026, 3, 2, 10, tzinfo=UTC)
ANN = Person("ann", "Lee", "Ann", date(1988, 2, 3), Sex.FEMALE)


def ago(days: float) -> datetime:
    return NOW - timedelta(days=days)


def given(days: float, hours: float | None = 4, session: str = "ours") -> Given:
    ended = None if hours is None else ago(days) + timedelta(hours=hours)
    return Given("racemic", "iv", Decimal(87), ago(days), ended, session=session)


def scored(instrument: str, days: float, value: int) -> Answers:
    return Answers(instrument, "1", {}, ago(days), score=Decimal(value))


def facts(*sessions: Given, answers: tuple[Answers, ...] = ()):
    return derive(Record(ANN, given=sessions, answers=answers), now=NOW)


@pytest.mark.parametrize(
    ("sessions", "inpatient"),
    [
        ((given(10), given(9)), False),
        ((given(10, 100),), True),
        ((given(10, 24),), True),
        ((given(10, 23.9),), False),
        ((given(60, 100), given(9)), False),  # an older series does not make this one inpatient
        ((given(10), given(9, session="")), None),  # another clinic's session: where it was given is not known
        ((given(10), given(9, None)), None),
    ],
)
def test_the_last_course_was_inpatient(sessions, inpatient):
    assert facts(*sessions).value("last_course_inpatient") is inpatient


@pytest.mark.parametrize(
    ("answers", "met"),
    [
        ((scored("hit-6", 20, 66), scored("hit-6", 2, 60)), True),  # 6 points lower: HIT-6's own change
        ((scored("hit-6", 20, 66), scored("hit-6", 2, 61)), False),
        ((scored("promis-physical-function-4a", 20, 35), scored("promis-physical-function-4a", 2, 38)), True),
        ((scored("promis-physical-function-4a", 20, 38), scored("promis-physical-function-4a", 2, 35)), False),
        (
            (scored("hit-6", 20, 66), scored("hit-6", 2, 66), scored("promis-physical-function-4a", 20, 35),
             scored("promis-physical-function-4a", 2, 38)),
            True,
        ),
        ((scored("hit-6", 20, 66),), None),
        ((scored("hit-6", 2, 60),), None),
        ((), None),
    ],
)  # fmt: skip
def test_a_measure_of_disability_improved_by_what_matters(answers, met):
    """Physical function: higher is better and 3 points matter; headache impact: lower is better and 6 matter."""
    assert facts(given(10), given(9), answers=answers).value("disability_mcid_met") is met
