"""The order of a session: what it allows, and where the session ends. Arithmetic of the 62 kg, 0.35 mg/kg/h case."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from surcease.care.event import Bolus, Event, PumpRead, RateChanged, Resumed, Started, Stopped, VerbalOrder
from surcease.care.order import order_of, project, why_not_bolus, why_not_rate
from surcease.care.record import Plan, Step
from surcease.care.treatment import fold

NINE = datetime(2026, 3, 2, 9, tzinfo=UTC)


def plan(*texts: str, sessions: int = 10, cap: str | None = "21.7", session_cap: str | None = "100") -> Plan:
    return Plan(
        plan_id="p", version=1, protocol="P01", product="racemic_injection", route="iv", weight_kg=Decimal(62),
        weight_basis="actual", regimen=texts[0], session_steps=tuple(Step(t) for t in texts), sessions=sessions,
        interval="weekdays", rate_cap_mg_per_h=None if cap is None else Decimal(cap),
        session_cap_mg=None if session_cap is None else Decimal(session_cap), endpoint="", stop_rule="",
    )  # fmt: skip


def state(*payloads_at: tuple[object, int], minute: int):
    log = []
    for n, (payload, after) in enumerate(payloads_at):
        at = NINE + timedelta(minutes=after)
        log.append(Event(f"e{n}", "s", payload, at, 0, at, n, "nurse"))  # type: ignore[arg-type]
    return fold(log, at=NINE + timedelta(minutes=minute))


START = Started(Decimal(25), Decimal("0.868"))  # 25 mL/h of 86.8 mg in 100 mL = 21.7 mg/h


def test_each_session_has_its_own_text_and_the_last_one_carries_on():
    course = plan("10.8 mg/h for 4 h iv", "16.2 mg/h for 4 h iv", "21.7 mg/h for 4 h iv")
    assert [order_of(course, n).highest_mg_per_h for n in (1, 2, 3, 9)] == [
        Decimal(r) for r in ("10.8", "16.2", "21.7", "21.7")
    ]
    assert order_of(course, 3).total_mg == Decimal("86.8")
    with pytest.raises(ValueError, match="no session 11"):
        order_of(course, 11)


def test_down_is_allowed_up_stops_at_the_order_and_at_the_cap():
    order = order_of(plan("16.2 mg/h for 4 h iv"), 1)
    now = state((START, 0), minute=30)
    assert why_not_rate(order, now, Decimal(8)) == ""
    assert why_not_rate(order, now, Decimal("17.5")) == ""  # within 10 % of 16.2
    assert "above the ordered 16.2 mg/h" in why_not_rate(order, now, Decimal(20))
    assert "cap of 21.7 mg/h" in why_not_rate(order, now, Decimal(22))


def test_the_session_cap_keeps_the_drug_off():
    order = order_of(plan("21.7 mg/h for 4 h iv", session_cap="30"), 1)
    assert "cap is 30 mg" in why_not_rate(order, state((START, 0), minute=90), Decimal(10))


def test_a_bolus_needs_an_order():
    running = state((START, 0), minute=10)
    assert "orders no bolus" in why_not_bolus(order_of(plan("21.7 mg/h for 4 h iv"), 1), running, Decimal(5))
    order = order_of(plan("10 mg bolus iv then 20 mg/h for 1 h iv", session_cap="25"), 1)
    assert why_not_bolus(order, running, Decimal(10)) == ""
    assert "more than the ordered dose of 10 mg" in why_not_bolus(order, running, Decimal(11))
    assert "pass its cap" in why_not_bolus(order, state((START, 0), minute=60), Decimal(10))
    given = state((START, 0), (Bolus(Decimal(10)), 5), minute=10)
    assert "All 1 ordered doses" in why_not_bolus(order, given, Decimal(1))


def test_the_end_moves_with_the_rate():
    order = order_of(plan("21.7 mg/h for 4 h iv"), 1)
    begun = replace(START, volume_left_ml=Decimal(100))
    early = project(order, state((begun, 0), minute=96))  # 96 min at 25 mL/h: 40 of 100 mL are gone
    assert early.ends_at == NINE + timedelta(hours=4)
    assert (early.minutes_left, early.mg_at_end) == (144, Decimal("86.8"))
    assert early.bag_empty_at == NINE + timedelta(minutes=96 + 144)
    halved = project(order, state((START, 0), (RateChanged(Decimal("10.85")), 120), minute=120))
    assert halved.ends_at == NINE + timedelta(hours=6)


def test_steps_still_ahead_count_and_an_ended_session_is_over():
    order = order_of(plan("10 mg/h for 1 h iv then 20 mg/h for 1 h iv"), 1)
    slow = Started(None, Decimal(1), rate_mg_per_h=Decimal(10))
    assert project(order, state((slow, 0), minute=30)).ends_at == NINE + timedelta(hours=2)
    over = project(order, state((slow, 0), (Stopped(), 60), minute=90))
    assert (over.minutes_left, over.mg_at_end, over.ends_at) == (0, Decimal(10), NINE + timedelta(hours=1))
    assert project(order, state(minute=0)).ends_at is None


def test_the_ordered_rate_at_a_minute():
    order = order_of(plan("10 mg/h for 1 h iv then 20 mg/h for 1 h iv"), 1)
    assert [order.rate_at(Decimal(m)) for m in (0, 59, 60, 120)] == [10, 10, 20, 0]
    assert order.minutes == 120


def test_the_volume_left_moves_the_next_bag_with_every_rate():
    order = order_of(plan("21.7 mg/h for 4 h iv"), 1)
    begun = replace(START, volume_left_ml=Decimal(50))
    half = RateChanged(Decimal("10.85"), Decimal("12.5"), Decimal(25), "red", Decimal(25))
    now = state((begun, 0), (half, 60), minute=90)  # 25 mL left at one hour, 12.5 mL/h since
    assert now.volume_left_ml == Decimal("18.75")
    assert project(order, now).bag_empty_at == NINE + timedelta(hours=3)
    unread = state((begun, 0), (PumpRead(Decimal(25), Decimal(25), Decimal("0.868")), 60), minute=90)
    assert unread.volume_left_ml is None  # a new bag that nobody measured
    assert project(order, unread).bag_empty_at is None
    fresh = PumpRead(Decimal(25), Decimal(25), Decimal("0.868"), Decimal(100))
    assert state((begun, 0), (fresh, 60), minute=90).volume_left_ml == Decimal("87.5")


def test_a_verbal_order_widens_the_order_but_not_the_caps():
    order = order_of(plan("16.2 mg/h for 4 h iv", session_cap="40"), 1)
    said = VerbalOrder("Dr Who", "up to 20, and 5 mg once", Decimal(20), Decimal(5))
    before, after = state((START, 0), minute=30), state((START, 0), (said, 20), minute=30)
    assert "above the ordered 16.2 mg/h" in why_not_rate(order, before, Decimal(20))
    assert why_not_rate(order, after, Decimal(20)) == ""
    assert "cap of 21.7 mg/h" in why_not_rate(order, after, Decimal(22))
    assert "orders no bolus" in why_not_bolus(order, before, Decimal(5))
    assert why_not_bolus(order, after, Decimal(5)) == ""
    assert "more than the ordered dose of 5 mg" in why_not_bolus(order, after, Decimal(6))
    again = state((START, 0), (said, 20), (Bolus(Decimal(5)), 25), minute=30)
    assert "All 1 ordered doses are given" in why_not_bolus(order, again, Decimal(5))


def test_a_resume_reads_the_pump_and_the_bag():
    again = Resumed(Decimal("10.85"), "calm", Decimal("12.5"), Decimal(30), Decimal(70))
    now = state((START, 0), (again, 72), minute=72)
    assert (now.pump_volume_ml, now.volume_left_ml) == (Decimal(30), Decimal(70))
    assert now.pump_mg == Decimal("26.04")  # 30 mL of 0.868 mg/mL
