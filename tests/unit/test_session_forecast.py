"""The forecast of a running session: the order run as written gives its own curve, and nothing is known early."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import numpy as np
import pytest

from surcease.care.event import Bolus, Event, Paused, Payload, PumpRead, RateChanged, Started, Stopped
from surcease.care.order import Order, OrderStep
from surcease.care.session_forecast import PEOPLE, SEED, predict
from surcease.care.treatment import fold
from surcease.knowledge import load
from surcease.pkpd.population import bands
from surcease.pkpd.regimen import parse
from surcease.pkpd.subject import Subject

NINE = datetime(2026, 3, 2, 9, tzinfo=UTC)
KG = Decimal(62)


def order(*steps: tuple[int, int, str], route: str = "iv", product: str = "racemic_injection") -> Order:
    """Steps of (after min, minutes, mg/h); 0 minutes make the text an amount in mg."""
    made = tuple(
        OrderStep(Decimal(a), Decimal(m), Decimal(r) if m else Decimal(0), Decimal(r) * m / 60 if m else Decimal(r))
        for a, m, r in steps
    )
    return Order("p", 1, 1, "", product, route, made, None, None, KG, "actual")


FOUR_HOURS = order((0, 240, "21.7"))
START = Started(Decimal(25), Decimal("0.868"))


def log(*payloads_at: tuple[Payload, float], late: float = 0, name: str = "e") -> tuple[Event, ...]:
    made = []
    for n, (payload, after) in enumerate(payloads_at):
        at = NINE + timedelta(minutes=after)
        made.append(Event(f"{name}{n}", "s", payload, at, 0, at + timedelta(minutes=late), n, "nurse"))
    return tuple(made)


def at(minute: float) -> datetime:
    return NINE + timedelta(minutes=minute)


def seen(events: tuple[Event, ...], minute: float, ordered: Order = FOUR_HOURS):
    found = predict(ordered, fold(events, at=at(minute), known_by=at(minute)), weight_kg=KG, knowledge=load())
    assert found is not None
    return found


def of_the_text(text: str, levels) -> np.ndarray:
    """The same instants from the order's text, read by the one parser."""
    hours = [(level.at - NINE).total_seconds() / 3600 for level in levels]
    found = bands(load().model("kamp_2020"), parse(text), hours, people=PEOPLE, seed=SEED, subject=Subject(float(KG)))
    return found.curves["ketamine"]


@pytest.mark.parametrize("minute", [0, 40, 96, 239, 300])
def test_a_session_that_runs_as_ordered_has_the_orders_own_curve(minute):
    events = log((START, 0), (PumpRead(Decimal(25), Decimal(25)), 60), (Stopped("planned"), 240))
    found = seen(tuple(e for e in events if e.at <= at(minute)), minute)
    expected = of_the_text("21.7 mg/h for 4 h iv", found.levels)
    shown = np.array([[level.q10, level.q50, level.q90] for level in found.levels]).T
    assert np.allclose(shown, expected, rtol=1e-4, atol=1e-6)  # the end is projected from mg to 0.001
    assert found.now is not None
    assert found.now.at == at(minute)


def test_a_pause_a_slower_rate_and_a_dose_at_once_are_in_it():
    events = log((START, 0), (RateChanged(Decimal("10.85")), 30), (Bolus(Decimal(5)), 45), (Paused(), 60))
    found = seen(events, 90)
    text = "21.7 mg/h for 30 min iv then 10.85 mg/h for 30 min iv"
    without = of_the_text(text, found.levels)[1]
    last = found.levels[-1]
    assert last.at == at(60 + 120)  # nothing more is forecast while it is paused
    alone = of_the_text("5 mg bolus iv", [type(last)(level.at - timedelta(minutes=45), 0, 0, 0, 0) for level in
                                          found.levels if level.at >= at(45)])[1]  # fmt: skip
    after = [n for n, level in enumerate(found.levels) if level.at >= at(46)]
    total = [found.levels[n].q50 for n in after]
    summed = [without[n] + alone[n - (len(found.levels) - len(alone))] for n in after]
    assert np.allclose(total, summed, rtol=0.03)  # medians of a sum are not quite the sum of medians


def test_the_effect_site_follows_the_plasma():
    found = seen(log((START, 0), (Stopped("planned"), 240)), 241)
    rising = [level for level in found.levels if at(5) < level.at < at(60)]
    falling = [level for level in found.levels if level.at > at(260)]
    assert all(level.ce < level.q50 for level in rising)
    assert all(level.ce > level.q50 for level in falling)


def test_no_later_knowledge_changes_an_earlier_forecast():
    then = log((START, 0), (RateChanged(Decimal("10.85")), 60))
    later = (*then, *log((Stopped("adverse"), 50), late=60, name="late"))  # charted an hour late
    assert seen(then, 90) == seen(later, 90)
    assert seen(then, 115) != seen(later, 115)


def test_nothing_is_forecast_before_the_start_or_without_a_model():
    assert predict(FOUR_HOURS, fold((), at=NINE), weight_kg=KG, knowledge=load()) is None
    troche = order((0, 0, "25"), route="sl", product="racemic_troche")
    given = fold(log((Bolus(Decimal(25), route="sl"), 0)), at=at(20))
    assert predict(troche, given, weight_kg=KG, knowledge=load()) is not None
    skin = fold(log((Bolus(Decimal(25), route="rectal"), 0)), at=at(20))
    assert predict(troche, skin, weight_kg=KG, knowledge=load()) is None


def test_two_boluses_of_one_spray_session():
    spray = order((0, 0, "56"), route="in", product="esketamine_spray")
    given = log((Bolus(Decimal(28), route="in", device="1 of 2"), 0), (Bolus(Decimal(28), route="in"), 5))
    found = seen(given, 40, spray)
    assert found.model == "perez_ruixo_2021"
    assert found.now is not None
    assert found.now.q10 < found.now.q50 < found.now.q90
