"""The treatment session as a pure fold over its events: what is true at a minute, from what was known by then.

:func:`fold` sorts by (at, event_id), never by arrival, so late, repeated and reordered events give the same
state. An event that is struck through, or replaced by one that ``corrects`` it, does not count any more.
The drug given is the integral of the confirmed rate plus the boluses, exact in fractions; beside it stands
what the pump's own volume says, so that a difference can be seen.

>>> from datetime import UTC, datetime, timedelta
>>> from surcease.care.event import Event, Started, Stopped
>>> nine = datetime(2026, 3, 2, 9, tzinfo=UTC)
>>> def event(seq, payload, minutes):
...     at = nine + timedelta(minutes=minutes)
...     return Event(str(seq), "s", payload, at, 0, at, seq, "nurse")
>>> log = (event(1, Started(Decimal(25), Decimal("0.868")), 0), event(2, Stopped("planned"), 240))
>>> fold(log, at=nine + timedelta(minutes=60)).given_mg
Decimal('21.7')
>>> fold(log, at=nine + timedelta(hours=5)).given_mg
Decimal('86.8')
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction

from surcease.care.event import (
    Bolus,
    Checked,
    Ended,
    Event,
    HandedOver,
    Paused,
    PumpRead,
    RateChanged,
    Resumed,
    Started,
    Stopped,
    Struck,
)

PUMPED = ("iv", "sc")  # ways a bag runs


class Phase(StrEnum):
    """Where the session is."""

    WAITING = "waiting"
    RUNNING = "running"
    PAUSED = "paused"
    OBSERVING = "observing"
    ENDED = "ended"


@dataclass(frozen=True, slots=True)
class Portion:
    """Drug that went in from ``start`` to ``end``: at a rate, or an amount (at once when start = end)."""

    start: datetime
    end: datetime
    rate_mg_per_h: Decimal = Decimal(0)
    amount_mg: Decimal = Decimal(0)
    route: str = "iv"

    def until(self, at: datetime) -> Fraction:
        """mg given by ``at``, exact."""
        if at >= self.end:
            return Fraction(self.amount_mg) + Fraction(self.rate_mg_per_h) * _hours(self.start, self.end)
        if at <= self.start:
            return Fraction(0)
        part = _hours(self.start, at)
        return Fraction(self.rate_mg_per_h) * part + Fraction(self.amount_mg) * part / _hours(self.start, self.end)


@dataclass(frozen=True, slots=True)
class Session:
    """The state at ``at``. ``pump_mg`` is volume × concentration from the pump's face, None before a reading."""

    at: datetime
    phase: Phase = Phase.WAITING
    started_at: datetime | None = None
    stopped_at: datetime | None = None
    ended_at: datetime | None = None
    way_out: str = ""
    rate_mg_per_h: Decimal = Decimal(0)
    rate_since: datetime | None = None
    given: tuple[Portion, ...] = ()
    concentration_mg_per_ml: Decimal | None = None
    pump_volume_ml: Decimal | None = None
    pump_mg: Decimal | None = None
    given_at_pump_mg: Decimal | None = None  # the integral at the moment the pump was read
    left_ml: Decimal | None = None  # in the bag, as last read
    given_at_left_mg: Fraction = Fraction(0)  # what had gone in by vein or skin at that moment
    nurse: str = ""
    checks: tuple[tuple[str, str], ...] = ()
    counted: tuple[Event, ...] = field(default=(), repr=False)  # the events that count, in order
    struck: tuple[tuple[Event, str], ...] = field(default=(), repr=False)  # those that do not, with the reason

    @property
    def given_mg(self) -> Decimal:
        """Total mg given until ``at``, rounded to 0.001 mg."""
        return _decimal(sum((g.until(self.at) for g in self.given), Fraction(0)))

    @property
    def volume_left_ml(self) -> Decimal | None:
        """What is in the bag now: as last read, less what ran since. None while nobody has read it."""
        if self.left_ml is None or not self.concentration_mg_per_ml:
            return None
        ran = (_pumped(self.given, self.at) - self.given_at_left_mg) / Fraction(self.concentration_mg_per_ml)
        return _decimal(max(Fraction(self.left_ml) - ran, Fraction(0)))

    @property
    def drug_ended_at(self) -> datetime | None:
        """When the last drug went in, None while it runs or before the start."""
        if self.rate_mg_per_h > 0:
            return None
        return max((g.end for g in self.given), default=None)

    @property
    def last_rate_change(self) -> datetime | None:
        """When the rate last became something else: the schedule of observations starts anew there."""
        times = [e.at for e in self.counted if isinstance(e.payload, Started | RateChanged | Resumed | Bolus)]
        return max(times, default=None)

    @property
    def hash(self) -> str:
        """SHA-256 of the state: live page, replay and PDF of the same minute must agree on it."""
        body = [
            self.phase,
            str(self.started_at),
            str(self.stopped_at),
            str(self.ended_at),
            self.way_out,
            str(self.given_mg),
            str(self.pump_mg),
            f"{self.rate_mg_per_h.normalize():f}",
            [(e.event_id, e.content_hash) for e in self.counted],
            [e.event_id for e, _ in self.struck],
        ]
        return hashlib.sha256(json.dumps(body, separators=(",", ":")).encode()).hexdigest()


