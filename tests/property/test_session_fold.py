"""The session fold: arrival order, repeats and corrections do not matter; the amount is the rate's integral."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from surcease.care.event import (
    Bolus,
    Ended,
    Event,
    Paused,
    PumpRead,
    RateChanged,
    Reading,
    Resumed,
    Started,
    Stopped,
    Struck,
    VerbalOrder,
)
from surcease.care.treatment import Phase, fold

NINE = datetime(2026, 3, 2, 9, tzinfo=UTC)
rates = st.decimals("0.1", "40", places=1)
payloads = st.one_of(
    st.builds(RateChanged, rates),
    st.builds(RateChanged, rates, volume_left_ml=st.decimals("0", "500", places=0)),
    st.builds(VerbalOrder, st.just("Dr Who"), st.just("as said"), rates),
    st.builds(Bolus, st.decimals("1", "20", places=1)),
    st.builds(Bolus, st.decimals("1", "20", places=1), st.sampled_from([Decimal(0), Decimal(2), Decimal(10)])),
    st.builds(Paused),
    st.builds(Resumed, rates),
    st.builds(Reading, systolic=st.decimals("90", "190", places=0)),
    st.builds(Stopped),
)


@st.composite
def logs(draw: st.DrawFn) -> tuple[Event, ...]:
    """A started session and up to 14 further events at whole seconds within four hours, some struck through."""
    payload_list = [Started(None, Decimal(1), rate_mg_per_h=draw(rates)), *draw(st.lists(payloads, max_size=14))]
    seconds = [
        0,
        *draw(st.lists(st.integers(1, 4 * 3600), min_size=len(payload_list) - 1, max_size=len(payload_list) - 1)),
    ]
    events = []
    for n, (payload, second) in enumerate(zip(payload_list, seconds, strict=True)):
        at = NINE + timedelta(seconds=second)
        late = timedelta(seconds=draw(st.sampled_from([0, 5, 600])))
        events.append(Event(f"e{n:02d}", "s", payload, at, 60, at + late, n, "nurse"))
    for n in draw(st.sets(st.integers(1, max(1, len(events) - 1)), max_size=2)):
        if n < len(events):
            at = events[n].received_at + timedelta(seconds=30)
            events.append(
                Event(f"x{n:02d}", "s", Struck("typed wrong"), at, 60, at, 100 + n, "nurse", corrects=f"e{n:02d}")
            )
    return tuple(events)


def stepwise_mg(events: tuple[Event, ...], until_second: int) -> float:
    """An independent oracle: walk second by second with a rate and what is pending of slow boluses."""
    struck = {e.corrects for e in events if isinstance(e.payload, Struck)}
    by_second: dict[int, list[Event]] = {}
    for e in sorted((e for e in events if e.event_id not in struck), key=lambda e: (e.at, e.event_id)):
        by_second.setdefault(int((e.at - NINE).total_seconds()), []).append(e)
    running, rate, total, slow = False, 0.0, 0.0, []
    for second in range(until_second + 1):
        for e in by_second.get(second, []):
            match e.payload:
                case Started(rate_mg_per_h=r):
                    running, rate = True, float(r or 0)
                case RateChanged(rate_mg_per_h=r):
                    rate = float(r) if running else rate
                case Resumed(rate_mg_per_h=r):
                    running, rate = True, float(r)
                case Paused() | Stopped():
                    running = False
                case Bolus(amount_mg=a, over_min=m):
                    if m:
                        slow.append((second, int(m) * 60, float(a)))
                    else:
                        total += float(a)
        if second < until_second and running:
            total += rate / 3600
    return total + sum(a * min(until_second - s, d) / d for s, d, a in slow if until_second > s)


@given(logs(), st.randoms(), st.integers(0, 5 * 3600))
@settings(max_examples=150, deadline=None)
def test_any_arrival_order_and_repeats_give_the_same_state(log, random, second):
    at = NINE + timedelta(seconds=second)
    shuffled = [*log, *random.sample(log, k=min(3, len(log)))]
    random.shuffle(shuffled)
    assert fold(shuffled, at=at) == fold(log, at=at)
    assert fold(shuffled, at=at).hash == fold(log, at=at).hash


@given(logs(), st.integers(0, 5 * 3600))
@settings(max_examples=60, deadline=None)
def test_the_amount_given_is_the_integral_of_the_confirmed_rate(log, second):
    at = NINE + timedelta(seconds=second)
    assert abs(float(fold(log, at=at).given_mg) - stepwise_mg(log, second)) < 1.5e-3


@given(logs(), st.integers(0, 4 * 3600))
@settings(max_examples=100, deadline=None)
def test_a_replay_never_knows_what_came_later(log, second):
    then = NINE + timedelta(seconds=second)
    replay = fold(log, at=then, known_by=then)
    assert all(e.received_at <= then for e in replay.counted)
    assert replay == fold([e for e in log if e.received_at <= then], at=then)


def event(n: int, payload, minutes: float, **more) -> Event:
    at = NINE + timedelta(minutes=minutes)
    return Event(f"e{n}", "s", payload, at, 60, more.pop("received", at), n, more.pop("by", "nurse"), **more)


def test_the_pumps_volume_stands_beside_the_integral_over_two_bags():
    # 86.8 mg in 100 mL = 0.868 mg/mL at 25 mL/h = 21.7 mg/h; the second bag is 1 mg/mL.
    log = (
        event(1, Started(Decimal(25), Decimal("0.868")), 0),
        event(2, PumpRead(Decimal(25), Decimal(25)), 60),
        event(3, PumpRead(Decimal(25), Decimal(50), new_bag_mg_per_ml=Decimal(1)), 120),
        event(4, PumpRead(Decimal(20), Decimal(10)), 150),  # counter cleared with the new bag
    )
    state = fold(log, at=NINE + timedelta(minutes=150))
    assert state.pump_mg == Decimal("43.4") + Decimal(10)
    assert state.given_mg == Decimal("43.4") + Decimal("12.5")
    assert state.rate_mg_per_h == Decimal(20)


def test_a_pump_set_ten_times_too_fast_is_seen_from_its_face():
    # 80 mg in 500 mL = 0.16 mg/mL; ordered 100 mL/h = 16 mg/h; the pump shows 1000 mL/h = 160 mg/h.
    log = (event(1, Started(Decimal(100), Decimal("0.16")), 0), event(2, PumpRead(Decimal(1000), Decimal(3)), 2))
    assert fold(log, at=NINE + timedelta(minutes=2)).rate_mg_per_h == Decimal(160)


def test_pause_stop_and_ways_out():
    log = (
        event(1, Started(None, Decimal(1), rate_mg_per_h=Decimal(30)), 0),
        event(2, Paused(), 20),
        event(3, Resumed(Decimal(15)), 30),
        event(4, Stopped("planned"), 50),
        event(5, Ended("against_advice", "wants to go"), 55),
    )
    assert fold(log, at=NINE + timedelta(minutes=25)).phase is Phase.PAUSED
    assert fold(log, at=NINE + timedelta(minutes=40)).phase is Phase.RUNNING
    end = fold(log, at=NINE + timedelta(hours=2))
    assert (end.phase, end.way_out, end.given_mg) == (Phase.ENDED, "against_advice", Decimal(15))
    assert end.drug_ended_at == NINE + timedelta(minutes=50)


def test_an_intramuscular_session_starts_with_its_dose():
    state = fold((event(1, Bolus(Decimal(25), route="im"), 0),), at=NINE + timedelta(minutes=5))
    assert (state.phase, state.given_mg, state.drug_ended_at) == (Phase.OBSERVING, Decimal(25), NINE)


def test_one_id_with_two_contents_is_refused():

    log = (event(1, Paused(), 0), event(1, Paused("other"), 0))
    with pytest.raises(ValueError, match="Two different events"):
        fold(log, at=NINE)
