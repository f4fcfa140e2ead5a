"""The controlled-drug ledger as arithmetic: movements between accounts, and every balance their sum.

A movement takes an amount from one account to another: a supplier, a vial, what was drawn up for a session, the
destroyed, elsewhere, the unexplained. Nothing is overwritten: a wrong movement stays and its counter-entry takes the
same amount back. So a balance depends on which movements there are, never on the order in which they were written,
and all accounts together are always 0.

What a person was given is no movement: it is read from the session's own log (:mod:`surcease.care.treatment`) and
meets the ledger in :class:`Reconciliation`.

>>> from datetime import UTC, datetime
>>> nine = datetime(2026, 3, 2, 9, tzinfo=UTC)
>>> came = Movement("1", Kind.RECEIVE, Decimal(500), nine, "P", vial="A-01")
>>> drawn = Movement("2", Kind.DRAW, Decimal(100), nine, "N", vial="A-01", session="s")
>>> balance((came, drawn), vial_account("A-01")), balance((came, drawn), session_account("s"))
(Decimal('400'), Decimal('100'))
>>> balance((came, drawn, counter_entry(drawn, "3", nine, "N", "wrong vial")), vial_account("A-01"))
Decimal('500')
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum

from surcease.units import plain

SUPPLIER, DESTROYED, ELSEWHERE, UNEXPLAINED = "supplier", "destroyed", "elsewhere", "unexplained"
APART = Decimal("0.05")  # of what was drawn: the share at which pump and record count as apart in a session


class Kind(StrEnum):
    """What may happen to a controlled drug here."""

    RECEIVE = "receive"
    DRAW = "draw"
    WASTE = "waste"  # from a vial
    WASTE_DRAWN = "waste_drawn"  # of what had been drawn up for a session
    SEND = "send"  # to a wholesaler, another site, a reverse distributor
    LOSE = "lose"  # a count found less
    FIND = "find"  # a count found more


@dataclass(frozen=True, slots=True)
class Vial:
    """One container: its code on the shelf, what is in it when full, its lot and last day."""

    vial_id: str
    code: str
    product: str
    strength: str
    content_mg: Decimal
    lot: str
    expires: date


@dataclass(frozen=True, slots=True)
class Movement:
    """``amount_mg`` from one account to another. ``corrects`` makes it the counter-entry of another movement.

    One that needs a witness counts when it has one. ``refused`` says why it never will.
    """

    movement_id: str
    kind: Kind
    amount_mg: Decimal
    at: datetime
    by: str
    vial: str = ""
    session: str = ""
    corrects: str = ""
    reason: str = ""
    witness_needed: bool = False
    witness: str = ""
    refused: str = ""
    entered_at: datetime | None = None

    @property
    def counts(self) -> bool:
        """Whether it moves anything yet."""
        return not self.refused and (bool(self.witness) or not self.witness_needed)

    @property
    def waits(self) -> bool:
        """Whether it still needs its witness."""
        return self.witness_needed and not self.witness and not self.refused

    @property
    def accounts(self) -> tuple[str, str]:
        """From which account to which; a counter-entry goes the other way."""
        vial, session = vial_account(self.vial), session_account(self.session)
        there = {
            Kind.RECEIVE: (SUPPLIER, vial),
            Kind.DRAW: (vial, session),
            Kind.WASTE: (vial, DESTROYED),
            Kind.WASTE_DRAWN: (session, DESTROYED),
            Kind.SEND: (vial, ELSEWHERE),
            Kind.LOSE: (vial, UNEXPLAINED),
            Kind.FIND: (UNEXPLAINED, vial),
        }[self.kind]
        return (there[1], there[0]) if self.corrects else there

    def into(self, account: str) -> Decimal:
        """mg that it brings into ``account``, negative what it takes out, 0 while it does not count."""
        if not self.counts:
            return Decimal(0)
        source, target = self.accounts
        return (self.amount_mg if account == target else Decimal(0)) - (
            self.amount_mg if account == source else Decimal(0)
        )


def vial_account(vial_id: str) -> str:
    """The account of a vial."""
    return f"vial:{vial_id}"


def session_account(session_id: str) -> str:
    """The account of what was drawn up for a session."""
    return f"session:{session_id}"


def counter_entry(wrong: Movement, movement_id: str, at: datetime, by: str, reason: str) -> Movement:
    """The movement that takes ``wrong`` back. It needs a witness when the other did."""
    return replace(
        wrong, movement_id=movement_id, at=at, by=by, reason=reason, corrects=wrong.movement_id, witness="", refused=""
    )


def balance(movements: Iterable[Movement], account: str, *, until: datetime | None = None) -> Decimal:
    """mg in an account, of what happened up to and with ``until`` (None: everything)."""
    moved = (m.into(account) for m in movements if until is None or m.at <= until)
    return sum(moved, Decimal(0))


def balances(movements: Iterable[Movement]) -> dict[str, Decimal]:
    """Every account that was touched. Together they are 0."""
    found: dict[str, Decimal] = defaultdict(Decimal)
    for movement in movements:
        for account in movement.accounts:
            found[account] += movement.into(account)
    return dict(found)


def in_order(movements: Iterable[Movement]) -> list[Movement]:
    """As the register prints them: by when they happened, what came first, then as they were entered."""
    return sorted(movements, key=lambda m: (m.at, m.kind is not Kind.RECEIVE, m.entered_at or m.at, m.movement_id))


@dataclass(frozen=True, slots=True)
class RegisterLine:
    """A movement as the register shows it: what it brought, what it took, what was there after it."""

    movement: Movement
    in_mg: Decimal
    out_mg: Decimal
    balance_mg: Decimal


def register(movements: Iterable[Movement], accounts: frozenset[str]) -> list[RegisterLine]:
    """Perpetual inventory of some accounts together: every movement that changes them, and those still waiting."""
    lines, there = [], Decimal(0)
    for movement in in_order(movements):
        if not accounts & set(movement.accounts):
            continue
        moved = sum((movement.into(account) for account in accounts), Decimal(0))
        there += moved
        lines.append(RegisterLine(movement, max(moved, Decimal(0)), max(-moved, Decimal(0)), there))
    return lines


@dataclass(frozen=True, slots=True)
class DayLine:
    """One day of some accounts: what was there in the morning, came, went, was there at night."""

    day: date
    opening_mg: Decimal
    in_mg: Decimal
    out_mg: Decimal

    @property
    def closing_mg(self) -> Decimal:
        """What was there at the end of the day."""
        return self.opening_mg + self.in_mg - self.out_mg


def by_day(lines: Iterable[RegisterLine], day_of: Callable[[datetime], date]) -> list[DayLine]:
    """The register's days that moved anything. ``day_of`` gives the local day of an instant."""
    days: list[DayLine] = []
    for line in lines:
        day = day_of(line.movement.at)
        if not days or days[-1].day != day:
            days.append(DayLine(day, days[-1].closing_mg if days else Decimal(0), Decimal(0), Decimal(0)))
        last = days[-1]
        days[-1] = replace(last, in_mg=last.in_mg + line.in_mg, out_mg=last.out_mg + line.out_mg)
    return days


