"""Orders outside the plan: the question whether the order allows it, verbal orders, the prescriber's countersign."""

from __future__ import annotations

from decimal import Decimal
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import Http404, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from surcease.care.order import why_not_bolus, why_not_rate
from surcease.care.restart import red_since_it_ran, why_not_resume
from surcease.care.session_limits import SessionLimits
from surcease.knowledge import load
from surcease.units import read_number
from surcease.web.accounts.models import Role, User
from surcease.web.accounts.role import SignedIn
from surcease.web.accounts.stepup import SignForm
from surcease.web.forms import NumberField
from surcease.web.limits.queries import limits_for
from surcease.web.patients.access import open_patient
from surcease.web.patients.pages import person_page
from surcease.web.treatment import orders
from surcease.web.treatment.models import SessionEvent
from surcease.web.treatment.queries import Sheet, session_of, sheet_of
from surcease.web.treatment.record import event_of
from surcease.web.treatment.rescue import asked_about
from surcease.web.treatment.watch import marking_of


@require_safe
def check(request: SignedIn, session_id: UUID) -> HttpResponse:
    """Whether the order allows ``?rate=`` mg/h, ``?resume=`` mg/h or ``?bolus=`` mg now, and what the rules say of
    ``?drug=``: ``{"said": "" or why not, "needs": "" or the field that lets it pass}``."""
    session = session_of(request.user, session_id)
    sheet = sheet_of(session, at=timezone.now())
    if "drug" in request.GET:
        return JsonResponse(asked_about(sheet, request.GET["drug"], now=timezone.now()))
    try:
        return JsonResponse(_allowed(sheet, request.GET))
    except ValueError as error:
        return JsonResponse({"said": str(error), "needs": ""}, status=400)


def _allowed(sheet: Sheet, asked: Any) -> dict[str, str | None]:
    if "bolus" in asked or not ("rate" in asked or "resume" in asked):
        return {"said": why_not_bolus(sheet.order, sheet.state, read_number(asked.get("bolus", ""))), "needs": ""}
    rate = read_number(asked.get("rate") or asked.get("resume"))
    said = why_not_rate(sheet.order, sheet.state, rate)
    note = ""
    if "resume" in asked:
        signed = limits_for(sheet.session.patient, sheet.session.site, now=sheet.state.at)
        found = marking_of(sheet.order, sheet.state, signed)
        said = said or why_not_resume(sheet.state, found, rate, limits=SessionLimits.of(load(), signed))
        if red_since_it_ran(sheet.state, found):
            note = _("After a red mark the supervising clinician restarts: name them in the reason.")
    concentration = sheet.state.concentration_mg_per_ml
    ml = str((rate / concentration).quantize(Decimal("0.1"))) if concentration else None
    return {"said": said, "needs": "", "ml_per_h": ml, "note": note}


class VerbalForm(forms.Form):
    """What was said. A rate or an amount in it widens the order of this session."""

    prescriber = forms.ModelChoiceField(User.objects.none(), label=gettext_lazy("Said by"))
    said = forms.CharField(label=gettext_lazy("What was ordered, word by word"), max_length=300)
    rate_mg_per_h = NumberField(label=gettext_lazy("Ketamine rate up to"), unit="mg/h", required=False)
    amount_mg = NumberField(label=gettext_lazy("Ketamine at once"), unit="mg", required=False)
    read_back = forms.ChoiceField(label=gettext_lazy("Read back and confirmed?"), choices=[
        ("", "–"), ("yes", gettext_lazy("yes")), ("no", gettext_lazy("no"))
    ])  # fmt: skip

    def __init__(self, *args: Any, site: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        people = User.objects.filter(role=Role.PHYSICIAN, is_active=True, sites=site)
        self.fields["prescriber"].queryset = people  # type: ignore[attr-defined]

    def clean_read_back(self) -> str:
        """Without read-back it is no order."""
        if self.cleaned_data["read_back"] != "yes":
            raise forms.ValidationError(_("A verbal order counts only after it was read back and confirmed."))
        return "yes"


@require_http_methods(["GET", "POST"])
def verbal(request: SignedIn, session_id: UUID) -> HttpResponse:
    """A verbal order with read-back, prescriber named."""
    session = session_of(request.user, session_id)
    patient = open_patient(request.user, session.patient_id, why="verbal order", request=request)
    form = VerbalForm(request.POST or None, site=session.site)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        orders.verbal_order(
            by=request.user, now=timezone.now(), session=session, prescriber=data["prescriber"], said=data["said"],
            rate_mg_per_h=data["rate_mg_per_h"], amount_mg=data["amount_mg"], read_back=True,
        )  # fmt: skip
        messages.success(request, _("Kept. The prescriber is asked to countersign within 24 hours."))
        return redirect("treatment:session", session.pk)
    shown = {"session": session, "form": form, "order": sheet_of(session, at=timezone.now()).order}
    status = 400 if request.method == "POST" else 200
    return render(request, "treatment/verbal.html", person_page(patient, "treatment") | shown, status=status)


@require_http_methods(["GET", "POST"])
def countersign(request: SignedIn, session_id: UUID, event_id: UUID) -> HttpResponse:
    """The prescriber signs what was ordered in their name, or says that it was not."""
    session = session_of(request.user, session_id)
    patient = open_patient(request.user, session.patient_id, why="countersign", request=request)
    row = get_object_or_404(SessionEvent, pk=event_id, session=session)
    if row.kind != "verbal_order":
        raise Http404
    form = SignForm(request.POST or None)
    if request.method == "POST" and form.is_valid() and (method := form.method_of(request)):
        try:
            orders.countersign(by=request.user, now=timezone.now(), method=method, session=session, row=row)
        except ValueError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, _("Countersigned."))
            return redirect("treatment:session", session.pk)
    shown = {"session": session, "row": row, "event": event_of(row).payload, "form": form}
    return render(request, "treatment/countersign.html", person_page(patient, "treatment") | shown)
