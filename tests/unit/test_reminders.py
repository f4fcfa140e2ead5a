"""When reminders fall due: the person's clock, daylight saving, pulses after a dose, quiet days, giving up."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from surcease.care.reminders import due_reminders, gives_up


def due(now: datetime, *, times=("21:00",), zone="Europe/Berlin", doses=(), quiet_until=None):
    return due_reminders(times=times, zone=zone, doses=doses, now=now, quiet_until=quiet_until)


def test_nine_in_the_evening_is_the_persons_nine():
    assert not due(datetime(2026, 3, 2, 19, 59, tzinfo=UTC))
    (one,) = due(datetime(2026, 3, 2, 20, 1, tzinfo=UTC))
    assert (one.why, one.at) == ("evening", datetime(2026, 3, 2, 20, tzinfo=UTC))


def test_the_same_moment_has_the_same_name_and_expires():
    first, later = due(datetime(2026, 3, 2, 20, 1, tzinfo=UTC)), due(datetime(2026, 3, 3, 2, 0, tzinfo=UTC))
    assert first == later
    assert not due(datetime(2026, 3, 3, 4, 1, tzinfo=UTC))


@pytest.mark.parametrize("day", [date(2026, 3, 29), date(2026, 10, 25)])
def test_daylight_saving_brings_one_reminder_not_none_or_two(day):
    keys = set()
    for minute in range(0, 8 * 60, 5):
        now = datetime(day.year, day.month, day.day, tzinfo=UTC) + timedelta(minutes=minute)
        keys |= {d.key for d in due(now, times=("02:30",)) if day.isoformat() in d.key}
    assert len(keys) == 1


def test_pulses_follow_a_dose_by_elapsed_hours():
    dose = datetime(2026, 3, 2, 10, tzinfo=UTC)
    for hours in (2, 6, 24, 72):
        found = due(dose + timedelta(hours=hours, minutes=1), times=(), doses=(dose,))
        assert f"pulse:{dose.isoformat()}:{hours}" in [d.key for d in found]
    assert not due(dose + timedelta(hours=1), times=(), doses=(dose,))


def test_quiet_until_friday():
    thursday, friday = datetime(2026, 3, 5, 20, 1, tzinfo=UTC), datetime(2026, 3, 6, 20, 1, tzinfo=UTC)
    assert not due(thursday, quiet_until=date(2026, 3, 6))
    assert due(friday, quiet_until=date(2026, 3, 6))


def test_a_week_of_silence_ends_it():
    now = datetime(2026, 3, 10, tzinfo=UTC)
    assert not gives_up(asked_since=None, last_answer=None, now=now)
    assert not gives_up(asked_since=now - timedelta(days=6), last_answer=None, now=now)
    assert gives_up(asked_since=now - timedelta(days=7), last_answer=None, now=now)
    assert not gives_up(asked_since=now - timedelta(days=30), last_answer=now - timedelta(days=6), now=now)
