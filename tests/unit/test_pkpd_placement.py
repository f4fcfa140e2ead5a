"""Where a measured level stands: percentiles by simulation against algebra."""

import numpy as np
import pytest

from surcease.knowledge.effect import default_model
from surcease.knowledge.library import load
from surcease.pkpd.model import Residual
from surcease.pkpd.placement import ordinal, place, with_residual
from surcease.pkpd.population import sample
from surcease.pkpd.regimen import parse

KAMP, OTTO, HIJAZI = (load().model(m) for m in ("kamp_2020", "otto_2021", "hijazi_2003"))
GIVEN = parse("0.5 mg/kg over 40 min iv")


def test_the_median_person_is_the_50th_percentile():
    middle = float(np.median(sample(KAMP, GIVEN, [1.0], people=4000, seed=2).cp_ng_per_ml))
    assert place(KAMP, GIVEN, middle, 1.0, people=4000, seed=2).percentile == pytest.approx(50, abs=2)


def test_residual_error_widens_what_is_expected():
    levels = np.full(50_000, 100.0)
    seen = with_residual(levels, Residual(0.24, 5.0), range(50_000), seed=1)
    # log-normal of SD 0.24 around 100, plus 5: variance 100²·e^s(e^s − 1) + 25 with s = 0.24²
    s = 0.24**2
    assert seen.var() == pytest.approx(1e4 * np.exp(s) * np.expm1(s) + 25, rel=0.03)
    assert with_residual(np.zeros(1000), Residual(0.1, 5.0), range(1000), seed=1).min() == 0
    assert np.array_equal(with_residual(levels[:5], Residual(), range(5), seed=1), levels[:5])


def test_the_sentence_names_both_bloods():
    assert place(KAMP, GIVEN, 100.0, 1.0).sentence.endswith("arterial model; your sample is venous.")
    s_part = parse("0.25 mg/kg over 40 min iv esketamine")
    venous = place(OTTO, s_part, 40.0, 1.0, analyte="norketamine")
    assert venous.sentence.endswith("venous model; your sample is venous too.")
    assert "does not say which blood" in place(HIJAZI, GIVEN, 100.0, 1.0).sentence


def test_the_ends_of_the_scale():
    assert place(KAMP, GIVEN, 0.0, 1.0).sentence.startswith("below the 1st")
    assert place(KAMP, GIVEN, 5000.0, 1.0).sentence.startswith("above the 99th")
    assert [ordinal(n) for n in (1, 2, 3, 4, 12, 21, 33)] == ["1st", "2nd", "3rd", "4th", "12th", "21st", "33rd"]


def test_the_usual_model_of_a_regimen():
    chosen = {
        t: default_model(load(), parse(t)).id for t in ("0.5 mg/kg iv", "28 mg in", "25 mg sl", "20 mg po", "25 mg im")
    }
    assert list(chosen.values()) == ["kamp_2020", "perez_ruixo_2021", "simons_2022", "perez_ruixo_2021", "kamp_2020"]
    assert default_model(load(), parse("20 mg/h for 4 h iv"), order="relief_order").id == "noppers_2011"
    with pytest.raises(ValueError, match="one by one"):
        default_model(load(), parse("25 mg im then 20 mg po"))
