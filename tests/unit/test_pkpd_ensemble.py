"""Which models fit, and how far apart they are."""

import numpy as np
import pytest

from surcease.knowledge.library import load
from surcease.pkpd.ensemble import compare, reason_against, spread, when
from surcease.pkpd.regimen import parse
from surcease.pkpd.subject import Subject

MODELS = [load().model(m) for m in sorted(load().models)]
BY_ID = {m.id: m for m in MODELS}
RACEMIC, ESKETAMINE = parse("0.5 mg/kg over 40 min iv"), parse("0.5 mg/kg over 40 min iv esketamine")


def test_racemic_models_for_racemic_ketamine():
    found = compare(MODELS, RACEMIC, [2 / 3, 1.0])
    assert set(found.curves) == {"kamp_2020", "domino_1982", "clements_1981"}
    assert found.left_out["herd_2007"] == "was fitted on children"
    assert found.left_out["hijazi_2003"] == "was fitted in critical illness"
    assert "S half" in found.left_out["noppers_2011"]
    # golden table: Domino 55.1, Kamp 95.9, Clements 115.4 ng/mL twenty minutes after the end
    assert found.spread.sentence == "Three models fit; they differ ×2.1 20 minutes after the end (55.1 to 115 ng/mL)."
    assert found.spread.ratio == pytest.approx(115.4 / 55.1, rel=0.005)


def test_esketamine_and_pooled_models_for_esketamine():
    found = compare(MODELS, ESKETAMINE, [2 / 3])
    assert set(found.curves) == {"kamp_2020", "noppers_2011", "otto_2021", "perez_ruixo_2021", "simons_2022"}
    assert found.left_out["domino_1982"] == "was fitted on racemic ketamine"


def test_a_route_that_a_model_lacks():
    assert reason_against(BY_ID["otto_2021"], parse("28 mg in esketamine")) == "has no route in (only iv, po)"
    alone = compare(MODELS, parse("25 mg im"), [0.5])
    assert list(alone.curves) == ["kamp_2020"]
    assert alone.spread is None


def test_children_and_adults_are_not_compared():
    assert reason_against(BY_ID["herd_2007"], RACEMIC, age_years=8) == ""
    assert reason_against(BY_ID["domino_1982"], RACEMIC, age_years=8) == "was fitted on adults"
    assert "kamp_2020" in compare(MODELS, RACEMIC, [1.0], subject=Subject(30, {"age_years": 8})).curves


def test_spread_looks_from_the_common_peak_on_and_not_at_traces():
    times = np.array([0.0, 1.0, 2.0, 3.0])
    curves = {"a": np.array([9.0, 10.0, 5.0, 0.001]), "b": np.array([1.0, 10.0, 4.0, 0.0001])}
    found = spread(times, curves, end_h=1.0)
    assert (found.at_h, found.ratio) == (2.0, 1.25)
    assert spread(times, {"a": curves["a"]}, end_h=1.0) is None


def test_many_models_are_counted_in_figures():
    curves = {str(n): np.array([1.0, 1.0 + n]) for n in range(12)}
    assert spread(np.array([0.0, 1.0]), curves, end_h=0.0).sentence.startswith("12 models fit")


def test_times_in_words():
    assert when(0.5, 0.5) == "at the end"
    assert when(10.0, 2.0) == "8 hours after the end"
