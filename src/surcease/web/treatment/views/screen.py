"""The patient's screen: near-black, nothing to read; any touch calls the nurse."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from surcease.web.accounts.role import SignedIn
from surcease.web.treatment import actions
from surcease.web.treatment.models import PatientCall
from surcease.web.treatment.queries import session_of


@require_safe
def page(request: SignedIn, session_id: UUID) -> HttpResponse:
    """A dark page that calls when touched."""
    return render(request, "treatment/screen.html", {"session": session_of(request.user, session_id)})


@require_POST
def call(request: SignedIn, session_id: UUID) -> HttpResponse:
    """The touch."""
    row = actions.call_nurse(now=timezone.now(), session=session_of(request.user, session_id))
    return JsonResponse({"call": str(row.pk)}, status=201)


@require_POST
def answer(request: SignedIn, call_id: UUID) -> HttpResponse:
    """Somebody is there."""
    row = get_object_or_404(PatientCall, pk=call_id, session__site__in=request.user.sites.all())
    actions.answer_call(by=request.user, now=timezone.now(), call=row)
    return redirect("treatment:board")
