"""What a tablet writes: events, and strike-through."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from surcease.web.accounts.role import LOCKED_KEY, SignedIn
from surcease.web.treatment import actions
from surcease.web.treatment.arrival import NotReadable, read_arrival
from surcease.web.treatment.queries import session_of

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
