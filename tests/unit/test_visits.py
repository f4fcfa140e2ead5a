"""The dates of a series: weekdays, gaps, calls, follow-ups."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from surcease.care.visits import Kind, Rhythm, may_move, plan_visits

MONDAY = date(2026, 3, 2)
WEEKDAYS = Rhythm(weekdays_only=True)


def test_ten_weekdays_skip_the_weekend_and_end_on_the_second_friday():
    visits = plan_visits(start=MONDAY, sessions=10, rhythm=WEEKDAYS)
    days = [v.day for v in visits if v.kind is Kind.SESSION]
    assert len(days) == 10
    assert days[4:6] == [date(2026, 3, 6), date(2026, 3, 9)]
    assert days[-1] == date(2026, 3, 13)


def test_every_session_has_its_call_and_the_series_its_follow_ups():
    visits = plan_visits(start=MONDAY, sessions=2, rhythm=Rhythm(min_gap_days=7, max_gap_days=10))
    calls = [v for v in visits if v.kind is Kind.CALL]
    assert [(c.earliest - MONDAY).days for c in calls] == [1, 8]
    assert all(c.latest - c.earliest == timedelta(days=1) for c in calls)
    assert [(v.day - date(2026, 3, 9)).days for v in visits if v.kind is Kind.FOLLOW_UP] == [14, 42, 84]


def test_a_series_cannot_start_on_a_sunday_or_be_empty():
    with pytest.raises(ValueError, match="Sunday"):
        plan_visits(start=date(2026, 3, 1), sessions=2, rhythm=WEEKDAYS)
    with pytest.raises(ValueError, match="0 sessions"):
        plan_visits(start=MONDAY, sessions=0, rhythm=WEEKDAYS)


@pytest.mark.parametrize(
    ("to", "word"),
    [
        (date(2026, 3, 7), "weekday"),
        (date(2026, 3, 4), "at least 1"),
        (date(2026, 3, 10), "allows 4"),
        (date(2026, 3, 6), ""),
    ],
)
def test_moving_keeps_the_rhythm(to, word):
    visits = plan_visits(start=MONDAY, sessions=3, rhythm=WEEKDAYS)
    second = next(v for v in visits if v.kind is Kind.SESSION and v.number == 2)
    said = may_move(second, to, (MONDAY, date(2026, 3, 4)), WEEKDAYS)
    assert (word in said) if word else said == ""
