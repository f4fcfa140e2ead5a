"""What would change this: the fewest facts, in words, and that the changes do what they say."""

from datetime import UTC, datetime
from decimal import Decimal
from itertools import combinations
from pathlib import Path

import pytest

from surcease.care.change import _Search, what_would_change
from surcease.care.eligibility import assess
from surcease.care.ways import answers, minimal, quiet
from surcease.knowledge import load, yaml
from surcease.knowledge.fact import Fact, Facts
from surcease.knowledge.facts import FactSpec, read
from surcease.knowledge.rule import All, AnyOf, Not
from surcease.knowledge.rule import Test as Leaf
from surcease.knowledge.site import SiteLimit

NOW = datetime(2026, 6, 15, 9, 0, tzinfo=UTC)
K = load()
BASE = yaml.load(Path(__file__).parents[2] / "examples" / "cases" / "base.yaml")["facts"]
NONE = Decimal(0)
MORE = {
    "planned_sessions": Decimal(5), "planned_setting": "outpatient", "planned_infusion_hours": Decimal(1),
    "med_classes": [], "opioid_count": NONE, "opioid_long_acting_count": NONE, "mme_per_day": NONE,
    "mme_at_least_per_day": NONE, "mme_unconverted": [],
}  # fmt: skip


def flip(**changes):
    known = read({**BASE, **MORE, **changes}, K.facts, now=NOW)
    return what_would_change(assess(known, K, now=NOW), K)


def needed(found):
    return {c.name: c.needed for c in found.changes}


def test_one_fact_stands_between():
    found = flip(stroke_history=True)
    assert (needed(found), found.then, found.exact) == ({"stroke_history": "no"}, "INFO", True)
    assert (found.changes[0].now, found.changes[0].owner) == ("yes", "physician")


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"systolic_clinic_mean": Decimal(168)}, {"systolic_clinic_mean": "below 160 mmHg"}),
        ({"nrs_average": Decimal(2)}, {"nrs_average": "at least 4, of the last 30 days"}),
        ({"alt_uln": Decimal(6)}, {"alt_uln": "at most 5"}),
        ({"pain_weeks": Decimal(5)}, {"pain_weeks": "at least 13 weeks"}),
        ({"consent_signed_on": None}, {"consent_signed_on": "of the last 365 days"}),
        ({"consent_signed_on": "2024-01-01"}, {"consent_signed_on": "of the last 365 days"}),
        ({"height_cm": {"value": Decimal(172), "at": "2024-01-01"}}, {"height_cm": "known, of the last 30 days"}),
        (
            {"uds_result": "confirmed_positive"},
            {"uds_result": "negative or as prescribed or authorised cannabis or presumptive positive"},
        ),
        ({"glaucoma": True, "glaucoma_state": "uncontrolled"}, {"glaucoma_state": "treated controlled"}),
        ({"med_classes": ["theophylline"]}, {"med_classes": "without theophylline"}),
        ({"indication": "fibromyalgia", "dx_fm16": True}, {"indication": "crps or sci"}),
        ({"pain_weeks": Decimal(20)}, {"pain_weeks": "at least 26 weeks"}),
        (
            {"systolic_clinic_mean": Decimal(168), "endpoint_recorded": False},
            {"systolic_clinic_mean": "below 160 mmHg", "endpoint_recorded": "yes"},
        ),
    ],
)  # fmt: skip
def test_in_words(changes, expected):
    found = flip(**changes)
    assert (needed(found), found.exact) == (expected, True)


def test_a_stop_ends_with_its_one_fact_though_others_are_unknown():
    known = read({"stroke_history": True}, K.facts, now=NOW)
    found = what_would_change(assess(known, K, now=NOW), K)
    assert (needed(found), found.then, found.exact) == ({"stroke_history": "no"}, "DEFER", True)


def test_nothing_that_can_change():
    found = flip(age_years=Decimal(17))
    assert (found.changes, found.then, found.exact) == ((), "", True)
    assert what_would_change(assess(Facts({}), K, now=NOW, stage="nowhere"), K).changes == ()


def test_a_dead_end_is_said_by_the_greedy_search_too():
    result = assess(read({**BASE, **MORE, "age_years": Decimal(17)}, K.facts, now=NOW), K, now=NOW)
    assert _Search(result, K).greedy().changes == ()


def test_a_text_is_changed_to_another():
    order = {"planned_form": "racemic", "planned_routes": ["iv"], "rate_to_protocol_cap": Decimal(1)}
    order |= {"session_to_protocol_cap": Decimal(1), "proposed_drug": "labetalol", "asthma": True}
    known = read({**BASE, **MORE, **order}, K.facts, now=NOW)
    result = assess(known, K, now=NOW, stage="session")
    assert result.outcome == "DEFER"
    assert needed(what_would_change(result, K))["proposed_drug"] == "recorded or flumazenil or ondansetron"
    search = _Search(result, K)
    spec = K.facts["proposed_drug"]
    assert [f.value for f in search.supply.candidates(spec)] == ["recorded", "flumazenil", "labetalol", "ondansetron"]


def test_a_site_s_own_number_is_the_one_to_reach():
    limit = SiteLimit("CIN-CV5", "clinic lead", NOW, "audit", "systolic_limit", Decimal(150))
    known = read({**BASE, **MORE, "systolic_clinic_mean": Decimal(155)}, K.facts, now=NOW)
    found = what_would_change(assess(known, K, now=NOW, site=[limit]), K)
    assert needed(found) == {"systolic_clinic_mean": "below 150 mmHg"}


def test_an_empty_record_gets_a_list_that_holds():
    result = assess(Facts({}), K, now=NOW)
    found = what_would_change(result, K)
    assert found.then == "REVIEW"
    assert 30 < len(found.changes) < 70
    search = _Search(result, K)
    assert search.greedy().then == "REVIEW"
    assert not found.exact


@pytest.mark.parametrize(
    "missing", list(combinations(["stroke_history", "alt_uln", "stop_bang_score", "pain_weeks"], 2))
)
def test_the_fewest_are_found_and_one_fewer_does_not_do(missing):
    found = flip(**dict.fromkeys(missing))
    assert {c.name for c in found.changes} <= set(missing)
    assert found.exact
    known = read({**BASE, **MORE, **dict.fromkeys(missing)}, K.facts, now=NOW)
    result = assess(known, K, now=NOW)
    search = _Search(result, K)
    values = {name: fact for name, fact in search.supply.after({}).items() if name in set(missing)}
    assert search.offending(values)
    for name in {c.name for c in found.changes}:
        rest = {n: Fact(BASE[n], K.facts[n].unit, NOW) for n in missing if n != name}
        assert search.offending(rest), name


# --- ways

A, B, C = (Leaf(FactSpec(n, "bool"), "is", True) for n in "abc")


def test_ways_of_conditions():
    def said(ways):
        return {frozenset((t.fact.name, w) for t, w in way) for way in ways}

    assert said(answers(All((A, B)), True)) == {frozenset({("a", True), ("b", True)})}
    assert said(answers(All((A, B)), False)) == {frozenset({("a", False)}), frozenset({("b", False)})}
    assert said(answers(AnyOf((A, Not(B))), False)) == {frozenset({("a", False), ("b", True)})}
    assert answers(AnyOf((A, Not(A))), False) == ()
    assert answers(All(()), False) == ()
    one, two = answers(A, False)[0], answers(All((A, B)), True)[0]
    assert minimal([two, one, one]) == (one, two)
    assert len(quiet(K.rule("CIN-PREG"))) == 2
