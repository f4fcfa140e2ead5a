"""The register: perpetual inventory of one strength, line by line, with a balance per day; as page, PDF and CSV."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from surcease.care.ledger import DayLine, RegisterLine, by_day, register, vial_account
from surcease.knowledge.product import load_products
from surcease.units import plain
from surcease.web.accounts.models import Role, User
from surcease.web.clinic.installation import installation
from surcease.web.clinic.models import Site
from surcease.web.patients.access import lines_of
from surcease.web.stock.models import MovementRow
from surcease.web.stock.record import movements, rows, vials_at

DAYS = 30
CSV_HEADS = ("at", "product", "strength", "lot", "vial", "what", "in_mg", "out_mg", "balance_mg", "session", "person",
             "by", "witness", "state", "why")  # fmt: skip


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the register as it is read: the arithmetic's line and the row it came from."""

    line: RegisterLine
    row: MovementRow
    person: str = ""

    @property
    def what(self) -> str:
        """``drawn up``, ``drawn up: taken back``."""
        said = self.row.get_kind_display()
        return f"{said}: {_('taken back')}" if self.row.corrects_id else said

    @property
    def state(self) -> str:
        """Waiting for its witness, refused, or nothing."""
        if self.line.movement.waits:
            return _("waits for its witness")
        return f"{_('refused')}: {self.line.movement.refused}" if self.line.movement.refused else ""

    @property
    def in_mg(self) -> str:
        """What came, as written; blank for nothing."""
        return plain(self.line.in_mg) if self.line.in_mg else ""

    @property
    def out_mg(self) -> str:
        """What went, as written; blank for nothing."""
        return plain(self.line.out_mg) if self.line.out_mg else ""

    @property
    def balance_mg(self) -> str:
        """What was there after it."""
        return plain(self.line.balance_mg)


@dataclass(frozen=True, slots=True)
class Account:
    """One strength of one product: its lines in the asked days, its days, what was there before."""

    product: str
    strength: str
    lines: tuple[Line, ...]
    days: tuple[DayLine, ...]


def accounts(user: User, site: Site, *, first: date, last: date, why: str, vial: Any = None) -> list[Account]:
    """The register of every strength at a site, or of one vial, from ``first`` to ``last``."""
    zone = ZoneInfo(site.zone)
    found = {r.pk: r for r in (rows(vial=vial) if vial else rows(site=site)) if r.vial_id}
    moved = movements(found.values())
    groups: dict[tuple[str, str], set[str]] = {}
    for one in [vial] if vial else vials_at(site):
        groups.setdefault((one.lot.product, one.lot.strength), set()).add(vial_account(str(one.pk)))
    names = _names(user, found.values(), why)

    def day_of(at: datetime) -> date:
        return at.astimezone(zone).date()

    def shown(line: RegisterLine) -> Line:
        row = next(r for r in (found.get(_key(line)),) if r is not None)
        return Line(line, row, names.get(row.session.patient_id, "") if row.session else "")

    result = []
    for (product, strength), keys in sorted(groups.items()):
        lines = register(moved, frozenset(keys))
        wanted = [shown(line) for line in lines if first <= day_of(line.movement.at) <= last]
        days = [d for d in by_day(lines, day_of) if first <= d.day <= last]
        known = load_products().get(product)
        result.append(Account(known.title if known else product, strength, tuple(wanted), tuple(days)))
    return result


def _key(line: RegisterLine) -> Any:
    from uuid import UUID

    return UUID(line.movement.movement_id)


def _names(user: User, found: Any, why: str) -> dict[Any, str]:
    """Names of the people in this user's care; the clinic lead reads the register without them."""
    if user.role == Role.LEAD:
        return {}
    people = {row.session.patient_id for row in found if row.session is not None}
    return {pk: line.name for pk, line in lines_of(user, people, why=why).items()}


def asked_days(first: str | None, last: str | None, *, today: date) -> tuple[date, date]:
    """The days of a request, the last thirty when they cannot be read."""
    try:
        return date.fromisoformat(first or ""), date.fromisoformat(last or "")
    except ValueError:
        return today - timedelta(days=DAYS), today


def as_csv(found: list[Account]) -> str:
    """The register as a table. No cell begins like a formula."""
    out = io.StringIO()
    table = csv.writer(out)
    table.writerow(CSV_HEADS)
    for account in found:
        for one in account.lines:
            vial = one.row.vial
            assert vial is not None
            table.writerow([_plain(cell) for cell in (
                one.row.at.isoformat(), account.product, account.strength, vial.lot.lot, vial.code, one.what,
                _digits(one.line.in_mg), _digits(one.line.out_mg), format(one.line.balance_mg, "f"),
                one.row.session_id or "", one.person,
                one.row.by.printed_name, one.line.movement.witness, one.state, one.row.reason or one.row.paper,
            )])  # fmt: skip
    return out.getvalue()


def _digits(amount: Decimal) -> str:
    """An amount for a program to read; blank for nothing."""
    return format(amount, "f") if amount else ""


def _plain(cell: Any) -> str:
    """A spreadsheet runs what begins with = + - @: such a cell gets an apostrophe in front."""
    text = str(cell)
    return f"'{text}" if text[:1] in ("=", "+", "-", "@", "\t", "\r") else text


def paper(found: list[Account], site: Site, *, first: date, last: date, now: datetime, by: User) -> dict[str, Any]:
    """Data of the register's PDF."""
    row, zone = installation(), ZoneInfo(site.zone)
    return {
        "title": _("Controlled-drug register"),
        "organisation": row.organisation if row else "Surcease",
        "made": f"{_('made')} {now:%Y-%m-%d %H:%M} UTC, {by.printed_name}",
        "site": f"{site.name}. {site.address}".strip(),
        "span": f"{first:%d %b %Y} – {last:%d %b %Y}",
        "heads": [_("when"), _("vial"), _("what"), _("in mg"), _("out mg"), _("balance mg"), _("by, witness")],
        "accounts": [_account(one, zone) for one in found],
    }


def _account(one: Account, zone: ZoneInfo) -> dict[str, Any]:
    lines = [
        [f"{n.row.at.astimezone(zone):%d %b %H:%M}", n.row.vial.code if n.row.vial else "", _said(n), n.in_mg, n.out_mg,
         n.balance_mg, ", ".join(w for w in (n.row.by.printed_name, n.line.movement.witness) if w)]
        for n in one.lines
    ]  # fmt: skip
    days = [
        [f"{d.day:%d %b %Y}", plain(d.opening_mg), plain(d.in_mg), plain(d.out_mg), plain(d.closing_mg)]
        for d in one.days
    ]
    return {"heading": f"{one.product}, {one.strength}", "lines": lines, "days": days}


def _said(line: Line) -> str:
    about = [line.what, line.person, line.state, line.row.reason or line.row.paper]
    return ", ".join(part for part in about if part)