@dataclass(frozen=True, slots=True)
class VialState:
    """A vial and what is in it. ``opened`` once anything was taken that was not taken back."""

    vial: Vial
    left_mg: Decimal
    opened: bool

    @property
    def whole(self) -> bool:
        """Sealed and full."""
        return not self.opened and self.left_mg == self.vial.content_mg


def vial_states(vials: Iterable[Vial], movements: Iterable[Movement]) -> list[VialState]:
    """Every vial as it stands."""
    moved = list(movements)
    left = balances(moved)
    taken_back = {m.corrects for m in moved if m.corrects and m.counts}
    opened = {
        m.vial
        for m in moved
        if m.kind in (Kind.DRAW, Kind.WASTE) and m.counts and not m.corrects and m.movement_id not in taken_back
    }
    return [VialState(v, left.get(vial_account(v.vial_id), Decimal(0)), v.vial_id in opened) for v in vials]


def why_not(new: Movement, movements: Iterable[Movement], *, vial: Vial | None = None) -> str:
    """Why a movement may not be written, in one sentence; "" when it may.

    What waits for a witness is treated as already gone: two people must not both take it.
    """
    known = list(movements)
    if new.amount_mg <= 0:
        return "The amount must be more than 0 mg."
    if new.corrects and (said := _why_not_corrected(new, known)):
        return said
    if new.kind is Kind.DRAW and not new.corrects and vial is not None and vial.expires < new.at.date():
        return f"{vial.code} expired on {vial.expires}: it can be wasted or sent away, not drawn from."
    source = new.accounts[0]
    if not source.startswith(("vial:", "session:")):
        return ""
    there = lowest(known, source, new.at)
    if there < new.amount_mg:
        where = vial.code if vial is not None and source == vial_account(new.vial) else "What was drawn up"
        return f"{where} has {plain(there)} mg left at that time: {plain(new.amount_mg)} mg cannot be taken from it."
    return ""


def lowest(movements: Iterable[Movement], account: str, since: datetime) -> Decimal:
    """The least that was in an account from ``since`` on: what a movement written late may take at most."""
    there, least = Decimal(0), None
    for movement in in_order(movements):
        if movement.at > since and least is None:
            least = there
        taken = replace(movement, witness_needed=False) if movement.waits else movement
        moved = taken.into(account)
        there += moved if not movement.waits or moved < 0 else Decimal(0)
        if movement.at > since:
            least = there if least is None else min(least, there)
    return there if least is None else least


def _why_not_corrected(new: Movement, known: list[Movement]) -> str:
    wrong = next((m for m in known if m.movement_id == new.corrects), None)
    if wrong is None or not wrong.counts:
        return "Only an entry that stands can be taken back."
    if wrong.corrects:
        return "A counter-entry is not taken back: enter what is right anew."
    if any(m.corrects == wrong.movement_id and not m.refused for m in known):
        return "This entry has been taken back already."
    return "" if new.reason.strip() else "Taking an entry back needs a reason: say what was wrong with it."


@dataclass(frozen=True, slots=True)
class Reconciliation:
    """What was drawn up for a session, wasted of it, and given by the session's own log."""

    drawn_mg: Decimal
    wasted_mg: Decimal
    given_mg: Decimal

    @property
    def left_mg(self) -> Decimal:
        """What nobody has accounted for: more than 0 is missing drug, less than 0 is more given than was drawn."""
        return self.drawn_mg - self.wasted_mg - self.given_mg

    @property
    def agrees(self) -> bool:
        """Every milligram is accounted for."""
        return self.left_mg == 0

    @property
    def apart(self) -> bool:
        """More than 5 % of what was drawn is not: somebody looks into it."""
        return abs(self.left_mg) > self.drawn_mg * APART


def reconcile(movements: Iterable[Movement], session_id: str, given_mg: Decimal) -> Reconciliation:
    """The drug record of one session."""
    account, drawn, wasted = session_account(session_id), Decimal(0), Decimal(0)
    for movement in movements:
        moved = movement.into(account)
        if movement.kind is Kind.DRAW:
            drawn += moved
        else:
            wasted -= moved
    return Reconciliation(drawn, wasted, given_mg)
