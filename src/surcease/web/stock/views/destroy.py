"""What is destroyed, of a vial or of what was drawn up: the same form, the same witness."""

from __future__ import annotations

from django.utils import timezone

from surcease.web.accounts.role import SignedIn
from surcease.web.forms import once
from surcease.web.stock import actions
from surcease.web.stock.forms import WasteForm
from surcease.web.stock.models import VialRow
from surcease.web.treatment.models import TreatmentSession


def destroyed(request: SignedIn, form: WasteForm, *, of: VialRow | TreatmentSession) -> bool:
    """Write the waste down once; False when the form says what is wrong with it."""
    if not (form.is_valid() and (method := form.method_of(request))):
        return False
    data = form.cleaned_data
    where = {"vial": of} if isinstance(of, VialRow) else {"session": of}
    try:
        with once(data["form_token"], by=request.user) as ticket:
            if ticket.first:
                actions.waste(
                    by=request.user, now=timezone.now(), method=method, amount_mg=data["amount_mg"],
                    reason=data["reason"], **where,
                )  # fmt: skip
    except ValueError as error:
        form.add_error("amount_mg", str(error))
        return False
    return True
