"""A count of the shelf against the ledger: what was counted, what should be there, and what makes the books agree."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from surcease.care.ledger import Kind, VialState

INVENTORY_YEARS = 2  # 21 CFR 1304.11(c): a new inventory at least every two years


@dataclass(frozen=True, slots=True)
class Counted:
    """What somebody counted of one lot, before they saw what should be there."""

    whole_vials: int
    open_mg: Decimal


@dataclass(frozen=True, slots=True)
class CountLine:
    """Counted against expected, of one lot."""

    lot: str
    content_mg: Decimal
    counted: Counted
    expected: Counted

    @property
    def difference_mg(self) -> Decimal:
        """More than 0: more is there than the books say."""
        return (
            self.content_mg * (self.counted.whole_vials - self.expected.whole_vials)
            + self.counted.open_mg
            - self.expected.open_mg
        )

    @property
    def agrees(self) -> bool:
        """Vials and milligrams both: a full vial that was opened is a difference too."""
        return self.counted == self.expected


def expected_in(states: Iterable[VialState]) -> dict[str, tuple[Decimal, Counted]]:
    """By lot: the content of one vial, and what a count should find."""
    found: dict[str, tuple[Decimal, Counted]] = {}
    for state in states:
        content, there = found.get(state.vial.lot, (state.vial.content_mg, Counted(0, Decimal(0))))
        found[state.vial.lot] = (
            content,
            Counted(there.whole_vials + state.whole, there.open_mg + (Decimal(0) if state.whole else state.left_mg)),
        )
    return found


def compare(counted: Mapping[str, Counted], expected: Mapping[str, tuple[Decimal, Counted]]) -> Iterator[CountLine]:
    """Each lot that was expected or counted."""
    for lot, (content, there) in sorted(expected.items()):
        yield CountLine(lot, content, counted.get(lot, Counted(0, Decimal(0))), there)


@dataclass(frozen=True, slots=True)
class Adjustment:
    """What makes the books say what was counted: an amount lost or found, of a vial, or of a new one (vial "")."""

    kind: Kind
    vial: str
    amount_mg: Decimal


def adjustments(line: CountLine, states: Iterable[VialState]) -> Iterator[Adjustment]:
    """One lot's books brought to what was counted: whole vials as such, the rest from and into opened ones."""
    of_lot = [s for s in states if s.vial.lot == line.lot]
    more = line.counted.whole_vials - line.expected.whole_vials
    for state in [s for s in of_lot if s.whole][: max(-more, 0)]:
        yield Adjustment(Kind.LOSE, state.vial.vial_id, line.content_mg)
    for _new in range(max(more, 0)):
        yield Adjustment(Kind.FIND, "", line.content_mg)
    rest = line.counted.open_mg - line.expected.open_mg
    opened = [s for s in of_lot if not s.whole and s.left_mg > 0] or [s for s in of_lot if not s.whole]
    if rest > 0:
        yield Adjustment(Kind.FIND, opened[0].vial.vial_id if opened else "", rest)
    for state in opened:
        taken = min(-rest, state.left_mg)
        if taken > 0:
            yield Adjustment(Kind.LOSE, state.vial.vial_id, taken)
            rest += taken


def inventory_due(last: date) -> date:
    """The last day on which the next full inventory may be taken.

    >>> inventory_due(date(2024, 2, 29))
    datetime.date(2026, 2, 28)
    """
    year = last.year + INVENTORY_YEARS
    try:
        return last.replace(year=year)
    except ValueError:  # the 29th of February
        return last.replace(year=year, day=28)
