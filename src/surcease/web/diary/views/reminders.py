"""When a person is reminded: their own times, a pause, this phone or e-mail; and what a phone tells us."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST

from surcease.web.accounts.role import SignedIn
from surcease.web.diary import actions, push
from surcease.web.diary.models import ReminderPlan
from surcease.web.patients.access import own_patient

SNOOZE = timedelta(hours=1)


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
    form = ReminderForm(request.POST or None, initial=_start(plan))
    if not push.keys():
        del form.fields["by_push"]
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        times = [f"{data[k]:%H:%M}" for k in ("first", "second") if data[k]]
        actions.plan_reminders(
            by=request.user, now=timezone.now(), patient=patient, times=times, by_mail=data["by_mail"],
            by_push=data.get("by_push", False), quiet_until=data["quiet_until"],
        )  # fmt: skip
        messages.success(request, _("Saved."))
        return redirect("diary:reminders")
    days = [timezone.localdate() + timedelta(days=n) for n in range(1, 8)]
    friday = next(day for day in days if day.weekday() == 4)
    shown = {"form": form, "patient": patient, "plan": plan, "friday": friday, "push_key": push.public_key()}
    return render(request, "diary/reminders.html", shown)


def _start(plan: ReminderPlan | None) -> dict[str, Any]:
    if plan is None:
        return {}
    start = {"by_mail": plan.by_mail, "by_push": plan.by_push, "quiet_until": plan.quiet_until}
    return start | dict(zip(("first", "second"), plan.times, strict=False))


@require_POST
def pause(request: SignedIn) -> HttpResponse:
    """In an hour, quiet until a day, or go on."""
    patient = own_patient(request.user, why="pause my reminders", request=request)
    now, what = timezone.now(), request.POST.get("pause", "")
    try:
        actions.pause_reminders(by=request.user, now=now, patient=patient, what=what, hour=SNOOZE)
    except ValueError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("Saved."))
    return redirect("diary:reminders")


@require_POST
def subscribe(request: SignedIn) -> HttpResponse:
    """Keep a browser's push address, or end it."""
    patient = own_patient(request.user, why="my reminders", request=request)
    try:
        given = json.loads(request.body)
        push.subscribe(by=request.user, now=timezone.now(), patient=patient, given=given)
    except ValueError as error:
        return JsonResponse({"said": str(error)}, status=400)
    return JsonResponse({"kept": True}, status=201)


@csrf_exempt
@require_POST
def displayed(request: HttpRequest) -> HttpResponse:
    """A phone showed a reminder. Nobody is signed in at that moment: the signed word that came inside the encrypted
    message is the permission, and all it can do is to set this one time."""
    try:
        said = json.loads(request.body or b"{}")
    except ValueError:
        said = {}
    word = str(said.get("reminder", "")) if isinstance(said, dict) else ""
    found = push.shown(word, now=timezone.now())
    return HttpResponse(status=204 if found else 404)
