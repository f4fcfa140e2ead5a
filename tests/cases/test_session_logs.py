"""The worked cases' sessions as they are written at the chair: events in, limits, actions and times out.

Where a case says something else than the text it comes from, its file (examples/cases) names the difference and why.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from random import Random

import pytest

from surcease.care.event import Bolus, Checked, DrugGiven, Event, Paused, Payload, PumpRead, Reading, Started, Stopped
from surcease.care.order import Order, OrderStep, project
from surcease.care.restart import why_not_resume
from surcease.care.session_end import ending
from surcease.care.session_limits import SessionLimits
from surcease.care.session_watch import marking, what_is_due
from surcease.care.treatment import Phase, Session, fold
from surcease.knowledge import load

KNOWLEDGE = load()
LIMITS = SessionLimits.of(KNOWLEDGE)
NINE = datetime(2026, 3, 4, 9, tzinfo=UTC)
Log = list[tuple[float, Payload]]


def reading(**values: float) -> Reading:
    return Reading(**{name: Decimal(str(value)) for name, value in values.items()})


def state(log: Log, minute: float) -> Session:
    events = [
        Event(f"e{n:03d}", "s", payload, NINE + timedelta(minutes=at), 60, NINE + timedelta(minutes=at), n, "nurse")
        for n, (at, payload) in enumerate(log)
    ]
    Random(7).shuffle(events)  # the tablet may send them in any order
    return fold(events, at=NINE + timedelta(minutes=minute))


def marks_at(order: Order, log: Log, minute: float) -> dict[str, str]:
    return {m.rule: m.level for m in marking(order, state(log, minute), limits=LIMITS).open}


def minute_of(at: datetime | None) -> float | None:
    return None if at is None else (at - NINE).total_seconds() / 60


# CASE-A, session 3: 0.35 mg/kg/h at 62 kg are 21.7 mg/h, 86.8 mg in 100 mL at 25 mL/h for 4 h.
A_STEPS = (OrderStep(Decimal(0), Decimal(240), Decimal("21.7"), Decimal("86.8")),)
A_ORDER = Order("A", 1, 3, "21.7 mg/h for 4 h iv", "racemic_injection", "iv", A_STEPS, Decimal("21.7"), Decimal(100),
                Decimal(62), "actual", "P01")  # fmt: skip
SEEN = {
    **{f"padss.{item}": "2" for item in ("vitals", "activity", "symptoms", "bleeding", "intake")}, "oriented": "yes",
    "gait_usual": "yes", "dissociated": "no", "escort_present": "yes", "cannula_out": "yes",
    "follow_up_call_booked": "yes", "drives_before_next_day": "no", "lying_systolic": "124", "standing_systolic": "120",
}  # fmt: skip
A_LOG: Log = [
    (-4, reading(systolic=118, diastolic=74, heart_rate=70, spo2=98, resp_rate=14, sedation_moaas=5, cadss6=0)),
    (0, Started(Decimal(25), Decimal("0.868"), volume_left_ml=Decimal(100))),
    (15, reading(systolic=138, diastolic=82, heart_rate=80, spo2=98, resp_rate=14, sedation_moaas=5, cadss6=4)),
    (30, reading(systolic=160, diastolic=90, heart_rate=86, spo2=97, resp_rate=15, sedation_moaas=4, cadss6=9)),
    (35, reading(systolic=152, diastolic=88, heart_rate=84, spo2=97, resp_rate=15, sedation_moaas=4, distress=3)),
    (60, PumpRead(Decimal(25), Decimal(25))),
    (120, PumpRead(Decimal(25), Decimal(50))),
    (180, PumpRead(Decimal(25), Decimal(75))),
    (240, Stopped("planned", Decimal(100))),
    (300, reading(systolic=124, diastolic=78, heart_rate=74, spo2=98, resp_rate=14, sedation_moaas=5, cadss6=1)),
    *((300, Checked(item, value)) for item, value in SEEN.items()),
]


def test_case_a_is_amber_once_rechecked_in_five_minutes_and_goes_on():
    assert marks_at(A_ORDER, A_LOG, 29) == {}
    assert marks_at(A_ORDER, A_LOG, 30) == {"ALM-SBPa": "amber"}
    [mark] = marking(A_ORDER, state(A_LOG, 30), limits=LIMITS).open
    assert minute_of(mark.recheck_due) == 35
    assert marks_at(A_ORDER, A_LOG, 35) == {}
    assert {m.rule for m in marking(A_ORDER, state(A_LOG, 300), limits=LIMITS).all} == {"ALM-SBPa"}


def test_case_a_gives_what_was_ordered_by_both_counts():
    half = state(A_LOG, 96)
    assert (half.given_mg, half.rate_mg_per_h) == (Decimal("34.72"), Decimal("21.7"))
    ahead = project(A_ORDER, half)
    assert (minute_of(ahead.ends_at), ahead.mg_at_end, minute_of(ahead.bag_empty_at)) == (240, Decimal("86.8"), 240)
    done = state(A_LOG, 300)
    assert (done.given_mg, done.pump_mg, done.volume_left_ml) == (Decimal("86.8"), Decimal("86.8"), Decimal(0))


def test_case_a_leaves_with_her_escort_at_minute_300_and_not_before():
    def end(log: Log, minute: float):
        return ending(A_ORDER, state(log, minute), knowledge=KNOWLEDGE, protocol_id="P01")

    assert minute_of(end(A_LOG, 299).clock.at) == 300
    assert not end(A_LOG, 299).may_leave
    assert end(A_LOG, 300).may_leave
    alone = [(at, p) for at, p in A_LOG if not (isinstance(p, Checked) and p.item == "escort_present")]
    assert not end(alone, 300).may_leave


# CASE-B: 80 mg in 500 mL over 5 h are 16 mg/h, 0.16 mg/mL at 100 mL/h. The pump is set to 1000 mL/h.
B_STEPS = (OrderStep(Decimal(0), Decimal(300), Decimal(16), Decimal(80)),)
B_ORDER = Order("B", 1, 1, "80 mg over 5 h iv", "racemic_injection", "iv", B_STEPS, None, Decimal(80), Decimal(80),
                "actual", "P04")  # fmt: skip
B_BASE = reading(systolic=132, diastolic=80, heart_rate=76, spo2=97, resp_rate=14, etco2=38, sedation_moaas=5)
B_LATE = reading(systolic=128, diastolic=78, heart_rate=70, spo2=86, resp_rate=7, etco2=62, sedation_moaas=1)


@pytest.mark.parametrize(
    "log",
    [
        [(-2, B_BASE), (0, Started(Decimal(1000), Decimal("0.16")))],  # read at the start
        [(-2, B_BASE), (0, Started(Decimal(100), Decimal("0.16"))), (1, PumpRead(Decimal(1000), Decimal(15)))],
    ],
)
def test_case_b_160_mg_per_h_is_red_from_the_pumps_face(log):
    [mark] = marking(B_ORDER, state(log, 1), limits=LIMITS).open
    assert (mark.rule, mark.level, minute_of(mark.since)) == ("ALM-DEVb", "red", log[-1][0])
    assert state(log, 1).rate_mg_per_h == 160
    assert "10 times the order" in mark.say


def test_case_b_missed_for_22_minutes_closes_the_session():
    log: Log = [(-2, B_BASE), (0, Started(None, Decimal("0.16"), rate_mg_per_h=Decimal(160))), (22, B_LATE)]
    found = marking(B_ORDER, state(log, 22), limits=LIMITS)
    reds = {m.parameter for m in found.open if m.level == "red"}
    assert {"sedation", "spo2", "resp_rate", "etco2", "pump", "emergency"} <= reds
    assert found.closed_session
    off: Log = [*log, (22.5, Paused()), (60, B_BASE)]
    calm = state(off, 120)
    again = marking(B_ORDER, calm, limits=LIMITS)
    assert "stays off" in why_not_resume(calm, again, Decimal(8), limits=LIMITS)
    # 160 mg/h for 22.5 minutes are 60 mg, three quarters of the day's order
    assert calm.given_mg == 60


def test_case_b_is_observed_two_hours_from_the_last_naloxone():
    log: Log = [
        (0, Started(None, Decimal("0.16"), rate_mg_per_h=Decimal(160))), (22, B_LATE), (23, Stopped("adverse")),
        (24, DrugGiven("naloxone", Decimal("0.04"), "mg")), (31, DrugGiven("Naloxone", Decimal("0.04"), "mg")),
    ]  # fmt: skip
    found = ending(B_ORDER, state(log, 60), knowledge=KNOWLEDGE, protocol_id="P04")
    assert (minute_of(found.clock.at), found.clock.because) == (151, "after naloxone")


def test_a_four_day_infusion_with_shift_hand_overs_is_due_by_the_hour_and_then_every_two():
    """P10-like: 24 mg/h for 100 h on the ward; MON-02 asks hourly to 24 h, then every two hours."""
    from surcease.care.event import HandedOver

    steps = (OrderStep(Decimal(0), Decimal(6000), Decimal(24), Decimal(2400)),)
    order = Order("W", 1, 1, "", "racemic_injection", "iv", steps, Decimal(24), None, Decimal(80), "actual", "P10",
                  "inpatient")  # fmt: skip
    whole = {"systolic": 124, "heart_rate": 70, "spo2": 97, "resp_rate": 14, "sedation_moaas": 5, "pain": 4,
             "distress": 1}  # fmt: skip
    log: Log = [(-5, reading(**whole)), (0, Started(Decimal(24), Decimal(1), volume_left_ml=Decimal(500)))]
    bag = 500
    for hour in range(1, 100):
        log += [(hour * 60, reading(**whole)), (hour * 60, PumpRead(Decimal(24), Decimal(24 * hour)))]
        if hour % 12 == 0:
            log.append((hour * 60, HandedOver(f"nurse {hour // 12}", Decimal(24), Decimal(24 * hour))))
        bag -= 24
        if bag < 24:
            bag = 500
            fresh = PumpRead(Decimal(24), Decimal(24 * hour), Decimal(1), Decimal(500))
            log.append((hour * 60 + 1, fresh))
    late = state(log, 99 * 60 + 30)
    found = marking(order, late, limits=LIMITS)
    assert found.all == ()
    assert (late.phase, late.nurse) == (Phase.RUNNING, "nurse 8")
    assert late.given_mg == Decimal(24) * Decimal("99.5")
    dues = {d.stream: minute_of(d.at) for d in what_is_due(order, late, found, knowledge=KNOWLEDGE)}
    assert dues == {"circulation": 101 * 60, "breathing_and_mind": 101 * 60, "pump": 100 * 60}
    first_day = state([line for line in log if line[0] <= 10 * 60], 10 * 60 + 5)
    early = what_is_due(order, first_day, marking(order, first_day, limits=LIMITS), knowledge=KNOWLEDGE)
    assert {d.stream: minute_of(d.at) for d in early}["breathing_and_mind"] == 11 * 60
    end = ending(order, state([*log, (6000, Stopped("planned"))], 6001), knowledge=KNOWLEDGE)
    assert (minute_of(end.clock.at), end.clock.because) == (6000 + 240, "after long infusion")


ONCE = (OrderStep(Decimal(0), Decimal(0), Decimal(0), Decimal(56)),)
SPRAY = Order("S", 1, 1, "56 mg in", "esketamine_spray", "in", ONCE, None, Decimal(84), Decimal(70), "fixed", "P21")
SET = reading(systolic=124, diastolic=76, heart_rate=70, spo2=98, resp_rate=14, sedation_moaas=5, cadss6=1)


def test_two_spray_devices_are_watched_for_two_hours_from_the_last():
    log: Log = [
        (-5, SET), (0, Bolus(Decimal(28), route="in", device="1 of 2", lot="N1")),
        (5, Bolus(Decimal(28), route="in", device="2 of 2", lot="N1")), (20, SET), (40, SET), (60, SET), (80, SET),
        (100, SET), (124, SET), *((124, Checked(item, value)) for item, value in SEEN.items()),
    ]  # fmt: skip
    now = state(log, 30)
    assert (now.phase, now.given_mg) == (Phase.OBSERVING, 56)
    dues = what_is_due(SPRAY, now, marking(SPRAY, now, limits=LIMITS), knowledge=KNOWLEDGE)
    assert {d.rule for d in dues} == {"MON-03"}
    assert not [d for d in dues if d.stream == "pump"]  # nothing runs by a pump
    found = ending(SPRAY, state(log, 124), knowledge=KNOWLEDGE, protocol_id="P21")
    assert (minute_of(found.clock.at), found.clock.because) == (125, "as the protocol asks")
    assert not found.may_leave
    resolved: Log = [*log, (125, Checked("spray_effects_resolved", "yes"))]
    assert ending(SPRAY, state(resolved, 125), knowledge=KNOWLEDGE, protocol_id="P21").may_leave
    still: Log = [*log, (125, Checked("spray_effects_resolved", "no"))]
    ways_out = ending(SPRAY, state(still, 130), knowledge=KNOWLEDGE, protocol_id="P21").ways
    assert ways_out[0].missing == ("SET-07b",)


@pytest.mark.parametrize(
    ("route", "setting", "rule"), [("im", "outpatient", "MON-04"), ("sl", "home", "MON-05"), ("in", "home", "MON-05")]
)
def test_a_dose_into_muscle_or_a_supervised_home_dose_has_its_own_schedule(route, setting, rule):
    steps = (OrderStep(Decimal(0), Decimal(0), Decimal(0), Decimal(25)),)
    order = Order("H", 1, 1, "", "racemic_injection", route, steps, None, None, Decimal(70), "actual", "", setting)
    given = state([(0, SET), (1, Bolus(Decimal(25), route=route))], 10)
    dues = what_is_due(order, given, marking(order, given, limits=LIMITS), knowledge=KNOWLEDGE)
    assert {d.rule for d in dues} == {rule}
    last = ending(order, given, knowledge=KNOWLEDGE)
    assert minute_of(last.clock.at) == 61  # an hour after the dose
