"""The order of one session: the signed plan's text for it, as steps; what it allows now and where it ends.

Outside the order there is no dose: a change beyond it needs a new signature or a verbal order with read-back.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from surcease.care.event import VerbalOrder
from surcease.care.record import Plan
from surcease.care.treatment import Phase, Session
from surcease.pkpd.regimen import parse
from surcease.units import plain

TOLERANCE = Decimal("0.10")  # a pump's rate within 10 % of the order is the order (ALM-DEV, site default)


@dataclass(frozen=True, slots=True)
class OrderStep:
    """A rate for some minutes, or an amount at once (``minutes`` 0)."""

    after_min: Decimal
    minutes: Decimal
    rate_mg_per_h: Decimal
    amount_mg: Decimal


@dataclass(frozen=True, slots=True)
class Order:
    """What session ``number`` may get."""

    plan_id: str
    version: int
    number: int
    text: str
    product: str
    route: str
    steps: tuple[OrderStep, ...]
    rate_cap_mg_per_h: Decimal | None
    session_cap_mg: Decimal | None
    weight_kg: Decimal
    weight_basis: str
    protocol: str = ""
    setting: str = "outpatient"  # outpatient | inpatient | icu | emergency | home: which observations are due

    @property
    def total_mg(self) -> Decimal:
        """All of it."""
        return sum((s.amount_mg for s in self.steps), Decimal(0))

    @property
    def minutes(self) -> Decimal:
        """From start to end."""
        return max((s.after_min + s.minutes for s in self.steps), default=Decimal(0))

    @property
    def highest_mg_per_h(self) -> Decimal:
        """The highest rate the order itself names."""
        return max((s.rate_mg_per_h for s in self.steps), default=Decimal(0))

    def rate_at(self, minutes: Decimal) -> Decimal:
        """The ordered rate so many minutes after the start; 0 between and after the steps."""
        for step in self.steps:
            if step.after_min <= minutes < step.after_min + step.minutes:
                return step.rate_mg_per_h
        return Decimal(0)


@dataclass(frozen=True, slots=True)
class Projection:
    """Where the session goes if nothing changes: its end, the amount then, and when the bag runs out."""

    ends_at: datetime | None
    mg_at_end: Decimal
    minutes_left: int | None
    bag_empty_at: datetime | None = None


def order_of(plan: Plan, number: int, *, setting: str = "outpatient") -> Order:
    """The order of session ``number`` (from 1) of a plan. ValueError when the plan has no such session."""
    if not 1 <= number <= plan.sessions:
        raise ValueError(f"The plan has {plan.sessions} sessions: there is no session {number}; sign a new plan first.")
    text = plan.session_steps[min(number, len(plan.session_steps)) - 1].text
    regimen = parse(text).for_weight(plan.weight_kg)
    steps = tuple(
        OrderStep(
            piece.start_s / 60,
            piece.duration_s / 60,
            Decimal(0) if not piece.duration_s else piece.amount_mg / (piece.duration_s / 3600),
            piece.amount_mg,
        )
        for piece in regimen.inputs()
    )
    return Order(
        plan.plan_id, plan.version, number, text, plan.product, plan.route, steps,
        plan.rate_cap_mg_per_h, plan.session_cap_mg, plan.weight_kg, plan.weight_basis, plan.protocol,
        setting,
    )  # fmt: skip


def why_not_rate(order: Order, session: Session, rate_mg_per_h: Decimal) -> str:
    """Why the order does not allow a rate now, as one sentence; "" when it does.

    Going down is always allowed; going up stops at the order's highest rate, or at what was ordered by word of mouth
    and read back, and in any case at the plan's caps.
    """
    said = f"{plain(rate_mg_per_h)} mg/h"
    if order.rate_cap_mg_per_h is not None and rate_mg_per_h > order.rate_cap_mg_per_h:
        return f"{said} is above the plan's cap of {plain(order.rate_cap_mg_per_h)} mg/h: it needs a new plan."
    highest = max(order.highest_mg_per_h, highest_said(session))
    if rate_mg_per_h > highest * (1 + TOLERANCE):
        return (
            f"{said} is above the ordered {plain(highest.quantize(Decimal('0.01')))} mg/h: it needs a "
            "new signature or a verbal order with read-back."
        )
    if order.session_cap_mg is not None and session.given_mg >= order.session_cap_mg:
        return (
            f"{plain(session.given_mg)} mg are given, the session's cap is {plain(order.session_cap_mg)} mg: "
            "the drug stays off."
        )
    return ""


def why_not_bolus(order: Order, session: Session, amount_mg: Decimal) -> str:
    """Why the order does not allow a bolus now; "" when it does."""
    amounts = [s.amount_mg for s in order.steps if not s.minutes]
    amounts += [v.amount_mg for v in said_orders(session) if v.amount_mg is not None]
    if not amounts:
        return "The plan orders no bolus: it needs a new signature or a verbal order with read-back."
    given = [g for g in session.given if g.amount_mg]
    if len(given) >= len(amounts):
        return f"All {len(amounts)} ordered doses are given: it needs a new signature or a verbal order with read-back."
    if amount_mg > amounts[len(given)]:
        return f"{plain(amount_mg)} mg is more than the ordered dose of {plain(amounts[len(given)])} mg."
    if order.session_cap_mg is not None and session.given_mg + amount_mg > order.session_cap_mg:
        return f"With {plain(amount_mg)} mg the session would pass its cap of {plain(order.session_cap_mg)} mg."
    return ""


def said_orders(session: Session) -> tuple[VerbalOrder, ...]:
    """The verbal orders that stand, in the order they were given."""
    return tuple(e.payload for e in session.counted if isinstance(e.payload, VerbalOrder))


def highest_said(session: Session) -> Decimal:
    """The highest rate ordered by word of mouth, 0 without one."""
    return max((v.rate_mg_per_h for v in said_orders(session) if v.rate_mg_per_h is not None), default=Decimal(0))


def project(order: Order, session: Session) -> Projection:
    """End and amount if the present rate (or, while off, the last one) runs until the ordered amount is given.

    With the order's steps still ahead the steps' own rates count; a lowered rate takes longer, as the pump does. The
    next bag is due when what was last read in this one has run.
    """
    given, volume_left_ml = session.given_mg, session.volume_left_ml
    if session.phase in (Phase.OBSERVING, Phase.ENDED):
        return Projection(session.drug_ended_at, given, 0)
    rate = session.rate_mg_per_h
    bag = None
    if volume_left_ml is not None and rate > 0 and session.concentration_mg_per_ml:
        hours = volume_left_ml * session.concentration_mg_per_ml / rate
        bag = session.at + timedelta(hours=float(hours))
    left = max(order.total_mg - given, Decimal(0))
    if rate <= 0:
        return Projection(None, order.total_mg, None, bag)
    end = session.at + timedelta(hours=float(_hours_left(order, session, left)))
    return Projection(end, given + left, round((end - session.at).total_seconds() / 60), bag)


def _hours_left(order: Order, session: Session, left_mg: Decimal) -> Decimal:
    """Hours to give what is left: at the rate now until the next ordered step, then at the steps' rates."""
    assert session.started_at is not None
    now_min = Decimal(str((session.at - session.started_at).total_seconds() / 60))
    ahead = [s for s in order.steps if s.minutes and s.after_min > now_min]
    rate, at_min, hours = session.rate_mg_per_h, now_min, Decimal(0)
    for step in ahead:
        span = (step.after_min - at_min) / 60
        if rate * span >= left_mg:
            break
        left_mg, hours, at_min, rate = left_mg - rate * span, hours + span, step.after_min, step.rate_mg_per_h
    return hours + left_mg / rate if rate > 0 else hours
