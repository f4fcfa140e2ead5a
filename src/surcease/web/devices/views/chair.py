"""The feed at the chair: the fragment, accepting a column, confirming whom a monitor is on."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from surcease.hl7.column import FIELDS
from surcease.web.accounts import matrix
from surcease.web.accounts.role import SignedIn
from surcease.web.devices import actions
from surcease.web.devices.chair import feed_part
from surcease.web.devices.charting import chart_column
from surcease.web.devices.models import Device, Pairing, Silence
from surcease.web.patients.access import open_patient
from surcease.web.treatment.queries import session_of, sheet_of


@require_safe
def feed(request: SignedIn, session_id: UUID) -> HttpResponse:
    """The feed's part of the chair's page, as it stands now."""
    session = session_of(request.user, session_id)
    part = feed_part(sheet_of(session, at=timezone.now()))
    if part is None:
        return HttpResponse(status=204)
    part |= {"may": matrix.may(request.user.role, "session.write")}
    return render(request, "devices/feed.html", {"part": part})


@require_POST
def take(request: SignedIn, session_id: UUID) -> HttpResponse:
    """Chart one column: its samples by name, at its moment; ``artefact`` names fields whose numbers are left out."""
    session = session_of(request.user, session_id)
    names, every = request.POST.getlist("sample"), "artefact_all" in request.POST
    marked = request.POST.getlist("field") if every else request.POST.getlist("artefact")
    lost = tuple(request.POST.getlist("lost"))

    def work() -> None:
        chart_column(
            by=request.user, now=timezone.now(), session=session, names=names, at=_moment(request.POST.get("at", "")),
            artefact=frozenset(f for f in marked if f in FIELDS), lost=lost,
        )  # fmt: skip

    return _done(request, session_id, work, said=_("Charted."))


@require_POST
def pair(request: SignedIn, session_id: UUID) -> HttpResponse:
    """A person says: this monitor is on this person, in this chair."""
    session = session_of(request.user, session_id)
    device = get_object_or_404(Device, pk=request.POST.get("device") or None, site__in=request.user.sites.all())
    patient = open_patient(request.user, session.patient_id, why="confirm monitor", request=request)

    def work() -> None:
        actions.pair(by=request.user, now=timezone.now(), device=device, session=session, patient=patient)

    return _done(request, session_id, work, said=_("Confirmed."))


@require_POST
def unpair(request: SignedIn, session_id: UUID) -> HttpResponse:
    """The monitor comes off this person."""
    session = session_of(request.user, session_id)
    rows = Pairing.objects.select_related("session", "device")
    pairing = get_object_or_404(rows, pk=request.POST.get("pairing") or None, session=session, ended_at=None)
    return _done(
        request, session_id, lambda: actions.end_pairing(by=request.user, now=timezone.now(), pairing=pairing),
        said=_("The monitor is off this person."),
    )  # fmt: skip


@require_POST
def seen(request: SignedIn, session_id: UUID) -> HttpResponse:
    """Somebody has seen that a monitor is silent; it stays in view."""
    session = session_of(request.user, session_id)
    rows = Silence.objects.select_related("pairing__session", "pairing__device")
    silence = get_object_or_404(rows, pk=request.POST.get("silence") or None, pairing__session=session)
    return _done(
        request, session_id, lambda: actions.see_silence(by=request.user, now=timezone.now(), silence=silence),
        said=_("Seen."),
    )  # fmt: skip


def _done(request: SignedIn, session_id: UUID, work: Callable[[], Any], *, said: str) -> HttpResponse:
    """Do it; the page's own script hears a sentence, a plain form goes back to the chair with it."""
    wants_json = "application/json" in request.headers.get("Accept", "")
    try:
        work()
    except ValueError as error:
        if wants_json:
            return JsonResponse({"said": str(error)}, status=409)
        messages.error(request, str(error))
        return redirect("treatment:session", session_id)
    return JsonResponse({"said": said}) if wants_json else redirect("treatment:session", session_id)


def _moment(text: str) -> datetime:
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        at = None
    if at is None or at.tzinfo is None:
        raise ValueError(_("This column has no moment: load the page again."))
    return at
