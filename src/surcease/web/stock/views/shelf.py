"""The shelf, receiving, one vial, one movement with its witness."""

from __future__ import annotations

from datetime import date
from uuid import UUID
from zoneinfo import ZoneInfo

from django import forms
from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from surcease.care.ledger import vial_states
from surcease.units import plain
from surcease.web.accounts.role import SignedIn, can
from surcease.web.accounts.stepup import SignForm
from surcease.web.audit import trail
from surcease.web.clinic.models import Site
from surcease.web.forms import once
from surcease.web.stock import actions, queries
from surcease.web.stock.forms import ReceiveForm, RefuseForm, SendForm, TakeBackForm, WasteForm
from surcease.web.stock.lines import accounts
from surcease.web.stock.record import movement_of, movements, rows, vial_of
from surcease.web.stock.views.destroy import destroyed

EVER = date(1970, 1, 1)


def read(request: HttpRequest, site: Site, page: str) -> None:
    """One audit row for an opening of the ledger."""
    with transaction.atomic():
        trail.write("read ledger", by=request.user, about=site, why=page)


def today_at(site: Site) -> date:
    """The site's own day."""
    return timezone.now().astimezone(ZoneInfo(site.zone)).date()


@require_safe
def ledger(request: SignedIn) -> HttpResponse:
    """What is on the shelf, and what waits."""
    site = queries.site_of(request.user)
    read(request, site, "shelf")
    today = today_at(site)
    shown = {
        "site": site,
        "lots": queries.shelf(site, today=today, with_empty="all" in request.GET),
        "with_empty": "all" in request.GET,
        "waiting": queries.waiting_at(site),
        "open_records": queries.open_records(site),
        "differences": queries.discrepancies(site, open_only=True),
        "counted": queries.count_state(site, today=today),
        "may_write": can(request, "stock.write"),
    }
    return render(request, "stock/ledger.html", shown)


@require_http_methods(["GET", "POST"])
def receive(request: SignedIn) -> HttpResponse:
    """Vials have come."""
    site, form = queries.site_of(request.user), ReceiveForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            _take_in(request, site, form)
        except ValueError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, _("Received. Label each vial with its code."))
            return redirect("stock:ledger")
    return render(request, "stock/form.html", {"form": form, "title": _("Receive vials"), "act": _("Receive")})


def _take_in(request: SignedIn, site: Site, form: ReceiveForm) -> None:
    product, strength = form.chosen
    data = form.cleaned_data
    with once(data["form_token"], by=request.user) as ticket:
        if ticket.first:
            row = actions.receive(
                by=request.user, now=timezone.now(), site=site, product=product, strength=strength, lot=data["lot"],
                expires=data["expires"], vials=data["vials"], paper=data["paper"],
            )  # fmt: skip
            ticket.result = str(row.pk)


@require_safe
def vial(request: SignedIn, vial_id: UUID) -> HttpResponse:
    """One vial: what is in it, its days, its movements."""
    return _vial(request, vial_id)


def _vial(request: SignedIn, vial_id: UUID, **bound: forms.Form) -> HttpResponse:
    row = queries.vial_at(request.user, pk=vial_id)
    site = row.lot.site
    read(request, site, f"vial {row.code}")
    [state] = vial_states([vial_of(row)], movements(rows(vial=row)))
    [account] = accounts(request.user, site, first=EVER, last=today_at(site), why="drug ledger", vial=row)
    shown = {
        "vial": row,
        "left_mg": plain(state.left_mg),
        "account": account,
        "waste": bound.get("waste") or WasteForm(auto_id="waste-%s"),
        "send": bound.get("send") or SendForm(auto_id="send-%s"),
        "expired": row.lot.expires < today_at(site),
        "may_write": can(request, "stock.write") and state.left_mg > 0,
    }
    return render(request, "stock/vial.html", shown, status=400 if bound else 200)


@require_POST
def waste_vial(request: SignedIn, vial_id: UUID) -> HttpResponse:
    """The rest of a vial is destroyed."""
    row = queries.vial_at(request.user, pk=vial_id)
    form = WasteForm(request.POST, auto_id="waste-%s")
    if destroyed(request, form, of=row):
        return redirect("stock:vial", row.pk)
    return _vial(request, vial_id, waste=form)


