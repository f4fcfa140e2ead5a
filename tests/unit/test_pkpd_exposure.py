"""Interactions: predicted exposure ratios against the studies' tables, and silence where nothing is known."""

import numpy as np
import pytest

from surcease.knowledge.effect import exposure_changes
from surcease.knowledge.library import load
from surcease.pkpd.exposure import eta, shifts
from surcease.pkpd.model import Parameter, Variability
from surcease.pkpd.regimen import parse
from surcease.pkpd.solve import solve

CHANGES = exposure_changes(load())
ORAL, NASAL = parse("20 mg po esketamine"), parse("28 mg in esketamine")
VEIN = parse("20 mg over 40 min iv esketamine")
TIMES = np.concatenate((np.linspace(0, 24, 2401), np.linspace(24.5, 400, 400)))


def ratios(name, model_id, regimen, analyte="ketamine"):
    """AUC and Cmax with the change over those without."""
    model = load().model(model_id)
    moved, _ = shifts([CHANGES[name]], model, regimen)
    plain, changed = (solve(model, regimen, TIMES, etas=e).concentrations[analyte] for e in ({}, moved))
    return np.trapezoid(changed, TIMES) / np.trapezoid(plain, TIMES), changed.max() / plain.max()


# Peltoniemi 2011, 2012a, 2012b; Hagelberg 2010: oral S-ketamine AUC ratios.
ORAL_TABLE = [("rifampicin", 0.14), ("clarithromycin", 2.6), ("grapefruit", 3.0), ("ticlopidine", 2.4)]


@pytest.mark.parametrize("model_id", ["perez_ruixo_2021", "otto_2021"])
@pytest.mark.parametrize(("name", "published"), ORAL_TABLE)
def test_oral_auc_ratio_is_the_published_one(name, published, model_id):
    assert ratios(name, model_id, ORAL)[0] == pytest.approx(published, rel=0.02)


def test_rifampicin_barely_moves_what_is_infused():
    # intravenous AUC -14 % (Peltoniemi 2012) and -10 % (Noppers 2011), norketamine -50 %
    for model_id in ("perez_ruixo_2021", "otto_2021"):
        assert 0.84 <= ratios("rifampicin", model_id, VEIN)[0] <= 0.91
        assert ratios("rifampicin", model_id, VEIN, "norketamine")[0] == pytest.approx(0.5, abs=0.02)


def test_norketamine_to_ketamine_falls_as_observed_though_it_was_not_fitted():
    # clarithromycin -54 %, grapefruit -57 %: the first-pass share of norketamine stays, ketamine rises
    for name, published in (("clarithromycin", 0.46), ("grapefruit", 0.43)):
        parent, metabolite = (ratios(name, "otto_2021", ORAL, a)[0] for a in ("ketamine", "norketamine"))
        assert metabolite / parent == pytest.approx(published, abs=0.04)


def test_the_swallowed_part_of_a_spray_moves_less_than_a_tablet():
    for name, published in ORAL_TABLE[1:]:
        nasal = ratios(name, "perez_ruixo_2021", NASAL)[0]
        assert 1.1 < nasal < published


def test_kidneys_and_the_nasal_spray():
    # label: Cmax +20-26 %, AUC +13-36 %, norketamine AUC +39-55 %
    area, peak = ratios("renal", "perez_ruixo_2021", NASAL)
    assert 1.13 <= area <= 1.36
    assert 1.20 <= peak <= 1.26
    assert 1.39 <= ratios("renal", "perez_ruixo_2021", NASAL, "norketamine")[0] <= 1.55


def test_japanese_and_older_people_are_in_the_nasal_model_itself():
    # Perez-Ruixo 2021, Table 4: 28 mg, 57.5 against 43.8 ng/mL; Qh falls by 2.19 L/h a year above 60
    model = load().model("perez_ruixo_2021")
    japanese = solve(model, NASAL, TIMES, known={"ancestry": "japanese"}).cp_ng_per_ml.max()
    assert japanese == pytest.approx(57.5, rel=0.01)
    young, old = (solve(model, NASAL, TIMES, known={"age_years": a}).cp_ng_per_ml.max() for a in (50, 80))
    assert old > young


def test_what_is_not_known_changes_nothing_and_says_so():
    kamp = load().model("kamp_2020")
    for name in ("hepatic", "clarithromycin", "itraconazole"):
        moved, said = shifts([CHANGES[name]], kamp, parse("0.5 mg/kg over 40 min iv"))
        assert moved == {}
        assert "nothing is changed" in said[0].lower()
    assert "by how much was not found" in shifts([CHANGES["hepatic"]], kamp, VEIN)[1][0]


def test_conflicts_warn_when_they_are_asked_for():
    kamp = load().model("kamp_2020")
    assert {c.id for c in CHANGES.values() if c.conflict} == {"female_clearance", "cyp2b6_1_6", "cyp2b6_6_6"}
    moved, said = shifts([CHANGES["cyp2b6_6_6"]], kamp, VEIN)
    assert moved["cl"] == pytest.approx(np.log(21.6 / 68.1), abs=0.002)  # Li 2015
    assert "Sources disagree" in said[0]


def test_two_changes_multiply():
    kamp = load().model("kamp_2020")
    both, said = shifts([CHANGES["rifampicin"], CHANGES["female_clearance"]], kamp, VEIN)
    assert both["cl"] == pytest.approx(np.log(1.13 * 1.2))
    assert len(said) == 2


def test_a_share_in_logits_is_multiplied_at_its_typical_value():
    share = Parameter("f", 0.54, "1", variability=Variability(0.5, scale="logit"))
    odds = 0.54 / 0.46 * np.exp(eta(share, 1.25))
    assert odds / (1 + odds) == pytest.approx(0.675)


def test_every_change_cites_and_names_what_exists():
    models, sources = load().models, load().sources
    for change in CHANGES.values():
        assert all(s in sources for s in change.sources)
        for application in change.applications:
            for model_id in application.models:
                assert set(application.factors) <= set(models[model_id]["parameters"]), change.id
