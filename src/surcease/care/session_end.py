"""How a session stands at its end: the observation clock, the criteria, the ways out, from its log and order."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from surcease.care.discharge import (
    Bedside,
    Clock,
    Dose,
    Way,
    criteria,
    discharge_facts,
    newest,
    observation,
    ways,
)
from surcease.care.event import Bolus, DrugGiven, Event, Reading
from surcease.care.order import Order
from surcease.care.session_limits import minutes
from surcease.care.session_watch import background
from surcease.care.treatment import Phase, Session
from surcease.knowledge.evaluation import evaluate
from surcease.knowledge.fact import Fact, Facts
from surcease.knowledge.finding import Finding
from surcease.knowledge.library import Knowledge
from surcease.knowledge.site import SiteLimit

SPRAY = "esketamine_spray"


@dataclass(frozen=True, slots=True)
class Ending:
    """Clock, every criterion as a finding, and the five ways out with what each needs."""

    clock: Clock
    findings: tuple[Finding, ...]
    ways: tuple[Way, ...]
    checks: Mapping[str, str]

    @property
    def may_leave(self) -> bool:
        """The ordinary way out is open."""
        return any(way.name == "criteria" and way.open for way in self.ways)


def ending(
    order: Order,
    state: Session,
    *,
    knowledge: Knowledge,
    protocol_id: str = "",
    given: Mapping[str, str] | None = None,
    signed: Sequence[SiteLimit] = (),
) -> Ending:
    """Where the session stands at ``state.at``. ``given`` are answers to what the other ways out need."""
    protocol = knowledge.schemes.get(protocol_id)
    rest = protocol.observation.to("min").value if protocol else Decimal(0)
    running = state.phase in (Phase.RUNNING, Phase.WAITING)
    clock = observation(doses(order, state), running=running, knowledge=knowledge, protocol=minutes(rest))
    readings = [(e.at, e.payload) for e in state.counted if isinstance(e.payload, Reading)]
    since = state.drug_ended_at or state.at
    baseline = background(order, state).baseline or Reading()
    checks = dict(state.checks)
    seen = Bedside(baseline, newest(readings, since=since), checks)
    found = criteria(
        discharge_facts(clock, seen, now=state.at, knowledge=knowledge),
        now=state.at,
        knowledge=knowledge,
        signed=signed,
    )
    found += _of_the_spray(order, state, checks, knowledge)
    return Ending(clock, tuple(found), ways(found, given or {}, knowledge=knowledge), checks)


def _of_the_spray(order: Order, state: Session, checks: Mapping[str, str], knowledge: Knowledge) -> tuple[Finding, ...]:
    """What the esketamine spray's label asks for before the person may go; () for everything else."""
    if order.product != SPRAY:
        return ()
    facts = {"planned_form": Fact(SPRAY, at=state.at)}
    if state.drug_ended_at is not None:
        since = Decimal(str((state.at - state.drug_ended_at).total_seconds())) / 60
        facts["spray_minutes_since_dose"] = Fact(since, "min", state.at)
    if (resolved := checks.get("spray_effects_resolved")) in ("yes", "no"):
        facts["spray_effects_resolved"] = Fact(resolved == "yes", at=state.at)
    return tuple(evaluate([knowledge.rule("SET-07b")], Facts(facts), now=state.at))


def doses(order: Order, state: Session) -> Iterator[Dose]:
    """Everything that went in, as the clock counts it."""
    runs = [g for g in state.given if g.rate_mg_per_h > 0]
    if runs:
        hours = Decimal(str((runs[-1].end - runs[0].start).total_seconds())) / 3600
        yield Dose(runs[-1].end, "infusion", hours=hours)
    spray = SPRAY if order.product == SPRAY else ""
    for event in state.counted:
        if isinstance(event.payload, Bolus):
            yield Dose(_end_of(event, event.payload), "dose", spray)
        elif isinstance(event.payload, DrugGiven):
            yield Dose(event.at, "rescue", event.payload.drug.lower())


def _end_of(event: Event, bolus: Bolus) -> datetime:
    return event.at + timedelta(seconds=float(bolus.over_min) * 60)
