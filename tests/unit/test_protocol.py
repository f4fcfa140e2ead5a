"""Protocols and products as data: all there, honest about their support, and refused by name when wrong."""

import copy

import pytest

from surcease.knowledge import KnowledgeError, load
from surcease.knowledge.product import load_products, products_in
from surcease.knowledge.protocol import (
    CAPS,
    excluded_in,
    load_protocols,
    protocols_for,
    protocols_in,
    read_protocol,
)
from surcease.units import Quantity

KNOWLEDGE = load()
P = load_protocols()


def document(name="P01"):
    return copy.deepcopy(KNOWLEDGE.protocols[name])


def refused(raw, name="P01.yaml"):
    with pytest.raises(KnowledgeError) as error:
        read_protocol(raw, where=name, sources=KNOWLEDGE.sources, products=KNOWLEDGE.products)
    return str(error.value)


def test_there_are_23_and_the_24th_is_left_out_with_its_reason():
    assert list(P) == [f"P{n:02}" for n in range(1, 24)]
    (left_out,) = excluded_in(KNOWLEDGE)
    assert left_out["id"] == "P24"
    assert "unit error" in left_out["why"]


def test_the_clinic_never_sees_intensive_care_or_reference_protocols():
    outpatient = {p.id for p in protocols_for("outpatient")}
    assert outpatient == {"P01", "P04", "P07", "P08", "P09", "P20"}
    for setting in ("outpatient", "inpatient", "home", "emergency"):
        assert not {"P21", "P22", "P23"} & {p.id for p in protocols_for(setting)}
    assert [p.id for p in protocols_for("icu")] == ["P22"]
    assert {p.id for p in protocols_for("home")} == {"P14", "P15", "P16", "P17", "P18", "P19"}


@pytest.mark.parametrize(
    ("name", "field"),
    [
        ("P01", "steps"), ("P02", "start"), ("P02", "increment"), ("P02", "caps.rate_mg_per_kg_h"), ("P18", "start"),
        ("P03", "increment"), ("P10", "increment"), ("P11", "increment"), ("P17", "increment"),
    ],
)  # fmt: skip
def test_what_was_not_checked_says_that_it_is_an_assumption(name, field):
    assert P[name].grade_of(field) == "assumption"


def test_figures_of_the_sources():
    """Of the trials and series named in each file's source."""
    assert str(P["P01"].target.amount) == "0.35 mg/kg/h"
    assert (str(P["P01"].caps["rate_mg_per_h"]), str(P["P01"].caps["session_mg"])) == ("25 mg/h", "100 mg")
    assert [(p.drug, str(p.dose), p.route, p.times) for p in P["P01"].premedication] == [
        ("midazolam", "2 mg", "iv", 2), ("clonidine", "0.1 mg", "po", 1)]  # fmt: skip
    assert (str(P["P04"].start.amount), str(P["P04"].start.over), P["P04"].sessions.count) == ("80 mg", "5 h", 7)
    assert str(P["P06"].caps["rate_mg_per_kg_h"]) == "1 mg/kg/h"
    assert (str(P["P09"].start.shortest), str(P["P09"].start.longest)) == ("40 min", "60 min")
    assert [str(level.amount) for level in P["P12"].levels] == ["100 mg", "300 mg", "500 mg"]
    assert tuple(map(str, P["P11"].wean)) == ("12 h", "24 h")
    assert P["P14"].caps["day_mg_per_kg"] == Quantity.of(3, "mg/kg")
    assert str(P["P23"].caps["session_mg"]) == "25 mg"
    assert P["P02"].product == P["P07"].product == "s_ketamine_injection"


def test_fixed_rate_programmes_are_consistent():
    for protocol in P.values():
        programme = protocol.programme
        if "rate" in programme:
            hours = (protocol.start.lasts or protocol.start.over).to("h").value
            bag, rate = (Quantity.of(*programme[key].split()) for key in ("bag", "rate"))
            assert bag.value / hours == rate.value


def test_rules_that_protocols_name_exist():
    ids = {rule.id for rule in KNOWLEDGE.rules}
    for protocol in P.values():
        for name in (
            *protocol.hold,
            protocol.evidence["rule"],
            *(c for c in protocol.conditions if c.startswith("IND")),
        ):
            assert any(i == name or i[: len(name)] == name for i in ids), (protocol.id, name)


def test_every_product_of_a_protocol_goes_its_way():
    for protocol in P.values():
        assert set(protocol.route) <= set(load_products()[protocol.product].routes)


@pytest.mark.parametrize(
    ("change", "part"),
    [
        ({"start": None}, "P01.yaml"),
        ({"id": "P02"}, "is not the file's name"),
        ({"setting": "garden"}, "setting is 'garden'"),
        ({"purpose": "fun"}, "purpose is 'fun'"),
        ({"weight_basis": "felt"}, "weight_basis is 'felt'"),
        ({"source": ["nobody"]}, "'nobody' is not a key of sources.yaml"),
        ({"grades": {"steps": "sure"}}, "grades: steps"),
        ({"grades": {"colour": "assumption"}}, "grades: colour"),
        ({"caps": {"speed": 1}}, "caps: 'speed' is not known"),
        ({"start": {"dose": "0.35 mg/kg/h", "pour": "4 h"}}, "key 'pour'"),
        ({"start": {"dose": "0.35 mg/kg/fortnight"}}, "is not known here"),
        ({"colour": "blue"}, "the key 'colour' is not known"),
        ({"product": "gin"}, "'gin'"),
    ],
)
def test_a_wrong_protocol_is_refused_by_file_and_key(change, part):
    message = refused(document() | change)
    assert message.startswith("P01.yaml: ")
    assert part in message


def test_a_protocol_that_leaves_a_field_out_is_refused():
    raw = document()
    del raw["caps"]
    assert "'caps' is missing" in refused(raw)


def test_a_stored_release_gives_the_same_protocols():
    again = type(KNOWLEDGE).from_canonical(KNOWLEDGE.canonical())
    assert protocols_in(again) == dict(P)
    assert products_in(again) == dict(load_products())


def test_unstated_caps_are_absent_and_not_zero():
    assert "rate_mg_per_h" not in P["P06"].caps
    assert set(CAPS) >= {name for p in P.values() for name in p.caps}


def test_strengths_on_the_shelf():
    racemic = load_products()["racemic_injection"]
    assert racemic.stocked(Quantity.of(50, "mg/mL"))
    assert racemic.stocked(Quantity.of("0.05", "g/mL"))
    assert not racemic.stocked(Quantity.of(500, "mg/mL"))
    assert not racemic.stocked(Quantity.of(50, "mg"))
    assert load_products()["s_ketamine_injection"].form_words == "S-ketamine (esketamine)"


def test_a_wrong_product_is_refused():
    raw = dict(KNOWLEDGE.documents)
    raw["drugs/gin.yaml"] = {**raw["drugs/racemic_oral.yaml"], "id": "gin", "form": "spirit"}
    with pytest.raises(KnowledgeError, match=r"gin.yaml: form must be one of"):
        products_in(type(KNOWLEDGE)(raw))
