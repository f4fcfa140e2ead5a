"""The person's own pages. None shows a recommendation, and the entry page shows no number of yesterday."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpResponse, JsonResponse
from django.middleware.csrf import get_token
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from surcease.web.accounts.role import LINK_KEY, SignedIn
from surcease.web.diary import actions
from surcease.web.diary.arrival import RED_FLAGS, NotReadable, read_arrival
from surcease.web.diary.cards import bands, numbers
from surcease.web.diary.models import ReminderPlan
from surcease.web.diary.queries import entries_of, medicines, ribbon, site_of
from surcease.web.intake.actions import keep_answers
from surcease.web.intake.queries import instrument
from surcease.web.limits.queries import crisis_numbers
from surcease.web.patients.access import own_patient
from surcease.web.patients.instrument_form import InstrumentForm
from surcease.web.treatment.models import TreatmentSession

WEEKLY = ("peg", "phq-9", "gad-7", "wellbeing", "pgic")


@require_safe
def today(request: SignedIn) -> HttpResponse:
    """One question, one row of eleven numbers; everything else may be ignored."""
    patient = own_patient(request.user, why="diary", request=request)
    site = site_of(patient)
    shown: dict[str, Any] = {
        "patient": patient,
        "flags": RED_FLAGS,
        "numbers": numbers(),
        "bands": bands(),
        "crisis": crisis_numbers(site),
        "phone": site.phone if site else "",
        "medicines": medicines(patient),
        "by_link": LINK_KEY in request.session,
    }
    if not shown["by_link"]:
        sessions = frozenset(timezone.localdate(s.arrived_at) for s in TreatmentSession.objects.filter(patient=patient))
        shown["ribbon"] = ribbon(patient, today=timezone.localdate(), sessions=sessions)
    return render(request, "diary/today.html", shown)


@require_safe
def hello(request: SignedIn) -> HttpResponse:
    """The token a page that was opened offline needs before it can send."""
    own_patient(request.user, why="diary sync", request=request)
    return JsonResponse({"csrf": get_token(request)}, headers={"Cache-Control": "no-store"})


@require_POST
def sync(request: SignedIn) -> HttpResponse:
    """Keep one entry: 201 new, 200 known, 409 another text under a known id (both are kept)."""
    patient = own_patient(request.user, why="diary sync", request=request)
    now = timezone.now()
    try:
        arrival = read_arrival(request.body, now=now)
    except NotReadable as error:
        return JsonResponse({"said": str(error)}, status=400)
    came_by = "link" if LINK_KEY in request.session else "signed_in"
    try:
        receipt = actions.receive(by=request.user, now=now, patient=patient, arrival=arrival, came_by=came_by)
    except PermissionError as error:
        return JsonResponse({"said": str(error)}, status=403)
    body = {"id": receipt.id, "hash": receipt.hash, "conflict": receipt.conflict, "show": receipt.show}
    return JsonResponse(body, status=409 if receipt.conflict else 201 if receipt.new else 200)


@require_safe
def days(request: SignedIn) -> HttpResponse:
    """My days: a ribbon of four weeks and every entry."""
    patient = own_patient(request.user, why="my days", request=request)
    now = timezone.localdate()
    sessions = frozenset(timezone.localdate(s.arrived_at) for s in TreatmentSession.objects.filter(patient=patient))
    shown = {
        "ribbon": ribbon(patient, today=now, days=28, sessions=sessions),
        "entries": entries_of(patient, today=now),
    }
    return render(request, "diary/days.html", shown | {"patient": patient})


@require_http_methods(["GET", "POST"])
def ask(request: SignedIn, instrument_id: str) -> HttpResponse:
    """A questionnaire; an answer that needs somebody shows help at once and reaches the clinic."""
    patient = own_patient(request.user, why=f"my {instrument_id}", request=request)
    if instrument_id not in WEEKLY:
        raise Http404
    asked = instrument(instrument_id)
    form = InstrumentForm(asked, request.POST or None)
    if request.method == "POST" and form.is_valid():
        result = keep_answers(
            by=request.user, now=timezone.now(), patient=patient, instrument_id=asked.id, items=form.items()
        )
        if result.triggers:
            site = site_of(patient)
            return render(
                request, "diary/help.html", {"crisis": crisis_numbers(site), "phone": site.phone if site else ""}
            )
        messages.success(request, _("Saved. Thank you."))
        return redirect("diary:today")
    return render(request, "diary/ask.html", {"form": form, "instrument": asked, "patient": patient})


class ReminderForm(forms.Form):
    """The person's own times."""

    first = forms.TimeField(
        label=gettext_lazy("Evening"), required=False, widget=forms.TimeInput(attrs={"type": "time"})
    )
    second = forms.TimeField(
        label=gettext_lazy("Also at"), required=False, widget=forms.TimeInput(attrs={"type": "time"})
    )
    by_mail = forms.BooleanField(label=gettext_lazy("By e-mail"), required=False)
    by_push = forms.BooleanField(label=gettext_lazy("On this phone"), required=False)
    quiet_until = forms.DateField(
        label=gettext_lazy("Quiet until"), required=False, widget=forms.DateInput(attrs={"type": "date"})
    )


@require_http_methods(["GET", "POST"])
def reminders(request: SignedIn) -> HttpResponse:
    """When to be reminded; the text is discreet and says no number."""
    patient = own_patient(request.user, why="my reminders", request=request)
    plan = ReminderPlan.objects.filter(patient=patient).first()
    start: dict[str, Any] = {}
    if plan:
        start = {"by_mail": plan.by_mail, "by_push": plan.by_push, "quiet_until": plan.quiet_until}
        start |= dict(zip(("first", "second"), plan.times, strict=False))
    form = ReminderForm(request.POST or None, initial=start)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        times = [f"{data[k]:%H:%M}" for k in ("first", "second") if data[k]]
        actions.plan_reminders(
            by=request.user, now=timezone.now(), patient=patient, times=times, by_mail=data["by_mail"],
            by_push=data["by_push"], quiet_until=data["quiet_until"],
        )  # fmt: skip
        messages.success(request, _("Saved."))
        return redirect("diary:reminders")
    return render(request, "diary/reminders.html", {"form": form, "patient": patient})
