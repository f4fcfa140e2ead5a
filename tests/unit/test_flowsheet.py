"""The flowsheet and the session's forecast as pictures: no seams, sane decimals, the last hours of a long course."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from surcease.care.event import Bolus, Event, Payload, PumpRead, RateChanged, Reading, Started
from surcease.care.order import Order, OrderStep
from surcease.care.session_forecast import predict
from surcease.care.treatment import Session, fold
from surcease.charts import session_forecast
from surcease.charts.flowsheet import flowsheet, rates, sentence
from surcease.knowledge import load

NINE = datetime(2026, 3, 2, 9, tzinfo=UTC)


def state(minute: float, *payloads_at: tuple[Payload, float]) -> Session:
    log = []
    for n, (payload, after) in enumerate(payloads_at):
        at = NINE + timedelta(minutes=after)
        log.append(Event(f"e{n}", "s", payload, at, 0, at, n, "nurse"))
    return fold(log, at=NINE + timedelta(minutes=minute))


START = (Started(Decimal(25), Decimal("0.432")), 0.0)
HOURLY = [(PumpRead(Decimal(25), Decimal(25 * hour)), hour * 60.0) for hour in range(1, 4)]


def test_readings_of_the_pump_leave_no_seam_in_the_rate_bar():
    [bar] = rates(state(200, START, *HOURLY))
    assert (bar["from"], bar["to"], bar["mg_per_h"]) == ("2026-03-02T09:00:00", "2026-03-02T12:20:00", 10.8)
    two = rates(state(200, START, *HOURLY, (RateChanged(Decimal("5.4")), 150)))
    assert [row["mg_per_h"] for row in two] == [10.8, 5.4, 10.8]  # at three hours the pump's face said 25 mL/h again
    given = rates(state(90, START, (Bolus(Decimal(5)), 60)))
    assert [row["bolus_mg"] for row in given] == [0.0, 5.0, 0.0]


def test_the_sentence_says_tenths_of_a_milligram_and_no_trailing_zero():
    assert sentence(state(95.5, START)).startswith("17.2 mg given so far")  # 10.8 mg/h for 95.5 min are 17.19 mg
    assert sentence(state(100, START)).startswith("18 mg given so far")


@pytest.mark.parametrize("hours", [1, 99])
def test_a_long_course_shows_its_last_hours_under_a_strip_of_the_whole(hours):
    every = [(Reading(systolic=Decimal(120), spo2=Decimal(97)), hour * 60.0) for hour in range(hours)]
    now = state(hours * 60, START, *every)
    short = flowsheet(now).to_dict()
    long = flowsheet(now, since=now.at - timedelta(hours=6)).to_dict()
    assert len(short["vconcat"]) == 3
    assert len(long["vconcat"]) == (4 if hours > 6 else 3)
    if hours > 6:
        pressures = long["vconcat"][1]["layer"][0]
        first = pressures["encoding"]["x"]["scale"]["domain"][0]
        assert first >= (now.at - timedelta(hours=7)).replace(tzinfo=None).isoformat()


def test_the_forecast_has_its_band_its_site_and_a_line_at_the_minute():
    steps = (OrderStep(Decimal(0), Decimal(240), Decimal("10.8"), Decimal("43.2")),)
    order = Order("p", 1, 1, "", "racemic_injection", "iv", steps, None, None, Decimal(62), "actual")
    found = predict(order, state(60, START), weight_kg=Decimal(62), knowledge=load())
    assert found is not None
    spec = session_forecast.forecast(found, now=NINE + timedelta(minutes=60)).to_dict()
    assert "2026-03-02T10:00:00" in str(spec)
    said = session_forecast.sentence(found)
    assert said.startswith("Model kamp_2020: highest")
    assert "at 10:00" in said
    assert session_forecast.table(found)[0][0] == "09:00"
