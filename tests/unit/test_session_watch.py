"""The watch of a session: the pump against what ought to run, what is due, what is old."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from surcease.care.event import (
    Acknowledged,
    Event,
    Paused,
    PumpRead,
    RateChanged,
    Reading,
    Resumed,
    Started,
    Stopped,
    VerbalOrder,
)
from surcease.care.order import order_of
from surcease.care.record import Plan, Step
from surcease.care.session_limits import SessionLimits
from surcease.care.session_watch import acknowledged, background, marking, newest, schedule_of, what_is_due
from surcease.care.treatment import fold
from surcease.knowledge import load

NINE = datetime(2026, 3, 2, 9, tzinfo=UTC)


def order(text: str = "16 mg/h for 5 h iv", cap: str | None = "25"):
    plan = Plan(
        plan_id="p", version=1, protocol="P04", product="racemic_injection", route="iv", weight_kg=Decimal(80),
        weight_basis="actual", regimen=text, session_steps=(Step(text),), sessions=7, interval="daily",
        rate_cap_mg_per_h=None if cap is None else Decimal(cap), session_cap_mg=Decimal(80), endpoint="", stop_rule="",
    )  # fmt: skip
    return order_of(plan, 1)


def state(*payloads_at: tuple[object, float], minute: float):
    log = []
    for n, (payload, after) in enumerate(payloads_at):
        at = NINE + timedelta(minutes=after)
        log.append(Event(f"e{n:02d}", "s", payload, at, 0, at, n, "nurse"))  # type: ignore[arg-type]
    return fold(log, at=NINE + timedelta(minutes=minute))


def open_marks(ordered, now) -> dict[str, str]:
    return {m.rule: m.level for m in marking(ordered, now, limits=SessionLimits.of(load())).open}


START = Started(Decimal(100), Decimal("0.16"))  # 80 mg in 500 mL, 100 mL/h = 16 mg/h


def test_a_pump_ten_times_too_fast_is_red_from_its_face():
    now = state((START, 0), (PumpRead(Decimal(1000), Decimal(3)), 2), minute=2)
    assert "red" in open_marks(order(), now).values()


def test_a_pump_that_runs_during_a_pause_is_red():
    now = state((START, 0), (Paused(), 20), (PumpRead(Decimal(100), Decimal(34)), 21), minute=21)
    assert "red" in open_marks(order(), now).values()


def test_a_wrong_rate_read_twice_is_still_wrong():
    # 17.5 mg/h for two hours: 35 mg against 32 planned is 9 % more than the order.
    fast = Started(None, Decimal("0.16"), rate_mg_per_h=Decimal("17.5"))
    reads = [
        (PumpRead(Decimal("109.375"), Decimal(volume)), minute) for volume, minute in (("109.375", 60), ("218.75", 120))
    ]
    assert open_marks(order(), state((fast, 0), *reads, minute=120))


def test_a_charted_lower_rate_is_what_ought_to_run():
    lower = (RateChanged(Decimal(8), reason="drowsy"), 60)
    fine = state((START, 0), lower, (PumpRead(Decimal(50), Decimal(125)), 90), minute=90)
    assert not open_marks(order(), fine)
    back_up = state((START, 0), lower, (PumpRead(Decimal(100), Decimal(150)), 90), minute=90)
    assert open_marks(order(), back_up)


def test_a_stopped_and_a_resumed_drug_are_planned_so():
    log = (
        (START, 0),
        (Paused(), 30),
        (Resumed(Decimal(16), "fine again"), 60),
        (PumpRead(Decimal(100), Decimal(100)), 90),
    )
    assert not open_marks(order(), state(*log, minute=90))
    assert not open_marks(order(), state(*log, (Stopped("planned"), 95), minute=96))


def reading(systolic: int, **more: int) -> Reading:
    return Reading(systolic=Decimal(systolic), diastolic=Decimal(70), **{k: Decimal(v) for k, v in more.items()})


def test_amber_at_160_and_seeing_it_does_not_end_it():
    ordered = order()
    log = ((reading(118), -2), (START, 0), (reading(160), 30))
    now = state(*log, minute=31)
    found = marking(ordered, now, limits=SessionLimits.of(load()))
    assert {m.level for m in found.open} == {"amber"}
    seen = state(*log, (Acknowledged(found.open[0].rule), 31), minute=32)
    assert acknowledged(seen, found.open[0])
    assert not acknowledged(now, found.open[0])
    assert marking(ordered, seen, limits=SessionLimits.of(load())).open
    ended = state(*log, (reading(138), 35), minute=36)
    assert not marking(ordered, ended, limits=SessionLimits.of(load())).open


def test_the_baseline_is_the_last_set_before_the_drug():
    now = state((reading(120), -10), (reading(126), -2), (START, 0), (reading(150), 20), minute=30)
    baseline = background(order(), now).baseline
    assert baseline is not None
    assert baseline.systolic == 126
    assert background(order(), state(minute=0)).baseline is None


def test_sets_are_due_and_a_value_grows_old():
    ordered = order()
    now = state((reading(118), -2), (START, 0), (reading(120, spo2=98, heart_rate=70, resp_rate=14), 5), minute=8)
    found = marking(ordered, now, limits=SessionLimits.of(load()))
    dues = what_is_due(ordered, now, found, knowledge=load())
    assert dues
    fresh = newest(now, dues)
    assert fresh is not None
    assert (fresh.age_min, fresh.old) == (3, False)
    later = state((reading(118), -2), (START, 0), minute=60)
    old = newest(later, what_is_due(ordered, later, found, knowledge=load()))
    assert old is not None
    assert old.old
    assert newest(state(minute=0), ()) is None


def pump_due(*payloads_at: tuple[object, float], minute: float):
    ordered, now = order(), state(*payloads_at, minute=minute)
    found = marking(ordered, now, limits=SessionLimits.of(load()))
    return [d for d in what_is_due(ordered, now, found, knowledge=load()) if d.stream == "pump"]


def test_the_pump_is_read_every_hour_while_it_runs():
    [first] = pump_due((START, 0), minute=59)
    assert first.at == NINE + timedelta(minutes=60)
    assert [first.state(NINE + timedelta(minutes=m)) for m in (59, 60, 70, 71)] == ["later", "due", "due", "overdue"]
    [again] = pump_due((START, 0), (PumpRead(Decimal(100), Decimal(100)), 58), minute=61)
    assert again.at == NINE + timedelta(minutes=118)
    [change] = pump_due((START, 0), (RateChanged(Decimal(8), Decimal(50), Decimal(50)), 30), minute=61)
    assert change.at == NINE + timedelta(minutes=90)
    [unread] = pump_due((START, 0), (RateChanged(Decimal(8)), 30), minute=61)  # nobody typed the volume
    assert unread.at == NINE + timedelta(minutes=60)
    assert not pump_due((START, 0), (Paused(), 30), minute=61)


def test_a_rate_ordered_by_word_of_mouth_is_not_off_the_order():
    up = (RateChanged(Decimal(20), Decimal(125), Decimal(50), "pain"), 30)
    face = (PumpRead(Decimal(125), Decimal("112.5")), 60)
    assert open_marks(order(), state((START, 0), up, face, minute=60)) == {"ALM-DEVa": "amber"}
    said = (VerbalOrder("Dr Who", "20 mg/h", Decimal(20)), 29)
    assert not open_marks(order(), state((START, 0), said, up, face, minute=60))


def test_the_schedule_follows_route_product_and_setting():
    ordered = order()
    schedules = {
        schedule_of(ordered): "outpatient_infusion",
        schedule_of(replace(ordered, setting="inpatient")): "ward_infusion",
        schedule_of(replace(ordered, product="esketamine_spray", route="in")): "nasal_esketamine",
        schedule_of(replace(ordered, product="racemic_spray", route="in")): "home_size_dose",
        schedule_of(replace(ordered, setting="home")): "home_size_dose",
        schedule_of(replace(ordered, route="im", steps=())): "push",
    }
    assert all(got == wanted for got, wanted in schedules.items())
