"""Messages with the team: what was written, by when it is answered, and who reads it when."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from surcease.web.accounts.role import SignedIn
from surcease.web.diary import actions
from surcease.web.diary.models import Message
from surcease.web.patients.access import own_patient


@require_http_methods(["GET", "POST"])
def messages_page(request: SignedIn) -> HttpResponse:
    """Messages with the team, and when they are read."""
    patient = own_patient(request.user, why="my messages", request=request)
    if request.method == "POST":
        try:
            actions.send_message(
                by=request.user, now=timezone.now(), patient=patient, text=request.POST.get("text", ""),
                about=request.POST.get("about", ""),
            )  # fmt: skip
        except ValueError as error:
            messages.error(request, str(error))
        return redirect("diary:messages")
    rows = Message.objects.filter(patient=patient).select_related("author")
    shown = {"messages_shown": rows, "promise": actions.PROMISE_H, "about": request.GET.get("about", "")}
    return render(request, "diary/messages.html", shown | {"patient": patient})
