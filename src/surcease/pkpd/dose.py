"""The nouns of a regimen: one dose, a dose repeated, doses one after another. Amounts and times are exact."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from decimal import Decimal

from surcease.pkpd.substance import RACEMIC, base_mg
from surcease.units import Quantity

ROUTES = {
    "iv": "intravenous",
    "im": "intramuscular",
    "sc": "subcutaneous",
    "in": "intranasal",
    "sl": "sublingual or buccal",
    "po": "oral",
}
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
DAY_S = Decimal(86400)
_KG = "kg"


@dataclass(frozen=True, slots=True)
class Input:
    """One piece of what goes in: an amount at once (``duration_s`` 0), or a rate held or ramped over a time.

    Amounts are mg of base, rates mg/h of base, both *per kilogram* when ``per_kg``; ``cap`` then bounds the
    absolute amount or rate.
    """

    start_s: Decimal
    route: str
    substance: str
    amount_mg: Decimal
    duration_s: Decimal = Decimal(0)
    rate_mg_per_h: Decimal = Decimal(0)
    to_rate_mg_per_h: Decimal = Decimal(0)
    per_kg: bool = False
    cap: Decimal | None = None  # mg for an amount, mg/h for a rate

    @property
    def start_h(self) -> float:
        """Start in hours."""
        return float(self.start_s) / 3600

    @property
    def duration_h(self) -> float:
        """Duration in hours; 0 when it is given at once."""
        return float(self.duration_s) / 3600


@dataclass(frozen=True, slots=True)
class Dose:
    """One dose as ordered. ``amount`` is an amount (mg, mg/kg) or a rate (mg/h, mg/kg/h); see :mod:`regimen`.

    ``to`` is the last rate of a ramp; with ``step`` and ``step_every`` the ramp goes in steps.
    """

    amount: Quantity
    route: str
    duration: Quantity | None = None
    to: Quantity | None = None
    step: Quantity | None = None
    step_every: Quantity | None = None
    cap: Quantity | None = None
    substance: str = RACEMIC
    salt: bool = False
    as_needed: bool = False
    assumed: tuple[str, ...] = field(default=(), compare=False)

    @property
    def is_rate(self) -> bool:
        """Whether ``amount`` is a rate."""
        return self.amount.unit.endswith(("/h", "/min", "/d"))

    @property
    def per_kg(self) -> bool:
        """Whether ``amount`` is per kilogram of body weight."""
        return "/kg" in self.amount.unit

    @property
    def duration_s(self) -> Decimal:
        """How long it runs, in seconds; 0 for a bolus and for what is swallowed, sprayed or injected at once."""
        return self.duration.to("s").value if self.duration else Decimal(0)

    def for_weight(self, weight_kg: Decimal) -> Dose:
        """The same dose in mg or mg/h for a person of ``weight_kg``, capped at ``max``."""
        if not self.per_kg:
            return self._capped()
        weight = Quantity(weight_kg, _KG)

        def absolute(per_kg: Quantity | None) -> Quantity | None:
            return None if per_kg is None else (per_kg * weight).to("mg/h" if self.is_rate else "mg")

        amount = absolute(self.amount)
        assert amount is not None
        return replace(self, amount=amount, to=absolute(self.to), step=absolute(self.step))._capped()

    def _capped(self) -> Dose:
        cap = self.cap
        if cap is None or self.per_kg:
            return self

        def at_most(quantity: Quantity | None) -> Quantity | None:
            return cap if quantity is not None and quantity > cap else quantity

        amount = at_most(self.amount)
        assert amount is not None
        return replace(self, amount=amount, to=at_most(self.to), cap=None)

    def inputs(self, start_s: Decimal) -> Iterator[Input]:
        """What this dose puts in, from ``start_s`` on."""
        dose = self._capped()
        unit = ("mg/kg" if dose.per_kg else "mg") + ("/h" if dose.is_rate else "")
        cap = None if dose.cap is None else dose._base(dose.cap.to("mg/h" if dose.is_rate else "mg"))
        common = {"route": dose.route, "substance": dose.substance, "per_kg": dose.per_kg, "cap": cap}
        first = dose._base(dose.amount.to(unit))
        if not dose.is_rate:
            length_s = dose.duration_s
            rate = first * 3600 / length_s if length_s else Decimal(0)
            yield Input(start_s, amount_mg=first, duration_s=length_s,
                        rate_mg_per_h=rate, to_rate_mg_per_h=rate, **common)  # type: ignore[arg-type]  # fmt: skip
            return
        for offset_s, length_s, low, high in dose._pieces(unit):
            yield Input(start_s + offset_s, amount_mg=(low + high) / 2 * length_s / 3600, duration_s=length_s,
                        rate_mg_per_h=low, to_rate_mg_per_h=high, **common)  # type: ignore[arg-type]  # fmt: skip

    def _base(self, quantity: Quantity) -> Decimal:
        return base_mg(quantity.value, salt=self.salt)

    def _pieces(self, unit: str) -> Iterator[tuple[Decimal, Decimal, Decimal, Decimal]]:
        """(offset, length, first rate, last rate) of each stretch of a rate, a ramp or a stepped ramp."""
        first, total = self._base(self.amount.to(unit)), self.duration_s
        last = self._base(self.to.to(unit)) if self.to else first
        if self.step is None or self.step_every is None:
            yield Decimal(0), total, first, last
            return
        step, every, at, rate = self._base(self.step.to(unit)), self.step_every.to("s").value, Decimal(0), first
        while at < total and rate != last:
            yield at, min(every, total - at), rate, rate
            at += every
            rate = min(rate + step, last) if last > first else max(rate - step, last)
        if at < total:
            yield at, total - at, last, last


@dataclass(frozen=True, slots=True)
class Repeat:
    """``item`` started ``times`` times, ``every`` apart."""

    item: Item
    every: Quantity
    times: int


@dataclass(frozen=True, slots=True)
class Weekdays:
    """``item`` once on each of ``times`` weekdays, Saturdays and Sundays left out, beginning on ``first``."""

    item: Item
    times: int
    first: str = "monday"
    assumed: bool = field(default=False, compare=False)

    def days(self) -> Iterator[int]:
        """Day numbers, 0 the first."""
        start, given, day = WEEKDAYS.index(self.first), 0, 0
        while given < self.times:
            if (start + day) % 7 < 5:
                yield day
                given += 1
            day += 1


@dataclass(frozen=True, slots=True)
class Sequence:
    """One item after another: each begins ``gap`` after the one before has ended."""

    items: tuple[Item, ...]
    gaps: tuple[Quantity, ...]  # one fewer than items


@dataclass(frozen=True, slots=True)
class Together:
    """Items side by side: each begins its offset after the whole begins; the first offset is zero."""

    items: tuple[Item, ...]
    offsets: tuple[Quantity, ...]  # one per item


Item = Dose | Repeat | Weekdays | Sequence | Together


def doses(item: Item) -> Iterator[Dose]:
    """Every dose named in ``item``, once each, in the order written."""
    if isinstance(item, Dose):
        yield item
    elif isinstance(item, Sequence | Together):
        for part in item.items:
            yield from doses(part)
    else:
        yield from doses(item.item)


def starts(item: Item, at_s: Decimal) -> Iterator[tuple[Dose, Decimal]]:
    """Each dose with its start in seconds, in the order written."""
    if isinstance(item, Dose):
        yield item, at_s
    elif isinstance(item, Repeat):
        for n in range(item.times):
            yield from starts(item.item, at_s + n * item.every.to("s").value)
    elif isinstance(item, Weekdays):
        for day in item.days():
            yield from starts(item.item, at_s + day * DAY_S)
    elif isinstance(item, Together):
        for part, offset in zip(item.items, item.offsets, strict=True):
            yield from starts(part, at_s + offset.to("s").value)
    else:
        for part, gap in zip(item.items, (*item.gaps, None), strict=True):
            yield from starts(part, at_s)
            at_s += length_s(part) + (gap.to("s").value if gap else 0)


def length_s(item: Item) -> Decimal:
    """Seconds from the start of ``item`` to the end of its last dose."""
    if isinstance(item, Dose):
        return item.duration_s
    if isinstance(item, Repeat):
        return (item.times - 1) * item.every.to("s").value + length_s(item.item)
    if isinstance(item, Weekdays):
        return list(item.days())[-1] * DAY_S + length_s(item.item)
    if isinstance(item, Together):
        return max(o.to("s").value + length_s(p) for p, o in zip(item.items, item.offsets, strict=True))
    return sum((length_s(p) for p in item.items), Decimal(0)) + sum((g.to("s").value for g in item.gaps), Decimal(0))


def change(item: Item, verb: object) -> Item:
    """``item`` with ``verb(dose)`` in place of every dose."""
    if isinstance(item, Dose):
        return verb(item)  # type: ignore[operator]
    if isinstance(item, Sequence | Together):
        return replace(item, items=tuple(change(p, verb) for p in item.items))
    return replace(item, item=change(item.item, verb))
