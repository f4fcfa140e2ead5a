"""Handing out a kept file, through the one door."""

from __future__ import annotations

from uuid import UUID

from django.db import transaction
from django.http import Http404, HttpResponse
from django.views.decorators.http import require_safe

from surcease.web.accounts.role import SignedIn
from surcease.web.audit import trail
from surcease.web.papers.actions import content_of
from surcease.web.papers.models import Document
from surcease.web.patients.access import open_patient

SHOWN = {"application/pdf", "image/png", "image/jpeg"}


@require_safe
def document(request: SignedIn, document_id: UUID) -> HttpResponse:
    """The file: shown when it is a PDF or picture, a download otherwise; never run as a page."""
    row = Document.objects.filter(pk=document_id).first()
    if row is None:
        raise Http404
    if row.patient_id:
        open_patient(request.user, row.patient_id, why=f"paper: {row.title}", request=request)
    else:
        with transaction.atomic():
            trail.write("open paper", by=request.user, about=row)
    response = HttpResponse(content_of(row), content_type=row.media_type)
    way = "inline" if row.media_type in SHOWN else "attachment"
    ending = {"application/pdf": ".pdf", "image/png": ".png", "image/jpeg": ".jpg"}.get(row.media_type, "")
    response.headers["Content-Disposition"] = f'{way}; filename="{row.kind}-{row.made_at:%Y-%m-%d}{ending}"'
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return response
