"""Traps that published figures set for the rules. Scores, codes and morphine equivalents have tests of their own."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from surcease.knowledge import evaluate, load
from surcease.knowledge.codes import has_any
from surcease.knowledge.fact import Fact, Facts
from surcease.knowledge.finding import Outcome
from surcease.knowledge.rule import NUMERIC, leaves

NOW = datetime(2026, 6, 15, 9, tzinfo=UTC)
K = load()


def stands(stage="plan", **facts):
    known = Facts({n: v if isinstance(v, Fact) else Fact(v, at=NOW) for n, v in facts.items()})
    return {f.id: f for f in evaluate(K.rules, known, now=NOW, stage=stage) if f.counts and f.fired}


@pytest.mark.parametrize("rate", ["0.05", "0.072", "0.1", "0.2", "0.32", "0.35", "0.42", "0.45"])
def test_the_guideline_s_lower_bound_never_blocks_the_regimens_actually_used(rate):
    # the 2018 consensus names 0.5 to 2 mg/kg/h and recommends 0.35 mg/kg/h and 22 mg/h for CRPS in the same text
    found = stands(planned_rate_mg_per_kg_h=Decimal(rate), planned_setting="inpatient")
    asked = {f.outcome for f in found.values() if "planned_rate_mg_per_kg_h" in dict(f.used)}
    assert asked == {Outcome.INFO}


def test_no_rule_asks_for_more_drug():
    for rule in K.rules:
        for leaf in leaves(rule.when):
            lower = leaf.word in ("below", "at_most") and leaf.fact.name.startswith("planned_")
            dose = leaf.fact.name in {
                "planned_rate_mg_per_kg_h",
                "planned_session_mg",
                "planned_day_mg",
                "planned_bolus_mg_per_kg",
            }
            assert not (lower and dose and leaf.word in NUMERIC) or rule.outcome is Outcome.INFO, rule.id


def test_a_rate_that_is_the_bag_s_concentration():
    # a case report prints "4.8 mg/kg/h" for a bag of 4.8 mg/mL
    found = stands(
        planned_rate_mg_per_kg_h=Decimal("4.8"),
        rate_equals_bag=True,
        rate_entered_twice=True,
        planned_setting="outpatient",
    )
    assert found["DOS-10b"].outcome is Outcome.STOP


def test_the_s_ketamine_trial_is_not_quoted_as_if_it_were_racemic():
    # 22 mg/h (Sigtermans 2009) was S-ketamine
    rule = K.rule("IND-CRPS")
    assert "22 mg/h" in rule.say
    assert "S-ketamine" in rule.note
    assert K.protocols["P02"]["product"] == "s_ketamine_injection"
    assert stands(product_fits_protocol=False)["DOS-07"].outcome is Outcome.STOP


def test_fibromyalgia_is_judged_by_the_2016_criteria():
    # pages that print WPI 3 to 6 give the criteria of 2010 and 2011
    assert "WPI 4 to 6 with SSS 9 or more" in K.rule("DX-FM16a").note


def test_the_suicide_screener_stops_by_level_not_by_a_sum():
    (leaf,) = leaves(K.rule("CIN-SUI").when)
    assert (leaf.fact.name, leaf.word, leaf.value) == ("c_ssrs_risk", "is", "high")
    assert leaf.fact.values == ("none", "low", "moderate", "high")


def test_a_screen_is_presumptive_until_confirmed():
    facts = {"uds_done": True, "substance_misuse_active": False}
    presumed = stands("intake", uds_result="presumptive_positive", **facts)
    assert "CIN-SUD1a" not in presumed
    assert presumed["CIN-SUD1c"].outcome is Outcome.DEFER
    assert stands("intake", uds_result="confirmed_positive", **facts)["CIN-SUD1a"].outcome is Outcome.STOP


@pytest.mark.parametrize("held", ["http://hl7.org/fhir/sid/icd-10-cm|I714", "http://hl7.org/fhir/sid/icd-10-cm|I71.4"])
def test_icd_codes_prove_with_and_without_their_dot(held):
    assert has_any((held,), K.facts["aneurysm_or_avm"].codes)


def test_every_stop_stands_on_a_label_guideline_or_standard_or_on_a_contradiction():
    for rule in K.rules:
        if rule.outcome is Outcome.STOP:
            kind = K.sources[rule.source.key]["kind"]
            assert kind in ("label", "guideline", "standard") or rule.basis == "contradiction", rule.id


def test_an_own_number_says_so():
    for rule in K.rules:
        if rule.grade == "assumption":
            assert rule.source.key == "surcease_assumption", rule.id
            assert rule.outcome is not Outcome.STOP, rule.id
