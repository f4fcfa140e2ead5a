"""From a protocol and a body to what is ordered, exact in Decimal.

**Rounding.** An order (mg, mg/h) is rounded *down* to three significant figures, so no rounding ever passes a cap.
Caps are never rounded. Everything derived from an order for display (mL, mL/h, mg/mL, mcg/kg/min) is shown to the
nearest, and only shown: the next computation starts from the order again.

**Caps.** A cap per kg holds on the dosing weight and on the actual weight: the lower of the two counts. With a cap in
mg/h as well, the lower of both: min(0.35 × 62, 25) = 21.7 mg/h.

**Half starts** (rule DOS-09). However many reasons there are, the start is halved once. The half step comes before the
protocol's own scheme, which then follows unchanged.

>>> from surcease.knowledge.protocol import load_protocols
>>> dose = compute(load_protocols()["P01"], Body(Decimal(62)))
>>> dose.rate_cap.says, str(dose.highest.order), str(dose.session_mg)
('min(0.35 mg/kg/h × 62 kg = 21.7 mg/h, 25 mg/h) = 21.7 mg/h', '21.7 mg/h', '86.8 mg')
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from decimal import ROUND_DOWN, ROUND_HALF_UP, Decimal

from surcease.care.weight import Body, DosingWeight, dosing_weight
from surcease.knowledge.protocol import Protocol, ProtocolDose
from surcease.units import Quantity, plain

FIGURES = 3  # significant figures of an order
AGE_FOR_HALF = Decimal(65)  # DOS-09, default


def round_down(value: Decimal, figures: int = FIGURES) -> Decimal:
    """Toward zero, to so many significant figures: an order never passes its cap.

    >>> round_down(Decimal("27.559")), round_down(Decimal("1.35")), round_down(Decimal("1234.5"))
    (Decimal('27.5'), Decimal('1.35'), Decimal('1230'))
    """
    return _figures(value, figures, ROUND_DOWN)


def nearest(value: Decimal, figures: int = FIGURES) -> Decimal:
    """For display only: the nearest at so many significant figures, whole numbers above that.

    >>> nearest(Decimal("5.8333")), nearest(Decimal("41.25")), nearest(Decimal("1234.5"))
    (Decimal('5.83'), Decimal('41.3'), Decimal('1235'))
    """
    return _figures(value, max(figures, value.adjusted() + 1), ROUND_HALF_UP)


def _figures(value: Decimal, figures: int, how: str) -> Decimal:
    if value == 0:
        return Decimal(0)
    rounded = value.quantize(Decimal(1).scaleb(value.adjusted() + 1 - figures), rounding=how)
    return Decimal(f"{rounded:f}")


@dataclass(frozen=True, slots=True)
class Cap:
    """A limit for this person, unrounded, and how it came about."""

    name: str  # rate | session | day | course
    most: Quantity
    says: str


@dataclass(frozen=True, slots=True)
class Level:
    """One dose level as ordered. ``order`` is mg or mg/h (a take's amount where it is taken several times a day);
    ``exact`` is the value before rounding; ``why`` says what lowered it."""

    source: ProtocolDose
    exact: Quantity
    order: Quantity
    duration: Quantity | None
    from_session: int
    why: str = ""

    @property
    def total(self) -> Quantity | None:
        """What one session, or one day of takes, gives; None for a rate that runs on."""
        if self.source.is_rate:
            return None if self.duration is None else (self.order * self.duration).to("mg")
        return self.order * max(self.source.takes, 1)

    @property
    def rate(self) -> Quantity | None:
        """mg/h while it runs; None for what is given at once."""
        if self.source.is_rate:
            return self.order
        return None if self.duration is None else (self.order / self.duration).to("mg/h")

    def text(self, route: str, substance: str) -> str:
        """The order as dose text."""
        word = "for" if self.source.is_rate else "over"
        run = f" {word} {self.duration}" if self.duration is not None else ""
        takes = self.source.takes
        again = f" every {plain(Decimal(24) / takes)} h x {takes}" if takes > 1 else ""
        return f"{digits(self.order)}{run} {route} {substance}{again}"


@dataclass(frozen=True, slots=True)
class ComputedDose:
    """A protocol computed for one person."""

    protocol: Protocol
    weight: DosingWeight
    route: str
    substance: str
    levels: tuple[Level, ...]
    caps: tuple[Cap, ...]
    halved: tuple[str, ...] = ()

    @property
    def first(self) -> Level:
        """What the first session (or the first hours) get."""
        return self.levels[0]

    @property
    def highest(self) -> Level:
        """The highest level of the scheme."""
        return max(self.levels, key=lambda level: level.order.value)

    @property
    def rate_cap(self) -> Cap | None:
        """The rate limit, None where the protocol states none (the general limits still hold)."""
        return next((cap for cap in self.caps if cap.name == "rate"), None)

    @property
    def session_mg(self) -> Quantity | None:
        """What a session (a day, for several takes) at the highest level gives; None for a continuous stay."""
        return self.highest.total

    @property
    def full_course_mg(self) -> Quantity | None:
        """All sessions at the highest level: the most the course can come to. None when the count is open."""
        count, each = self.protocol.sessions.count, self.session_mg
        return None if count is None or each is None or self.protocol.is_continuous else each * count

    def order_for(self, session: int) -> Level:
        """The level of session number ``session``, counted from 1."""
        return [level for level in self.levels if level.from_session <= session][-1]


def half_start_reasons(
    *, route: str, age_years: Decimal | None = None, child_pugh: str = "", strong_inhibitor: bool | None = None
) -> tuple[str, ...]:
    """Why the start is halved. A CYP inhibitor raises the oral dose's exposure only: into a vein it is under 15 %."""
    reasons = (
        ("age 65 or more", age_years is not None and age_years >= AGE_FOR_HALF),
        ("Child-Pugh B", child_pugh.upper() == "B"),
        ("strong CYP3A4 or CYP2B6 inhibitor", bool(strong_inhibitor) and route in ("po", "sl", "in")),
    )
    return tuple(reason for reason, holds in reasons if holds)


def compute(protocol: Protocol, body: Body, *, route: str = "", halve: Iterable[str] = ()) -> ComputedDose:
    """The protocol's scheme for this body. ``halve`` lists reasons for a half start.

    ValueError when the protocol does not know the route, or the weight cannot be a person's.
    """
    route = route or protocol.route[0]
    if route not in protocol.route:
        raise ValueError(f"{protocol.id} is given {' or '.join(protocol.route)}, not {route}: choose another protocol.")
    weight = dosing_weight(body)
    caps = _caps(protocol, weight)
    reasons = tuple(halve)
    product = protocol.made_of
    levels = tuple(_level(dose, weight, caps) for dose in protocol.levels)
    if reasons:
        levels = _with_half_start(levels, reasons, product.least)
    count = protocol.sessions.count
    levels = tuple(level for level in levels if count is None or protocol.is_continuous or level.from_session <= count)
    return ComputedDose(protocol, weight, route, product.substance, levels, caps, reasons)


def for_other_weight(dose: ComputedDose) -> tuple[str, Decimal, Level] | None:
    """The highest level on the weight that was not chosen, with that weight's basis and kg; None when unknown."""
    weight = dose.weight
    basis, kg = ("actual", weight.actual_kg) if weight.basis == "ideal" else ("ideal", weight.ideal_kg)
    if kg is None or dose.protocol.weight_basis == "fixed":
        return None
    other = replace(weight, kg=kg, basis=basis)
    level = _level(dose.highest.source, other, _caps(dose.protocol, replace(other, actual_kg=kg)))
    return basis, kg, level


def _with_half_start(
    levels: tuple[Level, ...], reasons: tuple[str, ...], least: Quantity | None
) -> tuple[Level, ...]:  # fmt: skip
    """Half the start first, once, whatever the number of reasons; the protocol's scheme one step later.

    A spray cannot be halved: then the least that can be given stands, and says so."""
    start = levels[0]
    exact = start.exact / 2
    why = f"half the start: {', '.join(reasons)}"
    if least is not None and exact < least:
        exact, why = least, f"{why}; {least} is the least that can be given"
    half = replace(start, exact=exact, order=_order(exact), why=why)
    return (half, *(replace(level, from_session=level.from_session + 1) for level in levels))


def _level(dose: ProtocolDose, weight: DosingWeight, caps: tuple[Cap, ...]) -> Level:
    """One level in mg or mg/h, lowered to the caps, rounded down."""
    amount = dose.amount * Quantity(weight.kg, "kg") if dose.per_kg else dose.amount
    amount = amount.to("mg/h" if dose.is_rate else "mg")
    if dose.daily_total:
        amount = amount / dose.takes
    duration = dose.lasts or dose.over
    why = ""
    for cap in caps:
        most = _most(cap, dose, duration)
        if most is not None and most < amount:
            amount, why = most, f"lowered to the {cap.name} cap, {cap.says}"
    return Level(dose, amount, _order(amount), duration, dose.from_session, why)


def _most(cap: Cap, dose: ProtocolDose, duration: Quantity | None) -> Quantity | None:
    """What a cap allows for one order, in the order's own unit; None when it does not speak to it."""
    if cap.name == "rate":
        if dose.is_rate:
            return cap.most
        return None if duration is None else (cap.most * duration).to("mg")
    if cap.name == "course":
        return None
    if dose.is_rate:
        return None if duration is None else (cap.most / duration).to("mg/h")
    return cap.most / max(dose.takes, 1)


def _order(exact: Quantity) -> Quantity:
    return Quantity(round_down(exact.value), exact.unit)


def _caps(protocol: Protocol, weight: DosingWeight) -> tuple[Cap, ...]:
    """The protocol's caps for this person."""
    kg = min(weight.kg, weight.actual_kg)
    pairs = (
        ("rate", "rate_mg_per_kg_h", "rate_mg_per_h"),
        ("session", "session_mg_per_kg", "session_mg"),
        ("day", "day_mg_per_kg", "day_mg"),
        ("course", "", "course_mg"),
    )
    found = (_cap(name, protocol.caps.get(per_kg), protocol.caps.get(fixed), kg) for name, per_kg, fixed in pairs)
    return tuple(cap for cap in found if cap is not None)


def _cap(name: str, per_kg: Quantity | None, fixed: Quantity | None, kg: Decimal) -> Cap | None:
    scaled = None if per_kg is None else per_kg * Quantity(kg, "kg")
    product = "" if scaled is None else f"{per_kg} × {plain(kg)} kg = {scaled}"
    if scaled is None or fixed is None:
        only = scaled or fixed
        return None if only is None else Cap(name, only, product or str(only))
    lower = min(scaled, fixed, key=lambda quantity: quantity.value)
    return Cap(name, lower, f"min({product}, {fixed}) = {lower}")


def digits(quantity: Quantity) -> str:
    """A quantity as dose text reads it: no thin spaces."""
    return str(quantity).replace("\u2009", "")
