"""Acute effects: links, tolerance and sites against algebra and the studies they come from."""

import numpy as np
import pytest

from surcease.knowledge.effect import effects
from surcease.knowledge.library import load
from surcease.pkpd.effects import (
    Antagonist,
    Effect,
    Emax,
    Linear,
    Tolerance,
    per_h,
    site_limit,
    sites,
    slow_site,
    value,
)

ALL = effects(load())


def test_every_effect_says_what_it_stands_on():
    assert set(ALL) == {"analgesia", "drug_high", "dissociation", "systolic", "cardiac_output", "nmda_occupancy"}
    sources = load().sources
    for effect in ALL.values():
        assert effect.limits
        assert effect.sources
        assert all(source in sources for source in effect.sources)
        assert effect.basis["half_life"]


def test_each_effect_has_its_own_site():
    # pharmacology of the sites: analgesia 8.3 min (Olofsen 2022), haemodynamics 2-3 min, never one ke0 for all.
    assert ALL["analgesia"].ke0_per_h == pytest.approx(5.011, abs=1e-3)
    assert ALL["systolic"].half_life_min < 3 < 6 <= ALL["dissociation"].half_life_min <= 8


def test_sites_name_the_slow_one_where_there_is_tolerance():
    wanted = sites(ALL)
    assert wanted["analgesia"].ke0_per_h == ALL["analgesia"].ke0_per_h
    assert wanted["dissociation tolerance"].ke0_per_h == pytest.approx(np.log(2) * 2)
    assert len(wanted) == len(ALL) + 1
    assert slow_site(ALL["dissociation"]) in sites((ALL["dissociation"],))


def test_half_of_the_maximum_at_the_c50():
    assert value(ALL["analgesia"], [0.0, 121.0]).tolist() == [0.0, 0.5]
    assert value(ALL["drug_high"], 71.0) == 0.5


def test_occupancy_of_200_ng_per_ml_is_65_percent():
    # free 0.65 of 200 ng/mL is 0.547 umol/L against a Ki of 0.3 umol/L
    free = 0.65 * 200 / 237.73
    assert float(value(ALL["nmda_occupancy"], 200.0)) == pytest.approx(free / (free + 0.3), abs=5e-4)
    assert ALL["nmda_occupancy"].grade == "illustration"


def test_cardiac_output_rises_a_quarter_at_c25():
    assert float(value(ALL["cardiac_output"], 399.0)) == pytest.approx(6.8 * 1.25, rel=1e-4)


def test_pressure_rise_covers_the_trials_at_the_end_of_40_minutes():
    # venous 185 ng/mL (Zarate 2006): +7.4 mmHg in 741 infusions, +12.6 in the meta-analysis
    assert 7.4 < float(value(ALL["systolic"], 185.0)) < 12.6


def test_sensitivity_multiplies_a_slope_and_divides_a_c50():
    assert float(value(ALL["systolic"], 100.0, sensitivity=2.0)) == pytest.approx(11.0)
    assert float(value(ALL["analgesia"], 60.5, sensitivity=2.0)) == pytest.approx(0.5)


def test_norketamine_opposes_only_when_asked():
    # Heat pain, 100 ng/mL ketamine and 50 ng/mL norketamine: -3.8 cm and +1.5 cm, so 2.3/3.8 is left.
    alone = float(value(ALL["analgesia"], 100.0))
    opposed = float(value(ALL["analgesia"], 100.0, metabolite_ng_per_ml=50.0))
    assert opposed / alone == pytest.approx(2.3 / 3.8, abs=0.005)
    with pytest.raises(ValueError, match="no antagonist"):
        value(ALL["systolic"], 100.0, metabolite_ng_per_ml=50.0)


def test_tolerance_takes_from_the_fast_site_and_never_below_nothing():
    effect = Effect(
        "x", "X", "points", "ketamine", 7.0, Linear(2.0, base=1.0), "assumption", ("a",), tolerance=Tolerance(0.5, 30.0)
    )
    assert value(effect, [10.0, 10.0], slow_ng_per_ml=[4.0, 40.0]).tolist() == [17.0, 1.0]
    assert value(effect, 10.0, slow_ng_per_ml=4.0, share=0.0) == 21.0
    with pytest.raises(ValueError, match="slow site"):
        value(effect, 10.0)


def test_effects_stay_within_their_scale():
    assert float(value(ALL["dissociation"], 5000.0, slow_ng_per_ml=0.0)) == 76.0
    assert float(value(ALL["dissociation"], 0.0, slow_ng_per_ml=0.0)) == pytest.approx(3.6)


def test_per_h_is_the_rate_of_a_half_life():
    assert np.exp(-per_h(30.0) * 0.5) == pytest.approx(0.5)


def test_emax_has_a_base_and_antagonists_are_data():
    assert Emax(2.0, 10.0, base=1.0)(np.array([10.0])).tolist() == [2.0]
    assert ALL["analgesia"].antagonist == Antagonist("norketamine", 42.0)


def test_the_other_blood_is_said():
    assert "too high" in site_limit(ALL["systolic"], "arterial")
    assert "too low" in site_limit(ALL["analgesia"], "venous")
    assert site_limit(ALL["systolic"], "venous") == site_limit(ALL["systolic"], "not stated") == ""
    assert site_limit(ALL["nmda_occupancy"], "venous") == ""
