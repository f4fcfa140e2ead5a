"""What the loader refuses of a rule, each by the file's and the key's name."""

from decimal import Decimal

import pytest

from surcease.knowledge.build import rule
from surcease.knowledge.facts import FactSpec, spec
from surcease.knowledge.finding import Outcome
from surcease.knowledge.rule import All, leaves
from surcease.knowledge.yaml import KnowledgeError

SPECS = {
    s.name: s
    for s in (
        FactSpec("age_years", "number", "a"), FactSpec("weight_kg", "number", "kg"), FactSpec("stroke", "bool"),
        FactSpec("state", "choice", values=("stable", "worse")), FactSpec("codes", "codes"), FactSpec("on", "date"),
        FactSpec("note", "text"),
    )
}  # fmt: skip
SOURCES = {
    "label": {"title": "A label", "ref": "L", "kind": "label"},
    "trial": {"title": "A trial", "kind": "trial"},
    "surcease_default": {"title": "Default", "kind": "site"},
    "surcease_assumption": {"title": "Assumption", "kind": "site"},
}
GOOD = {
    "id": "ELG-01", "version": Decimal(1), "effective": "2026-01-01", "kind": "rule", "stage": "intake",
    "title": {"en": "Adult"}, "when": {"fact": "age_years", "below": Decimal(18)}, "outcome": "STOP",
    "say": {"en": "Aged {age_years}."}, "do": {"en": "Refer."}, "source": "label", "grade": "label",
}  # fmt: skip


def build(name="rules/eligibility/ELG-01.yaml", drop=(), **changes):
    raw = {k: v for k, v in {**GOOD, **changes}.items() if k not in drop}
    return rule(raw, name=name, topic="eligibility", specs=SPECS, sources=SOURCES)


def test_a_good_rule_is_built():
    built = build(covers=["ELG-02"], persons=Decimal(2), note="x", expires="2027-01-01", stage=["intake", "day"])
    assert (built.id, built.version, built.outcome, built.stage) == ("ELG-01", 1, Outcome.STOP, "intake")
    assert built.stages == ("intake", "day")
    assert built.source.url == "L"
    assert set(built.placeholders) == {"age_years"}


