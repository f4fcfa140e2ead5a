"""The board: chairs at a glance, readable from three metres."""

from __future__ import annotations

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from surcease.web.accounts.role import SignedIn
from surcease.web.clinic.models import Site
from surcease.web.treatment.queries import board as board_of


@require_safe
def page(request: SignedIn) -> HttpResponse:
    """All chairs of the user's site, or only the cards for a fragment request."""
    site = _site(request)
    shown = {"board": board_of(request.user, site, now=timezone.now()), "site": site}
    template = "treatment/board.html#cards" if request.headers.get("HX-Request") else "treatment/board.html"
    return render(request, template, shown)


def _site(request: SignedIn) -> Site:
    sites = request.user.sites.all()
    wanted = request.GET.get("site")
    site = sites.filter(pk=wanted).first() if wanted else sites.order_by("name").first()
    if site is None:
        raise Http404
    return site
