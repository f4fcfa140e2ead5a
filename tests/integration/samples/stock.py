"""Sample addresses of the drug ledger: a lot received, waste that waits, a count with a difference."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

from surcease.care.shelf_count import Counted
from surcease.knowledge.product import load_products
from surcease.web.stock import actions, counting
from surcease.web.stock.models import Discrepancy, MovementRow, VialRow


def samples(world: Any) -> dict[str, dict[str, Any]]:
    """Route name → keyword arguments."""
    vials = received(world, vials=2)
    row = counting.count(
        by=world.users.nurse, now=world.now, site=world.site, kind="shift",
        counted={str(vials[0].lot.pk): Counted(1, Decimal(0))},
    )  # fmt: skip
    vial, movement = {"vial_id": vials[0].pk}, {"movement_id": MovementRow.objects.filter(vial=vials[0]).get().pk}
    session = (
        {"session_id": world.patient.treatment_sessions.get().pk} if world.patient.treatment_sessions.exists() else {}
    )
    return {
        "stock:vial": vial,
        "stock:waste_vial": vial,
        "stock:send": vial,
        **{f"stock:{name}": movement for name in ("movement", "witness", "refuse", "take_back")},
        "stock:counted": {"count_id": row.pk},
        "stock:discrepancy": {"discrepancy_id": Discrepancy.objects.get(line__count=row).pk},
        **({f"stock:{name}": session for name in ("session", "draw", "waste", "close")} if session else {}),
    }


def received(world: Any, *, vials: int = 5, lot: str = "K2417", days: int = 400, product: str = "racemic_injection",
             strength: int = 1) -> list[VialRow]:  # fmt: skip
    """Vials of one lot, 50 mg/mL in 10 mL unless told otherwise, at the world's site."""
    known = load_products()[product]
    row = actions.receive(
        by=world.users.pharmacist, now=world.now, site=world.site, product=known, strength=known.strengths[strength],
        lot=lot, expires=(world.now + timedelta(days=days)).date(), vials=vials, paper="Wholesaler, invoice 4711",
    )  # fmt: skip
    return list(row.vials.select_related("lot", "lot__site").order_by("number"))
