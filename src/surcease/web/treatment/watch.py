"""The watch of one session as its pages show it: marks, dues, amounts and ages in words."""

from __future__ import annotations

import math
from collections import OrderedDict
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from surcease.care.marks import Mark, Marking
from surcease.care.monitoring import Due
from surcease.care.order import Order
from surcease.care.session_end import Ending, ending
from surcease.care.session_limits import SessionLimits
from surcease.care.session_watch import Newest, acknowledged, marking, newest, what_is_due
from surcease.care.treatment import Phase, Session
from surcease.knowledge import load
from surcease.knowledge.site import SiteLimit
from surcease.units import plain

_KEPT = 200
_marks: OrderedDict[tuple[object, ...], Marking] = OrderedDict()


@dataclass(frozen=True, slots=True)
class MarkLine:
    """One mark in view."""

    mark: Mark
    seen: bool

    @property
    def level(self) -> str:
        """Amber, red or technical."""
        return self.mark.level


@dataclass(frozen=True, slots=True)
class DueLine:
    """One thing that is due."""

    what: str
    at: datetime
    overdue: bool
    due: bool


@dataclass(frozen=True, slots=True)
class Watch:
    """Everything the session's page and the board say beside the flowsheet."""

    marks: tuple[MarkLine, ...]
    due: tuple[DueLine, ...]
    newest: Newest | None
    given_said: str
    rate_said: str
    pump_said: str
    pump_differs: bool
    saved_to: datetime | None
    at: datetime
    ending: Ending | None = None

    @property
    def may_leave(self) -> bool:
        """Whether every criterion of the ordinary way out is met."""
        return self.ending is not None and self.ending.may_leave

    @property
    def observed_until(self) -> datetime | None:
        """When the observation clock ends, for a session that is over; None while the drug runs."""
        return self.ending.clock.at if self.ending else None

    @property
    def minutes_to_go(self) -> int:
        """Whole minutes of observation left, rounded up: nobody leaves half a minute early."""
        left = self.ending.clock.left_min(self.at) if self.ending else None
        return 0 if left is None else math.ceil(left)


def watch(order: Order, state: Session, signed: tuple[SiteLimit, ...] = ()) -> Watch:
    """The watch at ``state.at``, with the site's and the person's signed limits."""
    found = marking_of(order, state, signed)
    dues = what_is_due(order, state, found, knowledge=load())
    end = None
    if state.phase is Phase.OBSERVING:
        end = ending(order, state, knowledge=load(), protocol_id=order.protocol, signed=signed)
    return Watch(
        marks=tuple(MarkLine(m, acknowledged(state, m)) for m in found.open),
        due=_due_lines(dues, found, state),
        newest=newest(state, dues),
        given_said=plain(state.given_mg.quantize(Decimal("0.1"))),
        rate_said=plain(state.rate_mg_per_h.quantize(Decimal("0.1"))),
        pump_said="" if state.pump_mg is None else plain(state.pump_mg.quantize(Decimal("0.1"))),
        pump_differs=any(m.parameter == "pump" for m in found.open),
        saved_to=max((e.received_at for e in state.counted), default=None),
        at=state.at,
        ending=end,
    )


def marking_of(order: Order, state: Session, signed: tuple[SiteLimit, ...]) -> Marking:
    """Marks of this very log, kept until it changes: many viewers ask, few events come."""
    key = (order.plan_id, order.number, tuple(e.event_id for e in state.counted), len(state.struck), signed)
    if key not in _marks:
        _marks[key] = marking(order, state, limits=SessionLimits.of(load(), signed))
        while len(_marks) > _KEPT:
            _marks.popitem(last=False)
    return _marks[key]


def _due_lines(dues: tuple[Due, ...], found: Marking, state: Session) -> tuple[DueLine, ...]:
    """Rechecks of open marks before the schedule's sets; each parameter once."""
    lines = [
        DueLine(f"recheck {m.parameter.replace('_', ' ')}", m.recheck_due, state.at > m.recheck_due, True)
        for m in found.open
        if m.level != "technical" and state.phase is not Phase.ENDED
    ]
    lines += [DueLine(d.title, d.at, d.state(state.at) == "overdue", d.state(state.at) != "later") for d in dues]
    return tuple(sorted(lines, key=lambda line: line.at))
