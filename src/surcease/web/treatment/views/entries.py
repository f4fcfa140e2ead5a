"""What a tablet writes: events, the question whether the order allows it, strike-through, verbal orders."""

from __future__ import annotations

from decimal import Decimal
from uuid import UUID

from django.http import HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from surcease.care.order import why_not_bolus, why_not_rate
from surcease.units import read_number
from surcease.web.accounts.models import Role, User
from surcease.web.accounts.role import LOCKED_KEY, SignedIn
from surcease.web.treatment import actions
from surcease.web.treatment.arrival import NotReadable, read_arrival
from surcease.web.treatment.queries import session_of, sheet_of

WHILE_LOCKED = ("stop", "pause")


@require_POST
def receive(request: SignedIn, session_id: UUID) -> HttpResponse:
    """Keep one event and answer with its receipt: 201 new, 200 known, 409 another text under a known id.

    On a locked tablet only pause and stop are kept, in the tablet's name; who it was is asked at the next unlock.
    """
    session = session_of(request.user, session_id)
    try:
        arrival = read_arrival(request.body, now=timezone.now())
    except NotReadable as error:
        return JsonResponse({"said": str(error)}, status=400)
    locked = LOCKED_KEY in request.session
    if locked and arrival.payload.kind not in WHILE_LOCKED:
        return JsonResponse({"said": _("This tablet is locked: resume it first.")}, status=403)
    by = None if locked else request.user
    name = f"{_('tablet of')} {session.chair}" if locked else request.user.printed_name
    receipt = actions.receive(by=by, by_name=name, now=timezone.now(), session=session, arrival=arrival)
    body = {"id": receipt.id, "hash": receipt.hash, "seq": receipt.seq, "received_at": receipt.received_at.isoformat()}
    return JsonResponse(body | {"conflict": receipt.conflict}, status=409 if receipt.conflict else 201)


@require_safe
def check(request: SignedIn, session_id: UUID) -> HttpResponse:
    """Whether the order allows ``?rate=mg/h`` or ``?bolus=mg`` now: ``{"said": ""}`` or why not."""
    session = session_of(request.user, session_id)
    sheet = sheet_of(session, at=timezone.now())
    try:
        if "rate" in request.GET:
            said = why_not_rate(sheet.order, sheet.state, read_number(request.GET["rate"]))
        else:
            said = why_not_bolus(sheet.order, sheet.state, read_number(request.GET.get("bolus", "")))
    except ValueError as error:
        return JsonResponse({"said": str(error)}, status=400)
    concentration = sheet.state.concentration_mg_per_ml
    rate = read_number(request.GET["rate"]) if "rate" in request.GET else None
    ml = (rate / concentration).quantize(Decimal("0.1")) if rate is not None and concentration else None
    return JsonResponse({"said": said, "ml_per_h": None if ml is None else str(ml)})


@require_POST
def strike(request: SignedIn, session_id: UUID, event_id: UUID) -> HttpResponse:
    """Strike a line through, with its reason."""
    session = session_of(request.user, session_id)
    try:
        actions.strike_event(
            by=request.user,
            now=timezone.now(),
            session=session,
            event_id=event_id,
            reason=request.POST.get("reason", ""),
        )
    except ValueError as error:
        return HttpResponse(str(error), status=400, content_type="text/plain")
    return redirect("treatment:log", session.pk)


@require_POST
def verbal(request: SignedIn, session_id: UUID) -> HttpResponse:
    """A verbal order with read-back."""
    session = session_of(request.user, session_id)
    prescriber = get_object_or_404(User, pk=request.POST.get("prescriber"), role=Role.PHYSICIAN, is_active=True)
    try:
        actions.verbal_order(
            by=request.user, now=timezone.now(), session=session, prescriber=prescriber,
            said=request.POST.get("said", ""), read_back=request.POST.get("read_back") == "yes",
        )  # fmt: skip
    except ValueError as error:
        return HttpResponse(str(error), status=400, content_type="text/plain")
    return redirect("treatment:session", session.pk)
