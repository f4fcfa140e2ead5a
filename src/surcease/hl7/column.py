"""What a monitor's unconfirmed values look like beside a chart: their age, and columns that a person may accept.

A column is what was measured at one moment. The cuff measures now and then: each of its measurements makes a column
of its own, with the continuous values of that moment, so that no pressure is charted at a time it was not measured.
A sample that a reading has cited is never offered again.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from surcease.care.event import Reading
from surcease.hl7.table import Parameter, Table

STALE_TIMES = 1.5  # a value is old after one and a half of its expected intervals
CUFFS = 2  # measurements of the cuff that are offered
FIELDS = ("systolic", "diastolic", "heart_rate", "spo2", "resp_rate", "etco2", "temperature")


@dataclass(frozen=True, slots=True)
class Value:
    """One unconfirmed value. ``name`` is how a reading cites it."""

    parameter: Parameter
    value: Decimal
    at: datetime
    name: str


@dataclass(frozen=True, slots=True)
class Expected:
    """How often a monitor sends, and how often its cuff measures."""

    interval: timedelta
    cuff: timedelta

    def stale_after(self, parameter: Parameter) -> timedelta:
        """From this age on a value is old."""
        return (self.cuff if parameter.kind == "cuff" else self.interval) * STALE_TIMES

    @property
    def together(self) -> timedelta:
        """How far apart values of one moment may lie."""
        return max(self.interval * STALE_TIMES, timedelta(seconds=5))


@dataclass(frozen=True, slots=True)
class Tile:
    """The newest value of one field of a chart, and whether it is old."""

    value: Value
    age: timedelta
    stale: bool


@dataclass(frozen=True, slots=True)
class Column:
    """The values of one moment by field. ``done``: a reading has cited it. ``stale``: too old to stand as current."""

    at: datetime
    cells: Mapping[str, Value]
    done: bool = False
    stale: bool = False
    lost: tuple[str, ...] = ()  # signals that were there before and are not at this moment

    @property
    def names(self) -> tuple[str, ...]:
        """What a reading of this column cites."""
        return tuple(value.name for value in self.cells.values())


def tiles(values: Iterable[Value], *, now: datetime, expected: Expected) -> tuple[Tile, ...]:
    """The newest value of each field, in a chart's order; what only a monitor shows comes last."""
    newest: dict[str, Value] = {}
    for one in values:
        key = one.parameter.field or one.parameter.id
        if key not in newest or _better(one, newest[key]):
            newest[key] = one
    order = sorted(newest, key=lambda k: FIELDS.index(k) if k in FIELDS else len(FIELDS))
    return tuple(_tile(newest[k], now, expected) for k in order)


def _tile(one: Value, now: datetime, expected: Expected) -> Tile:
    age = max(now - one.at, timedelta(0))
    return Tile(one, age, age > expected.stale_after(one.parameter))


def columns(
    values: Sequence[Value], *, now: datetime, expected: Expected, cited: frozenset[str], order: Table
) -> tuple[Column, ...]:
    """What may be accepted, newest first: the present moment, then the latest measurements of the cuff."""
    charted = [v for v in values if v.parameter.field]
    flowing = [v.at for v in charted if v.parameter.kind == "continuous"]
    cuffs = sorted({v.at for v in charted if v.parameter.kind == "cuff"}, reverse=True)[:CUFFS]
    present = max(flowing, default=None)
    moments = list(cuffs)
    if present is not None and not any(abs(present - c) <= expected.together for c in cuffs[:1]):
        moments.insert(0, present)
    found = (_column(m, charted, now, expected, cited, order) for m in sorted(moments, reverse=True))
    return tuple(c for c in found if c.cells)


def _column(
    moment: datetime, values: Sequence[Value], now: datetime, expected: Expected, cited: frozenset[str], order: Table
) -> Column:
    """The value of each field nearest to the moment; the cuff's only from exactly then."""
    rank = {parameter: n for n, parameter in enumerate(order.parameters)}
    cells: dict[str, Value] = {}
    for one in sorted(values, key=lambda v: (rank[v.parameter.id], abs(v.at - moment))):
        reach = timedelta(0) if one.parameter.kind == "cuff" else expected.together
        if abs(one.at - moment) <= reach:
            cells.setdefault(one.parameter.field, one)
    cuff = [v for v in cells.values() if v.parameter.kind == "cuff"]
    done = any(v.name in cited for v in (cuff or cells.values()))
    old = max((expected.stale_after(v.parameter) for v in cells.values()), default=timedelta(0))
    shown = {f: cells[f] for f in FIELDS if f in cells}
    return Column(moment, shown, done, now - moment > old, _lost(moment, values, cells))


def _lost(moment: datetime, values: Sequence[Value], cells: Mapping[str, Value]) -> tuple[str, ...]:
    """Capnography that was there before this moment and is not at it: no number, and not the number 0."""
    before = any(v.parameter.field == "etco2" and v.at < moment for v in values)
    return ("etco2",) if before and "etco2" not in cells else ()


def _better(one: Value, other: Value) -> bool:
    """The newer; of two of one moment the one that stands first in the table has come first."""
    return one.at > other.at


def reading_of(column: Column, *, artefact: frozenset[str] = frozenset()) -> Reading:
    """The reading that accepting this column makes; what is marked as artefact is cited without its number.

    Raises ValueError for a field that the column does not have.
    """
    if strange := artefact - set(column.cells):
        raise ValueError(f"This column has no {min(strange)}.")
    taken = {field: v.value for field, v in column.cells.items() if field not in artefact}
    marked = tuple(field for field in FIELDS if field in artefact)
    return Reading(**taken, samples=column.names, artefact=marked, lost=column.lost)


def say_age(age: timedelta) -> str:
    """How old, in few words.

    >>> say_age(timedelta(seconds=4.9)), say_age(timedelta(seconds=200))
    ('4 s', '3 min')
    """
    seconds = int(age.total_seconds())
    return f"{seconds} s" if seconds < 100 else f"{seconds // 60} min"
