"""The simulated monitor: pressure follows the shipped models, episodes happen when told, recordings keep their gaps."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import numpy as np
import pytest

from surcease.hl7.recorded import recorded
from surcease.hl7.virtual_patient import RESTING, Episode, Person, pressure_rise, stream
from surcease.knowledge import load
from surcease.knowledge.effect import default_model
from surcease.pkpd.regimen import parse
from surcease.pkpd.solve import solve

START = datetime(2026, 11, 25, 9, tzinfo=UTC)
RECORDING = Path(__file__).parents[2].parent / "shared" / "data" / "03-vitals" / "mimic_s00001_numerics_1min.csv"


def test_pressure_rises_by_the_effect_site_of_the_shipped_model() -> None:
    """Against an own integration of dCe/dt = ke0 (Cp - Ce), half-life 2.5 min, 0.055 mmHg per ng/mL (systolic.yaml)."""
    minutes = np.arange(0.0, 90.0, 0.05)
    regimen = parse("0.5 mg/kg over 40 min iv").for_weight(70)
    cp = solve(default_model(load(), regimen), regimen, minutes / 60).cp_ng_per_ml
    ke0, ce = np.log(2) / 2.5, np.zeros(len(minutes))
    for n in range(1, len(minutes)):
        middle = (cp[n] + cp[n - 1]) / 2
        ce[n] = middle + (ce[n - 1] - middle) * np.exp(-ke0 * 0.05)
    found = pressure_rise(Person(start_min=0.0), load(), minutes)
    assert np.allclose(found, 0.055 * ce, atol=0.02)
    assert 5 < found.max() < 15


def test_the_drug_does_nothing_before_it_is_given_or_without_any() -> None:
    minutes = np.arange(0.0, 30.0)
    assert not pressure_rise(Person(start_min=20.0), load(), minutes)[:20].any()
    assert not pressure_rise(Person(dose=""), load(), minutes).any()
    assert not pressure_rise(Person(start_min=60.0), load(), minutes).any()


def test_the_same_seed_is_the_same_person_and_values_stay_near_rest() -> None:
    """Unrest has the standard deviation of the table: over 2 h no value is further than 5 of them from rest."""
    one, same, other = (
        list(stream(Person(dose="", seed=s), load(), start=START, every_s=10, minutes=120)) for s in (1, 1, 2)
    )
    assert one == same != other
    for name in ("heart_rate", "resp_rate", "etco2"):
        rest, size = RESTING[name]
        values = np.array([float(n.values[name] or 0) for n in one])
        assert abs(values - rest).max() < 5 * size + 0.5
        assert 0.5 * size < values.std() < 1.5 * size + 0.3


def test_the_cuff_measures_at_its_times_and_keeps_its_value_between() -> None:
    rows = list(stream(Person(cuff_every_min=5), load(), start=START, every_s=30, minutes=16))
    assert sorted({n.cuff_at for n in rows}) == [START + timedelta(minutes=m) for m in (0, 5, 10, 15)]  # type: ignore[type-var]
    assert all(n.cuff_at is not None and n.cuff_at <= n.at for n in rows)


def test_episodes_are_seen_when_and_only_when_they_were_told() -> None:
    told = (Episode("spo2", 2, 1, 86), Episode("etco2", 4, 1, None))
    rows = list(stream(Person(episodes=told), load(), start=START, every_s=30, minutes=6))
    low = [n.at for n in rows if (n.values["spo2"] or Decimal(100)) <= 90]
    gone = [n.at for n in rows if n.values["etco2"] is None]
    assert low == [START + timedelta(minutes=m) for m in (2, 2.5)]
    assert gone == [START + timedelta(minutes=m) for m in (4, 4.5)]


def test_a_dose_that_cannot_be_read_is_refused() -> None:
    with pytest.raises(ValueError):
        list(stream(Person(dose="some"), load(), start=START, every_s=10, minutes=5))


def test_a_recordings_zeros_and_blanks_are_no_signal() -> None:
    lines = ["minute,HR,SpO2,NBPSys,NBPDias", "0,0,97,,", "1,62.8,0,120,72", "2,x,96,,"]
    found = list(recorded(lines, start=START, every_s=30))
    assert [dict(n.values) for n in found] == [
        {"heart_rate": None, "spo2": Decimal(97)}, {"heart_rate": Decimal("62.8"), "spo2": None},
        {"heart_rate": None, "spo2": Decimal(96)},
    ]  # fmt: skip
    assert [n.cuff for n in found] == [None, *[{"systolic": Decimal(120), "diastolic": Decimal(72)}] * 2]
    assert found[2].cuff_at == START + timedelta(seconds=30)
    with pytest.raises(ValueError, match="none of the columns"):
        list(recorded(["a,b", "1,2"], start=START, every_s=1))


@pytest.mark.skipif(not RECORDING.is_file(), reason="the shared test data is not beside the repository")
def test_a_real_recording_plays() -> None:
    """Counts of the data's own description: 1936 rows; no signal in 46 of HR, 363 of SpO₂; 152 cuff readings."""
    rows = list(recorded(RECORDING.read_text().splitlines(), start=START, every_s=60))
    assert len(rows) == 1936
    assert sum(n.values["heart_rate"] is None for n in rows) == 46
    assert sum(n.values["spo2"] is None for n in rows) == 363
    assert len({n.cuff_at for n in rows if n.cuff is not None}) == 152
