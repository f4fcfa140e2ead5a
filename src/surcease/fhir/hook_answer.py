"""The cards that answer a hook: the rules on the record as it was sent, and the dose rules on a drafted order."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from typing import Any

from surcease.care.derive_body import body
from surcease.care.eligibility import assess
from surcease.care.facts import derive
from surcease.care.plan_check import check_plan
from surcease.care.plan_order import PlanOrder, split_sessions
from surcease.care.record import Medication, Record
from surcease.care.weight import Body
from surcease.fhir.elements import Json
from surcease.fhir.hooks import Asked, cards, dose_texts, plain_card, read_request
from surcease.knowledge import Knowledge
from surcease.knowledge.fact import Facts
from surcease.knowledge.finding import Finding

_MEETINGS = ("interactions", "opioids")


def answer(request: Any, *, now: datetime, knowledge: Knowledge) -> Json:
    """``{"cards": […]}`` for a CDS Hooks request. Raises FhirError with one sentence for one that is not ours."""
    asked = read_request(request)
    made = _on_view(asked, now, knowledge) if asked.hook == "patient-view" else _on_sign(asked, now, knowledge)
    return {"cards": made}


def _on_view(asked: Asked, now: datetime, knowledge: Knowledge) -> list[Json]:
    facts = derive(asked.record, now=now, knowledge=knowledge)
    return cards(assess(facts, knowledge, now=now).findings)


def _on_sign(asked: Asked, now: datetime, knowledge: Knowledge) -> list[Json]:
    """What the drafted orders meet on the list; with a ketamine order among them, everything that speaks against it."""
    whole = _with_drafts(asked.record, asked.drafts)
    facts = derive(whole, now=now, knowledge=knowledge)
    drawn = derive(_with_drafts(Record(asked.record.person), asked.drafts), now=now, knowledge=knowledge)
    ketamine = "ketamine" in _classes(drawn)
    findings = assess(facts, knowledge, now=now, stage="plan").findings
    if not ketamine:
        findings = tuple(f for f in findings if knowledge.rule(f.id).topic in _MEETINGS)
    made = cards(findings)
    return made if not ketamine else [*_doses(asked, facts, now, knowledge), *made]


def _with_drafts(record: Record, drafts: tuple[Medication, ...]) -> Record:
    """The list as it would be once the drafts are signed."""
    return replace(record, medications=(*record.medications, *(replace(m, status="active") for m in drafts)))


def _classes(facts: Facts) -> tuple[str, ...]:
    value = facts.value("med_classes")
    return value if isinstance(value, tuple) else ()


def _doses(asked: Asked, facts: Facts, now: datetime, knowledge: Knowledge) -> list[Json]:
    """The dose rules on each drafted ketamine order whose words can be read as an order."""
    found = body(asked.record, now)
    texts = dose_texts(asked)
    if not texts:
        return [plain_card("The ketamine order has no dose in words: its limits were not checked.", "warning")]
    if found is None:
        return [plain_card("No weight was sent: the limits of the ketamine order were not checked.", "warning")]
    made: list[Json] = []
    for said in texts:
        try:
            made += cards(_checked(said, found, facts, now, knowledge))
        except ValueError as error:
            made.append(plain_card(f"The ketamine order was not checked: {error}", "warning"))
    return made


def _checked(said: str, found: Body, facts: Facts, now: datetime, knowledge: Knowledge) -> tuple[Finding, ...]:
    age = facts.value("age_years")
    plan = PlanOrder(orders=(split_sessions(said)[0],), body=found, age_years=age if isinstance(age, Decimal) else None)
    return check_plan(plan, knowledge=knowledge, now=now, known=facts).findings
