"""What must hold for every rule on any facts: more knowledge never turns a settled answer round; nothing is dropped."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from surcease.care.change import what_would_change
from surcease.care.eligibility import assess
from surcease.knowledge import evaluate, load, yaml
from surcease.knowledge.fact import Fact, Facts
from surcease.knowledge.facts import read
from surcease.knowledge.finding import Outcome
from surcease.knowledge.rule import leaves

NOW = datetime(2026, 6, 15, 9, 0, tzinfo=UTC)
K = load()
BASE = read(
    yaml.load(Path(__file__).parents[2] / "examples" / "cases" / "base.yaml")["facts"], K.facts, now=NOW, source="base"
).known
LOOKED_AT = {}
for _rule in K.rules:
    for _leaf in (t for part in (_rule.applies, _rule.when) if part for t in leaves(part)):
        LOOKED_AT.setdefault(_leaf.fact.name, []).append(_leaf)


def value(name):
    """Values on both sides of every number a rule compares with; every choice; codes that count and others."""
    spec, tests = K.facts[name], LOOKED_AT[name]
    if spec.type == "bool":
        return st.booleans()
    if spec.type == "choice":
        return st.sampled_from(spec.values)
    if spec.type == "number":
        limits = sorted({t.value for t in tests if isinstance(t.value, Decimal)} | {Decimal(0)})
        return st.sampled_from(limits).flatmap(lambda n: st.sampled_from([n - Decimal("0.1"), n, n + Decimal("0.1")]))
    if spec.type == "date":
        return st.integers(0, 800).map(lambda d: (NOW - timedelta(days=d)).date())
    named = sorted({v for t in tests if isinstance(t.value, tuple) for v in t.value} | {"other"})
    return st.lists(st.sampled_from(named), max_size=3).map(tuple) if spec.type == "codes" else st.sampled_from(named)


AGES = st.sampled_from([0, 0, 0, 1, 20, 31, 91, 400])


@st.composite
def facts(draw, most=40):
    names = draw(st.lists(st.sampled_from(sorted(LOOKED_AT)), max_size=most, unique=True))
    return {n: Fact(draw(value(n)), "", NOW - timedelta(days=draw(AGES)), "drawn") for n in names}


SETTINGS = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@SETTINGS
@given(facts(), facts())
def test_more_knowledge_never_turns_a_settled_answer_round(some, more):
    before = evaluate(K.rules, Facts(some), now=NOW)
    after = evaluate(K.rules, Facts({**more, **some}), now=NOW)
    for one, other in zip(before, after, strict=True):
        if one.fired is not None:
            assert other.fired is one.fired, one.id
            assert other.outcome is one.outcome
        if not one.applies:
            assert not other.applies


@SETTINGS
@given(facts())
def test_every_rule_is_there_and_says_what_it_lacks(some):
    found = evaluate(K.rules, Facts(some), now=NOW)
    assert [f.id for f in found] == [r.id for r in K.rules]
    for finding, rule in zip(found, K.rules, strict=True):
        assert bool(finding.missing) is (finding.fired is None)
        assert finding.fired is not None or finding.outcome is not Outcome.STOP
        assert [name for name, _ in finding.unknown_because] == list(finding.missing)
        assert "{" not in finding.say + finding.do, rule.id
        assert finding.applies or finding.fired is False


@SETTINGS
@given(facts(20))
def test_a_covered_finding_never_asks_for_more_than_the_one_that_covers_it(some):
    found = {f.id: f for f in evaluate(K.rules, Facts(some), now=NOW)}
    for finding in found.values():
        if finding.covered_by:
            strong = found[finding.covered_by]
            assert strong.fired
            assert strong.outcome.rank <= finding.outcome.rank


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(facts(4))
def test_what_would_change_makes_the_decision_milder(some):
    result = assess(Facts({**BASE, **some}), K, now=NOW)
    flip = what_would_change(result, K)
    assert flip.exact
    assert {c.name for c in flip.changes} <= {n for f in result.findings for n in (*dict(f.used), *f.missing)}
    if flip.changes and flip.then:
        assert Outcome(flip.then).rank > result.outcome.rank
