"""Papers of a session, as PDF."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from surcease.web.accounts.role import SignedIn
from surcease.web.papers.typeset import render
from surcease.web.patients.access import open_patient
from surcease.web.treatment import sheets
from surcease.web.treatment.queries import session_of, sheet_of


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
    """The slip the person takes home."""
    return _paper(request, session_id, "after-treatment", sheets.slip_data)


@require_safe
def paper(request: SignedIn, session_id: UUID) -> HttpResponse:
    """The sheet to carry on with by hand."""
    return _paper(request, session_id, "by-hand", sheets.by_hand_data)