@pytest.mark.parametrize(
    "key", ["id", "version", "effective", "kind", "stage", "title", "outcome", "say", "do", "source", "grade", "when"]
)
def test_a_missing_key_is_named(key):
    with pytest.raises(KnowledgeError, match=f"ELG-01.yaml: {key}: is missing"):
        build(drop=[key])


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"source": "nowhere"}, "source: 'nowhere' is not a key of sources.yaml"),
        ({"colour": "red"}, "colour: this key is not known"),
        ({"kind": "law"}, "kind: 'law' is not one of"),
        ({"stage": "lunch"}, "stage: 'lunch' is not one of"),
        ({"outcome": "HALT"}, "outcome: 'HALT' is not one of"),
        ({"id": "elg1"}, "id: 'elg1' must look like"),
        ({"id": "ELG-02"}, "be the file's name"),
        ({"title": "Adult"}, "title: needs its sentence under en"),
        ({"say": {"en": " "}}, "say: needs its sentence"),
        ({"effective": "January"}, "effective: 'January' is not a date"),
        ({"owner": "cat"}, "owner: 'cat' is not one of"),
        ({"when": {}}, "when: a condition is a mapping"),
        ({"when": [1]}, "when: a condition is a mapping"),
        ({"when": {"fact": "shoe_size", "is": True}}, "the fact 'shoe_size' is not in facts.yaml"),
        ({"when": {"fact": "age_years", "exceeds": Decimal(3)}}, "the word 'exceeds' is not known"),
        ({"when": {"fact": "age_years", "above": Decimal(3), "below": Decimal(9)}}, "one fact and one comparison"),
        ({"when": {"above": Decimal(3)}}, "one fact and one comparison"),
        ({"when": {"any": []}}, "when.any: needs a list"),
        ({"when": {"all": {"fact": "stroke", "is": True}}}, "when.all: needs a list"),
        ({"when": {"all": [{"fact": "age_years", "below": "18"}]}}, r"when.all\[0\].below: compares a number"),
        ({"when": {"not": {"fact": "stroke", "above": Decimal(1)}}}, "stroke is a bool"),
        ({"when": {"fact": "stroke", "is": "maybe"}}, "'maybe' is not a value of stroke"),
        ({"when": {"fact": "state", "is": "gone"}}, "'gone' is not a value of state"),
        ({"when": {"fact": "state", "in": "stable"}}, "needs a list"),
        ({"when": {"fact": "state", "in": ["gone"]}}, "are not values of state"),
        ({"when": {"fact": "stroke", "in": ["a"]}}, "are not values of stroke"),
        ({"when": {"fact": "state", "has_code": ["x"]}}, "state is a choice, not a list of codes"),
        ({"say": {"en": "{shoe_size}"}}, "the fact 'shoe_size' is not in facts.yaml"),
        ({"source": "trial"}, "a STOP stands on a label, guideline, standard, not on a trial"),
        ({"grade": "assumption"}, "an assumption cites nothing: write surcease_assumption"),
        ({"threshold": "limit"}, "site_configurable: goes together with a named threshold"),
        ({"site_configurable": True}, "site_configurable: goes together"),
        (
            {"threshold": "limit", "site_configurable": True, "when": {"fact": "stroke", "is": True}},
            "threshold: 'limit' names no number",
        ),
        (
            {
                "threshold": "limit", "site_configurable": True,
                "when": {"any": [{"fact": "age_years", w: Decimal(n)} for w, n in (("below", 18), ("above", 80))]},
            },
            "threshold: 'limit' names 2 different numbers",
        ),
        ({"outcome": "REVIEW", "signed_outcome": "CAUTION"}, "signed_outcome: must be stricter"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_named(changes, words):
    name = f"rules/eligibility/{changes.get('id', 'ELG-01')}.yaml" if changes.get("id") != "ELG-02" else "ELG-01.yaml"
    with pytest.raises(KnowledgeError, match=words):
        build(name, **changes)


def test_a_rule_is_a_mapping():
    with pytest.raises(KnowledgeError, match="document: a rule is one mapping"):
        rule(["x"], name="ELG-01.yaml", topic="e", specs=SPECS, sources=SOURCES)


def test_a_contradiction_may_stop_without_a_label():
    assert build(source="surcease_default", grade="site_default", basis="contradiction").outcome is Outcome.STOP


def test_an_own_cut_may_become_a_stop_by_signature():
    built = build(outcome="REVIEW", signed_outcome="STOP", source="surcease_default", grade="site_default")
    assert built.signed_outcome is Outcome.STOP


def test_a_statement_needs_no_when_and_thresholds_are_no_placeholders():
    shown = build(kind="statement", outcome="INFO", drop=["when"])
    assert shown.when == All()
    own = build(threshold="adult", site_configurable=True, say={"en": "below {adult}"})
    assert (own.placeholders, own.thresholds) == ({}, {"adult": Decimal(18)})


def test_several_leaves_may_share_one_number():
    both = {"any": [{"fact": "age_years", "within_days": Decimal(30)}, {"fact": "on", "older_than_days": Decimal(30)}]}
    built = build(when=both, threshold="days", site_configurable=True, applies={"fact": "note", "is": "x"})
    assert built.thresholds == {"days": Decimal(30)}
    assert [t.word for t in leaves(built.when)] == ["within_days", "older_than_days"]


@pytest.mark.parametrize(
    ("raw", "words"),
    [
        ({}, "type must be one of"),
        ({"type": "bool", "owner": "nurse", "colour": "red"}, "the key 'colour' is not known"),
        ({"type": "bool"}, "owner"),
        ({"type": "choice", "owner": "nurse"}, "a choice needs its values"),
        ({"type": "number", "owner": "nurse", "unit": "furlong"}, "furlong"),
    ],
)
def test_a_wrong_dictionary_entry_is_refused(raw, words):
    with pytest.raises(KnowledgeError, match=words):
        spec("height", raw)
