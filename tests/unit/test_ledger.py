"""The ledger's arithmetic: what may move, what a correction does, sums of a session, counts, lifetime exposure."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from surcease.care.event import Bolus, Event, Started, Stopped
from surcease.care.ledger import (
    Kind,
    Movement,
    Vial,
    balance,
    balances,
    by_day,
    counter_entry,
    in_order,
    lowest,
    reconcile,
    register,
    session_account,
    vial_account,
    vial_states,
    why_not,
)
from surcease.care.lifetime import by_route, lifetime
from surcease.care.record import Given
from surcease.care.shelf_count import Counted, adjustments, compare, expected_in, inventory_due
from surcease.care.treatment import fold

NINE = datetime(2026, 3, 2, 9, tzinfo=UTC)
VIAL = Vial("a", "K2417-01", "racemic_injection", "50 mg/mL", Decimal(500), "lot", date(2026, 12, 31))
A = vial_account("a")


def move(name: str, kind: Kind, mg: str, minutes: int = 0, **more) -> Movement:
    return Movement(name, kind, Decimal(mg), NINE + timedelta(minutes=minutes), "N", **{"vial": "a"} | more)


CAME = move("1", Kind.RECEIVE, "500")
DRAWN = move("2", Kind.DRAW, "100", 10, session="s")


def test_a_vial_and_a_session_after_receipt_draw_and_waste() -> None:
    rest = move("3", Kind.WASTE_DRAWN, "13.2", 300, vial="", session="s", witness_needed=True, witness="W")
    log = (CAME, DRAWN, rest)
    assert balance(log, A) == 400
    assert balance(log, session_account("s")) == Decimal("86.8")
    assert balance(log, A, until=NINE + timedelta(minutes=9)) == 500
    assert sum(balances(log).values()) == 0


def test_waste_counts_only_with_its_witness() -> None:
    waiting = move("3", Kind.WASTE, "400", 20, witness_needed=True)
    assert waiting.waits
    assert balance((CAME, DRAWN, waiting), A) == 400
    refused = move("3", Kind.WASTE, "400", 20, witness_needed=True, refused="nobody was there")
    assert not refused.waits
    assert balance((CAME, DRAWN, refused), A) == 400
    alone = move("3", Kind.WASTE, "400", 20)
    assert balance((CAME, DRAWN, alone), A) == 0


def test_what_waits_for_its_witness_cannot_be_taken_by_another() -> None:
    waiting = move("3", Kind.WASTE, "400", 20, witness_needed=True)
    assert "has 0 mg left" in why_not(move("4", Kind.DRAW, "1", 30, session="s"), (CAME, DRAWN, waiting), vial=VIAL)


@pytest.mark.parametrize(
    ("new", "said"),
    [
        (move("9", Kind.DRAW, "400", 20, session="s"), ""),
        (move("9", Kind.DRAW, "400.001", 20, session="s"), "K2417-01 has 400 mg left at that time: 400.001 mg"),
        (move("9", Kind.DRAW, "0", 20, session="s"), "more than 0 mg"),
        (move("9", Kind.DRAW, "-5", 20, session="s"), "more than 0 mg"),
        (move("9", Kind.DRAW, "1", -20, session="s"), "has 0 mg left at that time"),  # before the vial came
        (move("9", Kind.WASTE_DRAWN, "100", 20, vial="", session="s"), ""),
        (move("9", Kind.WASTE_DRAWN, "101", 20, vial="", session="s"), "What was drawn up has 100 mg left"),
        (move("9", Kind.WASTE_DRAWN, "1", 20, vial="", session="other"), "What was drawn up has 0 mg left"),
    ],
)
def test_what_may_be_taken(new: Movement, said: str) -> None:
    found = why_not(new, (CAME, DRAWN), vial=VIAL)
    assert found == said if not said else said in found


def test_an_expired_vial_is_wasted_or_sent_away_but_not_drawn_from() -> None:
    """The last day itself still counts."""
    last = datetime(2026, 12, 31, 23, tzinfo=UTC)
    late = [
        move("9", kind, "1", session="s" if kind is Kind.DRAW else "") for kind in (Kind.DRAW, Kind.WASTE, Kind.SEND)
    ]
    on, after = ([Movement(m.movement_id, m.kind, m.amount_mg, at, "N", "a", m.session) for m in late]
                 for at in (last, last + timedelta(hours=1)))  # fmt: skip
    assert [why_not(m, (CAME,), vial=VIAL) for m in on] == ["", "", ""]
    assert [bool(why_not(m, (CAME,), vial=VIAL)) for m in after] == [True, False, False]


def test_an_entry_written_late_may_not_make_an_earlier_hour_negative() -> None:
    """500 came at 0, 450 went at 60: at 30 only 50 were free, although nothing was missing then."""
    gone = move("2", Kind.DRAW, "450", 60, session="s")
    assert lowest((CAME, gone), A, NINE + timedelta(minutes=30)) == 50
    assert "has 50 mg left" in why_not(move("3", Kind.DRAW, "51", 30, session="s"), (CAME, gone), vial=VIAL)


def test_a_counter_entry_takes_back_once_and_only_what_stands() -> None:
    back = counter_entry(DRAWN, "3", NINE + timedelta(minutes=11), "N", "wrong vial")
    assert why_not(back, (CAME, DRAWN), vial=VIAL) == ""
    log = (CAME, DRAWN, back)
    assert balance(log, A) == 500
    assert vial_states([VIAL], log)[0].whole
    again = counter_entry(DRAWN, "4", NINE + timedelta(minutes=12), "N", "wrong vial")
    assert "already" in why_not(again, log, vial=VIAL)
    assert "anew" in why_not(counter_entry(back, "5", NINE + timedelta(minutes=12), "N", "x"), log, vial=VIAL)
    assert "reason" in why_not(
        counter_entry(DRAWN, "3", NINE + timedelta(minutes=11), "N", " "), (CAME, DRAWN), vial=VIAL
    )
    assert "stands" in why_not(back, (CAME,), vial=VIAL)


def test_the_counter_entry_of_witnessed_waste_needs_a_witness_again() -> None:
    waste = move("3", Kind.WASTE, "400", 20, witness_needed=True, witness="W")
    back = counter_entry(waste, "4", NINE + timedelta(minutes=30), "N", "was another vial")
    assert back.waits
    assert balance((CAME, DRAWN, waste, back), A) == 0


def test_receiving_is_not_taken_back_once_drug_was_drawn() -> None:
    back = counter_entry(CAME, "3", NINE + timedelta(minutes=20), "P", "wrong lot")
    assert "has 400 mg left" in why_not(back, (CAME, DRAWN), vial=VIAL)
    assert why_not(back, (CAME,), vial=VIAL) == ""


def test_the_register_has_a_balance_after_each_line_and_days_that_follow_from_each_other() -> None:
    later = move("3", Kind.DRAW, "50", 24 * 60 + 5, session="t")
    lines = register((later, DRAWN, CAME), frozenset({A}))
    assert [(line.in_mg, line.out_mg, line.balance_mg) for line in lines] == [
        (500, 0, 500),
        (0, 100, 400),
        (0, 50, 350),
    ]
    days = by_day(lines, lambda at: at.date())
    assert [(d.day.day, d.opening_mg, d.in_mg, d.out_mg, d.closing_mg) for d in days] == [
        (2, 0, 500, 100, 400),
        (3, 400, 0, 50, 350),
    ]
    assert [m.movement_id for m in in_order((later, DRAWN, CAME))] == ["1", "2", "3"]


def test_a_session_agrees_when_drawn_is_given_and_wasted() -> None:
    """25 mL/h of 0.868 mg/mL for 4 h is 86.8 mg (order of CASE-A); 100 drawn, 13.2 wasted."""
    rest = move("3", Kind.WASTE_DRAWN, "13.2", 300, vial="", session="s")
    sums = reconcile((CAME, DRAWN, rest), "s", Decimal("86.8"))
    assert (sums.drawn_mg, sums.wasted_mg, sums.left_mg, sums.agrees) == (100, Decimal("13.2"), 0, True)


@pytest.mark.parametrize(
    ("given", "left", "apart"), [("95", "5", False), ("94.999", "5.001", True), ("105.001", "-5.001", True)]
)
def test_more_than_five_percent_is_apart(given: str, left: str, apart: bool) -> None:
    sums = reconcile((CAME, DRAWN), "s", Decimal(given))
    assert (sums.left_mg, sums.agrees, sums.apart) == (Decimal(left), False, apart)


def test_a_counted_shelf() -> None:
    """Two vials of 500 mg, one opened with 400 left: expected 1 sealed and 400 mg."""
    other = Vial("b", "K2417-02", "racemic_injection", "50 mg/mL", Decimal(500), "lot", date(2026, 12, 31))
    log = (CAME, DRAWN, move("5", Kind.RECEIVE, "500", vial="b"))
    states = vial_states([VIAL, other], log)
    expected = expected_in(states)
    assert expected == {"lot": (Decimal(500), Counted(1, Decimal(400)))}
    [same] = compare({"lot": Counted(1, Decimal(400))}, expected)
    assert same.agrees
    assert list(adjustments(same, states)) == []
    [less] = compare({"lot": Counted(0, Decimal(380))}, expected)
    assert (less.agrees, less.difference_mg) == (False, -520)
    assert [(a.kind, a.vial, a.amount_mg) for a in adjustments(less, states)] == [
        (Kind.LOSE, "b", 500),
        (Kind.LOSE, "a", 20),
    ]
    [more] = compare({"lot": Counted(2, Decimal(410))}, expected)
    assert [(a.kind, a.vial, a.amount_mg) for a in adjustments(more, states)] == [
        (Kind.FIND, "", 500),
        (Kind.FIND, "a", 10),
    ]
    [opened] = compare({"lot": Counted(0, Decimal(900))}, expected)
    assert (opened.agrees, opened.difference_mg) == (False, 0)


@pytest.mark.parametrize(
    ("last", "due"), [(date(2024, 11, 25), date(2026, 11, 25)), (date(2024, 2, 29), date(2026, 2, 28))]
)
def test_a_full_inventory_is_due_after_two_years(last: date, due: date) -> None:
    assert inventory_due(last) == due


def test_lifetime_exposure_keeps_substance_and_route_apart_and_unknown_is_not_zero() -> None:
    given = [
        Given("racemic", "iv", Decimal("86.8"), NINE),
        Given("racemic", "im", Decimal(25), NINE),
        Given("racemic", "iv", Decimal("13.2"), NINE),
        Given("s_ketamine", "iv", Decimal(40), NINE),
        Given("racemic", "iv", None, NINE),
    ]
    found = {(e.substance, e.route): (e.amount_mg, e.sessions, e.unknown) for e in lifetime(given)}
    assert found == {
        ("racemic", "iv"): (100, 2, 1),
        ("racemic", "im"): (25, 1, 0),
        ("s_ketamine", "iv"): (40, 1, 0),
    }
    assert lifetime([]) == ()


def test_a_session_gives_by_route() -> None:
    """21.7 mg/h for 1 h by pump and 25 mg into the muscle."""

    def event(n: int, payload, minutes: int) -> Event:
        at = NINE + timedelta(minutes=minutes)
        return Event(str(n), "s", payload, at, 0, at, n, "nurse")

    log = (
        event(1, Started(Decimal(25), Decimal("0.868")), 0),
        event(2, Bolus(Decimal(25), route="im"), 30),
        event(3, Stopped("planned"), 60),
    )
    assert by_route(fold(log, at=NINE + timedelta(hours=2))) == {"iv": Decimal("21.7"), "im": Decimal(25)}
