"""The drug record of a session: drawn, given, wasted; it closes apart from the session's clinical end."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from surcease.units import plain
from surcease.web.accounts.role import SignedIn
from surcease.web.forms import once
from surcease.web.limits.queries import waste_needs_witness
from surcease.web.patients.access import open_patient
from surcease.web.patients.pages import person_page
from surcease.web.stock import actions, counting, queries
from surcease.web.stock.forms import CloseForm, DrawForm, WasteForm
from surcease.web.stock.record import movement_of
from surcease.web.stock.views.destroy import destroyed
from surcease.web.treatment.models import TreatmentSession


@require_safe
def page(request: SignedIn, session_id: UUID) -> HttpResponse:
    """What was drawn up for this session and where it went."""
    return _page(request, queries.session_at(request.user, session_id))


def _page(request: SignedIn, session: TreatmentSession, **bound: forms.Form) -> HttpResponse:
    patient = open_patient(request.user, session.patient_id, why="drug record", request=request)
    found = queries.drug_record_of(session, now=timezone.now())
    sums = found.sums
    shown: dict[str, Any] = {
        "session": session,
        "record": found,
        "lines": [(row, movement_of(row)) for row in found.lines],
        "drawn": plain(sums.drawn_mg),
        "wasted": plain(sums.wasted_mg),
        "given": plain(sums.given_mg),
        "left": plain(sums.left_mg),
        "needs_witness": waste_needs_witness(session.site),
        "draw": bound.get("draw") or DrawForm(auto_id="draw-%s", initial={"code": _proposed(session)}),
        "waste": bound.get("waste") or WasteForm(auto_id="waste-%s"),
        "close": bound.get("close") or CloseForm(auto_id="close-%s"),
    }
    return render(
        request, "stock/session.html", person_page(patient, "treatment") | shown, status=400 if bound else 200
    )


def _proposed(session: TreatmentSession) -> str:
    """The vial that go/no-go named, when it is one of this ledger."""
    said = session.log.filter(kind="check", payload__item="vial").order_by("-seq").first()
    return str(said.payload["value"]) if said is not None else ""


@require_POST
def draw(request: SignedIn, session_id: UUID) -> HttpResponse:
    """A dose was drawn up."""
    session, form = queries.session_at(request.user, session_id), DrawForm(request.POST, auto_id="draw-%s")
    if form.is_valid() and _keep_draw(request, session, form):
        return redirect("stock:session", session.pk)
    return _page(request, session, draw=form)


def _keep_draw(request: SignedIn, session: TreatmentSession, form: DrawForm) -> bool:
    data = form.cleaned_data
    vial = queries.by_code(session.site, data["code"])
    if vial is None:
        form.add_error("code", _("No vial of this ledger has that code: receive the lot first, or read it again."))
        return False
    try:
        with once(data["form_token"], by=request.user) as ticket:
            if ticket.first:
                actions.draw(
                    by=request.user, now=timezone.now(), session=session, vial=vial, amount_mg=data["amount_mg"]
                )
    except ValueError as error:
        form.add_error("amount_mg", str(error))
        return False
    return True


@require_POST
def waste(request: SignedIn, session_id: UUID) -> HttpResponse:
    """What is left of what was drawn up is destroyed."""
    session, form = queries.session_at(request.user, session_id), WasteForm(request.POST, auto_id="waste-%s")
    if destroyed(request, form, of=session):
        return redirect("stock:session", session.pk)
    return _page(request, session, waste=form)


@require_POST
def close(request: SignedIn, session_id: UUID) -> HttpResponse:
    """Close the drug record."""
    session, form = queries.session_at(request.user, session_id), CloseForm(request.POST, auto_id="close-%s")
    if form.is_valid() and (method := form.method_of(request)):
        try:
            counting.close_drug_record(
                by=request.user, now=timezone.now(), method=method, session=session, reason=form.cleaned_data["reason"]
            )
        except ValueError as error:
            form.add_error("reason", str(error))
        else:
            messages.success(request, _("The drug record is closed."))
            return redirect("stock:session", session.pk)
    return _page(request, session, close=form)
