"""The entry page and the door its entries come in by."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.http import HttpResponse, JsonResponse
from django.middleware.csrf import get_token
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from surcease.care.diary_cards import pulse_cards
from surcease.knowledge import load
from surcease.web.accounts.role import LINK_KEY, SignedIn
from surcease.web.diary import actions
from surcease.web.diary.arrival import RED_FLAGS, NotReadable, read_arrival
from surcease.web.diary.asked import body, in_words, page_of
from surcease.web.diary.cards import bands, side_effects
from surcease.web.diary.hours import help_of
from surcease.web.diary.queries import medicines, ribbon
from surcease.web.intake.calls import site_of
from surcease.web.patients.access import own_patient
from surcease.web.treatment.models import TreatmentSession


@require_safe
def today(request: SignedIn) -> HttpResponse:
    """One question, one row of eleven numbers; everything else may be ignored."""
    patient = own_patient(request.user, why="diary", request=request)
    now, day = timezone.now(), timezone.localdate()
    asked = page_of(patient, now=now, today=day)
    shown: dict[str, Any] = {
        "patient": patient,
        "owner": actions.owner_of(patient),
        "flags": RED_FLAGS,
        "asked": asked,
        "daily": asked.daily,
        "weekly": asked.weekly,
        "pulse_cards": in_words(pulse_cards(load())),
        "places": body(),
        "bands": bands(),
        "side_effects": side_effects(),
        "helps": [help_of(site_of(patient), now)],
        "medicines": medicines(patient),
        "by_link": LINK_KEY in request.session,
    }
    if not shown["by_link"]:
        sessions = frozenset(timezone.localdate(s.arrived_at) for s in TreatmentSession.objects.filter(patient=patient))
        shown["ribbon"] = ribbon(patient, today=day, sessions=sessions)
    return render(request, "diary/today.html", shown)


@require_safe
def hello(request: SignedIn) -> HttpResponse:
    """The token a page that was opened offline needs before it can send."""
    own_patient(request.user, why="diary sync", request=request)
    return JsonResponse({"csrf": get_token(request)}, headers={"Cache-Control": "no-store"})


@require_POST
def sync(request: SignedIn) -> HttpResponse:
    """Keep one entry: 201 new, 200 known, 409 another text under a known id (both are kept).

    One transaction and one commit: opening the person, the entry, and what it sets in motion. What is refused leaves
    the opening on the trail.
    """
    now = timezone.now()
    came_by = "link" if LINK_KEY in request.session else "signed_in"
    try:
        arrival = read_arrival(request.body, now=now)
    except NotReadable as error:
        return JsonResponse({"said": str(error)}, status=400)
    with transaction.atomic():
        patient = own_patient(request.user, why="diary sync", request=request)
        try:
            receipt = actions.receive(by=request.user, now=now, patient=patient, arrival=arrival, came_by=came_by)
        except NotReadable as error:
            return JsonResponse({"said": str(error)}, status=400)
        except PermissionError as error:
            return JsonResponse({"said": str(error)}, status=403)
    body = {"id": receipt.id, "hash": receipt.hash, "conflict": receipt.conflict, "show": receipt.show}
    return JsonResponse(body, status=409 if receipt.conflict else 201 if receipt.new else 200)
