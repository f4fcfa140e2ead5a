"""The facts a plan gives to the rules: what is named in knowledge/facts/plan.yaml, and the body's own facts.

A fact that the plan does not give is absent, never zero. Where no protocol is named, nothing can be compared with it,
and those facts are absent too.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from surcease.care.dose import ComputedDose, compute, half_start_reasons
from surcease.care.order_figures import OrderFigures, figures, tidy
from surcease.care.plan_order import PlanOrder
from surcease.care.plan_programme import programme_facts, pushed_mg_per_ml
from surcease.care.plan_ratios import SPRAY_MG, Comparison, protocol_facts
from surcease.care.record import Sex
from surcease.care.weight import DosingWeight, change_percent, dosing_weight, doubt_weight, is_stale
from surcease.knowledge.fact import Fact, Facts, Value
from surcease.knowledge.library import Knowledge, load
from surcease.knowledge.product import Product
from surcease.knowledge.protocol import Protocol

Values = dict[str, Value | None]


@dataclass(frozen=True, slots=True)
class PlanFacts:
    """A plan worked out: its facts, its orders in numbers, and the protocol computed for this body (None without)."""

    facts: Facts
    orders: tuple[OrderFigures, ...]
    weight: DosingWeight
    dose_kg: Decimal
    computed: ComputedDose | None


def plan_facts(plan: PlanOrder, given: Facts, *, now: datetime, knowledge: Knowledge | None = None) -> PlanFacts:
    """Work a plan out. ``given`` are facts already known of the person; some of them halve the start. ``knowledge`` is
    the release whose protocols and products hold, the installed one unless given.

    ValueError, one sentence, when a dose text cannot be read or a weight cannot be a person's.
    """
    knowledge = knowledge or load()
    weight, protocol = dosing_weight(plan.body), knowledge.schemes.get(plan.protocol)
    product = knowledge.products.get(plan.product)
    basis = plan.weight_basis or weight.basis
    kg = {"actual": weight.actual_kg, "ideal": weight.ideal_kg, "adjusted": weight.adjusted_kg}[basis]
    if kg is None:
        raise ValueError(f"weight_basis is {basis!r} and the height is not known: give height_cm, or use actual.")
    if protocol is not None and protocol.is_continuous:
        plan = plan.joined()
    limit_kg = min(weight.kg, weight.actual_kg)
    orders = tuple(figures(order.text, dose_kg=kg, limit_kg=limit_kg) for order in plan.orders)
    values: Values = {**_body(plan, weight, now), "planned_weight_basis": basis}
    values |= _orders(plan, orders, limit_kg)
    values |= _product(product, orders, protocol)
    values |= programme_facts(plan, orders, product)
    computed = None
    if protocol is not None:
        comparison = _compare(plan, orders, protocol, given)
        computed = comparison.dose
        values |= protocol_facts(comparison)
    return PlanFacts(_facts(plan, values, given, now), orders, weight, kg, computed)


def _facts(plan: PlanOrder, values: Values, given: Facts, now: datetime) -> Facts:
    weighed = plan.body.weighed_at or now
    known: dict[str, Fact] = {}
    for name, value in values.items():
        if value is not None:
            exact = tidy(value) if isinstance(value, Decimal) else value
            known[name] = Fact(exact, "", weighed if name == "weight_kg" else now, "plan")
    return Facts({**known, **given.known})


def _compare(plan: PlanOrder, orders: tuple[OrderFigures, ...], protocol: Protocol, given: Facts) -> Comparison:
    """The plan beside its protocol, computed with and without a half start."""
    first = orders[0].routes[0]
    route = first if first in protocol.route else protocol.route[0]
    classes = given.value("med_classes")
    inhibitor = isinstance(classes, tuple) and bool({"cyp3a4_inhibitor_strong", "cyp2b6_inhibitor"} & set(classes))
    reasons = half_start_reasons(
        route=route, age_years=plan.age_years, child_pugh="B" if given.value("liver_moderate") is True else "",
        strong_inhibitor=inhibitor,
    )  # fmt: skip
    whole = compute(protocol, plan.body, route=route)
    return Comparison(plan, orders, whole, compute(protocol, plan.body, route=route, halve=reasons))


def _body(plan: PlanOrder, weight: DosingWeight, now: datetime) -> Values:
    doubt, change, stale = doubt_weight(plan.body), change_percent(plan.body), is_stale(plan.body.weighed_at, now)
    return {
        "age_years": plan.age_years, "sex": None if plan.body.sex is Sex.UNKNOWN else str(plan.body.sex),
        "weight_kg": weight.actual_kg, "height_cm": plan.body.height_cm, "bmi_kg_per_m2": weight.bmi,
        "weight_doubt": doubt.kind if doubt else "none",
        "weight_change_percent": Decimal(0) if change is None else abs(change),  # no earlier weight, no change from it
        "weight_is_of_today": None if stale is None else not stale,
    }  # fmt: skip


def _orders(plan: PlanOrder, orders: tuple[OrderFigures, ...], limit_kg: Decimal) -> Values:
    """What the orders come to, whatever the protocol."""
    count = plan.sessions
    pushes = [order for order in orders if order.push_mg_per_kg]
    day_mg = max(order.day_mg for order in orders)
    gap = plan.every_h if count > 1 else None
    return {
        "planned_protocol": plan.protocol or None, "planned_setting": plan.setting or None,
        "planned_routes": tuple(dict.fromkeys(route for order in orders for route in order.routes)),
        "planned_rate_mg_per_kg_h": max(order.rate_mg_per_kg_h for order in orders),
        "planned_rate_mg_per_h": max(order.rate_mg_per_h for order in orders),
        "planned_bolus_mg_per_kg": max(order.push_mg_per_kg for order in orders),
        "planned_push_mg_per_kg_min": _of_all([order.push_mg_per_kg_min for order in pushes], max),
        "planned_push_seconds": _of_all([order.push_s for order in pushes], min),
        "planned_push_mg_per_ml": pushed_mg_per_ml(plan.programme) if pushes else None,
        "planned_bolus_function": plan.bolus_function,
        "planned_infusion_hours": max(order.infusion_h for order in orders),
        "planned_session_mg": max(order.session_mg for order in orders),
        "planned_session_hours": max(order.session_h for order in orders),
        "planned_sessions": Decimal(count),
        "planned_course_mg": plan.course(order.session_mg for order in orders),
        "planned_day_mg": day_mg, "planned_day_mg_per_kg": day_mg / limit_kg,
        "planned_sprays_per_day": plan.sprays_per_day or day_mg / SPRAY_MG,
        "planned_sprays_per_week": plan.sprays_per_week,
        "planned_min_gap_hours": gap, "planned_course_days": None if gap is None else gap * (count - 1) / 24 + 1,
        "planned_wean_hours": min(order.wean_h for order in orders),
    }  # fmt: skip


def _of_all(values: list[Decimal | None], choose: Callable[[list[Decimal]], Decimal]) -> Decimal | None:
    """The largest or smallest; None when one of them is not known, or there is none."""
    known = [value for value in values if value is not None]
    return choose(known) if known and len(known) == len(values) else None


def _product(product: Product | None, orders: tuple[OrderFigures, ...], protocol: Protocol | None) -> Values:
    said = {substance for order in orders if order.substance_stated for substance in order.substances}
    stated = product is not None or all(order.substance_stated for order in orders)
    form = None if not stated else product.form if product is not None else _form(said, orders)
    wanted = protocol.made_of.form if protocol is not None else None
    return {
        "planned_product": product.id if product is not None else None, "product_stated": stated, "planned_form": form,
        "protocol_form": wanted, "product_fits_protocol": _fits(product, said, form, wanted),
    }  # fmt: skip


def _form(said: set[str], orders: tuple[OrderFigures, ...]) -> str:
    """The dose scale that the words of the order mean."""
    if said == {"racemic"}:
        return "racemic"
    return "esketamine_spray" if all(order.routes == ("in",) for order in orders) else "s_ketamine"


def _fits(product: Product | None, said: set[str], form: str | None, wanted: str | None) -> bool | None:
    """False when product, words of the order and protocol contradict each other; None when one is not stated."""
    if len(said) > 1 or (product is not None and said - {product.substance}):
        return False
    return None if form is None or wanted is None else form == wanted
