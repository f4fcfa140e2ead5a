"""What to watch in a session now: marks, what is due, how the pump stands to the order. From the log and the order.

Marks depend on the log alone, so a caller may keep them until the next event; what is due depends on the minute too.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import pairwise

from surcease.care.event import (
    Acknowledged,
    Bolus,
    Event,
    HandedOver,
    Paused,
    PumpRead,
    RateChanged,
    Reading,
    Resumed,
    Started,
    Stopped,
    Symptom,
    VerbalOrder,
)
from surcease.care.marks import Background, Mark, Marking, PumpCheck, Rate, Seen, marks
from surcease.care.monitoring import DOCUMENT, OVERDUE, Course, Due, Taken, context_of, due
from surcease.care.order import Order
from surcease.care.session_limits import SessionLimits, minutes
from surcease.care.treatment import Phase, Session, fold
from surcease.knowledge.library import Knowledge
from surcease.knowledge.product import load_products

STALE_TIMES = Decimal("1.5")  # a value is old after one and a half of its expected intervals


@dataclass(frozen=True, slots=True)
class Newest:
    """The latest charted vital values, with their age in minutes and whether that is old."""

    reading: Reading
    at: datetime
    age_min: int
    old: bool


def marking(order: Order, state: Session, *, limits: SessionLimits) -> Marking:
    """All marks of the log so far."""
    seen = tuple(_seen(order, state))
    return marks(seen, limits=limits, background=background(order, state), until=state.at)


def background(order: Order, state: Session) -> Background:
    """The baseline is the last complete set before the drug, or the first one charted."""
    readings = [e for e in state.counted if isinstance(e.payload, Reading) and e.payload.systolic is not None]
    start = state.started_at
    before = [e for e in readings if start is None or e.at <= start + timedelta(minutes=2)]
    chosen = (before or readings[:1])[-1:] if readings else []
    tops = tuple(sorted({step.rate_mg_per_h for step in order.steps if step.minutes}))
    baseline = chosen[0].payload if chosen else None
    assert baseline is None or isinstance(baseline, Reading)
    return Background(baseline, tops)


def schedule_of(order: Order) -> str:
    """Which schedule of observations the order's route, product and setting ask for."""
    return context_of(
        routes=(order.route,), form=load_products()[order.product].form,
        setting="outpatient" if order.setting in ("outpatient", "home") else order.setting,
        pushes_only=all(s.minutes <= 10 for s in order.steps), home_size=order.setting == "home",
    )  # fmt: skip


def what_is_due(order: Order, state: Session, found: Marking, *, knowledge: Knowledge) -> tuple[Due, ...]:
    """The next sets of the session's schedule, and the pump's next reading; nothing once it has ended."""
    if state.phase is Phase.ENDED:
        return ()
    context = schedule_of(order)
    changes = tuple(e.at for e in state.counted if isinstance(e.payload, RateChanged | Resumed))
    ended = None if state.phase in (Phase.RUNNING, Phase.PAUSED, Phase.WAITING) else state.drug_ended_at
    taken = [
        Taken(e.at, e.payload, stable=_stable(e.at, found)) for e in state.counted if isinstance(e.payload, Reading)
    ]
    sets = due(Course(context, state.started_at, changes, ended), taken, knowledge=knowledge)
    return tuple(sorted((*sets, *_pump_due(state, knowledge)), key=lambda d: (d.at, d.stream)))


def _pump_due(state: Session, knowledge: Knowledge) -> Iterator[Due]:
    """While it runs, mL/h and the volume infused are read from the pump's face an hour after the last time."""
    read = [e.at for e in state.counted if _reads_the_pump(e)]
    if state.phase is not Phase.RUNNING or not read:
        return
    pump = knowledge.documents[DOCUMENT]["pump"]
    span, limits = minutes(pump["every_min"]), knowledge.rule(OVERDUE).thresholds
    latest = read[-1] + span + min(span * float(limits["overdue_times"] - 1), minutes(limits["overdue_min"]))
    yield Due("pump", pump["title"]["en"], OVERDUE, (), read[-1], read[-1] + span, latest)


def _reads_the_pump(event: Event) -> bool:
    """Whether somebody typed what the pump showed."""
    match event.payload:
        case Started() | PumpRead():
            return True
        case RateChanged() | Resumed() | HandedOver() as entry:
            return entry.volume_infused_ml is not None
    return False


