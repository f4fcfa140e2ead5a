"""Reads of the ledger: the shelf, a session's drug record, the register, counts and differences."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from uuid import UUID
from zoneinfo import ZoneInfo

from django.http import Http404
from django.utils.translation import gettext as _

from surcease.care.ledger import Kind, Reconciliation, VialState, reconcile, vial_states
from surcease.care.shelf_count import inventory_due
from surcease.care.treatment import Phase
from surcease.knowledge.product import load_products
from surcease.units import plain
from surcease.web.accounts.models import User
from surcease.web.clinic.models import Site
from surcease.web.stock.models import Count, Discrepancy, DrugRecord, Lot, MovementRow, VialRow
from surcease.web.stock.record import movements, rows, vial_of, vials_at
from surcease.web.treatment.models import TreatmentSession
from surcease.web.treatment.queries import sheet_of

SOON = timedelta(days=60)  # a lot is marked so long before its last day: time to use it or send it back


def site_of(user: User) -> Site:
    """The site whose ledger this person sees: their first. Http404 without one."""
    site = user.sites.order_by("name").first()
    if site is None:
        raise Http404
    return site


@dataclass(frozen=True, slots=True)
class LotOnShelf:
    """One lot as it stands: sealed vials, opened ones, mg in all of them."""

    lot: Lot
    states: tuple[VialState, ...]
    today: date

    @property
    def whole(self) -> int:
        """Sealed vials."""
        return sum(s.whole for s in self.states)

    @property
    def opened(self) -> tuple[VialState, ...]:
        """Opened vials with something in them."""
        return tuple(s for s in self.states if not s.whole and s.left_mg > 0)

    @property
    def left_mg(self) -> str:
        """mg in the lot, as written."""
        return plain(sum((s.left_mg for s in self.states), Decimal(0)))

    @property
    def empty(self) -> bool:
        """Whether nothing is left."""
        return all(s.left_mg == 0 for s in self.states)

    @property
    def mark(self) -> str:
        """expired, soon or nothing."""
        if self.lot.expires < self.today:
            return "red"
        return "amber" if self.lot.expires < self.today + SOON else ""

    @property
    def product(self) -> str:
        """The product's title."""
        found = load_products().get(self.lot.product)
        return found.title if found else self.lot.product


def states_at(site: Site) -> list[VialState]:
    """Every vial of the site as it stands now."""
    return vial_states([vial_of(v) for v in vials_at(site)], movements(rows(site=site)))


def shelf(site: Site, *, today: date, with_empty: bool = False) -> list[LotOnShelf]:
    """The lots, the one that expires first on top."""
    by_lot: dict[str, list[VialState]] = {}
    for state in states_at(site):
        by_lot.setdefault(state.vial.lot, []).append(state)
    lots = Lot.objects.filter(site=site).order_by("expires", "lot")
    found = [LotOnShelf(lot, tuple(by_lot.get(str(lot.pk), ())), today) for lot in lots]
    return [one for one in found if with_empty or not one.empty]


def waiting_at(site: Site) -> list[MovementRow]:
    """Waste that waits for its witness."""
    found = MovementRow.objects.filter(site=site, witness_needed=True, verdict=None)
    return list(found.select_related("by", "vial", "session").order_by("entered_at"))


@dataclass(frozen=True, slots=True)
class SessionDrugs:
    """The drug record of a session: its movements, the sums, and what it still waits for."""

    session: TreatmentSession
    lines: tuple[MovementRow, ...]
    sums: Reconciliation
    phase: str
    closed: DrugRecord | None

    @property
    def waiting(self) -> tuple[MovementRow, ...]:
        """Waste without its witness."""
        return tuple(r for r in self.lines if r.witness_needed and getattr(r, "verdict", None) is None)

    @property
    def changed_since(self) -> bool:
        """Whether the session's log or the ledger says something else than what was closed."""
        if self.closed is None:
            return False
        was = (self.closed.drawn_mg, self.closed.wasted_mg, self.closed.given_mg)
        return was != (self.sums.drawn_mg, self.sums.wasted_mg, self.sums.given_mg)

    @property
    def why_not_yet(self) -> str:
        """Why the drug record cannot be closed now; "" when it can."""
        if self.phase in (Phase.RUNNING, Phase.PAUSED):
            return _("Drug is running or paused: the record closes after the last of it.")
        if self.waiting:
            return _("Waste waits for its witness.")
        if self.closed is not None and not self.changed_since:
            return _("This drug record is closed.")
        return ""


