"""What the entered vial, bag and pump say of the order they belong to. Pure arithmetic; the rules judge it."""

from __future__ import annotations

from decimal import Decimal

from surcease.care.order_figures import OrderFigures
from surcease.care.plan_order import PlanOrder, ProgrammeEntry
from surcease.knowledge.fact import Value
from surcease.knowledge.product import Product

INFUSED = frozenset(("iv", "im", "sc"))


def programme_facts(
    plan: PlanOrder, orders: tuple[OrderFigures, ...], product: Product | None
) -> dict[str, Value | None]:
    """The facts of the programme; only that there is none, where none is entered or nothing is infused.

    ValueError when ``for_order`` names an order the plan does not have."""
    entry = plan.programme
    if entry is None or not INFUSED & {route for order in orders for route in order.routes}:
        return {"programme_entered": False, "rate_equals_bag": False}
    if not 1 <= entry.for_order <= len(orders):
        raise ValueError(f"programme: for_order is {entry.for_order}: the plan has {len(orders)} orders.")
    order, mg_per_ml = orders[entry.for_order - 1], concentration(entry)
    written = tuple(rate for each in orders for rate in each.rates_written)
    return {
        "programme_entered": True,
        "vial_is_stocked": product.stocked(entry.vial) if product is not None and entry.vial is not None else None,
        "rate_equals_bag": False if not written else None if mg_per_ml is None else mg_per_ml in written,
        "rate_entered_twice": entered_twice(plan.rate_again, written),
        "programme_to_order": _pump_ratio(entry, order, mg_per_ml),
        "drug_to_order": _drug_ratio(entry, order),
    }  # fmt: skip


def concentration(entry: ProgrammeEntry) -> Decimal | None:
    """mg/mL in the bag: as stated, else vial times volume drawn over the bag's volume; None when it cannot be known."""
    if entry.concentration is not None:
        return entry.concentration.value
    if entry.vial is None or entry.draw is None or entry.bag is None:
        return None
    return entry.vial.value * entry.draw.value / entry.bag.value


def pushed_mg_per_ml(entry: ProgrammeEntry | None) -> Decimal | None:
    """mg/mL of what is pushed: the mix where there is one, the vial as it is where there is no bag."""
    if entry is None:
        return None
    mixed = concentration(entry)
    if mixed is None and entry.vial is not None and entry.bag is None:
        return entry.vial.value
    return mixed


def entered_twice(again: str, written: tuple[Decimal, ...]) -> bool:
    """Whether a second entry says the same mg/kg/h, with its unit."""
    value, _, unit = again.strip().partition(" ")
    readable = unit == "mg/kg/h" and value.replace(".", "", 1).isdigit()
    return readable and Decimal(value) in written


def _pump_ratio(entry: ProgrammeEntry, order: OrderFigures, mg_per_ml: Decimal | None) -> Decimal | None:
    """mL/h times mg/mL over mg/h ordered; 1 where nothing runs, so nothing can contradict."""
    rate = order.first_rate_mg_per_h
    if not rate or not order.infusion_h:
        return Decimal(1)
    if entry.pump is None or mg_per_ml is None:
        return None
    return entry.pump.value * mg_per_ml / rate


def _drug_ratio(entry: ProgrammeEntry, order: OrderFigures) -> Decimal | None:
    """Drug drawn over what the bag should hold: its stated mg/mL times its volume, else the session's amount."""
    if entry.vial is None or entry.draw is None:
        return None
    stated = entry.concentration, entry.bag
    should = stated[0].value * stated[1].value if stated[0] and stated[1] else order.session_mg
    return entry.vial.value * entry.draw.value / should