@require_POST
def send(request: SignedIn, vial_id: UUID) -> HttpResponse:
    """All that is left in a vial leaves the clinic."""
    row = queries.vial_at(request.user, pk=vial_id)
    form = SendForm(request.POST, auto_id="send-%s")
    if form.is_valid():
        data = form.cleaned_data
        [state] = vial_states([vial_of(row)], movements(rows(vial=row)))
        try:
            with once(data["form_token"], by=request.user) as ticket:
                if ticket.first:
                    actions.send_away(
                        by=request.user, now=timezone.now(), vial=row, amount_mg=state.left_mg, paper=data["paper"],
                        reason=data["reason"],
                    )  # fmt: skip
        except ValueError as error:
            form.add_error(None, str(error))
        else:
            return redirect("stock:vial", row.pk)
    return _vial(request, vial_id, send=form)


@require_safe
def movement(request: SignedIn, movement_id: UUID) -> HttpResponse:
    """One entry: what it says, who entered and who saw it; the second person signs here."""
    return _movement(request, movement_id)


def _movement(request: SignedIn, movement_id: UUID, **bound: forms.Form) -> HttpResponse:
    row = queries.movement_at(request.user, movement_id)
    read(request, row.site, f"entry {row.pk}")
    read_as = movement_of(row)
    standing = read_as.counts and not row.corrects_id and not row.counter_entries.exists()
    writes = can(request, "stock.write")
    shown = {
        "row": row,
        "movement": read_as,
        "counter_entries": list(row.counter_entries.select_related("by")),
        "may_witness": read_as.waits and can(request, "stock.witness") and row.by_id != request.user.pk,
        "may_refuse": read_as.waits and can(request, "stock.witness"),
        "may_take_back": standing and writes and row.kind not in ("lose", "find"),
        "witness": bound.get("witness") or SignForm(auto_id="witness-%s"),
        "refuse": bound.get("refuse") or RefuseForm(auto_id="refuse-%s"),
        "take_back": bound.get("take_back") or TakeBackForm(auto_id="back-%s"),
    }
    return render(request, "stock/movement.html", shown, status=400 if bound else 200)


@require_POST
def witness(request: SignedIn, movement_id: UUID) -> HttpResponse:
    """The second, signed-in person saw it."""
    row, form = queries.movement_at(request.user, movement_id), SignForm(request.POST, auto_id="witness-%s")
    if form.is_valid() and (method := form.method_of(request)):
        try:
            actions.witness(by=request.user, now=timezone.now(), method=method, movement=row)
        except ValueError as error:
            form.add_error("secret", str(error))
        else:
            messages.success(request, _("Witnessed."))
            return redirect("stock:movement", row.pk)
    return _movement(request, movement_id, witness=form)


@require_POST
def refuse(request: SignedIn, movement_id: UUID) -> HttpResponse:
    """It was not so."""
    row, form = queries.movement_at(request.user, movement_id), RefuseForm(request.POST, auto_id="refuse-%s")
    if form.is_valid():
        try:
            actions.refuse(by=request.user, now=timezone.now(), movement=row, reason=form.cleaned_data["reason"])
        except ValueError as error:
            form.add_error("reason", str(error))
        else:
            return redirect("stock:movement", row.pk)
    return _movement(request, movement_id, refuse=form)


@require_POST
def take_back(request: SignedIn, movement_id: UUID) -> HttpResponse:
    """Counter-entry of a wrong entry."""
    row, form = queries.movement_at(request.user, movement_id), TakeBackForm(request.POST, auto_id="back-%s")
    if form.is_valid() and (method := form.method_of(request)):
        try:
            new = actions.take_back(
                by=request.user, now=timezone.now(), method=method, movement=row, reason=form.cleaned_data["reason"]
            )
        except ValueError as error:
            form.add_error("reason", str(error))
        else:
            return redirect("stock:movement", new.pk)
    return _movement(request, movement_id, take_back=form)