def drug_record_of(session: TreatmentSession, *, now: datetime) -> SessionDrugs:
    """A session's drug record against its own log."""
    lines = tuple(rows(session=session))
    state = sheet_of(session, at=max(now, session.closed_at or now)).state
    closed = session.drug_records.select_related("by").order_by("-at").first()
    return SessionDrugs(
        session, lines, reconcile(movements(lines), str(session.pk), state.given_mg), state.phase, closed
    )


def open_records(site: Site) -> list[TreatmentSession]:
    """Sessions that have ended, drew from this ledger, and whose drug record is not closed."""
    drew = MovementRow.objects.filter(site=site, kind=Kind.DRAW).values("session")
    found = TreatmentSession.objects.filter(pk__in=drew, closed_at__isnull=False, drug_closed_at=None)
    return list(found.select_related("chair").order_by("arrived_at"))


def session_at(user: User, session_id: UUID) -> TreatmentSession:
    """A session at one of the user's sites. Http404 otherwise."""
    found = TreatmentSession.objects.filter(pk=session_id, site__in=user.sites.all())
    row = found.select_related("site", "chair", "patient").first()
    if row is None:
        raise Http404
    return row


def movement_at(user: User, movement_id: UUID) -> MovementRow:
    """A movement at one of the user's sites. Http404 otherwise."""
    row = next(iter(rows(pk=movement_id, site__in=user.sites.all())), None)
    if row is None:
        raise Http404
    return row


def vial_at(user: User, **which: object) -> VialRow:
    """A vial at one of the user's sites. Http404 otherwise."""
    row = VialRow.objects.filter(lot__site__in=user.sites.all(), **which).select_related("lot", "lot__site").first()
    if row is None:
        raise Http404
    return row


def by_code(site: Site, text: str) -> VialRow | None:
    """The vial whose code was typed or scanned; for a bare lot number, the first of its vials that holds drug."""
    code = text.strip().upper()
    exact = VialRow.objects.filter(lot__site=site, code=code).select_related("lot", "lot__site").first()
    if exact is not None or not code:
        return exact
    vials = list(VialRow.objects.filter(lot__site=site, lot__lot=code).select_related("lot", "lot__site"))
    left = {s.vial.vial_id: s for s in vial_states([vial_of(v) for v in vials], movements(rows(vial__in=vials)))}
    holding = [v for v in vials if left[str(v.pk)].left_mg > 0]
    return min(holding, key=lambda v: (left[str(v.pk)].whole, v.number), default=next(iter(vials), None))


@dataclass(frozen=True, slots=True)
class CountState:
    """When the shelf was last counted, and until when the next full inventory is due."""

    last: Count | None
    inventory: Count | None
    due: date | None
    overdue: bool


def count_state(site: Site, *, today: date) -> CountState:
    """The last count of each kind."""
    last = Count.objects.filter(site=site).select_related("by", "closed").order_by("-at").first()
    full = Count.objects.filter(site=site, kind=Count.Kind.INVENTORY).order_by("-at").first()
    due = inventory_due(full.at.astimezone(ZoneInfo(site.zone)).date()) if full else None
    return CountState(last, full, due, due is None or due < today)


def discrepancies(site: Site, *, open_only: bool = False) -> list[Discrepancy]:
    """Differences, the newest first."""
    found = Discrepancy.objects.filter(site=site).select_related(
        "by", "settlement", "settlement__by", "line__count", "line__lot", "record__session"
    )
    return list((found.filter(settlement=None) if open_only else found).order_by("-at"))


def counts(site: Site) -> Iterable[Count]:
    """The last counts."""
    return Count.objects.filter(site=site).select_related("by", "closed__by").order_by("-at")[:60]
