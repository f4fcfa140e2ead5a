"""Windows, thresholds and the second method, by arithmetic a reader can do in the head."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from surcease.care.record import DiaryEntry
from surcease.care.response import SecondMethod, Size, declined_on, respond, size_of

FIRST, LAST = date(2026, 3, 2), date(2026, 3, 13)


def entry(day: date, pain: str | None, kind: str = "average", hour: int = 20, site: str = "") -> DiaryEntry:
    at = datetime(day.year, day.month, day.day, hour, tzinfo=UTC)
    return DiaryEntry(f"{day}{kind}{hour}", kind, at, day, 0, at, None if pain is None else Decimal(pain), site)


def diary(before: str, after: str, before_days: int = 7, after_days: int = 7) -> list[DiaryEntry]:
    made = [entry(FIRST - timedelta(days=n + 1), before) for n in range(before_days)]
    return made + [entry(LAST + timedelta(days=8 + n), after) for n in range(after_days)]


def test_eight_to_five_is_a_moderate_response_and_pgic_makes_a_responder():
    found = respond(diary("8", "5"), [FIRST, LAST], second=SecondMethod(pgic=2))
    assert (found.baseline.mean, found.response.mean) == (8, 5)
    assert found.change_percent == Decimal("37.5")
    assert (found.size, found.responder) == (Size.MODERATE, True)
    assert found.days_30_better == 7


def test_thirty_percent_without_a_second_method_is_not_yet_a_responder():
    unmeasured = respond(diary("10", "7"), [FIRST, LAST])
    assert unmeasured.responder is None
    disagreeing = respond(diary("10", "7"), [FIRST, LAST], second=SecondMethod(pgic=4, peg_change=Decimal("-0.3")))
    assert disagreeing.responder is False


def test_just_under_thirty_percent_is_not_a_response():
    found = respond(diary("10", "7.01"), [FIRST, LAST], second=SecondMethod(pgic=1))
    assert found.responder is False
    assert found.size is Size.LESS


@pytest.mark.parametrize(("days", "established"), [(3, False), (4, True)])
def test_four_of_seven_days_make_a_baseline(days, established):
    found = respond(diary("8", "5", before_days=days), [FIRST, LAST])
    assert (found.baseline.mean is not None) is established
    assert found.baseline.missing == 7 - days
    assert ("Baseline not established" in found.status) is not established


@pytest.mark.parametrize(("days", "established"), [(3, False), (4, True)])
def test_four_of_seven_days_make_a_response(days, established):
    found = respond(diary("8", "5", after_days=days), [FIRST, LAST])
    assert (found.response.mean is not None) is established
    assert (found.responder is None) or established


def test_a_blank_day_is_missing_not_zero():
    entries = [*diary("8", "5"), entry(LAST + timedelta(days=9), None, hour=8)]
    assert respond(entries, [FIRST, LAST]).response.mean == 5


def test_several_entries_of_a_day_count_as_one_day_and_other_sites_do_not_count():
    entries = [entry(FIRST - timedelta(days=1), "4"), entry(FIRST - timedelta(days=1), "8", hour=9)]
    entries += [entry(FIRST - timedelta(days=n), "6") for n in (2, 3, 4)]
    entries += [entry(FIRST - timedelta(days=n), "0", site="knee") for n in (5, 6, 7)]
    found = respond(entries, [FIRST])
    assert (found.baseline.mean, found.baseline.n) == (6, 4)


def test_acute_relief_is_kept_apart_and_the_session_day_and_the_next_are_excluded():
    start = datetime(2026, 3, 2, 9, tzinfo=UTC)
    entries = diary("8", "6") + [entry(FIRST, "1", "now", 11), entry(FIRST + timedelta(days=2), "9", "now", 11)]
    entries += [entry(LAST + timedelta(days=1), "0")]
    found = respond(entries, [start, LAST])
    assert (found.acute.mean, found.acute.n) == (1, 1)
    assert found.early.n == 0


def test_a_past_review_stays_as_it_was():
    found = respond(diary("8", "5"), [FIRST, LAST], until=LAST + timedelta(days=9))
    assert found.response.mean is None
    assert found.response.n == 2


def test_no_session_and_zero_baseline():
    with pytest.raises(ValueError, match="no session"):
        respond(diary("8", "5"), [])
    found = respond(diary("0", "5"), [FIRST, LAST])
    assert found.change_percent is None
    assert "no meaning" in found.status


def test_decline_needs_two_points_over_seven_diary_days():
    day = date(2026, 3, 21)
    best = {day + timedelta(days=n): Decimal(5) for n in range(30)}
    assert declined_on(best) is None
    worse = best | {day + timedelta(days=30 + n): Decimal(7) for n in range(6)}
    assert declined_on(worse) is None
    assert declined_on(worse | {day + timedelta(days=36): Decimal(7)}) == day + timedelta(days=36)


@pytest.mark.parametrize(
    ("percent", "size"), [("29.9", Size.LESS), ("30", Size.MODERATE), ("49.9", Size.MODERATE), ("50", Size.SUBSTANTIAL)]
)
def test_immpact_words(percent, size):
    assert size_of(Decimal(percent)) is size
