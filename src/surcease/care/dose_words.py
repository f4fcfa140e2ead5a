"""One dose in every dialect that is read, typed or spoken at a bedside, so that a slip between them shows.

What was ordered (mg, mg/h) is shown to 0.01, never rounded up; mcg, mL/h and per-kg figures to three significant
figures, volumes to 0.01 mL. All of it is shown, never computed from again.

>>> say_rate(Quantity.of("21.7", "mg/h"), weight_kg=Decimal(62), ml_per_h=Decimal(25))
'21.7 mg/h = 0.35 mg/kg/h = 5.83 mcg/kg/min = 25 mL/h'
>>> say_amount(Quantity.of("86.8", "mg"), Quantity.of(50, "mg/mL"))
'86.8 mg = 1.74 mL of 50 mg/mL'
"""

from __future__ import annotations

from decimal import ROUND_DOWN, ROUND_HALF_UP, Decimal

from surcease.care.dose import nearest, round_down
from surcease.units import Quantity

HUNDREDTH = Decimal("0.01")


def rate_in_every_unit(rate: Quantity, weight_kg: Decimal) -> dict[str, Quantity]:
    """The rate in mg/h, mg/kg/h and mcg/kg/min, unrounded, by name."""
    per_h = rate.to("mg/h")
    per_kg_h = Quantity(per_h.value / weight_kg, "mg/kg/h")
    return {"mg_per_h": per_h, "mg_per_kg_h": per_kg_h, "mcg_per_kg_min": per_kg_h.to("ug/kg/min")}


def say_rate(rate: Quantity, *, weight_kg: Decimal, ml_per_h: Decimal | None = None) -> str:
    """The rate as one line with an equals sign between dialects."""
    first, *rest = rate_in_every_unit(rate, weight_kg).values()
    said = [show_order(first), *map(show, rest)]
    said += [f"{show(Quantity(ml_per_h, 'mL/h'))}"] if ml_per_h is not None else []
    return " = ".join(said)


def say_amount(amount: Quantity, vial: Quantity) -> str:
    """The amount and the volume of the stated vial that holds it."""
    return f"{show_order(amount)} = {Quantity(draw_ml(amount, vial), 'mL')} of {vial}"


def draw_ml(amount: Quantity, vial: Quantity) -> Decimal:
    """The volume to draw, to the nearest 0.01 mL that a syringe can show."""
    return (amount / vial).to("mL").value.quantize(HUNDREDTH, ROUND_HALF_UP)


def show_order(quantity: Quantity) -> str:
    """What was ordered, to 0.01 and never up, so that a shown order never stands above its cap.

    >>> show_order(Quantity.of("24.859", "mg/h")), show_order(Quantity.of("0.03496", "mg/h"))
    ('24.85 mg/h', '0.0349 mg/h')
    """
    small = quantity.value < 1
    shown = round_down(quantity.value) if small else quantity.value.quantize(HUNDREDTH, ROUND_DOWN)
    return str(Quantity(shown, quantity.unit))


def show(quantity: Quantity) -> str:
    """A quantity as shown: three significant figures."""
    return str(Quantity(nearest(quantity.value), quantity.unit))
