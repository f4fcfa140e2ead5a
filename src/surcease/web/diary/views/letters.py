"""Messages with the team: what was written, by when it is answered, and who reads it when."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from surcease.web.accounts.role import SignedIn
from surcease.web.clinic.models import Site
from surcease.web.diary import actions
from surcease.web.diary.hours import opening_of, who_reads
from surcease.web.diary.models import Message
from surcease.web.diary.queries import site_of
from surcease.web.forms import new_token, once
from surcease.web.limits.models import Readiness
from surcease.web.limits.queries import settled
from surcease.web.patients.access import own_patient
from surcease.web.patients.models import Patient


@dataclass(frozen=True, slots=True)
class Letter:
    """One message as it is shown; ``by_when`` is the promise while nobody has answered."""

    from_patient: bool
    author: Any
    text: str
    about: str
    at: datetime
    by_when: datetime | None


def letters_of(patient: Patient, site: Site | None) -> list[Letter]:
    """All messages, oldest first; those after the team's last word carry the time by which they are answered."""
    rows = list(Message.objects.filter(patient=patient).select_related("author"))
    answered = max((row.at for row in rows if not row.from_patient), default=None)
    return [
        Letter(row.from_patient, row.author, row.text, row.about, row.at, _promise(row, answered, site)) for row in rows
    ]


def _promise(row: Message, answered: datetime | None, site: Site | None) -> datetime | None:
    """24 hours on; when the clinic is known to be closed then, the hour it opens."""
    if not row.from_patient or (answered is not None and row.at <= answered):
        return None
    due = row.at + timedelta(hours=actions.PROMISE_H)
    state = opening_of(site, due)
    return due if state.open or state.next is None else state.next


@require_http_methods(["GET", "POST"])
def messages_page(request: SignedIn) -> HttpResponse:
    """Messages with the team, and when they are read."""
    patient = own_patient(request.user, why="my messages", request=request)
    about, text, wrong = request.GET.get("about", "")[:120], "", ""
    if request.method == "POST":
        about, text = request.POST.get("about", "")[:120], request.POST.get("text", "")
        if text.strip():
            _send(request, patient, text, about)
            messages.success(request, _("Sent. We answer within %(hours)s hours.") % {"hours": actions.PROMISE_H})
            return redirect("diary:messages")
        wrong = _("Write something before sending.")
    site = site_of(patient)
    hours = settled(site).get(Readiness.Thing.HOURS) if site else None
    shown = {
        "patient": patient, "messages_shown": letters_of(patient, site), "promise": actions.PROMISE_H, "about": about,
        "text": text, "wrong": wrong, "token": new_token(), "phone": site.phone if site else "",
        "hours": hours.text if hours else "", "watched": who_reads(site, timezone.now()),
    }  # fmt: skip
    return render(request, "diary/messages.html", shown)


def _send(request: SignedIn, patient: Patient, text: str, about: str) -> None:
    """Once, however often the button is pressed."""
    with once(request.POST.get("form_token") or new_token(), by=request.user) as ticket:
        if ticket.first:
            actions.send_message(by=request.user, now=timezone.now(), patient=patient, text=text, about=about)
