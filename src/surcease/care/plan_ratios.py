"""The plan beside its protocol: every difference as a multiple, for rules DOS-09, DOS-11, DOS-18 and their like.

A multiple of 1 means as the protocol says; 10 is a lost decimal point; 0.016 is minutes for hours.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from surcease.care.course import step_mg_per_h
from surcease.care.dose import ComputedDose, Level
from surcease.care.order_figures import OrderFigures
from surcease.care.plan_order import PlanOrder
from surcease.knowledge.fact import Value
from surcease.knowledge.protocol import Protocol

# A stay is judged by effect, so its length may differ; beyond these shares of the protocol's, a slip is likelier.
STAY_SHARES = Decimal(1) / 6, Decimal(2)
SPRAY_MG = Decimal(10)
NEVER = Decimal(1000)  # the multiple of something that should be there and is not


@dataclass(frozen=True, slots=True)
class Comparison:
    """A plan, its orders in numbers, and its protocol computed for the same body: ``whole`` as it stands, ``dose``
    with the half start that this person should have (the same where there is no reason for one)."""

    plan: PlanOrder
    orders: tuple[OrderFigures, ...]
    whole: ComputedDose
    dose: ComputedDose


def protocol_facts(beside: Comparison) -> dict[str, Value | None]:
    """Every fact that compares the plan with its protocol."""
    plan, orders, dose = beside.plan, beside.orders, beside.whole
    protocol, caps = dose.protocol, {cap.name: cap.most.value for cap in dose.caps}
    session = [order.session_mg / caps["session"] for order in orders if "session" in caps]
    day = [order.day_mg / caps["day"] for order in orders if "day" in caps]
    episode = [order.first_mg / most for order in orders if (most := _episode_mg(dose)) is not None]
    highest, course = max(order.rate_mg_per_h for order in orders), plan.course(o.session_mg for o in orders)
    return {
        "protocol_weans": protocol.wean is not None,
        "protocol_fits_setting": protocol.selectable(plan.setting) if plan.setting else None,
        "route_fits_protocol": all(route in protocol.route for order in orders for route in order.routes),
        "start_to_protocol_start": start_ratio(beside), "order_to_protocol": order_ratio(beside),
        "rate_to_protocol_cap": (highest / caps["rate"]) if "rate" in caps else Decimal(0),
        "session_to_protocol_cap": max(session + day + episode, default=Decimal(0)),
        "course_to_protocol_cap": (course / caps["course"]) if "course" in caps else Decimal(0),
        "dose_weight_apart_percent": dose.weight.apart_percent if protocol.weight_basis == "dosing" else Decimal(0),
    }  # fmt: skip


def start_ratio(beside: Comparison) -> Decimal:
    """The first order as a multiple of the protocol's whole start."""
    start = beside.whole.first
    return _given(beside.orders[0], start) / _meant(start)


def order_ratio(beside: Comparison) -> Decimal:
    """The order as a multiple of what the protocol gives: of all its parts, the one farthest from 1.

    Each session is compared with its own level; one order without a list of sessions, or a titration that goes on,
    with the span of all levels. A continuous stay is compared by its first rate and its length.
    """
    if beside.whole.protocol.is_continuous:
        ratios = _stay_ratios(beside)
    else:
        ratios = [*_session_ratios(beside), _count_ratio(beside)]
    return max(ratios, key=_distance)


def _distance(ratio: Decimal) -> Decimal:
    return NEVER if not ratio else max(ratio, 1 / ratio)


def _session_ratios(beside: Comparison) -> list[Decimal]:
    plan, found, session = beside.plan, [], 1
    anywhere = plan.sessions == 1 or plan.continuing
    for order, planned in zip(beside.orders, plan.orders, strict=True):
        last = session + planned.sessions - 1
        levels = _levels(beside, (session, last), anywhere)
        values = [_meant(level) for level in levels]
        found.append(_outside(_given(order, levels[0]), min(values), max([*values, *_titrated_to(beside)])))
        found.append(_length_ratio(order, levels[0]))
        session = last + 1
    return found


