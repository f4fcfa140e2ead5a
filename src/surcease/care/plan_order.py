"""A plan as it is ordered: what is given in each session, to which body, with which product, vial and bag.

A file is YAML with three parts, ``plan``, ``person`` and, where rules ask for more, ``facts``; examples/plans/ has
some. What is left out is unknown, which is not "no".
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from typing import Any

from surcease.care.record import Sex
from surcease.care.weight import Body, Weighing
from surcease.knowledge.library import Knowledge, load
from surcease.knowledge.protocol import SETTINGS
from surcease.pkpd.dose import Repeat, Weekdays
from surcease.pkpd.regimen import parse
from surcease.pkpd.regimen_text import write
from surcease.units import Quantity, UnitError

_PLAN = {
    "protocol", "product", "setting", "weight_basis", "route", "orders", "dose", "every", "programme", "rate_again",
    "bolus_function", "continuing", "sprays",
}  # fmt: skip
_PERSON = {"age_years", "sex", "weight_kg", "weighed_on", "height_cm", "earlier_weights"}
_PROGRAMME = {"vial", "bag", "draw", "concentration", "pump", "for_order"}
BASES = ("actual", "ideal", "adjusted")
#: hours from one session's start to the next
LEAST_SESSION_GAP_H = Decimal(12)  # doses repeated sooner belong to one session or one day
EVERY = {"weekdays": Decimal(24), "daily": Decimal(24), "twice weekly": Decimal(84), "weekly": Decimal(168)}


@dataclass(frozen=True, slots=True)
class SessionOrder:
    """The order of one session, or of several alike: dose text as the parser reads it."""

    text: str
    sessions: int = 1


@dataclass(frozen=True, slots=True)
class ProgrammeEntry:
    """What is entered for the pump; None is not entered. ``for_order`` counts the plan's orders from 1."""

    vial: Quantity | None = None
    bag: Quantity | None = None
    draw: Quantity | None = None
    concentration: Quantity | None = None
    pump: Quantity | None = None
    for_order: int = 1


