"""The clinic's monitors: which are accepted, what was heard and not taken, the intended use and who signed it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.db.models import Sum
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from surcease.hl7.table import table
from surcease.knowledge import load
from surcease.web.accounts import matrix
from surcease.web.accounts.role import SignedIn
from surcease.web.clinic.models import Site
from surcease.web.devices import actions, tally
from surcease.web.devices.forms import AcceptForm, CodeForm, UseForm
from surcease.web.devices.models import Counted, Device, Heard, Pairing, SiteCode
from surcease.web.devices.scope import statement_of

DAYS = timedelta(days=7)


@require_safe
def page(request: SignedIn) -> HttpResponse:
    """All of it."""
    return render(request, "devices/page.html", _shown(request, _site(request)))


@require_POST
def accept(request: SignedIn) -> HttpResponse:
    """This monitor is ours."""
    site = _site(request)
    form = AcceptForm(request.POST, site=site)
    if form.is_valid():
        try:
            actions.accept_device(by=request.user, now=timezone.now(), site=site, **form.cleaned_data)
        except ValueError as error:
            form.add_error("sent_as", str(error))
        else:
            messages.success(request, _("Accepted. Confirm at the chair whom it is on."))
            return redirect("devices:page")
    return render(request, "devices/page.html", _shown(request, site) | {"form": form}, status=422)


@require_POST
def retire(request: SignedIn, device_id: UUID) -> HttpResponse:
    """It is gone."""
    device = get_object_or_404(Device, pk=device_id, site=_site(request), retired_at=None)
    actions.retire(by=request.user, now=timezone.now(), device=device)
    return redirect("devices:page")


@require_http_methods(["GET", "POST"])
def codes(request: SignedIn) -> HttpResponse:
    """The site's own codes."""
    site = _site(request)
    form = CodeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        actions.map_code(by=request.user, now=timezone.now(), site=site, **form.cleaned_data)
        messages.success(request, _("Saved. It holds for what comes from now on."))
        return redirect("devices:codes")
    known = table(load()).parameters
    lines = [(row, known[row.parameter].title) for row in own_codes(site)]
    shown = {"site": site, "form": form, "lines": lines, "parameters": known.values()}
    return render(request, "devices/codes.html", shown)


@require_http_methods(["GET", "POST"])
def use(request: SignedIn) -> HttpResponse:
    """The intended use: what the clinic lead signs before anything is received."""
    site = _site(request)
    form = UseForm(request.POST or None)
    if request.method == "POST" and form.is_valid() and (method := form.method_of(request)):
        data = form.cleaned_data
        actions.sign_use(
            by=request.user, now=timezone.now(), method=method, site=site, scope=data["scope"], text=data["text"]
        )
        messages.success(request, _("Signed."))
        return redirect("devices:page")
    return render(request, "devices/use.html", {"site": site, "form": form, "statement": statement_of(site)})


def own_codes(site: Site) -> list[SiteCode]:
    """The site's codes that hold."""
    latest: dict[tuple[str, str], SiteCode] = {}
    for row in SiteCode.objects.filter(site=site).select_related("by").order_by("at"):
        latest[(row.system, row.code)] = row
    return [row for row in latest.values() if row.parameter]


def _site(request: SignedIn) -> Site:
    site = request.user.sites.order_by("name").first()
    if site is None:
        raise Http404
    return site


def _shown(request: SignedIn, site: Site) -> dict[str, Any]:
    tally.write_down()
    now, role = timezone.now(), str(request.user.role)
    devices = list(Device.objects.filter(site=site, retired_at=None).select_related("chair"))
    on = {p.device_id: p for p in Pairing.objects.filter(device__in=devices, ended_at=None).select_related("chair")}
    heard = {h.sent_as: h for h in Heard.objects.filter(last_at__gte=now - DAYS)}
    counts = _counts(heard, now)
    taken = set(Device.objects.filter(retired_at=None).values_list("sent_as", flat=True))
    strangers = [
        (h, AcceptForm(site=site, initial={"sent_as": h.sent_as}, auto_id=f"id_{n}_%s"), counts.get(h.sent_as, []))
        for n, h in enumerate(sorted(heard.values(), key=lambda h: h.last_at, reverse=True)) if h.sent_as not in taken
    ][:20]  # fmt: skip
    return {
        "site": site,
        "statement": statement_of(site),
        "lines": [(d, on.get(d.pk), heard.get(d.sent_as), counts.get(d.sent_as, [])) for d in devices],
        "strangers": strangers,
        "unread": counts.get("?", []),
        "may_accept": matrix.may(role, "device.accept"),
        "may_set": matrix.may(role, "clinic.settings"),
        "form": AcceptForm(site=site),
    }


def _counts(names: Iterable[str], now: Any) -> dict[str, list[tuple[str, str, int]]]:
    """(reason, code, number) of the last days, by the name a monitor sends."""
    rows = (
        Counted.objects.filter(day__gte=(now - DAYS).date(), sent_as__in=[*names, "?"])
        .values_list("sent_as", "reason", "code")
        .annotate(number=Sum("count"))
        .order_by("sent_as", "-number")
    )
    found: dict[str, list[tuple[str, str, int]]] = {}
    for name, reason, code, number in rows:
        found.setdefault(name, []).append((reason, code, number))
    return found
