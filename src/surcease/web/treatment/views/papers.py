"""Papers of a session, as PDF."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.utils import timezone, translation
from django.views.decorators.http import require_safe

from surcease.web.accounts.role import SignedIn
from surcease.web.papers.typeset import render
from surcease.web.patients.access import open_patient
from surcease.web.patients.models import Patient
from surcease.web.treatment import sheets
from surcease.web.treatment.queries import Sheet, session_of, sheet_of


def _paper(request: SignedIn, session_id: UUID, name: str, data: Callable[..., dict[str, Any]]) -> HttpResponse:
    session = session_of(request.user, session_id)
    patient = open_patient(request.user, session.patient_id, why=f"print {name}", request=request)
    now = timezone.now()
    pdf = render("papers/plain", data(sheet_of(session, at=session.closed_at or now), patient, now=now))
    response = HttpResponse(pdf, content_type="application/pdf")
    response.headers["Content-Disposition"] = f'inline; filename="{name}-{session.number}.pdf"'
    return response


@require_safe
def flowsheet(request: SignedIn, session_id: UUID) -> HttpResponse:
    """The flowsheet with its log."""
    return _paper(request, session_id, "flowsheet", sheets.flowsheet_data)


@require_safe
def slip(request: SignedIn, session_id: UUID) -> HttpResponse:
    """The slip the person takes home, in their language."""
    return _paper(request, session_id, "after-treatment", _slip_in_their_language)


def _slip_in_their_language(sheet: Sheet, patient: Patient, *, now: datetime) -> dict[str, Any]:
    with translation.override(patient.language[:2] or "en"):
        return sheets.slip_data(sheet, patient, now=now)


@require_safe
def paper(request: SignedIn, session_id: UUID) -> HttpResponse:
    """The sheet to carry on with by hand."""
    return _paper(request, session_id, "by-hand", sheets.by_hand_data)
