"""A regimen: what is given, when, by which route. The one reader of dose text for every command and protocol.

>>> parse("0.5 mg/kg over 40 min iv every 24 h x 5").for_weight(70).total_mg()
Decimal('175')
>>> parse("22.2 mg/h for 100 h iv esketamine").text()
'22.2 mg/h for 100 h iv esketamine'
>>> parse("half a vial iv")
Traceback (most recent call last):
surcease.pkpd.regimen_text.DoseTextError: "half" is not a dose: use digits with a point, for example "0.5 mg/kg over \
40 min iv" or "22.2 mg/h for 100 h iv esketamine".
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal

from surcease.pkpd import dose as _dose
from surcease.pkpd.dose import ROUTES, Dose, Input, Item, Repeat, Sequence, Together, Weekdays
from surcease.pkpd.regimen_text import DoseTextError, read, write
from surcease.units import Quantity

__all__ = ["ROUTES", "Dose", "DoseTextError", "Input", "Regimen", "from_doses", "parse"]

LIGHTEST_KG, HEAVIEST_KG = Decimal("0.5"), Decimal(500)


@dataclass(frozen=True, slots=True)
class Regimen:
    """What is given; ``item`` is the dose tree, ``start_s`` when it begins on the regimen's own clock."""

    item: Item
    start_s: Decimal = Decimal(0)

    def doses(self) -> tuple[Dose, ...]:
        """Every dose as written, once each."""
        return tuple(_dose.doses(self.item))

    def for_weight(self, weight_kg: Decimal | int | str | float) -> Regimen:
        """The regimen in mg and mg/h for a person of ``weight_kg``; ValueError outside 0.5–500 kg."""
        weight = Decimal(str(weight_kg))
        if not LIGHTEST_KG <= weight <= HEAVIEST_KG:
            raise ValueError(f"A weight of {weight_kg} kg is not between {LIGHTEST_KG} and {HEAVIEST_KG} kg: check it.")
        return replace(self, item=_dose.change(self.item, lambda d: d.for_weight(weight)))

    def inputs(self) -> tuple[Input, ...]:
        """What goes in, in time order: one entry for each bolus, each constant rate and each ramp."""
        pieces = [p for d, at in _dose.starts(self.item, self.start_s) for p in d.inputs(at)]
        return tuple(sorted(pieces, key=lambda p: p.start_s))

    def total_mg(self) -> Decimal:
        """All that is given, mg of base; ValueError while a dose is per kilogram."""
        if any(d.per_kg for d in self.doses()):
            raise ValueError("This regimen is per kilogram: give the weight first, for_weight(kg).")
        return sum((p.amount_mg for p in self.inputs()), Decimal(0))

    @property
    def end_h(self) -> float:
        """Hours from time zero to the end of the last input."""
        return max(float(p.start_s + p.duration_s) for p in self.inputs()) / 3600

    @property
    def routes(self) -> tuple[str, ...]:
        """The routes used, each once."""
        return tuple(dict.fromkeys(d.route for d in self.doses()))

    @property
    def substances(self) -> tuple[str, ...]:
        """The substances used, each once."""
        return tuple(dict.fromkeys(d.substance for d in self.doses()))

    def assumptions(self) -> tuple[str, ...]:
        """What the text left open and how it was read, one clause each, for the reader to see."""
        said = [f"assumed {a}" for d in self.doses() for a in d.assumed]
        said += ["hydrochloride counted as 0.867 of base" for d in self.doses() if d.salt]
        said += ["as-needed doses simulated at their maximum" for d in self.doses() if d.as_needed]
        said += ["titration simulated at its fastest permitted pace" for d in self.doses() if d.step]
        said += [f"weekdays counted from {w.first.capitalize()}" for w in _weekdays(self.item) if w.assumed]
        return tuple(dict.fromkeys(said))

    def text(self) -> str:
        """The regimen as text that :func:`parse` reads back to the same regimen."""
        return write(self.item)


def parse(text: str) -> Regimen:
    """Read regimen text (grammar: :mod:`surcease.pkpd.regimen_text`); :class:`DoseTextError` when it cannot."""
    return Regimen(read(text))


def from_doses(doses: list[Mapping[str, object]]) -> Regimen:
    """A regimen of dated doses, ``[{"start": "2026-03-02T09:00", "text": "0.5 mg/kg over 40 min iv"}, …]``.

    Time zero is the first start. Starts are ISO dates or times, all with an offset or all without.
    """
    if not doses:
        raise ValueError("The regimen lists no doses: give at least one {start, text}.")
    dated = sorted(((_start(d), parse(str(d.get("text", "")))) for d in doses), key=lambda pair: pair[0])
    if len(dated) == 1:
        return dated[0][1]
    offsets = [_span(Decimal(str((at - dated[0][0]).total_seconds()))) for at, _ in dated]
    return Regimen(Together(tuple(r.item for _, r in dated), tuple(offsets)))


def _span(seconds: Decimal) -> Quantity:
    """A time in the largest unit that says it whole."""
    for unit, size in (("h", 3600), ("min", 60)):
        if seconds % size == 0:
            return Quantity(seconds / size, unit)
    return Quantity(seconds, "s")


def _start(dose: Mapping[str, object]) -> datetime:
    start = dose.get("start")
    try:
        return datetime.fromisoformat(start.isoformat() if hasattr(start, "isoformat") else str(start))
    except ValueError:
        raise ValueError(f'The start "{start}" is not a date or time: write for example 2026-03-02T09:00.') from None


def _weekdays(item: Item) -> list[Weekdays]:
    if isinstance(item, Sequence | Together):
        return [w for part in item.items for w in _weekdays(part)]
    if isinstance(item, Weekdays):
        return [item, *_weekdays(item.item)]
    return _weekdays(item.item) if isinstance(item, Repeat) else []
