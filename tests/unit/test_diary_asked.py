"""What the diary asks and when: cards by condition, questionnaires by day, urgency, the clinic's hours."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from surcease.care.diary_cards import MOST, cards, cards_for, concerns_of, places, pulse_cards, read_card
from surcease.care.opening import opening, week_errors
from surcease.care.questionnaires import Course, asked_now
from surcease.care.record import Answers, Code, Condition, Given, Measurement, Medication, Person, Record
from surcease.care.score_trends import trend
from surcease.care.surveillance_history import history_of
from surcease.care.urgency import points_of, urgency
from surcease.knowledge import load
from surcease.knowledge.catalogue import catalogue

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
TODAY = NOW.date()
ICD10 = "http://hl7.org/fhir/sid/icd-10-cm"
HAND = frozenset({"peg", "phq-9", "gad-7", "fm-2016", "pgic", "kset-r"})


def condition(code: str) -> Condition:
    return Condition((Code(ICD10, code),), code, "active")


def names(*concerns: str) -> set[str]:
    return {card.name for card in cards_for(concerns, load())}


# --- cards ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("code", "concern", "asks", "asks_not"),
    [
        ("G43.719", "migraine", {"headache", "acute_drug"}, {"burning", "stiffness_min"}),
        ("G90.50", "crps", {"burning", "touch_pain", "swelling", "colour"}, {"headache"}),
        ("M17.11", "arthritis", {"stiffness_min"}, {"swelling"}),
    ],
)
def test_a_condition_brings_its_cards(code, concern, asks, asks_not):
    found = concerns_of([condition(code)], [], home=False, now=NOW, knowledge=load())
    assert concern in found
    assert asks <= names(*found)
    assert not asks_not & names(*found)


def test_an_opioid_and_doses_at_home_bring_theirs():
    opioid = Medication((), "oxycodone 10 mg", status="active")
    stopped = Medication((), "oxycodone 10 mg", status="stopped")
    assert {"constipation", "drowsiness", "craving"} <= names(
        *concerns_of([], [opioid], home=False, now=NOW, knowledge=load())
    )
    assert "constipation" not in names(*concerns_of([], [stopped], home=False, now=NOW, knowledge=load()))
    assert "home_dose" in names(*concerns_of([], [], home=True, now=NOW, knowledge=load()))


def test_a_resolved_or_refuted_condition_asks_nothing():
    resolved = Condition((Code(ICD10, "G43.719"),), "", "resolved")
    refuted = Condition((Code(ICD10, "G43.719"),), "", "active", verified=False)
    assert not concerns_of([resolved, refuted], [], home=False, now=NOW, knowledge=load())


def test_everyone_is_asked_the_same_core_and_weekly_well_being():
    asked = cards_for((), load())
    assert {"bother", "interference", "sleep", "mood", "therapy_booked", "therapy_done", "exercise_done", "nsaid"} == {
        c.name for c in asked if c.every == "day"
    }
    assert {c.name for c in asked if c.every == "week"} == {"wellbeing", "quality_of_life"}
    assert [c.name for c in pulse_cards(load())] == ["bother", "mood", "anxiety"]


def test_every_card_speaks_both_languages_and_has_both_ends():
    for card in cards(load()).values():
        assert set(card.ask) == {"en", "es"}
        assert (card.type == "scale") == bool(card.low and card.high)
    assert all(set(place.say) == {"en", "es"} for place in places(load()))
    assert len({(p.row, p.column) for p in places(load())}) == len(places(load()))


@pytest.mark.parametrize(
    ("name", "given", "read"),
    [("sleep", "0", Decimal(0)), ("sleep", "10", Decimal(10)), ("headache", "no", False), ("headache", True, True),
     ("home_dose", "skipped", "skipped"), ("stiffness_min", "1440", Decimal(1440))],
)  # fmt: skip
def test_what_may_be_said_is_read(name, given, read):
    assert read_card(cards(load())[name], given) == read


@pytest.mark.parametrize(
    ("name", "given"),
    [("sleep", "11"), ("sleep", "-1"), ("sleep", "4,5"), ("headache", "perhaps"), ("home_dose", "many"),
     ("stiffness_min", "1441"), ("mood", "٣")],
)  # fmt: skip
def test_what_cannot_be_is_refused_with_its_name(name, given):
    with pytest.raises(ValueError, match=name):
        read_card(cards(load())[name], given)
    assert set(MOST) == {"scale", "minutes"}


# --- questionnaires -------------------------------------------------------------------------------------------


def asked(*answers: Answers, course: Course | None = None, concerns=(), today=TODAY, hand=HAND) -> set[str]:
    found = asked_now(answers, course or Course(), concerns=concerns, at_hand=hand, today=today, knowledge=load())
    return {f"{one.instrument}:{one.form}".rstrip(":") for one in found}


def answered(instrument: str, days_ago: int, **items: object) -> Answers:
    return Answers(instrument, "1", items or {"x": Decimal(1)}, TODAY - timedelta(days=days_ago))


def test_a_baseline_is_asked_at_once_and_only_what_is_at_hand():
    assert asked() == {"peg", "phq-9", "gad-7", "kset-r:screening"}
    assert asked(hand={"peg"}) == {"peg"}


@pytest.mark.parametrize(("name", "every"), [("peg", 7), ("phq-9", 14), ("gad-7", 14)])
def test_its_rhythm_to_the_day(name, every):
    """Weekly PEG, two-weekly PHQ-9 and GAD-7; open one day early."""
    assert name not in asked(answered(name, every - 2))
    assert name in asked(answered(name, every - 1))
    assert name in asked(answered(name, every + 30))


def test_pgic_waits_for_a_session_and_fibromyalgia_has_its_month():
    assert "pgic" not in asked()
    assert "pgic" not in asked(course=Course((TODAY - timedelta(days=26),)))
    assert "pgic" in asked(course=Course((TODAY - timedelta(days=27),)))
    assert "fm-2016" in asked(concerns={"fibromyalgia"})
    assert "fm-2016" not in asked(answered("fm-2016", 10), concerns={"fibromyalgia"})


def test_the_side_effect_tool_at_its_four_points():
    """Screening, baseline, after each treatment, longer-term follow-up (KSET-R, PMID 39721099)."""
    screening = answered("kset-r", 40, form="screening")
    soon = Course(first_planned=TODAY + timedelta(days=5))
    assert "kset-r:screening" in asked(course=soon)
    assert "kset-r:baseline" in asked(screening, course=soon)
    assert "kset-r:baseline" not in asked(screening, course=Course(first_planned=TODAY + timedelta(days=30)))
    treated = Course((TODAY - timedelta(days=1),))
    assert "kset-r:treatment" in asked(screening, course=treated)
    after = answered("kset-r", 0, form="treatment")
    assert not any(one.startswith("kset-r") for one in asked(screening, after, course=treated))
    long = Course((TODAY - timedelta(days=95),))
    assert "kset-r:follow-up" in asked(answered("kset-r", 94, form="treatment"), course=long)


def test_what_was_looked_at_is_found_in_the_record():
    liver = Measurement("alt", Decimal(30), "U/L", NOW - timedelta(days=3))
    record = Record(
        Person("1", "A", "B", None), measurements=(liver,), answers=(answered("moca", 9),),
        given=(Given("racemic", "iv", Decimal(30), NOW),),
    )  # fmt: skip
    history = history_of(record)
    assert history.last == {"lft": TODAY - timedelta(days=3), "moca": TODAY - timedelta(days=9)}


# --- urgency --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("points", "before", "minutes"),
    [(0, None, None), (0, 2, None), (1, None, 30), (1, 0, 30), (1, 1, 240), (1, 2, 240), (2, 2, 30), (3, 3, 30)],
)
def test_a_rise_or_a_high_answer_is_called_within_half_an_hour(points, before, minutes):
    found = urgency(Decimal(points), None if before is None else Decimal(before), knowledge=load())
    assert (found and found.minutes) == minutes


def test_points_of_item_nine():
    phq = catalogue()["phq-9"]
    assert points_of(phq, "9", "LA6570-1") == 2  # more than half the days
    assert points_of(phq, "9", None) is None


# --- trends ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("last", "matters"), [(9, False), (8, True), (18, True), (13, False)])
def test_a_change_of_the_phq_9_matters_from_five_points(last, matters):
    """Smallest change that matters on the PHQ-9: 5 points (Kroenke 2001)."""
    phq = catalogue()["phq-9"]

    def sitting(total: int, days_ago: int) -> Answers:
        points = [3] * (total // 3) + ([total % 3] if total % 3 else [])
        points += [0] * (9 - len(points))
        codes = {0: "LA6568-5", 1: "LA6569-3", 2: "LA6570-1", 3: "LA6571-9"}
        return Answers("phq-9", "1", {str(n + 1): codes[p] for n, p in enumerate(points)}, TODAY - timedelta(days_ago))

    found = trend(phq, [sitting(13, 28), sitting(last, 0)])
    assert found.change == last - 13
    assert found.matters is matters
    assert found.better == (None if last == 13 else last < 13)
    assert found.sittings[0].band == "moderate"


def test_one_sitting_is_no_trend_and_a_blank_one_says_why():
    found = trend(catalogue()["peg"], [answered("peg", 1, pain=Decimal(5))])
    assert (found.change, found.matters, found.last) == (None, None, None)
    assert "2 of 3" in found.sittings[0].status


# --- hours ----------------------------------------------------------------------------------------------------

WEEK = {day: ["08:00", "17:00"] for day in ("mon", "tue", "wed", "thu", "fri")}


@pytest.mark.parametrize(
    ("local", "is_open", "opens"),
    [
        ("2026-03-06T16:59+01:00", True, None),
        ("2026-03-06T17:00+01:00", False, "2026-03-09T08:00+01:00"),  # Friday evening → Monday
        ("2026-03-09T07:59+01:00", False, "2026-03-09T08:00+01:00"),
        ("2026-03-28T12:00+01:00", False, "2026-03-30T08:00+02:00"),  # over the change of clocks in Berlin
    ],
)
def test_open_now_or_when_next(local, is_open, opens):
    found = opening(WEEK, "Europe/Berlin", datetime.fromisoformat(local))
    assert found.open is is_open
    if opens:
        assert found.next == datetime.fromisoformat(opens)


def test_a_closed_day_and_no_hours_at_all():
    friday = datetime.fromisoformat("2026-03-06T18:00+01:00")
    found = opening(WEEK, "Europe/Berlin", friday, closed=frozenset({"2026-03-09"}))
    assert found.next == datetime.fromisoformat("2026-03-10T08:00+01:00")
    assert opening({}, "Europe/Berlin", friday).next is None


@pytest.mark.parametrize("week", [{"mon": ["17:00", "08:00"]}, {"mon": ["8", ""]}, {"luni": ["08:00", "09:00"]}, []])
def test_a_week_that_cannot_be_meant_says_so(week):
    assert week_errors(week)
    assert not week_errors(WEEK)
    assert date(2026, 3, 9).weekday() == 0
