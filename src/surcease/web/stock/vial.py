"""The vial of go/no-go against the ledger: right drug, not expired, something in it."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from django.utils import timezone
from django.utils.translation import gettext as _

from surcease.care.ledger import vial_states
from surcease.knowledge.product import load_products
from surcease.units import plain
from surcease.web.stock.queries import by_code
from surcease.web.stock.record import movements, rows, vial_of
from surcease.web.treatment.models import TreatmentSession
from surcease.web.treatment.record import order_from
from surcease.web.treatment.vials import VialSeen


def seen(session: TreatmentSession, code: str) -> VialSeen:
    """What the ledger says of a scanned or typed vial or lot, and why it is not for this session."""
    if not code:
        return VialSeen("")
    row = by_code(session.site, code)
    if row is None:
        return VialSeen(
            code, why_not=_("%(code)s is not in the drug ledger: receive the lot, or read it again.") % {"code": code}
        )
    [state] = vial_states([vial_of(row)], movements(rows(vial=row)))
    about = {"code": row.code, "what": f"{title(row.lot.product)}, {row.lot.strength}", "mg": plain(state.left_mg)}
    about |= {"day": row.lot.expires.isoformat(), "order": title(order_from(session).product)}
    why_not = ""
    if row.lot.product != order_from(session).product:
        why_not = _("%(code)s is %(what)s; the order is %(order)s.") % about
    elif row.lot.expires < timezone.now().astimezone(ZoneInfo(session.site.zone)).date():
        why_not = _("%(code)s expired on %(day)s.") % about
    elif state.left_mg <= 0:
        why_not = _("%(code)s is empty by the ledger.") % about
    return VialSeen(row.code, _("%(code)s: %(what)s, %(mg)s mg in it, last day %(day)s") % about, why_not)


def title(product: str) -> str:
    """A product's title."""
    found = load_products().get(product)
    return found.title if found else product
