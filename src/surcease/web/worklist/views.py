"""The day's page."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from surcease.web.accounts.role import SignedIn


@require_safe
def today(request: SignedIn) -> HttpResponse:
    """What waits for this person."""
    return render(request, "worklist/today.html", {})
