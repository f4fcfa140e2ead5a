"""Go or no-go: the day's questions, the rules of the day on everything known, and who said go."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from surcease.care.facts import derive
from surcease.care.order import Order
from surcease.care.record import Record
from surcease.care.session_watch import schedule_of
from surcease.care.weight import is_stale
from surcease.knowledge import load
from surcease.knowledge.evaluation import evaluate
from surcease.knowledge.fact import Fact, Facts
from surcease.knowledge.facts import FactSpec
from surcease.knowledge.finding import Finding, Outcome, worst
from surcease.knowledge.product import load_products
from surcease.knowledge.protocol import load_protocols
from surcease.web.clinic.models import Site
from surcease.web.limits.queries import limits_for
from surcease.web.patients.models import Patient
from surcease.web.patients.record import make_record
from surcease.web.plan.queries import signed_plan
from surcease.web.treatment.seat import PUMPED, settled
from surcease.web.worklist.models import Todo

#: facts of the day that a person at the chair answers, in the order of the page
ASKED = (
    "systolic_today", "diastolic_today", "heart_rate_today", "resp_rate_today", "spo2_today", "temperature_today",
    "solids_hours_ago", "clear_fluids_hours_ago", "escort_named", "medicines_reconciled_today", "opioid_raised_24h",
    "intoxicated_today", "acute_illness_today", "cssrs_since_last_q4", "cssrs_since_last_q5",
    "cssrs_since_last_q6", "hcg_positive",
)  # fmt: skip


FLAGS_SHOWN = timedelta(days=28)
SPRAY = "esketamine_spray"
SPRAY_ASKED = ("spray_site_certified", "spray_prescriber_on_site", "spray_observer_ready")
ALSO = ("ELG-07", "SET-07a")  # the consent, and what the spray's label asks for
SCHEDULES = ("MON-01", "MON-02", "MON-03", "MON-04", "MON-05")  # which observations this session asks for


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


def questions(order: Order | None = None) -> tuple[FactSpec, ...]:
    """The day's questions as the dictionary words them; the esketamine spray asks three more."""
    specs = load().facts
    asked = (*ASKED, *SPRAY_ASKED) if order is not None and _form(order) == SPRAY else ASKED
    return tuple(specs[name] for name in asked if name in specs)


def go_no_go(
    patient: Patient, *, now: datetime, site: Site | None = None, order: Order | None = None,
    checks: Mapping[str, str] | None = None,
) -> GoNoGo:  # fmt: skip
    """Every rule of the day on this person now, with the consent's, and the spray's where that is ordered.

    ``checks`` are what the session's log says is settled: cuff and cannula on allowed limbs.
    """
    knowledge = load()
    record = make_record(patient)
    here = now.astimezone(ZoneInfo(site.zone)) if site else now
    today = _of_today(patient, record, now) | _of_session(order, checks or {}, record, here)
    facts = Facts({**derive(record, now=now, knowledge=knowledge).known, **today})
    also = ALSO if order is None else (*ALSO, *SCHEDULES)
    rules = [rule for rule in knowledge.rules if rule.stage == "day" or rule.id in also]
    found = evaluate(rules, facts, now=now, overrides=limits_for(patient, site, now=now))
    return GoNoGo(found, facts)


def _of_today(patient: Patient, record: Record, now: datetime) -> dict[str, Fact]:
    """What only the clinic's own tables know: how long since the last session, and unread red flags."""
    unread = Todo.objects.filter(patient=patient, kind="red flag", state=Todo.State.OPEN).exists()
    short = _interval_short_by(patient, record, now)
    found = {"diary_red_flag_unread": Fact(unread, at=now, source="diary")}
    return found if short is None else found | {"session_interval_short_by_h": Fact(short, "h", now, "sessions")}


def _of_session(order: Order | None, checks: Mapping[str, str], record: Record, now: datetime) -> dict[str, Fact]:
    """What the order, the scale and the log of this session tell the rules."""
    if order is None:
        return {}
    weighed = max((m.at for m in record.measurements if m.name == "weight" and m.at), default=None, key=str)
    stale = is_stale(weighed, now) if isinstance(weighed, date) else None
    found = {
        "planned_form": Fact(_form(order), at=now, source="order"),
        "planned_routes": Fact((order.route,), at=now, source="order"),
        "session_context": Fact(schedule_of(order), at=now, source="order"),
    }
    if stale is not None:
        found["weight_is_of_today"] = Fact(not stale, at=now, source="scale")
    if settled(checks, pumped=order.route in PUMPED):
        found["limb_restricted"] = Fact(False, at=now, source="cuff and cannula as charted")
    return found


def _form(order: Order) -> str:
    return load_products()[order.product].form


def _interval_short_by(patient: Patient, record: Record, now: datetime) -> Decimal | None:
    """Hours still missing to the protocol's shortest interval; 0 for a first session; None without a plan."""
    plan = signed_plan(patient)
    protocol = load_protocols().get(plan.protocol) if plan else None
    if protocol is None:
        return None
    least, last = protocol.sessions.min_interval, max((g.started for g in record.given), default=None)
    if least is None or last is None:
        return Decimal(0)
    passed = Decimal(str((now - last).total_seconds())) / 3600
    return max(least.to("h").value - passed, Decimal(0)).quantize(Decimal("0.1"))


@dataclass(frozen=True, slots=True)
class RedFlag:
    """A red flag of the diary: what was said, when, and who has read it."""

    what: str
    at: datetime
    read_by: str


def red_flags(patient: Patient, *, now: datetime) -> tuple[RedFlag, ...]:
    """The diary's red flags of the last weeks, newest first, unread ones before all."""
    rows = Todo.objects.filter(patient=patient, kind="red flag", asked_at__gte=now - FLAGS_SHOWN)
    found = [
        RedFlag(row.what.partition(": ")[2] or row.what, row.asked_at, str(row.ended_by or row.taken_by or ""))
        for row in rows.select_related("ended_by", "taken_by").order_by("-asked_at")
    ]
    return tuple(sorted(found, key=lambda flag: bool(flag.read_by)))
