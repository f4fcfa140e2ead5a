"""The person's own page of the review: what was decided, and, once released, the trial's people. Never a chance."""

from __future__ import annotations

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from surcease.care.plain_words import of_ten
from surcease.knowledge import load
from surcease.web.accounts.role import SignedIn
from surcease.web.papers.typeset import render as typeset
from surcease.web.patients.access import own_patient
from surcease.web.review import outlook, paper
from surcease.web.review.queries import latest_review


@require_safe
def mine(request: SignedIn) -> HttpResponse:
    """My treatment so far."""
    patient = own_patient(request.user, why="my review", request=request)
    row, last = outlook.released(patient), latest_review(patient)
    lines = of_ten(load(), studied=row.forecast.result["inside"], decide_on=row.decide_on) if row else ()
    shown = {"patient": patient, "last": last, "plain": last.shown.get("plain", []) if last else [], "of_ten": lines}
    return render(request, "review/mine.html", shown)


@require_safe
def copy_pdf(request: SignedIn) -> HttpResponse:
    """My copy of the last review."""
    patient = own_patient(request.user, why="my copy of the review", request=request)
    last = latest_review(patient)
    if last is None:
        raise Http404
    body = paper.copy_data(patient, last, now=timezone.now())
    response = HttpResponse(typeset("papers/plain", body), content_type="application/pdf")
    response.headers["Content-Disposition"] = 'inline; filename="review.pdf"'
    return response
