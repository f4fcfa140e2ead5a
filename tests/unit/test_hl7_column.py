"""Columns of unconfirmed values: one moment each, the cuff at its own time, old ones old, charted ones not offered."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from surcease.care.event import Reading
from surcease.hl7.column import Column, Expected, Value, columns, reading_of, tiles
from surcease.hl7.table import table
from surcease.knowledge import load

NOW = datetime(2026, 11, 25, 9, 0, tzinfo=UTC)
TABLE = table(load())
EXPECTED = Expected(timedelta(seconds=10), timedelta(minutes=5))


def value(parameter: str, amount: int, ago_s: float) -> Value:
    """A value some seconds ago."""
    at = NOW - timedelta(seconds=ago_s)
    return Value(TABLE.parameters[parameter], Decimal(amount), at, f"{parameter}@{ago_s:g}")


def offered(*values: Value, cited: set[str] | None = None) -> tuple[Column, ...]:
    """The columns of these values now."""
    return columns(values, now=NOW, expected=EXPECTED, cited=frozenset(cited or ()), order=TABLE)


def said(column: Column) -> dict[str, int]:
    """Field → amount."""
    return {field: int(v.value) for field, v in column.cells.items()}


@pytest.mark.parametrize(("ago", "stale"), [(15.0, False), (15.1, True)])
def test_a_continuous_value_is_old_after_one_and_a_half_intervals(ago: float, stale: bool) -> None:
    (tile,) = tiles([value("spo2", 97, ago)], now=NOW, expected=EXPECTED)
    assert tile.stale is stale


@pytest.mark.parametrize(("ago", "stale"), [(450.0, False), (450.1, True)])
def test_a_pressure_is_old_after_one_and_a_half_of_the_cuffs_intervals(ago: float, stale: bool) -> None:
    (tile,) = tiles([value("systolic", 120, ago)], now=NOW, expected=EXPECTED)
    assert tile.stale is stale


def test_the_newest_of_a_field_is_shown_and_the_future_has_no_age() -> None:
    found = tiles(
        [value("pulse", 70, 20), value("heart_rate", 72, 3), value("spo2", 97, -2)], now=NOW, expected=EXPECTED
    )
    assert [(t.value.parameter.id, t.age.total_seconds()) for t in found] == [("heart_rate", 3), ("spo2", 0)]


def test_a_column_takes_the_first_parameter_of_a_field() -> None:
    """Heart rate from the ECG before the oximeter's pulse, breaths by CO₂ before impedance: the table's order."""
    (column,) = offered(value("pulse", 68, 1), value("heart_rate", 72, 1), value("resp_rate", 9, 1),
                        value("co2_resp_rate", 14, 1))  # fmt: skip
    assert said(column) == {"heart_rate": 72, "resp_rate": 14}


def test_a_cuffs_column_has_the_values_of_its_own_moment() -> None:
    values = [value("systolic", 120, 120), value("diastolic", 70, 120), value("spo2", 92, 122), value("spo2", 97, 1)]
    present, cuff = offered(*values)
    assert (said(present), said(cuff)) == ({"spo2": 97}, {"systolic": 120, "diastolic": 70, "spo2": 92})
    assert cuff.at == NOW - timedelta(seconds=120)


def test_a_cuff_of_just_now_makes_no_second_column() -> None:
    (only,) = offered(value("systolic", 120, 5), value("diastolic", 70, 5), value("spo2", 97, 1))
    assert said(only) == {"systolic": 120, "diastolic": 70, "spo2": 97}


def test_a_charted_column_is_done_and_a_charted_saturation_may_stand_beside_the_next_cuff() -> None:
    values = [value("systolic", 120, 60), value("spo2", 97, 58)]
    (present, cuff) = offered(*values, value("spo2", 96, 1), cited={"spo2@1"})
    assert (present.done, cuff.done) == (True, False)
    assert offered(*values, cited={"systolic@60"})[-1].done


def test_what_only_a_monitor_shows_makes_no_column() -> None:
    assert offered(value("mean_pressure", 90, 1)) == ()


def test_a_lost_waveform_is_said_only_after_there_was_one() -> None:
    assert offered(value("spo2", 97, 1))[0].lost == ()
    assert offered(value("spo2", 97, 1), value("etco2", 38, 60))[0].lost == ("etco2",)
    assert offered(value("spo2", 97, 1), value("etco2", 38, 3))[0].lost == ()


def test_a_reading_cites_all_and_has_numbers_of_what_is_no_artefact() -> None:
    (column,) = offered(value("spo2", 71, 1), value("heart_rate", 72, 1), value("etco2", 38, 60))
    found = reading_of(column, artefact=frozenset({"spo2"}))
    assert found == Reading(
        heart_rate=Decimal(72), samples=("heart_rate@1", "spo2@1"), artefact=("spo2",), lost=("etco2",)
    )
    with pytest.raises(ValueError, match="temperature"):
        reading_of(column, artefact=frozenset({"temperature"}))
