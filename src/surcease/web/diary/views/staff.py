"""The diary as the team sees it: entries, gaps, flags, messages."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from surcease.web.accounts.role import SignedIn
from surcease.web.diary import actions
from surcease.web.diary.models import Message, OtherEntry, Reminder
from surcease.web.diary.queries import entries_of, ribbon, shares
from surcease.web.patients.access import open_patient
from surcease.web.patients.pages import person_page


@require_safe
def person(request: SignedIn, patient_id: UUID) -> HttpResponse:
    """Four weeks at a glance, then every entry."""
    patient = open_patient(request.user, patient_id, why="diary", request=request)
    today = timezone.localdate()
    shown = {
        "ribbon": ribbon(patient, today=today, days=28),
        "entries": entries_of(patient, today=today)[:80],
        "share": shares(patient, today=today),
        "messages_shown": Message.objects.filter(patient=patient).select_related("author"),
        "reminders": Reminder.objects.filter(patient=patient)[:10],
        "others": list(OtherEntry.objects.filter(entry__patient=patient).select_related("entry")),
    }
    return render(request, "diary/person.html", person_page(patient, "diary") | shown)


@require_POST
def answer(request: SignedIn, patient_id: UUID) -> HttpResponse:
    """Answer a message."""
    patient = open_patient(request.user, patient_id, why="answer a message", request=request)
    try:
        actions.send_message(by=request.user, now=timezone.now(), patient=patient, text=request.POST.get("text", ""))
    except ValueError as error:
        messages.error(request, str(error))
    return redirect("diary:person", patient.pk)
