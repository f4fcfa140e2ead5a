"""The person's own days."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from surcease.web.accounts.role import SignedIn
from surcease.web.diary.queries import entries_of, ribbon
from surcease.web.patients.access import own_patient
from surcease.web.treatment.models import TreatmentSession


@require_safe
def days(request: SignedIn) -> HttpResponse:
    """My days: a ribbon of four weeks and every entry."""
    patient = own_patient(request.user, why="my days", request=request)
    now = timezone.localdate()
    sessions = frozenset(timezone.localdate(s.arrived_at) for s in TreatmentSession.objects.filter(patient=patient))
    shown = {
        "ribbon": ribbon(patient, today=now, days=28, sessions=sessions),
        "entries": entries_of(patient, today=now),
    }
    return render(request, "diary/days.html", shown | {"patient": patient})
