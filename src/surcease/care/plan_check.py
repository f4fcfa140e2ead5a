"""Check a plan before it is signed: every dose rule on it, its protocol computed beside it, and what is missing.

Whether the *person* may be treated is intake's question; here the *order* is judged. A plan may be signed when nothing
that counts asks STOP or DEFER; REVIEW needs the named second person.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from surcease.care.dose_words import say_rate, show_order
from surcease.care.order_figures import OrderFigures
from surcease.care.plan_facts import PlanFacts, plan_facts
from surcease.care.plan_order import PlanOrder
from surcease.knowledge.evaluation import evaluate
from surcease.knowledge.fact import Fact, Facts
from surcease.knowledge.facts import read
from surcease.knowledge.finding import Finding, Outcome, worst
from surcease.knowledge.library import Knowledge
from surcease.knowledge.rule import Rule, leaves
from surcease.knowledge.site import SiteLimit
from surcease.units import Quantity

BLOCKS = (Outcome.STOP, Outcome.DEFER)
ORDER_FACTS = "facts/plan.yaml"


@dataclass(frozen=True, slots=True)
class PlanCheck:
    """What a plan was found to be. ``said`` is each order in every dialect, for the eyes to compare."""

    findings: tuple[Finding, ...]
    worked: PlanFacts
    said: tuple[str, ...]

    @property
    def outcome(self) -> Outcome | None:
        """The worst outcome that counts."""
        return worst(self.findings)

    @property
    def may_be_signed(self) -> bool:
        """Nothing asks STOP or DEFER."""
        return self.outcome not in BLOCKS

    @property
    def stopped_by(self) -> tuple[str, ...]:
        """The rules that fired with STOP or DEFER: something is wrong, not only missing."""
        return tuple(f.id for f in self.findings if f.counts and f.fired and f.outcome in BLOCKS)

    @property
    def missing(self) -> tuple[str, ...]:
        """Facts without which a rule cannot answer, each once."""
        return tuple(dict.fromkeys(name for f in self.findings if f.counts for name in f.missing))


def check_plan(
    plan: PlanOrder, *, knowledge: Knowledge, now: datetime, known: Facts | None = None,
    overrides: Sequence[SiteLimit] = (),
) -> PlanCheck:  # fmt: skip
    """Every order rule on ``plan``. ``known`` are facts of the person from the record; the plan's own come over them.

    ValueError, one sentence, when a dose text cannot be read or a fact is not in the dictionary.
    """
    given = read(plan.facts, knowledge.facts, now=now, source="plan file")
    worked = plan_facts(plan, Facts({**(known or Facts()).known, **given.known}), now=now, knowledge=knowledge)
    facts = _in_dictionary_units(worked.facts, knowledge)
    findings = evaluate(order_rules(knowledge), facts, now=now, overrides=overrides, stage="plan")
    return PlanCheck(findings, worked, tuple(say_order(order, worked.dose_kg) for order in worked.orders))


def order_rules(knowledge: Knowledge) -> tuple[Rule, ...]:
    """The plan-stage rules that judge the order: the dose rules, and the setting rules that read one of its facts."""
    names = set(knowledge.documents[ORDER_FACTS])
    return tuple(rule for rule in knowledge.rules if "plan" in rule.stages and _judges_the_order(rule, names))


def _judges_the_order(rule: Rule, names: set[str]) -> bool:
    parts = [part for part in (rule.applies, rule.when) if part is not None]
    reads = any(test.fact.name in names for part in parts for test in leaves(part))
    return rule.topic == "dose" or (rule.topic == "setting" and reads)


def _in_dictionary_units(facts: Facts, knowledge: Knowledge) -> Facts:
    """Facts of the plan carry no unit of their own: they are in the dictionary's."""
    return Facts({
        name: fact if fact.unit or name not in knowledge.facts else
        Fact(fact.value, knowledge.facts[name].unit, fact.at, fact.source)
        for name, fact in facts.known.items()
    })  # fmt: skip


def say_order(order: OrderFigures, dose_kg: Decimal) -> str:
    """One order with its session amount and its rate in every dialect."""
    amount = show_order(Quantity(order.session_mg, "mg"))
    if not order.first_rate_mg_per_h:
        return f"{order.text}: {amount}"
    return f"{order.text}: {amount}; {say_rate(Quantity(order.first_rate_mg_per_h, 'mg/h'), weight_kg=dose_kg)}"
