"""What was given, counted: sessions, weeks on ketamine, long courses; average pain of the week; fall of MoCA."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal

from surcease.care.derive_answers import by_instrument, value_of
from surcease.care.derive_response import response_facts
from surcease.care.record import Answers, Given, Record
from surcease.care.response import daily_means
from surcease.knowledge import Knowledge
from surcease.knowledge.catalogue import catalogue
from surcease.knowledge.fact import Fact

#: sessions further apart than this belong to two series (design default)
SERIES_GAP = timedelta(days=21)
_LONG = timedelta(hours=72)
_LEAST_DAYS = 4
_OVERNIGHT = timedelta(hours=24)  # an infusion this long is given on a ward


def course_facts(record: Record, now: datetime, knowledge: Knowledge) -> dict[str, Fact]:
    """Counts and spans from the sessions given, and the response to them. Nothing given: nothing said."""
    given = sorted((g for g in record.given if g.started <= now), key=lambda g: g.started)
    known = _week_of_diary(record, now)
    known |= _moca_fall(record, now, knowledge)
    if given:
        series = last_series(given)
        known |= _counts(given, series, now)
        known |= response_facts(record, series, now, catalogue(knowledge))
    return known


def last_series(given: Sequence[Given]) -> list[Given]:
    """The sessions of the newest series, in order of time."""
    series: list[Given] = []
    for session in reversed(given):
        if series and series[0].started - session.started > SERIES_GAP:
            break
        series.insert(0, session)
    return series


def _counts(given: Sequence[Given], series: Sequence[Given], now: datetime) -> dict[str, Fact]:
    year = [g for g in given if g.started > now - timedelta(days=365)]
    known = {
        "sessions_in_course": _number(len(series), "1", now),
        "sessions_12_months": _number(len(year) + 1, "1", now),  # the planned one is counted with them
        "weeks_on_ketamine": _number(_weeks(given, now), "wk", now),
        "first_session_of_series": Fact(now - series[-1].started > SERIES_GAP, at=now, source="sessions given"),
    }
    inpatient = _inpatient(series)
    if inpatient is not None:
        known["last_course_inpatient"] = Fact(inpatient, at=series[-1].started, source="sessions given")
    long = [g for g in given if g.ended and g.ended - g.started >= _LONG]
    if long:
        ended = long[-1].ended or long[-1].started
        known["long_course_before"] = Fact(True, at=ended, source="sessions given")
        known["days_since_long_course"] = _number((now - ended).days, "d", now)
        known["long_courses_12_months"] = _number(sum(g in year for g in long) + 1, "1", now)
    return known


def _inpatient(series: Sequence[Given]) -> bool | None:
    """An infusion of a day or more was given on a ward; shorter ones of this clinic were not. Where another clinic
    gave them, or an end is not known, it cannot be said."""
    if any(g.ended and g.ended - g.started >= _OVERNIGHT for g in series):
        return True
    return False if all(g.session and g.ended for g in series) else None


def _number(value: int | Decimal, unit: str, now: datetime) -> Fact:
    return Fact(Decimal(value), unit, now, "sessions given")


def _weeks(given: Sequence[Given], now: datetime) -> int:
    """Weeks in a row, counted back from now, with at least one session each."""
    days = {g.started.date() for g in given}
    weeks = 0
    while any(now.date() - timedelta(days=7 * weeks + n) in days for n in range(7)):
        weeks += 1
    return weeks


def _moca_fall(record: Record, now: datetime, knowledge: Knowledge) -> dict[str, Fact]:
    """The oldest MoCA less the newest."""
    instruments = catalogue(knowledge)
    sittings: list[Answers] = by_instrument(record, now).get("moca", [])
    valued = [(a, v) for a in sittings if a.at is not None and (v := value_of(a, instruments)) is not None]
    if len(valued) < 2:
        return {}
    (newest, now_value), (_, first_value) = valued[0], valued[-1]
    return {"moca_fall": Fact(first_value - now_value, "{score}", newest.at, "first and last MoCA")}


def _week_of_diary(record: Record, now: datetime) -> dict[str, Fact]:
    """Average pain as the mean of the last seven diary days, from at least four of them."""
    days = daily_means(record.diary)
    week: list[tuple[date, Decimal]] = [(d, v) for d, v in days.items() if 0 <= (now.date() - d).days < 7]
    if len(week) < _LEAST_DAYS:
        return {}
    mean = sum((v for _, v in week), Decimal(0)) / len(week)
    return {"nrs_average": Fact(mean.quantize(Decimal("0.01")), "{score}", max(d for d, _ in week), "diary")}
