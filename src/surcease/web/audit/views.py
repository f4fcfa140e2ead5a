"""Reading the trail: of one person, of oneself, of everything (events, no chart content)."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from surcease.web.accounts.models import Role
from surcease.web.accounts.role import SignedIn
from surcease.web.audit.models import AuditRow
from surcease.web.audit.reading import header_of, rows_of_patient
from surcease.web.patients.access import own_patient

PER_PAGE = 100


@require_safe
def of_patient(request: SignedIn, patient_id: UUID) -> HttpResponse:
    """Who opened or changed what of one person; reading this is itself on the trail."""
    header = header_of(request.user, patient_id)
    return _page(request, "audit/patient.html", rows_of_patient(patient_id), {"header": header})


@require_safe
def own(request: SignedIn) -> HttpResponse:
    """What I did; for a patient, everyone who opened their record."""
    if request.user.role == Role.PATIENT:
        rows = rows_of_patient(own_patient(request.user, why="who opened my record").pk)
    else:
        rows = AuditRow.objects.filter(who=request.user.pk)
    return _page(request, "audit/own.html", rows, {})


@require_safe
def everything(request: SignedIn) -> HttpResponse:
    """All events, newest first; narrowed by an action or a name."""
    rows = AuditRow.objects.all()
    if words := request.GET.get("who", "").strip():
        rows = rows.filter(who_name__icontains=words)
    if action := request.GET.get("what", "").strip():
        rows = rows.filter(action=action)
    actions = AuditRow.objects.order_by("action").values_list("action", flat=True).distinct()
    return _page(request, "audit/all.html", rows, {"who": words, "what": action, "actions": actions})


def _page(request: SignedIn, template: str, rows: Any, more: dict[str, Any]) -> HttpResponse:
    page = Paginator(rows.order_by("-id"), PER_PAGE).get_page(request.GET.get("page"))
    roles = dict(Role.choices)
    for row in page:
        row.said_role = roles.get(row.role, row.role)
    return render(request, template, {"page": page, **more})