def _levels(beside: Comparison, sessions: tuple[int, int], anywhere: bool) -> list[Level]:
    """The levels an order may be at. Whether a half start is taken is DOS-09's question: both schemes fit here."""
    if anywhere:
        return [*beside.whole.levels, *beside.dose.levels]
    return [scheme.order_for(n) for scheme in (beside.whole, beside.dose) for n in sessions]


def _titrated_to(beside: Comparison) -> list[Decimal]:
    """How far an open titration may have gone: to the day's cap when the plan goes on from a start, to an episode's
    sprays when the person doses as needed."""
    episode = _episode_mg(beside.whole)
    day = [cap.most.value for cap in beside.whole.caps if cap.name == "day"] if beside.plan.continuing else []
    return day if episode is None else [*day, episode]


def _episode_mg(dose: ComputedDose) -> Decimal | None:
    """The most that one episode's sprays hold; None where none are counted."""
    sprays = dose.protocol.caps.get("sprays_per_episode")
    return None if sprays is None else sprays.value * SPRAY_MG


def _given(order: OrderFigures, level: Level) -> Decimal:
    """The order in the level's terms: mg/h of a rate, mg of a take or of a day of takes, mg of a session."""
    if level.source.is_rate:
        return order.first_rate_mg_per_h or Decimal(0)
    if level.source.takes == 1:
        return order.first_mg
    return order.day_mg if level.source.takes else order.session_mg


def _meant(level: Level) -> Decimal:
    """What the protocol gives, unrounded, in the same terms."""
    return level.exact.value * max(level.source.takes, 1)


def _length_ratio(order: OrderFigures, level: Level) -> Decimal:
    """The speed that the order's length makes of the same amount: half the time is a multiple of 2. For a rate, the
    length itself: the amount goes with it."""
    source = level.source
    if level.duration is None:
        return Decimal(1)
    usual = level.duration.to("h").value
    if source.is_rate:
        return order.session_h / usual
    if not order.session_h:
        return NEVER
    shortest = source.shortest.to("h").value if source.shortest else usual
    longest = source.longest.to("h").value if source.longest else usual
    return 1 / _outside(order.session_h, shortest, longest)


def _count_ratio(beside: Comparison) -> Decimal:
    """More sessions than the protocol has; fewer are no difference."""
    count = beside.whole.protocol.sessions.count
    return Decimal(1) if count is None else max(Decimal(beside.plan.sessions) / count, Decimal(1))


def _stay_ratios(beside: Comparison) -> list[Decimal]:
    """First rate against the start (and its half, where there is reason for it); length, pace and wean against the
    protocol's."""
    starts = [level.rate.value for level in (beside.whole.first, beside.dose.first) if level.rate is not None]
    protocol, order = beside.whole.protocol, beside.orders[0]
    assert protocol.stay is not None
    hours = protocol.stay.to("h").value
    first = _outside(order.first_rate_mg_per_h or Decimal(0), min(starts), max(starts))
    length = _outside(order.session_h - order.wean_h, hours * STAY_SHARES[0], hours * STAY_SHARES[1])
    return [first, length, *_pace_ratios(beside), *_wean_ratios(protocol, order)]


def _pace_ratios(beside: Comparison) -> list[Decimal]:
    """Titration faster than the protocol's: steps that come too soon, or are too large. Slower is no difference."""
    order, rise = beside.orders[0], beside.whole.protocol.increment
    if rise is None or order.least_step_h is None:
        return []
    add = step_mg_per_h(beside.whole)
    sooner = rise.every.to("h").value / order.least_step_h
    return [max(sooner, Decimal(1)), max(order.largest_rise_mg_per_h / add, Decimal(1))]


def _wean_ratios(protocol: Protocol, order: OrderFigures) -> list[Decimal]:
    """The wean's length against the protocol's span; a wean that is missing is DOS-20's."""
    if protocol.wean is None or not order.wean_h:
        return []
    least, most = (span.to("h").value for span in protocol.wean)
    return [_outside(order.wean_h, least, most)]


def _outside(value: Decimal, low: Decimal, high: Decimal) -> Decimal:
    """1 inside the span, else the value as a multiple of the nearer end."""
    return value / low if value < low else value / high if value > high else Decimal(1)
