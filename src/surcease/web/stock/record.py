"""The seam: rows of the ledger → care.ledger."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from surcease.care.ledger import Kind, Movement, Vial
from surcease.care.shelf_count import Counted, CountLine
from surcease.web.clinic.models import Site
from surcease.web.stock.models import CountLineRow, MovementRow, VialRow


def exact(amount: Decimal | None) -> Decimal:
    """An amount that a row always has."""
    if amount is None:
        raise ValueError("A row of the ledger has no amount.")
    return amount


def movement_of(row: MovementRow) -> Movement:
    """One line of the ledger; needs ``by``, ``verdict`` and ``verdict__by`` selected."""
    verdict = getattr(row, "verdict", None)
    refused = verdict.refused if verdict is not None else ""
    return Movement(
        movement_id=str(row.pk),
        kind=Kind(row.kind),
        amount_mg=exact(row.amount_mg),
        at=row.at,
        by=row.by.printed_name,
        vial=str(row.vial_id) if row.vial_id else "",
        session=str(row.session_id) if row.session_id else "",
        corrects=str(row.corrects_id) if row.corrects_id else "",
        reason=row.reason,
        witness_needed=row.witness_needed,
        witness=verdict.by.printed_name if verdict is not None and not refused else "",
        refused=refused,
        entered_at=row.entered_at,
    )


def vial_of(row: VialRow) -> Vial:
    """One vial; its lot's key is the lot row."""
    lot = row.lot
    return Vial(str(row.pk), row.code, lot.product, lot.strength, exact(lot.content_mg), str(lot.pk), lot.expires)


def line_of(row: CountLineRow) -> CountLine:
    """One line of a count; needs ``lot`` selected."""
    return CountLine(
        str(row.lot_id),
        exact(row.lot.content_mg),
        Counted(row.counted_whole, exact(row.counted_open_mg)),
        Counted(row.expected_whole, exact(row.expected_open_mg)),
    )


def rows(**which: Any) -> list[MovementRow]:
    """Movement rows with all that a line shows, in the order in which they were written."""
    found = MovementRow.objects.filter(**which).select_related(
        "by", "verdict", "verdict__by", "vial", "vial__lot", "session", "corrects"
    )
    return list(found.order_by("entered_at", "pk"))


def movements(which: Iterable[MovementRow]) -> tuple[Movement, ...]:
    """Rows as the arithmetic reads them."""
    return tuple(movement_of(row) for row in which)


def vials_at(site: Site) -> list[VialRow]:
    """Every vial a site ever had, by the last day of its lot."""
    found = VialRow.objects.filter(lot__site=site).select_related("lot")
    return list(found.order_by("lot__expires", "lot__lot", "number"))