@dataclass(frozen=True, slots=True)
class PlanOrder:
    """A plan to be checked. Empty text and None mean not stated."""

    orders: tuple[SessionOrder, ...]
    body: Body
    age_years: Decimal | None = None
    protocol: str = ""
    product: str = ""
    setting: str = ""
    weight_basis: str = ""
    every_h: Decimal | None = None
    weekdays: bool = False  # no session at the weekend; counted from a Monday
    programme: ProgrammeEntry | None = None
    rate_again: str = ""
    bolus_function: bool | None = None
    continuing: bool = False  # a later level of a titration, not its start
    sprays_per_day: Decimal | None = None
    sprays_per_week: Decimal | None = None
    facts: Mapping[str, Any] = field(default_factory=dict)

    @property
    def sessions(self) -> int:
        """How many sessions are ordered."""
        return sum(order.sessions for order in self.orders)

    def course(self, amounts: Iterable[Decimal]) -> Decimal:
        """The amount of the whole course, from the amount of one session of each order."""
        return sum((mg * order.sessions for mg, order in zip(amounts, self.orders, strict=True)), Decimal(0))

    def course_text(self) -> str:
        """All sessions as one regimen text; a day apart where the plan does not say how far."""
        texts = [order.text for order in self.orders for _ in range(order.sessions)]
        every = self.every_h if self.every_h is not None else Decimal(24)
        starts = (Decimal(24 * (n // 5 * 7 + n % 5)) if self.weekdays else every * n for n in range(len(texts)))
        pieces = [f"({text})" if " then " in text or " every " in text else text for text in texts]
        first, *rest = zip(starts, pieces, strict=True)
        return first[1] + "".join(f" and after {start.normalize():f} h {piece}" for start, piece in rest)

    def joined(self) -> PlanOrder:
        """A stay on one running infusion: its orders one after another are one order."""
        text = " then ".join(order.text for order in self.orders for _ in range(order.sessions))
        return replace(self, orders=(SessionOrder(text),))


def split_sessions(text: str) -> tuple[SessionOrder, Decimal | None]:
    """An order that repeats whole sessions, as one session, how often, and the hours between; else as it stands.

    >>> split_sessions("0.5 mg/kg over 40 min iv every 24 h x 5")
    (SessionOrder(text='0.5 mg/kg over 40 min iv', sessions=5), Decimal('24'))
    """
    item = parse(text).item
    if isinstance(item, Weekdays):
        return SessionOrder(write(item.item), item.times), EVERY["weekdays"]
    if isinstance(item, Repeat) and item.every.to("h").value >= LEAST_SESSION_GAP_H:
        return SessionOrder(write(item.item), item.times), item.every.to("h").value
    return SessionOrder(text), None


def read_plan(raw: Any, *, knowledge: Knowledge | None = None) -> PlanOrder:
    """A plan from its YAML document; ValueError, one sentence, names the key that is wrong. Protocols and products are
    those of ``knowledge``, the installed one unless given."""
    known = knowledge or load()
    if not isinstance(raw, Mapping) or not isinstance(raw.get("plan"), Mapping):
        raise ValueError("A plan file needs a part named plan: see examples/plans/ for one.")
    plan, person = raw["plan"], raw.get("person") or {}
    _known(raw, {"plan", "person", "facts"}, "plan file")
    _known(plan, _PLAN, "plan")
    _known(person, _PERSON, "person")
    sprays = plan.get("sprays") or {}
    _known(sprays, {"per_day", "per_week"}, "sprays")
    return PlanOrder(
        orders=_orders(plan), body=_body(person), age_years=_number(person, "age_years"),
        protocol=_one_of(plan, "protocol", known.schemes), product=_one_of(plan, "product", known.products),
        setting=_one_of(plan, "setting", SETTINGS), weight_basis=_one_of(plan, "weight_basis", BASES),
        every_h=_every(plan.get("every")), weekdays=plan.get("every") == "weekdays",
        programme=_programme(plan.get("programme")),
        rate_again=str(plan.get("rate_again", "")), bolus_function=_bool(plan, "bolus_function"),
        continuing=bool(_bool(plan, "continuing")),
        sprays_per_day=_number(sprays, "per_day"), sprays_per_week=_number(sprays, "per_week"),
        facts=dict(raw.get("facts") or {}),
    )  # fmt: skip


def _known(raw: Any, keys: set[str], where: str) -> None:
    if not isinstance(raw, Mapping):
        raise ValueError(f"{where}: {raw!r} is not a mapping of names and values: see examples/plans/.")
    if extra := sorted(set(raw) - keys):
        raise ValueError(f"{where}: the key {extra[0]!r} is not known: use {', '.join(sorted(keys))}.")


def _orders(plan: Mapping[str, Any]) -> tuple[SessionOrder, ...]:
    if isinstance(plan.get("dose"), str):
        return (split_sessions(plan["dose"])[0],)
    orders = plan.get("orders")
    if not isinstance(orders, list) or not orders:
        raise ValueError('The plan has no order: write dose: "0.5 mg/kg over 40 min iv", or a list under orders.')
    return tuple(_order(item) for item in orders)


def _order(raw: Any) -> SessionOrder:
    if isinstance(raw, str):
        return SessionOrder(raw)
    _known(raw, {"text", "sessions"}, "order")
    sessions = _number(raw, "sessions")
    if not isinstance(raw.get("text"), str) or (sessions is not None and not 1 <= sessions <= 400):
        raise ValueError(f"order: {dict(raw)!r} needs a text, and sessions between 1 and 400.")
    return SessionOrder(raw["text"], 1 if sessions is None else int(sessions))


def _body(person: Mapping[str, Any]) -> Body:
    weight = _number(person, "weight_kg")
    if weight is None:
        raise ValueError("person: weight_kg is missing: every dose check needs it, in kilograms.")
    earlier = person.get("earlier_weights") or []
    if not isinstance(earlier, list):
        raise ValueError("person: earlier_weights is a list of {kg, at}, newest first.")
    return Body(
        weight, Sex(_one_of(person, "sex", tuple(Sex)) or "unknown"), _number(person, "height_cm"),
        _day(person, "weighed_on"), "", tuple(_weighing(item) for item in earlier),
    )  # fmt: skip


def _weighing(raw: Any) -> Weighing:
    _known(raw, {"kg", "at"}, "earlier_weights")
    kg = _number(raw, "kg")
    if not kg or kg < 0:
        raise ValueError(f"earlier_weights: {dict(raw)!r} needs kg, for example {{kg: 62, at: 2026-01-31}}.")
    return Weighing(kg, _day(raw, "at"))


def _programme(raw: Any) -> ProgrammeEntry | None:
    if raw is None:
        return None
    _known(raw, _PROGRAMME, "programme")
    units = {"vial": "mg/mL", "bag": "mL", "draw": "mL", "concentration": "mg/mL", "pump": "mL/h"}
    read = {name: _quantity(raw.get(name), name, unit) for name, unit in units.items()}
    return ProgrammeEntry(**read, for_order=int(_number(raw, "for_order") or 1))


def _quantity(raw: Any, name: str, unit: str) -> Quantity | None:
    if raw is None:
        return None
    value, _, given = str(raw).partition(" ")
    try:
        quantity = Quantity.of(value, given).to(unit)
    except (UnitError, ArithmeticError, ValueError):
        raise ValueError(f"programme: {name} is {raw!r}: write a number and its unit, for example 50 {unit}.") from None
    if quantity.value <= 0:
        raise ValueError(f"programme: {name} is {raw!r}: it is more than 0 {unit}.")
    return quantity


def _every(raw: Any) -> Decimal | None:
    if raw is None:
        return None
    if str(raw) in EVERY:
        return EVERY[str(raw)]
    value, _, unit = str(raw).partition(" ")
    try:
        return Quantity.of(value, unit).to("h").value
    except (UnitError, ArithmeticError, ValueError):
        raise ValueError(f"plan: every is {raw!r}: write {', '.join(EVERY)}, or a time such as 24 h.") from None


def _number(raw: Mapping[str, Any], name: str) -> Decimal | None:
    value = raw.get(name)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, Decimal | int):
        raise ValueError(f"{name} is {value!r}: write a number without a unit.")
    return Decimal(value)


def _bool(raw: Mapping[str, Any], name: str) -> bool | None:
    value = raw.get(name)
    if value is not None and not isinstance(value, bool):
        raise ValueError(f"{name} is {value!r}: write true or false.")
    return value


def _day(raw: Mapping[str, Any], name: str) -> date | None:
    try:
        return None if raw.get(name) is None else date.fromisoformat(str(raw[name]))
    except ValueError:
        raise ValueError(f"{name} is {raw[name]!r}: write a date such as 2026-01-31.") from None


def _one_of(raw: Mapping[str, Any], name: str, allowed: Any) -> str:
    value = raw.get(name)
    if value is None:
        return ""
    if value not in allowed:
        raise ValueError(f"{name} is {value!r}: use one of {', '.join(sorted(map(str, allowed)))}.")
    return str(value)