def fold(events: Iterable[Event], *, at: datetime, known_by: datetime | None = None) -> Session:
    """The session's state at ``at``, from what had been received by ``known_by`` (replay) or by now (None).

    Raises ValueError when two different events carry one id: the store must have refused the second.
    """
    counted, struck = _standing([e for e in events if known_by is None or e.received_at <= known_by])
    state = Session(at)
    for event in counted:
        if event.at <= at:
            state = _step(state, event)
    state = _run_until(state, at)
    until = tuple(e for e in counted if e.at <= at)
    return replace(state, at=at, counted=until, struck=tuple(s for s in struck if s[0].at <= at))


def joined(portions: Iterable[Portion]) -> tuple[Portion, ...]:
    """Stretches at one rate that follow each other without a gap as one; what gave nothing is left out."""
    done: list[Portion] = []
    for portion in portions:
        last = done[-1] if done else None
        same = last and last.end == portion.start and last.rate_mg_per_h == portion.rate_mg_per_h > 0
        if last and same and last.route == portion.route:
            done[-1] = Portion(last.start, portion.end, last.rate_mg_per_h, route=last.route)
        elif portion.amount_mg or portion.end > portion.start:
            done.append(portion)
    return tuple(done)


def _standing(events: list[Event]) -> tuple[list[Event], list[tuple[Event, str]]]:
    """Events that count, in time order, and those struck through, with the reason."""
    by_id: dict[str, Event] = {}
    for event in events:
        known = by_id.get(event.event_id)
        if known is not None and known.content_hash != event.content_hash:
            raise ValueError(f"Two different events carry the id {event.event_id}: keep the first, refuse the second.")
        if known is None or event.received_at < known.received_at:
            by_id[event.event_id] = event
    gone: dict[str, str] = {}
    for event in sorted(by_id.values(), key=lambda e: (e.received_at, e.event_id)):
        if event.corrects in by_id and not isinstance(by_id[event.corrects].payload, Struck):
            reason = event.payload.reason if isinstance(event.payload, Struck) else "corrected"
            gone.setdefault(event.corrects, reason)
    ordered = sorted(by_id.values(), key=lambda e: (e.at, e.event_id))
    counted = [e for e in ordered if e.event_id not in gone and not isinstance(e.payload, Struck)]
    return counted, [(e, gone[e.event_id]) for e in ordered if e.event_id in gone]


def _step(state: Session, event: Event) -> Session:
    """The state after one event; the drug that ran until then is booked first."""
    state = _run_until(state, event.at)
    match event.payload:
        case Started() as start:
            return _start(state, event, start)
        case RateChanged() as change:
            # While the drug is off, a new rate is a programme, not a dose: only Resumed runs it.
            rate = change.rate_mg_per_h if state.phase is Phase.RUNNING else Decimal(0)
            return _read_face(replace(state, rate_mg_per_h=rate), change)
        case Resumed() as resume:
            on = replace(state, phase=Phase.RUNNING, stopped_at=None, rate_mg_per_h=resume.rate_mg_per_h)
            return _read_face(on, resume)
        case Paused():
            return replace(state, phase=Phase.PAUSED, rate_mg_per_h=Decimal(0))
        case Stopped() as stop:
            off = replace(state, phase=Phase.OBSERVING, stopped_at=event.at, rate_mg_per_h=Decimal(0))
            return _read_volume(off, stop.volume_infused_ml)
        case Bolus() as bolus:
            return _read_left(_bolus(state, event.at, bolus), bolus.volume_left_ml)
        case PumpRead() as read:
            return _read_pump(state, read)
        case HandedOver() as handover:
            return _read_volume(replace(state, nurse=handover.to), handover.volume_infused_ml)
        case Checked() as check:
            kept = tuple(c for c in state.checks if c[0] != check.item)
            return replace(state, checks=(*kept, (check.item, check.value)))
        case Ended() as end:
            off = replace(state, rate_mg_per_h=Decimal(0), stopped_at=state.stopped_at or event.at)
            return replace(off, phase=Phase.ENDED, ended_at=event.at, way_out=end.way)
    return state


