"""The eight worked cases, each stage of each, against every rule: what fires, what is unknown, and nothing else."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from functools import cache
from pathlib import Path

import pytest

from surcease.care.computed import complete
from surcease.care.derive_medicines import medicines_as_facts
from surcease.care.plan_facts import plan_facts
from surcease.care.plan_order import read_plan
from surcease.care.record import Dose, Medication
from surcease.knowledge import evaluate, load, yaml
from surcease.knowledge.fact import Facts
from surcease.knowledge.facts import read
from surcease.knowledge.finding import worst
from surcease.knowledge.site import SiteLimit

CASES = Path(__file__).parents[2] / "examples" / "cases"


@cache
def document(name):
    return yaml.load(CASES / f"{name}.yaml")


def medications(items):
    """The medicine list: text alone, or text with amount, unit, times a day and route."""
    found = []
    for raw in items:
        item = {"text": raw} if isinstance(raw, str) else raw
        dose = None
        if "dose" in item:
            dose = Dose(item["dose"], item["unit"], item.get("per_day"), route=item.get("route", ""))
        found.append(Medication((), item["text"], "active", dose))
    return tuple(found)


def facts_of(*layers):
    """Facts from base.yaml and the layers over it: medicines counted, the order computed, what follows added."""
    return worked_out(*layers)[:2]


def worked_out(*layers):
    """The facts, the moment they are judged at, and the plan in numbers."""
    base = document("base")
    now = datetime.fromisoformat(next((x["at"] for x in reversed(layers) if "at" in x), base["at"]))
    stated, medicines, plan = dict(base["facts"]), base["medicines"], base["plan"]
    person = {}
    for layer in layers:
        stated |= layer.get("facts") or {}
        medicines = layer.get("medicines", medicines)
        plan = layer.get("plan", plan)
        person |= layer.get("person") or {}
    knowledge = load()
    known = medicines_as_facts(medications(medicines), knowledge, today=now.date(), complete=True)
    known |= read(stated, knowledge.facts, now=now, source="case").known
    order = None
    if plan:
        body = {"weight_kg": stated["weight_kg"], "height_cm": stated["height_cm"], "sex": stated["sex"],
                "age_years": stated["age_years"], "weighed_on": now.date().isoformat(), **person}  # fmt: skip
        order = plan_facts(read_plan({"plan": plan, "person": body}), Facts(known), now=now)
        known |= order.facts.known
    for layer in layers:  # a fact written at the moment itself stands over what was computed
        known |= read(layer.get("over") or {}, knowledge.facts, now=now, source="case").known
        known = {n: f for n, f in known.items() if n not in (layer.get("unknown_facts") or ())}
    return complete(Facts(known), now=now), now, order


def evaluated(stage, *layers):
    facts, now = facts_of(*layers)
    rules = [rule for layer in layers for rule in layer.get("signed", ())]
    site = [SiteLimit(rule, "clinic lead", now, "signed by the clinic") for rule in rules]
    return {f.id: f for f in evaluate(load().rules, facts, now=now, overrides=site, stage=stage)}, facts


def standing(findings):
    """What weighs: outcome of what fired, "unknown OUTCOME" of what waits for facts."""
    return {f.id: str(f.outcome) if f.fired else f"unknown {f.outcome}" for f in findings.values() if f.counts}


def moments():
    for path in sorted(CASES.glob("CASE-*.yaml")):
        for moment in document(path.stem)["moments"]:
            yield pytest.param(path.stem, moment, id=f"{path.stem}: {moment['name']}")


@pytest.mark.parametrize(("case", "moment"), list(moments()))
def test_a_moment_of_a_case_fires_exactly_what_it_lists(case, moment):
    findings, facts = evaluated(moment["stage"], document(case), moment)
    always = document("base")["always"].get(moment["stage"], {})
    also = {name: entry["outcome"] for name, entry in (moment.get("also") or {}).items()}
    expected = {**always, **(moment.get("fires") or {}), **also}
    assert standing(findings) == expected
    for name in moment.get("must_not_fire") or ():
        assert findings[name].fired is False, name
    for name, by in (moment.get("covered") or {}).items():
        assert findings[name].covered_by == by, name
    for name, value in (moment.get("computed") or {}).items():
        assert round(Decimal(str(facts.value(name))), 3) == value, name
    if "first_rate_mg_per_h" in moment:
        order = worked_out(document(case), moment)[2]
        assert order.orders[0].first_rate_mg_per_h == moment["first_rate_mg_per_h"]
    if "decision" in moment:
        assert worst(tuple(findings.values())) == moment["decision"]


@pytest.mark.parametrize("stage", ["intake", "plan", "day", "session", "discharge", "review", "home"])
def test_in_the_base_person_no_rule_asks_for_anything(stage):
    findings, _ = evaluated(stage)
    base = document("base")
    assert standing(findings) == {**base["always"].get(stage, {}), **base["shown"].get(stage, {})}
