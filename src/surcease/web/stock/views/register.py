"""The controlled-drug register as a page, as PDF and as CSV."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from surcease.web.accounts.role import SignedIn
from surcease.web.papers.typeset import render as typeset
from surcease.web.stock import lines, queries
from surcease.web.stock.views.shelf import read, today_at


@require_safe
def page(request: SignedIn) -> HttpResponse:
    """Every movement of the asked days with its balance, and the balance of each day."""
    site = queries.site_of(request.user)
    read(request, site, "register")
    first, last = lines.asked_days(request.GET.get("first"), request.GET.get("last"), today=today_at(site))
    found = lines.accounts(request.user, site, first=first, last=last, why="drug register")
    return render(request, "stock/register.html", {"accounts": found, "first": first, "last": last, "site": site})


@require_safe
def pdf(request: SignedIn) -> HttpResponse:
    """The register to print and sign."""
    site = queries.site_of(request.user)
    read(request, site, "print register")
    first, last = lines.asked_days(request.GET.get("first"), request.GET.get("last"), today=today_at(site))
    found = lines.accounts(request.user, site, first=first, last=last, why="drug register (PDF)")
    content = typeset(
        "stock/register", lines.paper(found, site, first=first, last=last, now=timezone.now(), by=request.user)
    )
    response = HttpResponse(content, content_type="application/pdf")
    response.headers["Content-Disposition"] = f'inline; filename="drug-register-{first}-{last}.pdf"'
    return response


@require_safe
def table(request: SignedIn) -> HttpResponse:
    """The register as CSV."""
    site = queries.site_of(request.user)
    read(request, site, "export register")
    first, last = lines.asked_days(request.GET.get("first"), request.GET.get("last"), today=today_at(site))
    found = lines.accounts(request.user, site, first=first, last=last, why="drug register (CSV)")
    response = HttpResponse(lines.as_csv(found), content_type="text/csv; charset=utf-8")
    response.headers["Content-Disposition"] = f'attachment; filename="drug-register-{first}-{last}.csv"'
    return response
