"""What is due while ketamine goes on, counted by hand."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from surcease.care.record import Given
from surcease.care.surveillance import DueTest, History, due_tests, overdue_facts
from surcease.knowledge import load
from surcease.knowledge.evaluation import evaluate
from surcease.knowledge.fact import Fact, Facts

KNOWLEDGE = load()
TODAY = date(2026, 6, 15)
MORNING = datetime(2026, 6, 15, 9, tzinfo=UTC)


def ago(days):
    return TODAY - timedelta(days=days)


def sessions(*days):
    return tuple(Given("racemic", "iv", Decimal(80), MORNING - timedelta(days=d)) for d in days)


def due(history, test):
    found = {d.test: (d.due, d.why) for d in due_tests(history, today=TODAY, knowledge=KNOWLEDGE)}
    return found.get(test)


def test_nothing_given_asks_for_nothing():
    assert due_tests(History(), today=TODAY, knowledge=KNOWLEDGE) == ()


def test_what_was_never_done_is_due_since_the_first_session():
    history = History(sessions(10, 8))
    for test in ("lft", "bladder", "kset", "uds"):
        assert due(history, test) == (ago(10), "baseline")


def test_treatment_that_ended_long_ago_asks_for_nothing():
    assert due_tests(History(sessions(92)), today=TODAY, knowledge=KNOWLEDGE) == ()
    assert due(History(sessions(91)), "lft") == (ago(91), "baseline")


def test_sessions_of_the_future_do_not_count():
    assert due_tests(History(sessions(-1)), today=TODAY, knowledge=KNOWLEDGE) == ()


@pytest.mark.parametrize(
    ("given", "last", "planned", "expected"),
    [
        (sessions(8, 7, 6, 5, 4), 20, 10, (ago(4), "session 5 of the series")),
        (sessions(8, 7, 6, 5), 20, 10, (ago(20 - 91), "every 91 days")),
        (sessions(8, 7, 6, 5, 4), 4, 10, (ago(4 - 91), "every 91 days")),  # taken on the day
        (sessions(8, 7, 6), 20, 3, (ago(6), "end of the series")),
        (sessions(8, 7, 6), 100, 10, (ago(9), "every 91 days")),
    ],
)
def test_liver_tests_in_a_series(given, last, planned, expected):
    assert due(History(given, {"lft": ago(last)}, series_sessions=planned), "lft") == expected


@pytest.mark.parametrize(("last", "due_ago"), [(None, 3), (1, -1), (2, 0), (9, 1)])
def test_liver_tests_in_a_continuous_infusion(last, due_ago):
    """Running for three days: at once when never done, else two days after the start or after the last one."""
    known = {} if last is None else {"lft": ago(last)}
    history = History(last=known, infusion_since=MORNING - timedelta(days=3))
    assert due(history, "lft")[0] == ago(due_ago)


@pytest.mark.parametrize(
    ("given", "home", "expected"),
    [
        (sessions(20, 13, 6, 1), None, 28),
        (sessions(20, 13, 6), None, 91),
        (sessions(30, 28, 20, 13, 6), None, 91),  # the window of 28 days holds three
        ((), 60, 28),
    ],
)
def test_bladder_every_four_weeks_while_weekly(given, home, expected):
    history = History(given, {"bladder": ago(10)}, home_since=None if home is None else ago(home))
    assert due(history, "bladder") == (ago(10 - expected), f"every {expected} days")


def test_side_effects_after_each_session():
    history = History(sessions(9, 2), {"kset": ago(9)})
    assert due(history, "kset") == (ago(2), "after each session")
    assert due(History(sessions(9, 2), {"kset": ago(2)}), "kset") == (ago(2 - 91), "every 91 days")


def test_cognition_only_with_much_exposure():
    assert due(History(sessions(*range(1, 13)), {"moca": ago(200)}), "moca") is None
    assert due(History(sessions(*range(1, 14)), {"moca": ago(200)}), "moca") == (ago(18), "every 182 days")
    assert due(History(home_since=ago(30)), "moca") == (ago(30), "never done")
    assert due(History(sessions(1, 370, 371), {}), "moca") is None


def test_urine_screen_every_half_year():
    assert due(History(sessions(3), {"uds": ago(181)}), "uds") == (ago(-1), "every 182 days")


def test_register_before_each_supply():
    assert due(History(home_since=ago(30)), "pdmp") is None
    assert due(History(supply_on=TODAY), "pdmp") == (TODAY, "a supply is planned")


def test_most_urgent_first():
    found = due_tests(History(sessions(3), {"lft": ago(100)}), today=TODAY, knowledge=KNOWLEDGE)
    assert [d.test for d in found] == ["lft", "bladder", "kset", "uds"]


def test_overdue_days_feed_the_rules():
    history = History(infusion_since=MORNING - timedelta(days=3), last={"lft": ago(3)})
    facts = overdue_facts(due_tests(history, today=TODAY, knowledge=KNOWLEDGE), today=TODAY)
    assert facts["lft_overdue_days"] == 1
    assert facts["moca_overdue_days"] == 0
    known = Facts({n: Fact(v, at=MORNING) for n, v in facts.items()})
    assert evaluate([KNOWLEDGE.rule("LTM-02")], known, now=MORNING)[0].fired
    assert not evaluate([KNOWLEDGE.rule("LTM-07b")], known, now=MORNING)[0].fired


def test_not_overdue_on_the_day():
    item = DueTest("lft", "", TODAY, "", "LTM-02", "nurse")
    assert [item.overdue_days(TODAY + timedelta(days=d)) for d in (-1, 0, 2)] == [0, 0, 2]


def test_every_test_names_its_rule_and_its_source():
    for test in KNOWLEDGE.documents["limits/surveillance.yaml"]["tests"].values():
        assert KNOWLEDGE.rule(test["rule"])
        assert test["source"] in KNOWLEDGE.sources
