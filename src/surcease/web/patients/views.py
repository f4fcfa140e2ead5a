"""Pages of the person: the list, the particulars."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from surcease.web.accounts.role import SignedIn
from surcease.web.patients.access import open_patient
from surcease.web.patients.find import MOST, find_patients


@require_safe
def find(request: SignedIn) -> HttpResponse:
    """Search; without words, everyone in name order."""
    words = request.GET.get("q", "").strip()
    found = find_patients(request.user, words)
    return render(request, "patients/list.html", {"found": found, "words": words, "most": MOST})


@require_safe
def page(request: SignedIn, patient_id: UUID) -> HttpResponse:
    """Who this is, and the way into each step."""
    patient = open_patient(request.user, patient_id, why="particulars", request=request)
    return render(request, "patients/page.html", {"patient": patient})
