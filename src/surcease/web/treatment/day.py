"""Go or no-go: the day's questions, the rules of the day on everything known, and who said go."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from surcease.care.facts import derive
from surcease.knowledge import load
from surcease.knowledge.evaluation import evaluate
from surcease.knowledge.fact import Facts
from surcease.knowledge.facts import FactSpec
from surcease.knowledge.finding import Finding, Outcome, worst
from surcease.web.clinic.models import Site
from surcease.web.limits.queries import limits_for
from surcease.web.patients.models import Patient
from surcease.web.patients.record import make_record

#: facts of the day that a person at the chair answers, in the order of the page
ASKED = (
    "systolic_today", "diastolic_today", "heart_rate_today", "resp_rate_today", "spo2_today", "temperature_today",
    "solids_hours_ago", "clear_fluids_hours_ago", "escort_named", "medicines_reconciled_today", "opioid_raised_24h",
    "intoxicated_today", "acute_illness_today", "limb_restricted", "cssrs_since_last_q4", "cssrs_since_last_q5",
    "cssrs_since_last_q6", "hcg_positive",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class GoNoGo:
    """The day's findings. ``may_start`` is False while a STOP or a DEFER stands."""

    findings: tuple[Finding, ...]
    facts: Facts

    @property
    def outcome(self) -> Outcome | None:
        """The worst that counts."""
        return worst(self.findings)

    @property
    def may_start(self) -> bool:
        """Nothing stops or defers the session."""
        return self.outcome not in (Outcome.STOP, Outcome.DEFER)

    @property
    def standing(self) -> tuple[Finding, ...]:
        """What counts, worst first."""
        return tuple(sorted((f for f in self.findings if f.counts), key=lambda f: (f.outcome.rank, f.id)))

    @property
    def fine(self) -> tuple[Finding, ...]:
        """What was asked and is in order."""
        return tuple(f for f in self.findings if f.applies and f.fired is False)


def questions() -> tuple[FactSpec, ...]:
    """The day's questions as the dictionary words them."""
    specs = load().facts
    return tuple(specs[name] for name in ASKED if name in specs)


def go_no_go(patient: Patient, *, now: datetime, site: Site | None = None) -> GoNoGo:
    """Every rule of the day on this person now."""
    knowledge = load()
    facts = derive(make_record(patient), now=now, knowledge=knowledge)
    rules = [rule for rule in knowledge.rules if rule.stage == "day"]
    found = evaluate(rules, facts, now=now, overrides=limits_for(patient, site, now=now))
    return GoNoGo(found, facts)
