"""Intake decides: counts and owners in the first line, overrides, the signed block, reproducing a decision."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from surcease.care.computed import complete, failed_class_count
from surcease.care.decision import basis, decide, reproduce
from surcease.care.eligibility import asked_none_of_these, assess, block_questions, by_owner
from surcease.care.override import OverrideError, override
from surcease.knowledge import Knowledge, load, yaml
from surcease.knowledge.fact import Fact, Facts
from surcease.knowledge.facts import read
from surcease.knowledge.finding import Outcome
from surcease.knowledge.site import SiteLimit

NOW = datetime(2026, 6, 15, 9, 0, tzinfo=UTC)
K = load()
BASE = yaml.load(Path(__file__).parents[2] / "examples" / "cases" / "base.yaml")["facts"]
NONE = Decimal(0)
PLAN = {
    "planned_sessions": Decimal(5), "planned_setting": "outpatient", "planned_infusion_hours": Decimal(1),
    "med_classes": [], "opioid_count": NONE, "opioid_long_acting_count": NONE, "mme_per_day": NONE,
    "mme_at_least_per_day": NONE, "mme_unconverted": [],
}  # fmt: skip


def person(**changes):
    raw = {**BASE, **PLAN, **changes}
    return read(raw, K.facts, now=NOW, source="test")


def test_the_base_person_may_be_treated():
    result = assess(person(), K, now=NOW)
    assert result.outcome is Outcome.INFO
    assert result.headline == "0 STOP, 0 to settle, 0 missing"


def test_the_first_line_names_a_few_missing_facts_by_owner():
    result = assess(person(consent_signed_on=None, stop_bang_score=None, stroke_history=True), K, now=NOW)
    assert result.outcome is Outcome.STOP
    assert result.headline == "1 STOP, 0 to settle, 2 missing (physician: written consent; nurse: STOP-Bang)"
    assert [f.id for f in result.stops] == ["CIN-CV2"]
    names = {owner: [m.name for m in group] for owner, group in by_owner(result.missing).items()}
    assert names == {"physician": ["consent_signed_on"], "nurse": ["stop_bang_score"]}
    assert result.missing[1].rules == ("CIN-OSA", "PRE-07")
    assert result.missing[0].because == "not known"
    assert result.missing[0].question.startswith("On which day")


def test_nothing_known_is_a_defer_that_counts_by_owner():
    result = assess(Facts({}), K, now=NOW)
    assert result.outcome is Outcome.DEFER
    assert result.headline.startswith("0 STOP, 0 to settle, ")
    assert "front desk" in result.headline
    assert "patient" in result.headline
    assert len(result.missing) > 80


def test_a_defer_and_a_review_are_to_settle_a_caution_is_not():
    result = assess(person(nrs_average=Decimal(3), endpoint_recorded=False, stop_bang_score=Decimal(6)), K, now=NOW)
    assert sorted(f.id for f in result.to_settle) == ["ELG-06", "ELG-11"]
    assert result.outcome is Outcome.DEFER


# --- overrides


def finding(result, rule_id):
    return next(f for f in result.findings if f.id == rule_id)


def test_an_override_lasts_while_the_facts_stay():
    result = assess(person(nrs_average=Decimal(3)), K, now=NOW)
    one = override(finding(result, "ELG-11"), K, by="Dr Gray", at=NOW, reason=" function is the goal ")
    assert (one.reason, one.facts) == ("function is the goal", (("nrs_average", "3"),))
    after = assess(person(nrs_average=Decimal(3)), K, now=NOW, overrides=[one])
    assert (after.outcome, after.overrides) == (Outcome.INFO, (one,))
    changed = assess(person(nrs_average=Decimal(2)), K, now=NOW, overrides=[one])
    assert (changed.outcome, changed.overrides) == (Outcome.REVIEW, ())


@pytest.mark.parametrize(
    ("changes", "rule_id", "by", "reason", "words"),
    [
        ({"stroke_history": True}, "CIN-CV2", "Dr Gray", "old", "is a STOP: it ends when a fact changes"),
        ({"stroke_history": None}, "CIN-CV2", "Dr Gray", "old", "could make it a STOP: record stroke_history"),
        ({"dast10_score": None}, "CIN-SUD1b", "Dr Gray", "r", "could make it a STOP: record dast10_score"),
        ({}, "ELG-11", "Dr Gray", "r", "asks for nothing now"),
        ({"nrs_average": Decimal(3)}, "ELG-11", "Dr Gray", " ", "only with a name and a reason"),
        ({"nrs_average": Decimal(3)}, "ELG-11", "", "r", "only with a name and a reason"),
        ({"dast10_score": Decimal(7)}, "CIN-SUD1b", "Dr Gray", "r", "needs a second person"),
    ],
)
def test_what_may_not_be_set_aside(changes, rule_id, by, reason, words):
    result = assess(person(**changes), K, now=NOW)
    with pytest.raises(OverrideError, match=words):
        override(finding(result, rule_id), K, by=by, at=NOW, reason=reason)


def test_two_different_persons():
    result = assess(person(dast10_score=Decimal(7)), K, now=NOW)
    scores = finding(result, "CIN-SUD1b")
    with pytest.raises(OverrideError, match="second person"):
        override(scores, K, by="Dr Gray", at=NOW, reason="r", second_by="Dr Gray")
    one = override(scores, K, by="Dr Gray", at=NOW, reason="in remission", second_by="Dr Reed")
    after = assess(person(dast10_score=Decimal(7)), K, now=NOW, overrides=[one])
    assert "CIN-SUD1b" not in {f.id for f in after.standing}


# --- asked: none of these


def test_the_block_records_a_dated_no_for_each():
    facts, against = asked_none_of_these(Facts({}), K.facts, by="Dr Gray", at=NOW, except_=["glaucoma"])
    names = {s.name for s in block_questions(K.facts)}
    assert set(facts) == names
    assert against == ()
    assert facts["stroke_history"] == Fact(False, at=NOW, source="asked by Dr Gray")
    assert facts.value("glaucoma") is True
    assert all(s.question for s in block_questions(K.facts))
    assert assess(facts, K, now=NOW).outcome is Outcome.DEFER


def test_the_block_does_not_overwrite_what_the_record_proves():
    record = Facts({"aneurysm_or_avm": Fact(True, at=NOW, source="problem list")})
    facts, against = asked_none_of_these(record, K.facts, by="Dr Gray", at=NOW)
    assert against == ("aneurysm_or_avm",)
    assert facts.value("aneurysm_or_avm") is True
    again, left = asked_none_of_these(record, K.facts, by="Dr Gray", at=NOW, except_=["aneurysm_or_avm"])
    assert (again["aneurysm_or_avm"].source, left) == ("asked by Dr Gray", ())
    with pytest.raises(ValueError, match="'age_years' is not asked in this block"):
        asked_none_of_these(record, K.facts, by="x", at=NOW, except_=["age_years"])


# --- computed facts


def test_failed_classes():
    # Schwartzman 2009's classes; migraine extension and what counts as physical are ours
    assert failed_class_count(("nsaid", "non_opioid"), migraine=False) == 1
    assert failed_class_count(("beta_blocker", "cgrp", "botulinum"), migraine=True) == 3
    assert failed_class_count(("beta_blocker", "cgrp", "botulinum"), migraine=False) == 0
    known = read({"failed_classes": ["cgrp", "opioid"], "indication": "migraine"}, K.facts, now=NOW)
    assert complete(known, now=NOW).value("failed_class_count") == 2
    assert complete(Facts({}), now=NOW).value("failed_class_count") is None
    assert complete(Facts({"failed_classes": Fact("text")}), now=NOW).value("failed_class_count") is None
    given = read({"failed_classes": ["opioid"], "failed_class_count": Decimal(4)}, K.facts, now=NOW)
    assert complete(given, now=NOW).value("failed_class_count") == 4


def test_presence_of_tests():
    empty = complete(Facts({}), now=NOW)
    assert [empty.value(n) for n in ("lft_done", "moca_done", "ecg_done", "uds_done", "pdmp_done")] == [False] * 5
    some = complete(read({"ast_uln": Decimal(1), "moca_score": Decimal(20)}, K.facts, now=NOW), now=NOW)
    assert (some.value("lft_done"), some.value("moca_done")) == (True, True)


@pytest.mark.parametrize(
    ("plan", "serial"),
    [
        ({"planned_sessions": Decimal(2)}, True),
        ({"planned_setting": "home"}, True),
        ({"home_supply_requested": True}, True),
        ({"planned_sessions": Decimal(1), "planned_setting": "outpatient"}, False),
        ({"planned_sessions": Decimal(1)}, None),
        ({}, None),
    ],
)
def test_a_series_is_more_than_one_session_or_a_supply(plan, serial):
    assert complete(read(plan, K.facts, now=NOW), now=NOW).value("serial_plan") is serial


@pytest.mark.parametrize(
    ("changes", "clear"),
    [({}, True), ({"ort_oud_score": Decimal(3)}, False), ({"ort_oud_score": None}, None),
     ({"substance_risk_clear": False}, False)],
)  # fmt: skip
def test_substance_use_rules_are_clear_when_all_are_quiet(changes, clear):
    known = Facts({k: v for k, v in person(**changes).items() if k != "substance_risk_clear" or k in changes})
    assert assess(known, K, now=NOW, stage="home").facts.value("substance_risk_clear") is clear


DAY = timedelta(days=1)


@pytest.mark.parametrize(
    ("said", "test", "pregnant"),
    [
        (None, None, None),
        ((False, NOW), None, False),
        (None, (True, NOW), True),
        (None, (False, NOW), False),
        ((False, NOW - DAY), (True, NOW), True),
        ((True, NOW - DAY), (False, NOW), False),
        ((False, NOW), (True, NOW - DAY), False),
        ((False, NOW), (True, NOW), True),
        ((True, NOW), (False, NOW), True),
        ((False, None), (True, NOW.date()), True),
    ],
)
def test_pregnancy_follows_its_newest_sign(said, test, pregnant):
    known = {}
    if said:
        known["pregnant"] = Fact(said[0], at=said[1])
    if test:
        known["hcg_positive"] = Fact(test[0], at=test[1])
    assert complete(Facts(known), now=NOW).value("pregnant") is pregnant


# --- the decision, and the same decision years later


def test_a_decision_is_reproduced_from_a_stored_release():
    limit = SiteLimit("CIN-CV5", "clinic lead", NOW - DAY, "local audit", "systolic_limit", Decimal(150))
    mine = SiteLimit("ELG-11", "Dr Gray", NOW - DAY, "r", "pain_floor", Decimal(5), NOW.date(), person=True)
    known = person(systolic_clinic_mean=Decimal(155), nrs_average=Decimal("3.5"))
    first = assess(known, K, now=NOW, site=[limit, mine])
    aside = override(finding(first, "ELG-11"), K, by="Dr Gray", at=NOW, reason="function", second_by="Dr Reed")
    result = assess(known, K, now=NOW, site=[limit, mine], overrides=[aside])
    assert result.outcome is Outcome.DEFER
    signed = decide(result, by="Dr Gray", at=NOW, reason="wait for the pressure")
    assert (signed.kind, signed.outcome, signed.knowledge) == ("eligibility", "DEFER", K.hash)
    assert signed.overrides == (("ELG-11", "function"),)
    assert "CIN-CV5" in signed.findings

    stored, release = basis(result), K.canonical()
    again, different = reproduce(stored, Knowledge.from_canonical(release))
    assert different == ()
    assert (again.outcome, again.overrides, again.site) == (result.outcome, result.overrides, result.site)
    assert basis(again) == stored


def test_another_release_is_refused_and_a_difference_is_told():
    stored = basis(assess(person(), K, now=NOW))
    other = Knowledge({**K.documents, "sources.yaml": {**K.sources, "new": {"title": "t", "kind": "site"}}})
    with pytest.raises(ValueError, match="load the stored release of that day"):
        reproduce(stored, other)
    tampered = stored.replace('"ELG-01":"STOP quiet v1"', '"ELG-01":"STOP fired v1"')
    assert reproduce(tampered, K)[1] == ("ELG-01: STOP fired v1 then, STOP quiet v1 now",)


def test_an_undated_fact_stays_undated_in_the_stored_decision():
    known = Facts({**person().known, "weight_kg": Fact(Decimal(70), "kg")})
    result = assess(known, K, now=NOW)
    assert finding(result, "PRE-08").unknown_because[0][1] == "has no date, and counts for 30 days only"
    assert reproduce(basis(result), K)[1] == ()


def test_other_stages_decide_too():
    result = assess(person(stroke_history=True), K, now=NOW, stage="day")
    assert result.outcome is Outcome.STOP
    assert decide(result, by="x", at=NOW).kind == "day"
