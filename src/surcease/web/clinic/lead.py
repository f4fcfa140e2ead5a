"""The clinic lead's page of sites and sessions."""

from __future__ import annotations

from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods

from surcease.web.accounts.models import User
from surcease.web.accounts.role import SignedIn
from surcease.web.audit import trail
from surcease.web.clinic.forms import SessionForm, SiteForm
from surcease.web.clinic.models import Site
from surcease.web.clinic.settings import put_setting, setting

GET_OR_POST = require_http_methods(["GET", "HEAD", "POST"])
SESSION_KEYS = {"idle_minutes": settings.SESSION_IDLE_MINUTES, "absolute_hours": settings.SESSION_ABSOLUTE_HOURS}


@GET_OR_POST
def settings_page(request: SignedIn) -> HttpResponse:
    """Sites, and how long a session lasts."""
    now = {key: setting(f"session.{key}", default) for key, default in SESSION_KEYS.items()}
    form = SessionForm(request.POST or None, initial=now)
    if request.method == "POST" and form.is_valid():
        values = {key: int(form.cleaned_data[key]) for key in SESSION_KEYS}
        set_sessions(by=request.user, values=values, reason=form.cleaned_data["reason"])
        return redirect("clinic:settings")
    return render(request, "clinic/settings.html", {"form": form, "sites": Site.objects.order_by("name")})


@transaction.atomic
def set_sessions(*, by: User, values: dict[str, int], reason: str) -> None:
    """Keep the clinic's own limits, dated; what changed is on the trail."""
    changed = {k: v for k, v in values.items() if v != setting(f"session.{k}", SESSION_KEYS[k])}
    for key, value in changed.items():
        put_setting(f"session.{key}", value, by=by, reason=reason)
    if changed:
        trail.write("change settings", by=by, why=reason, details=changed)


@GET_OR_POST
def add_site(request: SignedIn) -> HttpResponse:
    """A new place."""
    return _site_form(request, None)


@GET_OR_POST
def site(request: SignedIn, site_id: UUID) -> HttpResponse:
    """Name, zone, address and phone of a place."""
    return _site_form(request, get_object_or_404(Site, pk=site_id))


def _site_form(request: SignedIn, place: Site | None) -> HttpResponse:
    form = SiteForm(request.POST or None, instance=place)
    if request.method == "POST" and form.is_valid():
        with transaction.atomic():
            row = form.save()
            what = "change site" if place else "add site"
            trail.write(what, by=request.user, about=row, details={"changed": form.changed_data})
        return redirect("clinic:settings")
    return render(request, "clinic/site.html", {"form": form, "site": place})
