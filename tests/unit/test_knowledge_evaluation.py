"""Evaluate: Kleene's three values, what is used and missing, age and unit of facts, signed numbers, covering, dates."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import product

import pytest

from surcease.knowledge.build import rule
from surcease.knowledge.evaluation import answer, evaluate, numbers_signed, reading, truths
from surcease.knowledge.fact import Fact, Facts
from surcease.knowledge.facts import FactSpec
from surcease.knowledge.finding import Outcome, worst
from surcease.knowledge.rule import Test as Leaf
from surcease.knowledge.site import SiteLimit

NOW = datetime(2026, 6, 15, 9, 0, tzinfo=UTC)
SPECS = {
    s.name: s
    for s in (
        FactSpec("a", "bool"), FactSpec("b", "bool"), FactSpec("n", "number", "kg", owner="nurse"),
        FactSpec("old", "number", "1", valid_days=Decimal(30)), FactSpec("c", "choice", values=("x", "y")),
        FactSpec("codes", "codes"), FactSpec("day", "date"), FactSpec("t", "text"),
    )
}  # fmt: skip
SOURCES = {"label": {"title": "A label", "kind": "label"}, "trial": {"title": "A trial", "kind": "trial"}}


def make(when, rule_id="TST-1", outcome="REVIEW", **more):
    raw = {
        "id": rule_id, "version": Decimal(1), "effective": "2026-01-01", "kind": "rule", "stage": "intake",
        "title": {"en": "T"}, "when": when, "outcome": outcome, "say": {"en": "n is {n}"}, "do": {"en": "d"},
        "source": "label", "grade": "x", **more,
    }  # fmt: skip
    return rule(raw, name=f"{rule_id}.yaml", topic="t", specs=SPECS, sources=SOURCES)


def facts(**values):
    return Facts({k: v if isinstance(v, Fact) else Fact(v, at=NOW) for k, v in values.items()})


def one(when, known, **more):
    overrides = more.pop("overrides", ())
    now = more.pop("now", NOW)
    return evaluate([make(when, **more)], known, now=now, overrides=overrides)[0]


A, B = {"fact": "a", "is": True}, {"fact": "b", "is": True}
#: Kleene 1952: the strong three-valued tables
AND = {(True, True): True, (True, None): None, (None, None): None}
OR = {(False, False): False, (False, None): None, (None, None): None}


@pytest.mark.parametrize(("a", "b"), list(product([True, False, None], repeat=2)))
def test_kleene(a, b):
    known = facts(**{k: v for k, v in (("a", a), ("b", b)) if v is not None})
    key = tuple(sorted((a, b), key=lambda v: (v is None, v is False)))
    conjunction = AND.get(key, False)
    disjunction = OR.get(tuple(sorted((a, b), key=lambda v: (v is None, v is True))), True)
    assert one({"all": [A, B]}, known).fired is conjunction
    assert one({"any": [A, B]}, known).fired is disjunction
    assert one({"not": A}, known).fired is (None if a is None else not a)


def test_only_what_would_settle_it_is_missing():
    assert one({"any": [A, {"all": [B, {"fact": "n", "above": Decimal(1)}]}]}, facts(a=False, b=False)).missing == ()
    found = one({"any": [A, {"all": [B, {"fact": "n", "above": Decimal(1)}]}]}, facts(a=False, b=True))
    assert (found.fired, found.missing, found.unknown_because) == (None, ("n",), (("n", "not known"),))
    assert found.owner == "nurse"


@pytest.mark.parametrize(
    ("word", "at_the_limit", "above", "below"),
    [
        ("above", False, True, False),
        ("at_least", True, True, False),
        ("below", False, False, True),
        ("at_most", True, False, True),
    ],
)  # fmt: skip
def test_numbers(word, at_the_limit, above, below):
    when = {"fact": "n", word: Decimal("0.35")}
    results = [one(when, facts(n=Decimal(v))).fired for v in ("0.35", "0.36", "0.34")]
    assert results == [at_the_limit, above, below]


def test_other_words():
    assert one({"fact": "n", "is": Decimal(3)}, facts(n=Decimal("3.0"))).fired is True
    assert one({"fact": "c", "in": ["x", "y"]}, facts(c="y")).fired is True
    assert one({"fact": "c", "is": "x"}, facts(c="y")).fired is False
    assert one({"fact": "codes", "has_code": ["icd10|G90.5"]}, facts(codes=("icd10|G9051",))).fired is True
    assert one({"fact": "codes", "has_code": ["snomed|1*"]}, facts(codes=())).fired is False
    assert one({"all": []}, facts()).fired is True


@pytest.mark.parametrize(
    ("fact", "within", "older"),
    [
        (Fact(Decimal(1), at=date(2026, 5, 16)), True, False),  # 30 days
        (Fact(Decimal(1), at=date(2026, 5, 15)), False, True),  # 31 days
        (Fact(Decimal(1), at=NOW - timedelta(days=30)), True, False),
        (Fact(Decimal(1), at=NOW - timedelta(days=30, minutes=1)), False, True),
        (Fact(Decimal(1), at=(NOW - timedelta(days=1)).replace(tzinfo=None)), True, False),  # no zone: the clinic's
        (Fact(Decimal(1), at=date(2026, 6, 16)), True, False),  # "tomorrow" elsewhere
        (Fact(Decimal(1), at=date(2026, 6, 17)), None, None),
        (Fact(Decimal(1)), None, None),
    ],
)
def test_age_of_a_fact(fact, within, older):
    assert one({"fact": "n", "within_days": Decimal(30)}, facts(n=fact)).fired is within
    assert one({"fact": "n", "older_than_days": Decimal(30)}, facts(n=fact)).fired is older


def test_why_a_date_does_not_count():
    assert one({"fact": "n", "within_days": Decimal(9)}, facts(n=Fact(Decimal(1)))).unknown_because == (
        ("n", "has no date"),
    )
    ahead = Fact(Decimal(1), at=datetime(2026, 6, 20, tzinfo=UTC))
    because = one({"fact": "n", "within_days": Decimal(9)}, facts(n=ahead)).unknown_because
    assert because == (("n", "is dated in the future (2026-06-20)"),)


def test_a_date_fact_is_judged_by_its_value():
    when = {"fact": "day", "within_days": Decimal(365)}
    assert one(when, facts(day=Fact(date(2025, 6, 15), at=NOW))).fired is True
    assert one(when, facts(day=Fact(date(2025, 6, 14), at=NOW))).fired is False
    assert one(when, facts(day=Fact(date(2025, 6, 14)))).used == (("day", "2025-06-14"),)


@pytest.mark.parametrize(
    ("fact", "reason"),
    [
        (None, "not known"),
        (Fact(Decimal(1)), "has no date, and counts for 30 days only"),
        (Fact(Decimal(1), at=date(2026, 5, 15)), "is older than 30 days (2026-05-15)"),
        (Fact(Decimal(1), at=date(2026, 6, 20)), "is dated in the future (2026-06-20)"),
        (Fact("high", at=NOW), "is not a number"),
        (Fact(True, at=NOW), "is not a number"),
        (Fact(Decimal(1), "kg", at=NOW), "is in kg, needed in plain numbers"),
    ],
)
def test_why_a_fact_counts_as_unknown(fact, reason):
    assert reading(SPECS["old"], fact, NOW) == (None, reason)
    known = facts(old=fact) if fact else facts()
    assert one({"fact": "old", "above": Decimal(0)}, known).unknown_because == (("old", reason),)


def test_the_last_day_on_which_a_fact_counts():
    assert reading(SPECS["old"], Fact(Decimal(1), at=date(2026, 5, 16)), NOW) == (Decimal(1), "")  # 30 days
    assert reading(SPECS["old"], Fact(Decimal(1), at=NOW - timedelta(days=30)), NOW)[0] == 1
    assert reading(SPECS["old"], Fact(Decimal(1), at=NOW - timedelta(days=30, seconds=1)), NOW)[0] is None
    assert reading(SPECS["old"], Fact(Decimal(1), at=date(2026, 6, 16)), NOW)[0] == 1  # "tomorrow" elsewhere


def test_units_are_converted_to_the_dictionary_s():
    assert reading(SPECS["n"], Fact(Decimal(100), "[lb_av]"), NOW) == (Decimal("45.359237"), "")
    assert reading(SPECS["n"], Fact(62.5, "kg"), NOW) == (Decimal("62.5"), "")
    assert one({"fact": "n", "below": Decimal(46)}, facts(n=Fact(Decimal(100), "[lb_av]"))).fired is True


def test_an_unknown_stop_asks_to_defer_and_others_keep_their_outcome():
    assert one(A, facts(), outcome="STOP").outcome is Outcome.DEFER
    assert one(A, facts(a=True), outcome="STOP").outcome is Outcome.STOP
    assert one(A, facts(a=False), outcome="STOP").outcome is Outcome.STOP
    assert one(A, facts(), outcome="CAUTION").outcome is Outcome.CAUTION


def test_applies():
    known = facts(a=True)
    assert (one(A, known, applies=B).fired, one(A, known, applies=B).missing) == (None, ("b",))
    away = one(A, facts(b=False), applies=B, outcome="STOP")
    assert (away.applies, away.fired, away.outcome, away.counts) == (False, False, Outcome.STOP, False)
    assert one(A, facts(a=False), applies=B).fired is False  # it does not fire either way
    assert one(A, facts(), applies=B).missing == ("b", "a")
    assert one(A, facts(a=True, b=True), applies=B).fired is True


def test_words_are_filled_with_value_and_unit():
    found = one({"fact": "n", "above": Decimal(1)}, facts(n=Decimal("62.50")))
    assert found.say == "n is 62.5 kg"
    assert found.do == "d"
    assert one(A, facts()).say == "n is not known"
    assert found.used == (("n", "62.5 kg"),)


def test_used_shows_the_day_where_age_counts():
    when = {
        "all": [
            {"fact": "n", "above": Decimal(1)},
            {"fact": "n", "within_days": Decimal(9)},
            {"fact": "n", "below": Decimal(99)},
        ]
    }
    assert one(when, facts(n=Fact(Decimal(3), at=date(2026, 6, 10)))).used == (("n", "3 kg (2026-06-10)"),)
    assert one({"fact": "n", "within_days": Decimal(9)}, facts(n=Fact(Decimal(3)))).used == (("n", "3 kg"),)


def test_a_threshold_of_age_is_said_in_days():
    aged = {"threshold": "limit", "site_configurable": True, "say": {"en": "older than {limit}"}}
    found = one({"fact": "n", "older_than_days": Decimal(30)}, facts(n=Decimal(1)), **aged)
    assert found.say == "older than 30 days"


def test_expired_and_not_yet_in_force():
    expiring = {"expires": "2026-12-31"}
    assert one(A, facts(a=True), now=datetime(2026, 12, 31, 23, tzinfo=UTC), **expiring).fired is True
    after = one(A, facts(a=True), now=datetime(2027, 1, 1, tzinfo=UTC), **expiring)
    assert (after.fired, after.applies, after.note) == (False, False, "Expired on 2026-12-31.")
    assert one(A, facts(a=True), now=datetime(2026, 1, 1, tzinfo=UTC)).applies
    early = one(A, facts(a=True), now=datetime(2025, 12, 31, tzinfo=UTC))
    assert (early.applies, early.note) == (False, "Not in force before 2026-01-01.")


LIMITED = {"threshold": "limit", "site_configurable": True, "say": {"en": "n is {n}, limit {limit}"}}
OVER = {"fact": "n", "at_least": Decimal(160)}


def limit(value=None, **more):
    named = {} if value is None else {"threshold": "limit", "value": Decimal(value)}
    return SiteLimit("TST-1", "Dr Gray", NOW - timedelta(days=9), "audit", **{**named, **more})


def test_a_site_s_number_stands_beside_the_default():
    found = one(OVER, facts(n=Decimal(155)), overrides=[limit(150)], outcome="DEFER", **LIMITED)
    assert (found.fired, found.say) == (True, "n is 155 kg, limit 150 kg")
    assert found.limits == ("limit 150 signed for this site by Dr Gray on 2026-06-06: audit (default 160)",)
    assert one(OVER, facts(n=Decimal(155)), **LIMITED).fired is False


def test_a_signature_counts_from_its_day_to_its_expiry_and_only_where_it_may():
    ahead = SiteLimit("TST-1", "x", NOW + timedelta(days=1), "r", "limit", Decimal(150))
    over = limit(150, expires=date(2026, 6, 14))
    elsewhere = SiteLimit("TST-2", "x", NOW, "r", "limit", Decimal(1))
    for useless in (ahead, over, elsewhere):
        assert one(OVER, facts(n=Decimal(155)), overrides=[useless], **LIMITED).fired is False
    assert one(OVER, facts(n=Decimal(155)), overrides=[limit(150)]).fired is False  # not site-configurable
    assert one(OVER, facts(n=Decimal(155)), overrides=[limit(150, expires=date(2026, 6, 15))], **LIMITED).fired is True


def test_an_unknown_threshold_name_changes_nothing():
    other = limit(150, threshold="other")
    assert one(OVER, facts(n=Decimal(155)), overrides=[other], **LIMITED).fired is False


def test_a_personal_limit_turns_the_finding_into_review_never_into_silence():
    low = {"fact": "n", "below": Decimal(50)}
    mine = limit(45, person=True, expires=date(2026, 12, 31))
    found = one(low, facts(n=Decimal(47)), overrides=[mine], outcome="DEFER", **LIMITED)
    assert (found.fired, found.outcome) == (True, Outcome.REVIEW)
    assert "signed for this person by Dr Gray" in found.limits[0]
    assert found.limits[0].endswith("by Dr Gray on 2026-06-06: audit, until 2026-12-31 (default 50)")
    assert one(low, facts(n=Decimal(44)), overrides=[mine], outcome="DEFER", **LIMITED).outcome is Outcome.DEFER
    assert one(low, facts(n=Decimal(47)), overrides=[mine], outcome="CAUTION", **LIMITED).outcome is Outcome.CAUTION
    stricter = limit(60, person=True)
    assert one(low, facts(n=Decimal(55)), overrides=[stricter], outcome="DEFER", **LIMITED).outcome is Outcome.DEFER


def test_a_rule_with_a_personal_limit_inside_nested_conditions():
    when = {"all": [{"not": {"any": [OVER]}}, {"fact": "a", "is": True}]}
    found = one(
        when,
        facts(n=Decimal(155), a=True),
        overrides=[limit(150)],
        **LIMITED,
        applies={"fact": "n", "above": Decimal(0)},
    )
    assert found.fired is False


def test_a_signed_outcome():
    own = {"signed_outcome": "STOP", "source": "trial"}
    assert one(A, facts(a=True), **own).outcome is Outcome.REVIEW
    signed = one(A, facts(a=True), overrides=[limit()], **own)
    assert signed.outcome is Outcome.STOP
    assert signed.limits == ("STOP signed for this site by Dr Gray on 2026-06-06: audit (default REVIEW)",)
    assert one(A, facts(), overrides=[limit()], **own).outcome is Outcome.DEFER
    assert one(A, facts(a=True), overrides=[limit()]).outcome is Outcome.REVIEW  # nothing to raise it to


def test_covering():
    strong, weak = make(A, "TST-1", "STOP", covers=["TST-2", "TST-3"]), make(B, "TST-2", "REVIEW")
    found = evaluate([strong, weak], facts(a=True, b=True), now=NOW)
    assert [f.covered_by for f in found] == ["", "TST-1"]
    assert worst(found) is Outcome.STOP
    assert evaluate([strong, weak], facts(a=True), now=NOW)[1].covered_by == "TST-1"  # unknown is covered too
    assert evaluate([strong, weak], facts(a=True, b=False), now=NOW)[1].covered_by == ""
    assert evaluate([strong, weak], facts(b=True), now=NOW)[1].covered_by == ""
    alike = make(A, "TST-1", "REVIEW", covers=["TST-2"])
    assert evaluate([alike, weak], facts(a=True, b=True), now=NOW)[1].covered_by == "TST-1"
    milder = make(A, "TST-1", "CAUTION", covers=["TST-2"])
    assert evaluate([milder, weak], facts(a=True, b=True), now=NOW)[1].covered_by == ""


def test_every_rule_is_a_finding_and_stages_choose():
    rules = [make(A, "TST-1"), make(B, "TST-2", stage=["day", "plan"])]
    assert [f.stage for f in evaluate(rules, facts(), now=NOW)] == ["intake", "day"]
    assert [(f.id, f.stage) for f in evaluate(rules, facts(), now=NOW, stage="plan")] == [("TST-2", "plan")]


def test_truths_agree_with_findings():
    rules = [make(OVER, "TST-1", **LIMITED), make(A, "TST-2")]
    assert truths(rules, facts(n=Decimal(155)), now=NOW, limits={"TST-1": {"limit": Decimal(150)}}) == {
        "TST-1": True,
        "TST-2": None,
    }
    assert truths(rules, facts(n=Decimal(155)), now=NOW, limits={})["TST-1"] is False


def test_which_numbers_are_signed():
    rule_ = make(OVER, **LIMITED)
    mine, ours = limit(140, person=True, expires=date(2027, 1, 1)), limit(150)
    assert numbers_signed(rule_, [ours, mine], person=False) == {"limit": Decimal(150)}
    assert numbers_signed(rule_, [ours, mine], person=True) == {"limit": Decimal(140)}
    assert numbers_signed(rule_, [limit(), limit(person=True)], person=True) == {}
    assert numbers_signed(make(OVER), [ours], person=False) == {}


def test_answer_of_one_comparison():
    leaf = Leaf(SPECS["n"], "above", Decimal(3))
    assert [answer(leaf, f, NOW) for f in (None, Fact(Decimal(4)), Fact(Decimal(3)))] == [None, True, False]
