"""Model files: every shipped one is sound, and a wrong one is refused by the name of its file and key."""

from __future__ import annotations

import copy
from decimal import Decimal
from typing import Any

import numpy as np
import pytest

from surcease import knowledge
from surcease.knowledge.model_files import build
from surcease.knowledge.yaml import KnowledgeError, loads
from surcease.pkpd.model import OUT
from surcease.pkpd.regimen import parse
from surcease.pkpd.solve import solve

IDS = sorted(knowledge.load().models)

MINIMAL = """
id: one_2000
title: {en: One compartment}
substance: any
site: venous
grade: single_source
source: kamp20
citation: "Nobody 2000"
population: {text: {en: Nobody}}
parameters:
  cl: {value: 70, unit: L/h, weight_power: 0.75, cv: 30}
  v: {value: 2, unit: L/kg, weight_power: 1, sd: 0.2}
  ka: {value: 0.05, unit: 1/min, omega2: 0.1, nu2: 0.2}
  f: {value: 50, unit: "%", scale: logit, sd: 0.5, borrowed: true, rse: 10}
flows:
  - {from: central, to: out, clearance: cl, volume: v}
analytes:
  ketamine: {in: central, volume: v}
routes:
  iv: {parts: [{into: central}]}
  po: {parts: [{into: central, fraction: f, absorption: ka}]}
"""


def raw() -> dict[str, Any]:
    return copy.deepcopy(loads(MINIMAL))


def test_nine_models_are_shipped():
    assert {"kamp_2020", "otto_2021", "noppers_2011", "perez_ruixo_2021", "simons_2022", "domino_1982", "clements_1981",
            "herd_2007", "hijazi_2003"} <= set(IDS)  # fmt: skip


@pytest.mark.parametrize("model_id", IDS)
def test_a_shipped_model_says_where_it_comes_from(model_id):
    model = knowledge.model(model_id)
    assert model.id == model_id
    assert model.source in knowledge.load().sources
    assert model.parent == "ketamine"
    assert all((model.title, model.citation, model.grade, model.population.text, model.allometry, model.doubts))
    assert all(p.value > 0 and p.published for p in model.parameters.values())
    assert all(p.variability.omega2 >= 0 for p in model.parameters.values())
    assert all(a.residual.proportional > 0 for a in model.analytes.values())
    if model.borrowed:  # what is not the authors' own is labelled
        assert any("borrowed" in doubt for doubt in model.doubts)


@pytest.mark.parametrize("model_id", IDS)
def test_a_shipped_model_loses_nothing(model_id):
    """Every compartment exchanges or passes on; a unit given by each route appears somewhere."""
    model = knowledge.model(model_id)
    names = {c for f in model.flows for c in (f.source, f.target)} - {OUT}
    assert all(any(f.source == name for f in model.flows) for name in names)
    drug = "esketamine" if model.substance == "esketamine" else "racemic"
    for route in model.routes:
        found = solve(model, parse(f"10 mg {route} {drug}"), np.linspace(0, 24, 97))
        assert all(np.isfinite(c).all() and c.max() > 0 for c in found.concentrations.values())


def test_a_covariance_is_one_of_a_population():
    for model_id in IDS:
        model = knowledge.model(model_id)
        for pair in model.covariances:
            one, other = (model.parameters[n].variability.omega2 for n in (pair.first, pair.second))
            assert pair.value**2 < one * other


def test_values_in_the_units_of_the_engine():
    model = build(raw())
    values = {p.name: (p.value, p.unit) for p in model.parameters.values()}
    assert values == {"cl": (70.0, "L/h"), "v": (140.0, "L"), "ka": (3.0, "1/h"), "f": (0.5, "1")}
    assert model.parameters["v"].published == "2 L/kg"
    assert model.parameters["cl"].variability.omega2 == pytest.approx(np.log(1.09))
    assert model.parameters["v"].variability.omega2 == pytest.approx(0.04)
    assert model.parameters["ka"].variability.nu2 == 0.2
    assert model.parameters["f"].relative_se == pytest.approx(0.1)
    assert model.parameters["f"].variability.borrowed
    assert model.borrowed
    assert model.linear


def test_a_saturable_flow_makes_the_model_nonlinear():
    document = raw()
    document["parameters"]["km"] = {"value": Decimal(2), "unit": "mg/L"}
    document["flows"][0]["km"] = "km"
    assert not build(document).linear


def broken(path: str, value: Any) -> dict[str, Any]:
    document = raw()
    place: Any = document
    *way, last = path.split("/")
    for key in way:
        place = place[int(key) if isinstance(place, list) else key]
    if value is None:
        del place[last]
    else:
        place[int(last) if isinstance(place, list) else last] = value
    return document


@pytest.mark.parametrize(
    ("path", "value", "named"),
    [
        ("grade", None, "the key 'grade' is missing"),
        ("colour", "red", "unknown key 'colour'"),
        ("substance", "arketamine", "substance 'arketamine'"),
        ("site", "capillary", "site 'capillary'"),
        ("parameters/cl/unit", "furlong", "furlong"),
        ("parameters/cl/unit", "mm[Hg]", "parameter cl has the unit"),
        ("parameters/v/weight_power", Decimal(0), "per kilogram"),
        ("parameters/cl/colour", "red", "parameter cl has the unknown key"),
        ("flows/0", {"from": "central", "to": "out", "clearance": "cl"}, "needs a rate"),
        ("flows/0", {"from": "central", "to": "out", "rate": "k10"}, "names the parameter 'k10'"),
        (
            "flows/0",
            {"between": ["central", "rest"], "clearance": "cl", "volume": "v"},
            "an exchange has the unknown key",
        ),
        ("analytes/ketamine/in", "liver", "names the compartment 'liver'"),
        ("analytes/ketamine/volume", "vv", "names the parameter 'vv'"),
        ("analytes/ketamine/residual", {"sd": 1}, "residual has the unknown key"),
        ("routes/po/parts/0/absorption", "kb", "names the parameter 'kb'"),
        ("routes/po/parts/0/into", "gut", "names the compartment 'gut'"),
        ("routes/po/grade", "guessed", "grade 'guessed'"),
        ("covariances", [{"of": ["cl", "w"], "value": Decimal("0.1")}], "names the parameter 'w'"),
        ("covariates", [{"parameter": "w", "of": "age_years"}], "names the parameter 'w'"),
        ("population", {"text": {"en": "x"}, "n": 3}, "unknown key 'n'"),
    ],
)
def test_a_wrong_file_is_refused_by_name(path, value, named):
    with pytest.raises(KnowledgeError) as caught:
        build(broken(path, value))
    assert named in str(caught.value)
    assert str(caught.value).startswith("models/one_2000.yaml: ")
    assert str(caught.value).endswith(".")


def test_open_ends_of_a_population():
    document = broken("population", {"text": "x", "people": Decimal(3), "age_years": [None, Decimal(60)]})
    population = build(document).population
    assert (population.n, population.age_years) == (3, (-np.inf, 60.0))


def test_an_unknown_model_is_named_with_those_there_are():
    with pytest.raises(KnowledgeError, match="no model 'kamp_2021': there are clements_1981"):
        knowledge.model("kamp_2021")
