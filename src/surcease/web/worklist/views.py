"""The day's page, and what one does to a to-do on it."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from surcease.web.accounts.role import SignedIn
from surcease.web.worklist import actions
from surcease.web.worklist.day import panels_for
from surcease.web.worklist.models import Todo
from surcease.web.worklist.queries import lines, waiting_for


@require_safe
def today(request: SignedIn) -> HttpResponse:
    """What waits for this person, oldest first, and what each step has for this role today."""
    now = timezone.now()
    found = lines(request.user, now=now)
    context = {
        "lines": [line for line in found if not line.later], "later": [line for line in found if line.later],
        "panels": panels_for(request, request.user, now), "now": now,
    }  # fmt: skip
    return render(request, "worklist/today.html", context)


@require_POST
def take(request: SignedIn, todo_id: UUID) -> HttpResponse:
    """I do this."""
    try:
        actions.take(by=request.user, now=timezone.now(), todo=_mine(request, todo_id))
    except ValueError as error:
        messages.warning(request, str(error))
    return redirect("worklist:today")


@require_POST
def give_back(request: SignedIn, todo_id: UUID) -> HttpResponse:
    """Someone else should."""
    actions.give_back(by=request.user, now=timezone.now(), todo=_mine(request, todo_id))
    return redirect("worklist:today")


@require_POST
def end(request: SignedIn, todo_id: UUID) -> HttpResponse:
    """Done, or no longer needed with the reason."""
    done = request.POST.get("how") != "drop"
    note = request.POST.get("note", "")[:2000]
    try:
        actions.end(by=request.user, now=timezone.now(), todo=_mine(request, todo_id), note=note, done=done)
    except ValueError as error:
        messages.error(request, str(error))
    return redirect("worklist:today")


def _mine(request: SignedIn, todo_id: UUID) -> Todo:
    """A to-do that is asked of this user or their role; any other does not exist for them."""
    todo = waiting_for(request.user).filter(pk=todo_id).first()
    if todo is None:
        raise Http404
    return todo
