"""Running again after a red mark: thirty minutes of normal values, half the rate, never after an emergency."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

from surcease.care.event import Event, Paused, Payload, Reading, Resumed, Started
from surcease.care.order import Order, OrderStep
from surcease.care.restart import red_since_it_ran, why_not_resume
from surcease.care.session_limits import SessionLimits
from surcease.care.session_watch import marking
from surcease.care.treatment import fold
from surcease.knowledge import load

NINE = datetime(2026, 3, 2, 9, tzinfo=UTC)
LIMITS = SessionLimits.of(load())
STEPS = (OrderStep(Decimal(0), Decimal(240), Decimal(20), Decimal(80)),)
ORDER = Order("p", 1, 1, "", "racemic_injection", "iv", STEPS, None, None, Decimal(62), "actual")
START = Started(None, Decimal(1), rate_mg_per_h=Decimal(20))


def asked(rate: int, minute: int, *payloads_at: tuple[Payload, int]) -> str:
    log = []
    for n, (payload, after) in enumerate(payloads_at):
        at = NINE + timedelta(minutes=after)
        log.append(Event(f"e{n:02d}", "s", payload, at, 0, at, n, "nurse"))
    now = fold(log, at=NINE + timedelta(minutes=minute))
    return why_not_resume(now, marking(ORDER, now, limits=LIMITS), Decimal(rate), limits=LIMITS)


def spo2(value: int, **more: int) -> Reading:
    return Reading(spo2=Decimal(value), **{k: Decimal(v) for k, v in more.items()})


RED = ((START, 0), (spo2(87), 40), (Paused(), 41))


def test_after_a_red_mark_thirty_normal_minutes_and_half_the_rate():
    assert "not normal yet" in asked(10, 45, *RED)
    assert "normal for 29 minutes" in asked(10, 79, *RED, (spo2(97), 50))
    assert asked(10, 80, *RED, (spo2(97), 50)) == ""
    assert "at most 10 mg/h" in asked(11, 80, *RED, (spo2(97), 50))


def test_without_a_red_mark_nothing_is_asked():
    assert asked(20, 45, (START, 0), (spo2(97), 40), (Paused(), 41)) == ""
    again = (*RED, (spo2(97), 50), (Resumed(Decimal(10)), 81), (Paused(), 90))
    assert asked(20, 91, *again) == ""  # the red one came before it last ran


def test_an_emergency_keeps_the_drug_off():
    emergency = spo2(86, sedation_moaas=1)
    assert "emergency" in asked(1, 200, (START, 0), (emergency, 40), (Paused(), 41), (spo2(98, sedation_moaas=5), 60))


def test_red_before_the_drug_is_not_red_since_it_ran():
    log = [Event("a", "s", spo2(87), NINE - timedelta(minutes=5), 0, NINE, 1, "nurse")]
    now = fold(log, at=NINE)
    assert not red_since_it_ran(now, marking(ORDER, now, limits=LIMITS))
