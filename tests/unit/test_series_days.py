"""The days of a series: when somebody may go, when they may drive, by hand-made calendars."""

from datetime import date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from surcease.care.series_days import TreatmentDay, no_driving, runs_for

HOUR = timedelta(hours=1)
MONDAY = date(2026, 3, 2)
BERLIN = ZoneInfo("Europe/Berlin")


def day(n: int, on: date = MONDAY, *, runs: timedelta = 4 * HOUR, watched: timedelta = HOUR) -> TreatmentDay:
    return TreatmentDay(n, on, runs, watched)


@pytest.mark.parametrize(
    ("text", "hours"),
    [
        ("0.35 mg/kg/h for 4 h iv", 4),
        ("0.5 mg/kg over 40 min iv", 40 / 60),
        ("10 mg/h for 24 h iv then 40 mg/h for 96 h iv", 120),
    ],
)
def test_an_order_runs_as_long_as_it_says(text: str, hours: float) -> None:
    assert runs_for(text, Decimal(62)).total_seconds() / 3600 == pytest.approx(hours)


def test_going_home_is_arrival_and_drug_and_watching() -> None:
    came = datetime(2026, 3, 2, 9, tzinfo=BERLIN)
    assert day(1).leaves(came) == datetime(2026, 3, 2, 14, tzinfo=BERLIN)
    assert day(1).drives_again(came) == datetime(2026, 3, 3, 14, tzinfo=BERLIN)
    assert day(1).drives_again(None) == date(2026, 3, 3)


def test_24_hours_are_24_hours_when_the_clock_changes() -> None:
    """28 March 2026 in Berlin: the night has 23 hours, so a day after 14:00 is 15:00."""
    came = datetime(2026, 3, 28, 9, tzinfo=BERLIN)
    again = day(1, date(2026, 3, 28)).drives_again(came)
    assert isinstance(again, datetime)
    assert (again.day, again.hour) == (29, 15)
    assert again.timestamp() - came.timestamp() == 29 * 3600


def test_ten_weekdays_make_two_stretches_without_driving() -> None:
    """Monday to Friday twice: each Friday's treatment bars the Saturday; Sunday is free."""
    weekdays = [MONDAY + timedelta(days=n) for n in (0, 1, 2, 3, 4, 7, 8, 9, 10, 11)]
    assert no_driving(day(n, on) for n, on in enumerate(weekdays)) == (
        (date(2026, 3, 2), date(2026, 3, 7)),
        (date(2026, 3, 9), date(2026, 3, 14)),
    )


def test_a_stay_of_days_bars_the_days_of_the_stay_and_the_next() -> None:
    """100 h and 4 h of watching from some hour of Monday end on Friday or Saturday at the latest; then one day more."""
    stay = day(1, runs=100 * HOUR, watched=4 * HOUR)
    assert no_driving([stay]) == ((MONDAY, date(2026, 3, 8)),)
    assert no_driving([]) == ()