def acknowledged(state: Session, mark: Mark) -> bool:
    """Whether somebody has said they saw it since it began. Seeing is not ending."""
    return any(
        isinstance(e.payload, Acknowledged) and e.payload.mark == mark.rule and e.at >= mark.since
        for e in state.counted
    )


def newest(state: Session, next_due: tuple[Due, ...]) -> Newest | None:
    """The latest set with a pressure or a saturation, and whether it is too old to stand as current."""
    sets = [
        e
        for e in state.counted
        if isinstance(e.payload, Reading) and (e.payload.systolic is not None or e.payload.spo2 is not None)
    ]
    if not sets:
        return None
    last = sets[-1]
    assert isinstance(last.payload, Reading)
    age = state.at - last.at
    interval = min((d.at - d.after for d in next_due), default=timedelta(minutes=15))
    return Newest(last.payload, last.at, int(age.total_seconds() // 60), age > interval * float(STALE_TIMES))


class _Should:
    """What ought to run: the order's rate, or a lower one that was charted; nothing while paused or stopped.

    What the pump's face shows never changes it: a wrong rate that was read once is still wrong when read again.
    """

    def __init__(self, order: Order) -> None:
        self.order = order
        self.started: datetime | None = None
        self.since: datetime | None = None
        self.cap: Decimal | None = None
        self.said = Decimal(0)  # the highest rate of a verbal order
        self.off, self.planned = True, Decimal(0)

    def rate(self, at: datetime) -> Decimal:
        """mg/h that ought to run at ``at``."""
        if self.off or self.started is None:
            return Decimal(0)
        minutes = Decimal(str((at - self.started).total_seconds())) / 60
        ordered = self.order.rate_at(minutes) or self.order.highest_mg_per_h
        return ordered if self.cap is None else min(max(ordered, self.said), self.cap)

    def until(self, at: datetime) -> None:
        """Plan what ought to have run until ``at``, step by step of the order."""
        if self.since is not None and self.started is not None and not self.off:
            edges = [self.started + timedelta(seconds=float(s.after_min) * 60) for s in self.order.steps]
            points = sorted({self.since, at, *(e for e in edges if self.since < e < at)})
            for start, end in pairwise(points):
                self.planned += self.rate(start) * Decimal(str((end - start).total_seconds())) / 3600
        self.since = at

    def take(self, event: Event) -> None:
        """Change what ought to run by what was charted."""
        self.until(event.at)
        match event.payload:
            case Started():
                self.started, self.off, self.cap = self.started or event.at, False, None
            case RateChanged() as change:
                self.cap = change.rate_mg_per_h
            case Resumed() as resume:
                self.off, self.cap = False, resume.rate_mg_per_h
            case Paused() | Stopped():
                self.off = True
            case VerbalOrder() as said:
                self.said = max(self.said, said.rate_mg_per_h or Decimal(0))
            case Bolus() as bolus:
                self.planned += bolus.amount_mg


def _seen(order: Order, state: Session) -> Iterator[Seen]:
    """The log as the marks read it."""
    should = _Should(order)
    for event in state.counted:
        before = should.rate(event.at)
        should.take(event)
        match event.payload:
            case Reading() | Symptom() as what:
                yield Seen(event.at, what)
            case Started() | RateChanged() | Resumed() | PumpRead():
                now = fold(state.counted, at=event.at)
                yield Seen(event.at, _pump_check(order, now, event, should, before))
                yield Seen(event.at, Rate(now.rate_mg_per_h))


def _pump_check(order: Order, now: Session, event: Event, should: _Should, before: Decimal) -> PumpCheck:
    """The pump's face, or what was typed for it, against what ought to run."""
    rate, ordered = now.rate_mg_per_h, should.rate(event.at)
    if isinstance(event.payload, PumpRead):
        rate = event.payload.rate_ml_per_h * (now.concentration_mg_per_ml or Decimal(0))
        ordered = before
    return PumpCheck(
        rate_mg_per_h=rate,
        ordered_mg_per_h=ordered,
        weight_kg=order.weight_kg,
        given_mg=now.pump_mg,
        charted_mg=now.given_at_pump_mg,
        planned_mg=should.planned,
    )


def _stable(at: datetime, found: Marking) -> bool:
    """Whether nothing that counts stood at that moment."""
    return not any(m.since <= at and (m.ended is None or m.ended > at) for m in found.all)
