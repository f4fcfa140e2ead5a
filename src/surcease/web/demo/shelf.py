"""The demo's drug ledger: three lots, what the sessions of three weeks drew and wasted, counts, one difference."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from decimal import ROUND_UP, Decimal

from surcease.care.ledger import VialState, vial_states
from surcease.care.shelf_count import Counted, expected_in
from surcease.knowledge.product import load_products
from surcease.web.accounts.models import Role, User
from surcease.web.demo.stage import Stage
from surcease.web.stock import actions, counting
from surcease.web.stock.models import Discrepancy, Lot, MovementRow, VialRow
from surcease.web.stock.queries import drug_record_of, states_at
from surcease.web.stock.record import movements, rows, vial_of
from surcease.web.treatment.models import TreatmentSession
from surcease.web.treatment.record import order_from

PRODUCT, STRENGTH, DAYS = "racemic_injection", 1, 21
# lot, vials, received and expiring so many days from today
LOTS = (("K2311", 2, -200, -5), ("K2402", 14, -40, 45), ("K2417", 16, -9, 400))
Deed = tuple[datetime, Callable[[datetime], None]]


def stock_the_shelf(stage: Stage) -> None:
    """Everything in the order in which it happened: what a count expects depends on what came before it."""
    for at, deed in sorted(_deeds(stage), key=lambda one: one[0]):
        deed(at)


def _deeds(stage: Stage) -> Iterator[Deed]:
    for lot, vials, came, expires in LOTS:
        yield stage.clock.on(came, 8, 15), _delivery(stage, lot, vials, expires)
    sessions = TreatmentSession.objects.filter(arrived_at__gte=stage.clock.on(-DAYS, 0)).select_related("site")
    for session in sessions.order_by("arrived_at"):
        if order_from(session).product == PRODUCT and (start := _started(session)) is not None:
            yield start - timedelta(minutes=12), _drawing(stage, session)
            if session.closed_at is not None:
                yield session.closed_at + timedelta(minutes=9), _closing(stage, session)
    waiting = sessions.filter(closed_at=None, log__kind="stop").first()
    if waiting is not None:
        yield stage.clock.now - timedelta(minutes=7), _wasting(stage, waiting)
    yield stage.clock.on(-35, 17, 40), _counting(stage, kind="inventory", moment="close")
    yield stage.clock.on(-6, 17, 35), _counting(stage, short_mg=Decimal(20))
    yield stage.clock.on(-1, 19, 50), _counting(stage)


def _started(session: TreatmentSession) -> datetime | None:
    row = session.log.filter(kind="start").order_by("at").first()
    return row.at if row else None


def _delivery(stage: Stage, lot: str, vials: int, expires: int) -> Callable[[datetime], None]:
    def deed(at: datetime) -> None:
        product = load_products()[PRODUCT]
        actions.receive(
            by=_pharmacist(stage), now=at, site=stage.site, product=product, strength=product.strengths[STRENGTH],
            lot=lot, expires=stage.clock.on(expires).date(), vials=vials, paper=f"Harbour Wholesale, invoice {lot[1:]}",
        )  # fmt: skip

    return deed


def _drawing(stage: Stage, session: TreatmentSession) -> Callable[[datetime], None]:
    def deed(at: datetime) -> None:
        need = order_from(session).total_mg.quantize(Decimal(5), rounding=ROUND_UP)
        need = (need / 5).to_integral_value(rounding=ROUND_UP) * 5
        while need > 0:
            vial, left = _next_vial(stage)
            taken = min(need, left)
            actions.draw(by=stage.nurse, now=at, session=session, vial=vial, amount_mg=taken)
            need -= taken

    return deed


def _next_vial(stage: Stage) -> tuple[VialRow, Decimal]:
    """The opened vial first, then the next of the lot that expires first and is still good."""
    good = Lot.objects.filter(site=stage.site, expires__gte=stage.clock.today).order_by("expires")
    found = VialRow.objects.filter(lot__in=good).select_related("lot", "lot__site").order_by("lot__expires", "number")
    vials = {str(v.pk): v for v in found}
    states: list[VialState] = vial_states([vial_of(v) for v in vials.values()], movements(rows(site=stage.site)))
    holding = [s for s in states if s.left_mg > 0]
    best = min(holding, key=lambda s: (s.whole, s.vial.expires, s.vial.code))
    return vials[best.vial.vial_id], best.left_mg


def _wasting(stage: Stage, session: TreatmentSession) -> Callable[[datetime], None]:
    def deed(at: datetime) -> None:
        rest = drug_record_of(session, now=at).sums.left_mg
        if rest > 0:
            actions.waste(
                by=stage.nurse, now=at, method="password", session=session, amount_mg=rest,
                reason="rest of the bag, into the solidifying gel",
            )  # fmt: skip

    return deed


def _closing(stage: Stage, session: TreatmentSession) -> Callable[[datetime], None]:
    def deed(at: datetime) -> None:
        session.refresh_from_db()
        _wasting(stage, session)(at)
        seen = at + timedelta(minutes=3)
        for row in MovementRow.objects.filter(session=session, witness_needed=True, verdict=None):
            actions.witness(by=_pharmacist(stage), now=seen, method="password", movement=row)
        sums = drug_record_of(session, now=seen).sums
        reason = "" if sums.agrees else "rounding of the pump's last volume"
        counting.close_drug_record(by=stage.nurse, now=seen, method="password", session=session, reason=reason)

    return deed


def _counting(
    stage: Stage, *, kind: str = "shift", moment: str = "", short_mg: Decimal = Decimal(0)
) -> Callable[[datetime], None]:
    def deed(at: datetime) -> None:
        there = {lot: found for lot, (_content, found) in expected_in(states_at(stage.site)).items()}
        opened = next((lot for lot, found in there.items() if found.open_mg > short_mg), None)
        if short_mg and opened is not None:
            there[opened] = Counted(there[opened].whole_vials, there[opened].open_mg - short_mg)
        row = counting.count(by=stage.nurse, now=at, site=stage.site, kind=kind, moment=moment, counted=there)
        for found in Discrepancy.objects.filter(line__count=row):
            counting.settle(
                by=_pharmacist(stage), now=at + timedelta(hours=15), method="password", discrepancy=found, adjust=True,
                explanation="0.4 mL lost from the syringe when the needle was changed; seen by two nurses, noted late.",
            )  # fmt: skip
        if not counting.waits_for(row):
            counting.close_count(by=stage.nurse, now=at + timedelta(minutes=4), method="password", row=row)

    return deed


def _pharmacist(stage: Stage) -> User:
    return stage.users[Role.PHARMACIST]
