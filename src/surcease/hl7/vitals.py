"""The values of one ORU^R01: each with parameter, unit and its own time; everything else refused with a reason.

A value counts only with a code we know, a unit that fits it, a state that says *value*, and a time that has come.
What is refused is counted under its reason; no number of it goes further.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from decimal import Decimal

from surcease.hl7.instant import read_instant
from surcease.hl7.message import Hl7Error, Message, Segment
from surcease.hl7.table import Parameter, Table
from surcease.units import Quantity

KIND, PROCESSING, VERSIONS = "ORU^R01", ("P", "T", "D", ""), re.compile(r"2(\.[1-9](\.\d)?)?")
FUTURE = timedelta(minutes=1)  # a monitor's clock may be ahead this far; later than that its times are not believed
_NUMBER = re.compile(r"[+-]?[0-9]{1,6}(\.[0-9]{0,6})?", re.ASCII)

#: why a value is not taken: reason -> whether the message is at fault (rather than that there was no value)
REASONS = {
    "no value": False, "state": False, "unknown code": False, "type": True, "no unit": True, "unit": True,
    "name": True, "not a number": True, "impossible": True, "no time": True, "future": True,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Observed:
    """One value: parameter of the table, amount in the parameter's own unit, its instant in UTC."""

    parameter: str
    value: Decimal
    unit: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Refused:
    """One observation that was not taken: a reason of ``REASONS`` and the code it came under."""

    reason: str
    code: str


@dataclass(frozen=True, slots=True)
class Vitals:
    """What one message says. ``device`` names the monitor as it names itself, ``person`` whom it believes it is on."""

    device: str
    bed: str
    person: tuple[str, ...]
    observed: tuple[Observed, ...]
    refused: tuple[Refused, ...]
    sent_at: datetime | None

    @property
    def useless(self) -> bool:
        """Whether nothing could be taken although something is at fault: the sender should hear of it."""
        return not self.observed and any(REASONS[r.reason] for r in self.refused)


def read_vitals(message: Message, table: Table, *, now: datetime, zone: tzinfo) -> Vitals:
    """The vitals of a message received at ``now``; times without offset are in ``zone``. Raises Hl7Error."""
    _check(message)
    sent = read_instant(message.header.sent, zone)
    observed, refused = dict[tuple[str, datetime], Observed](), list[Refused]()
    for row, taken_at in _rows(message):
        if row.component(3, 1) in table.containers:
            continue
        found = _read(row, taken_at or message.header.sent, table, now, zone)
        if isinstance(found, Observed):
            observed.setdefault((found.parameter, found.at), found)
        else:
            refused.append(found)
    bed = _bed(message)[:120]
    return Vitals(device_of(message), bed, _person(message), tuple(observed.values()), tuple(refused), sent)


def device_of(message: Message) -> str:
    """What the monitor calls itself: its own id (OBX-18), else its bed (PV1-3), else the sender (MSH-3 and 4)."""
    sender = "|".join(p for p in (message.header.application, message.header.facility) if p)
    return (_device(message) or _bed(message) or sender)[:120]


def _check(message: Message) -> None:
    head = message.header
    if not head.control_id:
        raise Hl7Error("The message has no control id (MSH-10): it could not be answered.", "101")
    if head.kind != KIND:
        raise Hl7Error(f"Only {KIND} is taken here.", "200", reject=True)
    if head.processing not in PROCESSING:
        raise Hl7Error("The processing id (MSH-11) is not P, T or D.", "202", reject=True)
    if not VERSIONS.fullmatch(head.version):
        raise Hl7Error("The version (MSH-12) is not one of HL7 2.", "203", reject=True)
    if sum(1 for _ in message.all("PID")) > 1:
        raise Hl7Error("The message names more than one person: send one person in a message.", "100")
    if message.first("OBR") is None or message.first("OBX") is None:
        raise Hl7Error("An observation message needs OBR and OBX.", "100")


def _rows(message: Message) -> Iterator[tuple[Segment, str]]:
    """Each OBX with the time of the OBR it stands under."""
    under = ""
    for segment in message.segments:
        if segment.name == "OBR":
            under = segment.component(7, 1)
        elif segment.name == "OBX":
            yield segment, under


def _read(row: Segment, taken_at: str, table: Table, now: datetime, zone: tzinfo) -> Observed | Refused:
    """One OBX as a value, or why it is none."""
    code = row.component(3, 1)[:40]
    state = table.states.get(row.text(11) or "R", "none")
    if state != "value":
        return Refused("no value" if state == "none" else "state", code)
    parameter = _parameter(row, table)
    if parameter is None:
        return Refused("unknown code", code)
    if isinstance(parameter, str):
        return Refused(parameter, code)
    amount = _amount(row, table)
    if isinstance(amount, str):
        return Refused(amount, code)
    quantity = _in_unit(row, amount, parameter, table)
    if isinstance(quantity, str):
        return Refused(quantity, code)
    if not parameter.least <= quantity <= parameter.most:
        return Refused("impossible", code)
    at = read_instant(row.component(14, 1) or taken_at, zone)
    if at is None:
        return Refused("no time", code)
    return Refused("future", code) if at > now + FUTURE else Observed(parameter.id, quantity, parameter.unit, at)


def _parameter(row: Segment, table: Table) -> Parameter | str | None:
    """What code and alternative code mean; "name" when codes or names contradict each other."""
    codes = [(row.component(3, n + 2), row.component(3, n), row.component(3, n + 1)) for n in (1, 4)]
    found = [table.by(system, code) for system, code, _ in codes if code]
    known = [p for p in found if p is not None]
    if not known:
        return None
    names = [p for _, _, name in codes if name and (p := table.named(name)) is not None]
    fields = {p.field or p.id for p in (*known, *names)}
    return known[0] if len(fields) == 1 else "name"


def _amount(row: Segment, table: Table) -> Decimal | str:
    values = row.repetitions(5)
    if not values or row.text(5) in ("", '""'):
        return "no value"
    if row.text(2) != "NM":
        return "type"
    if len(values) > 1 or not _NUMBER.fullmatch(row.component(5, 1)) or row.separators.component in values[0]:
        return "not a number"
    amount = Decimal(row.component(5, 1))
    return "no value" if amount in table.no_value else amount


def _in_unit(row: Segment, amount: Decimal, parameter: Parameter, table: Table) -> Decimal | str:
    """The amount in the parameter's unit; "unit" when it names none that fits, or two."""
    named = [row.component(6, n) for n in (1, 2)]
    if not any(named):
        return "no unit"
    units = {u for text in named if text and (u := table.unit(text)) is not None}
    if len(units) != 1:
        return "unit"
    quantity = Quantity.of(amount, units.pop())
    if not quantity.same_kind(parameter.unit) or (quantity.unit == "%") != (parameter.unit == "%"):
        return "unit"
    return amount if quantity.unit == parameter.unit else quantity.to(parameter.unit).round(1).value


def _device(message: Message) -> str:
    """The equipment's own id: OBX-18 of the first row that names one."""
    return next((name for row in message.all("OBX") if (name := row.component(18, 1))), "")


def _bed(message: Message) -> str:
    visit = message.first("PV1")
    parts = [visit.component(3, n) for n in (1, 2, 3)] if visit is not None else []
    return "^".join(parts).strip("^")


def _person(message: Message) -> tuple[str, ...]:
    """Every identifier in PID-3."""
    who = message.first("PID")
    if who is None:
        return ()
    return tuple(i for n in range(len(who.repetitions(3))) if (i := who.component(3, 1, n)))
