"""Outcomes that were decided apart from the tables: interactions, the order against its protocol, signed stops, expiry.

The other rows of the table of changes are data, beside the worked cases.
"""

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from surcease.knowledge import load
from surcease.knowledge.evaluation import evaluate
from surcease.knowledge.fact import Fact, Facts
from surcease.knowledge.rule import leaves
from surcease.knowledge.site import SiteLimit

KNOWLEDGE = load()
NOW = datetime(2026, 6, 15, 9, tzinfo=UTC)


def found(*rules, signed=(), now=NOW, **facts):
    known = Facts({name: Fact(Decimal(v) if isinstance(v, int | str) and not isinstance(v, bool) else v, at=NOW)
                   for name, v in facts.items()})  # fmt: skip
    return evaluate([KNOWLEDGE.rule(r) for r in rules], known, now=now, overrides=signed)


@pytest.mark.parametrize(
    ("ratio", "review", "stop"),
    [
        ("1", False, False), ("1.25", False, False), ("1.26", True, False), ("2.99", True, False), ("3", True, True),
        ("10", True, True), ("0.75", False, False), ("0.74", True, False), ("0.34", True, False),
        ("0.3333", True, True),
    ],
)  # fmt: skip
def test_the_order_against_its_protocol(ratio, review, stop):
    gentle, hard = found("DOS-18a", "DOS-18b", order_to_protocol=ratio)
    assert (gentle.fired, hard.fired) == (review, stop)
    assert (gentle.outcome, hard.outcome) == ("REVIEW", "STOP")
    assert gentle.covered_by == ("DOS-18b" if stop else "")


@pytest.mark.parametrize("rule", ["DOS-13c", "DOS-14"])
def test_a_stop_without_a_guideline_is_two_person_review_until_the_site_signs_it(rule):
    facts = {"planned_routes": ("po", "in"), "planned_day_mg": 801, "planned_sprays_per_day": 21}
    known = Facts({n: Fact(v if isinstance(v, tuple) else Decimal(v), at=NOW) for n, v in facts.items()}).with_facts(
        planned_form=Fact("racemic", at=NOW)
    )
    unsigned = evaluate([KNOWLEDGE.rule(rule)], known, now=NOW)[0]
    assert (unsigned.fired, unsigned.outcome, unsigned.persons) == (True, "REVIEW", 2)
    signed = [SiteLimit(rule, "clinic lead", NOW, "our limit")]
    assert evaluate([KNOWLEDGE.rule(rule)], known, now=NOW, overrides=signed)[0].outcome == "STOP"


def test_the_legal_note_expires():
    last_day, next_year = datetime(2026, 12, 31, 23, tzinfo=UTC), datetime(2027, 1, 1, 1, tzinfo=UTC)
    assert found("HOM-03", now=last_day, home_supply_requested=True)[0].fired
    later = found("HOM-03", now=next_year, home_supply_requested=True)[0]
    assert not later.applies
    assert later.note == "Expired on 2026-12-31."


def test_interactions_have_the_decided_outcomes():
    decided = {
        "STOP": {"04"}, "DEFER": {"05", "12", "09b"}, "REVIEW": {"07", "09c"},
        "CAUTION": {"01", "02", "03a", "03b", "06", "08", "09a", "10", "16", "18", "19"},
        "INFO": {"11", "13", "14", "15", "17", "20"},
    }  # fmt: skip
    by_outcome = {}
    for rule in KNOWLEDGE.rules:
        if rule.topic == "interactions":
            by_outcome.setdefault(rule.outcome.value, set()).add(rule.id.removeprefix("DDI-"))
    assert by_outcome == decided


def test_lithium_asks_for_nothing():
    finding = found("DDI-15", med_classes=("lithium",))[0]
    assert finding.fired is False
    assert "No significant interaction" in finding.say


def test_an_inhibitor_by_vein_is_caution_and_never_halves():
    facts = {"med_classes": ("cyp3a4_inhibitor_strong",), "planned_routes": ("iv",), "age_years": 50}
    facts |= {"liver_moderate": False, "home_supply_requested": False, "inhibitor_short_course": True}
    fired = {f.id for f in found("DDI-09a", "DDI-09b", "DDI-09c", "DOS-09a", **facts) if f.fired}
    assert fired == {"DDI-09a"}


def test_interactions_ask_for_classes_that_exist():
    classes = KNOWLEDGE.documents["codes/drugs.yaml"]["classes"]
    for rule in KNOWLEDGE.rules:
        for part in filter(None, (rule.when, rule.applies)):
            asked = {code for leaf in leaves(part) if leaf.fact.name == "med_classes" for code in leaf.value}
            assert asked <= set(classes), rule.id
