"""The order of a session in words: steps, interval, ceiling, hold rules, drugs as needed, what was said."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from django.utils.translation import gettext as _

from surcease.care.order import Order, OrderStep, said_orders
from surcease.knowledge import load
from surcease.knowledge.protocol import load_protocols
from surcease.units import plain
from surcease.web.treatment.queries import Sheet

PUMPED = ("iv", "sc")


@dataclass(frozen=True, slots=True)
class OrderDetails:
    """Lines of (name, words), and whether a pump runs it or it is given at once."""

    lines: tuple[tuple[str, str], ...]
    pumped: bool
    at_once: bool


def order_details(sheet: Sheet) -> OrderDetails:
    """Everything the order says."""
    order = sheet.order
    lines = [(_("step %(n)s") % {"n": n}, _step(step)) for n, step in enumerate(order.steps, 1)]
    lines += [(_("ceiling"), words) for words in _ceilings(order)]
    protocol = load_protocols().get(order.protocol)
    if protocol is not None:
        if protocol.increment:
            lines.append((_("steps up"), f"{protocol.increment.add} {_('every')} {protocol.increment.every}"))
        held = ", ".join(dict.fromkeys(_title(stem) for stem in protocol.hold))
        lines.append((_("hold when marked"), held or _("nothing named")))
        as_needed = [f"{p.drug} {p.dose} {p.route}" + (f" × {p.times}" if p.times > 1 else "")
                     for p in protocol.premedication]  # fmt: skip
        lines.append((_("drugs as needed"), ", ".join(as_needed) or _("none in the order")))
    for said in said_orders(sheet.state):
        lines.append((_("by word of mouth"), f"{said.said} ({said.prescriber})"))
    runs = any(step.minutes for step in order.steps)
    return OrderDetails(tuple(lines), order.route in PUMPED and runs, any(not s.minutes for s in order.steps))


def _step(step: OrderStep) -> str:
    at = _("from minute %(m)s") % {"m": plain(step.after_min.quantize(Decimal(1)))} if step.after_min else _("at once")
    if not step.minutes:
        return f"{_tenth(step.amount_mg)} mg, {at}"
    return f"{_tenth(step.rate_mg_per_h)} mg/h {_('for')} {plain(step.minutes.quantize(Decimal(1)))} min, {at}"


def _ceilings(order: Order) -> list[str]:
    caps = ((order.rate_cap_mg_per_h, "mg/h"), (order.session_cap_mg, _("mg in the session")))
    return [f"{_tenth(value)} {unit}" for value, unit in caps if value is not None]


def _title(stem: str) -> str:
    """What a family of marks watches, in a word; the stem itself where it is no family of marks."""
    watch = load().documents["limits/session.yaml"]["watches"].get(stem)
    return str(watch["parameter"]).replace("_", " ") if watch else stem


def _tenth(value: Decimal) -> str:
    return plain(value.quantize(Decimal("0.1")))
