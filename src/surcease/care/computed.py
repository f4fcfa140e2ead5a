"""Facts that follow from other facts: presence of a test, classes of failed treatment, pregnancy."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

from surcease.knowledge.evaluation import evaluate
from surcease.knowledge.fact import Fact, Facts
from surcease.knowledge.library import Knowledge

#: `<name>_done` is whether the record holds the fact at all
PRESENCE = {
    "c_ssrs_done": "c_ssrs_risk",
    "ecg_done": "ecg_result",
    "moca_done": "moca_score",
    "pdmp_done": "pdmp_queried_on",
    "uds_done": "uds_result",
}
LIVER_TESTS = ("alt_uln", "ast_uln")
#: classes of the trial's entry criteria, and what counts as one of them
CLASSES = frozenset(
    {"nerve_block", "opioid", "non_opioid", "anticonvulsant", "antidepressant", "muscle_relaxant", "physical"}
)
COUNTS_AS = {"mirror_therapy": "physical", "neuromodulation": "physical", "nsaid": "non_opioid"}
SUBSTANCE_RULES = ("CIN-SUD1", "CIN-SUD2")
MIGRAINE_CLASSES = frozenset({"beta_blocker", "cgrp", "botulinum"})


def complete(facts: Facts, *, now: datetime) -> Facts:
    """``facts`` with those that follow from them. What is given by name is never overwritten."""
    found: dict[str, Fact | None] = {
        name: Fact(source in facts, at=now, source="computed") for name, source in PRESENCE.items()
    }
    found["lft_done"] = Fact(any(name in facts for name in LIVER_TESTS), at=now, source="computed")
    found["failed_class_count"] = _failed(facts)
    found["serial_plan"] = _serial(facts, now)
    new = {name: fact for name, fact in found.items() if fact is not None and name not in facts}
    pregnant = _pregnant(facts)
    return Facts({**facts.known, **new, **({"pregnant": pregnant} if pregnant else {})})


def failed_class_count(failed: tuple[str, ...], *, migraine: bool) -> int:
    """How many classes of treatment failed. Mirror therapy and neuromodulation count as physical; beta-blocker,
    CGRP-targeted drug and botulinum toxin count each in migraine only.

    >>> failed_class_count(("physical", "mirror_therapy", "opioid", "cgrp"), migraine=False)
    2
    """
    named = {COUNTS_AS.get(name, name) for name in failed}
    return len(named & (CLASSES | MIGRAINE_CLASSES if migraine else CLASSES))


def _failed(facts: Facts) -> Fact | None:
    fact = facts.get("failed_classes")
    if fact is None or not isinstance(fact.value, tuple):
        return None
    migraine = facts.value("indication") == "migraine"
    return Fact(Decimal(failed_class_count(fact.value, migraine=migraine)), "1", fact.at, "computed")


def _serial(facts: Facts, now: datetime) -> Fact | None:
    """More than one session, or ketamine to take home."""
    sessions, setting = facts.value("planned_sessions"), facts.value("planned_setting")
    home = setting == "home" or facts.value("home_supply_requested") is True
    if home or (isinstance(sessions, Decimal) and sessions > 1):
        return Fact(True, at=now, source="computed")
    return None if sessions is None or setting is None else Fact(False, at=now, source="computed")


def with_substance_risk(facts: Facts, knowledge: Knowledge, *, now: datetime) -> Facts:
    """``facts`` with ``substance_risk_clear``: whether every substance-use rule is quiet; unknown while one is."""
    if "substance_risk_clear" in facts:
        return facts
    rules = [rule for rule in knowledge.rules if rule.id.startswith(SUBSTANCE_RULES)]
    fired = [finding.fired for finding in evaluate(rules, facts, now=now)]
    if None in fired and True not in fired:
        return facts
    return facts.with_facts(substance_risk_clear=Fact(True not in fired, at=now, source="CIN-SUD1, CIN-SUD2"))


def _pregnant(facts: Facts) -> Fact | None:
    """The newest of what was said and what the test showed; a positive test of the same moment wins."""
    test, said = facts.get("hcg_positive"), facts.get("pregnant")
    if test is None or (said is not None and _day(said.at) > _day(test.at)):
        return None
    if said is not None and said.value is True and test.value is False and _day(said.at) == _day(test.at):
        return None  # a pregnancy on record is not undone by a negative test of the same day
    return Fact(test.value, "", test.at, "pregnancy test")


def _day(moment: date | datetime | None) -> date:
    if moment is None:
        return date.min
    return moment.date() if isinstance(moment, datetime) else moment
