"""A questionnaire on the person's own page. It goes by the outbox, so that nothing is lost; without script, by post."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from surcease.knowledge.instrument import Instrument
from surcease.web.accounts.role import SignedIn
from surcease.web.diary.actions import owner_of
from surcease.web.diary.asked import askable
from surcease.web.diary.hours import help_of, help_of_all
from surcease.web.intake.actions import keep_answers
from surcease.web.intake.at_hand import instruments
from surcease.web.intake.calls import site_of
from surcease.web.patients.access import own_patient
from surcease.web.patients.instrument_form import InstrumentForm


@require_http_methods(["GET", "POST"])
def ask(request: SignedIn, instrument_id: str) -> HttpResponse:
    """A questionnaire; an answer that needs somebody shows help at once and reaches the clinic."""
    patient = own_patient(request.user, why=f"my {instrument_id}", request=request)
    asked = _asked(instrument_id)
    form = InstrumentForm(asked, request.POST or None, initial=_form_of(request, asked))
    now = timezone.now()
    if request.method == "POST" and form.is_valid():
        result = keep_answers(by=request.user, now=now, patient=patient, instrument_id=asked.id, items=form.items())
        if result.triggers:
            return render(request, "diary/help.html", {"helps": [help_of(site_of(patient), now)]})
        messages.success(request, _("Saved. Thank you."))
        return redirect("diary:today")
    shown = _shown(asked, form) | {
        "patient": patient,
        "owner": owner_of(patient),
        "helps": [help_of(site_of(patient), now)],
    }
    return render(request, "diary/ask.html", shown)


@require_safe
def ask_offline(request: HttpRequest, instrument_id: str) -> HttpResponse:
    """The same questionnaire as anyone may hold it: nobody's name, nobody's answers."""
    asked = _asked(instrument_id)
    form = InstrumentForm(asked)
    return render(request, "diary/ask_shell.html", _shown(asked, form) | {"helps": help_of_all(), "shell": True})


def _asked(instrument_id: str) -> Instrument:
    if instrument_id not in askable():
        raise Http404
    return instruments()[instrument_id]


def _form_of(request: SignedIn, asked: Instrument) -> dict[str, str]:
    """Which form of a tool with several is meant, already chosen."""
    form = request.GET.get("form", "")
    return {"form": form} if form and asked.items_from_site else {}


def _shown(asked: Instrument, form: InstrumentForm) -> dict[str, Any]:
    return {"instrument": asked, "form": form, "reveals": reveals(asked)}


def reveals(asked: Instrument) -> dict[str, list[str]]:
    """For each question with a trigger, the answers at which the page shows help at once, also without a network."""
    found: dict[str, list[str]] = {}
    for trigger in asked.triggers:
        item = asked.item(trigger.item)
        codes = [o.code for o in item.options if o.points is not None and o.points >= trigger.at_least]
        codes += ["true"] if item.type == "boolean" and item.points_yes >= trigger.at_least else []
        found.setdefault(item.link_id, []).extend(codes)
    return found