def _run_until(state: Session, now: datetime) -> Session:
    """Book the drug that ran at the present rate until ``now``."""
    if state.rate_mg_per_h > 0 and state.rate_since is not None and state.rate_since < now:
        run = Portion(state.rate_since, now, state.rate_mg_per_h)
        return replace(state, given=(*state.given, run), rate_since=now)
    return replace(state, rate_since=now)


def _start(state: Session, event: Event, start: Started) -> Session:
    rate = start.rate_mg_per_h
    if rate is None:
        rate = (start.rate_ml_per_h or Decimal(0)) * start.concentration_mg_per_ml
    return replace(
        state,
        phase=Phase.RUNNING,
        started_at=state.started_at or event.at,
        stopped_at=None,
        rate_mg_per_h=rate,
        concentration_mg_per_ml=start.concentration_mg_per_ml,
        pump_volume_ml=start.volume_infused_ml,
        left_ml=start.volume_left_ml,
        given_at_left_mg=_pumped(state.given, event.at),
        nurse=event.by,
    )


def _bolus(state: Session, at: datetime, bolus: Bolus) -> Session:
    """A bolus into a running infusion, or the whole of an IM, SC, nasal or oral session."""
    end = at + timedelta(seconds=float(bolus.over_min) * 60)
    given = (*state.given, Portion(at, end, amount_mg=bolus.amount_mg, route=bolus.route))
    if state.phase in (Phase.RUNNING, Phase.PAUSED):
        return replace(state, given=given)
    started = state.started_at or at
    return replace(state, phase=Phase.OBSERVING, started_at=started, stopped_at=end, given=given)


def _read_pump(state: Session, read: PumpRead) -> Session:
    """The pump's face is the truth about its rate from now on; a new bag changes what its volume means."""
    state = _read_volume(state, read.volume_infused_ml)
    if read.new_bag_mg_per_ml is not None:
        state = replace(state, concentration_mg_per_ml=read.new_bag_mg_per_ml, left_ml=None)
    state = _read_left(state, read.volume_left_ml)
    if state.phase is Phase.RUNNING and state.concentration_mg_per_ml is not None:
        state = replace(state, rate_mg_per_h=read.rate_ml_per_h * state.concentration_mg_per_ml)
    return state


def _read_volume(state: Session, volume_ml: Decimal | None) -> Session:
    """Add what the pump delivered since its last reading; a counter that went back was cleared."""
    if volume_ml is None or state.concentration_mg_per_ml is None:
        return state
    before = state.pump_volume_ml or Decimal(0)
    delivered = volume_ml - before if volume_ml >= before else volume_ml
    amount = (state.pump_mg or Decimal(0)) + delivered * state.concentration_mg_per_ml
    here = _decimal(sum((g.until(g.end) for g in state.given), Fraction(0)))
    return replace(state, pump_volume_ml=volume_ml, pump_mg=amount, given_at_pump_mg=here)


def _read_face(state: Session, entry: RateChanged | Resumed) -> Session:
    """What was typed from the pump's face and the bag beside a rate."""
    return _read_left(_read_volume(state, entry.volume_infused_ml), entry.volume_left_ml)


def _read_left(state: Session, left_ml: Decimal | None) -> Session:
    """The bag as read; a reading without it leaves what was known."""
    if left_ml is None:
        return state
    given = sum((g.until(g.end) for g in state.given if g.route in PUMPED), Fraction(0))
    return replace(state, left_ml=left_ml, given_at_left_mg=given)


def _pumped(given: Iterable[Portion], at: datetime) -> Fraction:
    """What came out of the bag until ``at``."""
    return sum((g.until(at) for g in given if g.route in PUMPED), Fraction(0))


def _hours(start: datetime, end: datetime) -> Fraction:
    span = end - start
    return Fraction(span.days * 86_400_000_000 + span.seconds * 1_000_000 + span.microseconds, 3_600_000_000)


def _decimal(value: Fraction) -> Decimal:
    rounded = (Decimal(value.numerator) / Decimal(value.denominator)).quantize(Decimal("0.001"))
    return Decimal(f"{rounded.normalize():f}")
