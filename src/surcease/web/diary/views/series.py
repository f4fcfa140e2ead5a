"""My plan: what to expect, the days for the calendar, the page for the fridge. Drawn from the signed plan."""

from __future__ import annotations

from datetime import datetime, time
from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from surcease.web.accounts.role import SignedIn
from surcease.web.clinic.installation import installation
from surcease.web.diary.ics import calendar as calendar_file
from surcease.web.diary.paper import fridge_data
from surcease.web.diary.series import Series, entries, route_words, said_hours, series_of
from surcease.web.papers.typeset import render as typeset
from surcease.web.patients.access import own_patient
from surcease.web.patients.models import Patient


@require_safe
def expect(request: SignedIn) -> HttpResponse:
    """What to expect: the person's own plan in plain words."""
    patient = own_patient(request.user, why="my plan", request=request)
    return render(request, "diary/series.html", _shown(request, patient))


@require_safe
def fridge(request: SignedIn) -> HttpResponse:
    """The page for the fridge: big, on one sheet."""
    patient = own_patient(request.user, why="my plan, for the fridge", request=request)
    return render(request, "diary/fridge.html", _shown(request, patient))


@require_safe
def fridge_pdf(request: SignedIn) -> HttpResponse:
    """The same as a PDF."""
    patient = own_patient(request.user, why="my plan, for the fridge (PDF)", request=request)
    series = series_of(patient, arrives=_hour(request))
    if series is None:
        return redirect("diary:series")
    content = typeset("diary/fridge", fridge_data(patient, series, now=timezone.now()))
    return _file(content, "application/pdf", "fridge.pdf", "inline")


@require_safe
def calendar(request: SignedIn) -> HttpResponse:
    """Treatment days, who takes me home from when, days without driving: for any phone's calendar."""
    patient = own_patient(request.user, why="my plan, for the calendar", request=request)
    series = series_of(patient, arrives=_hour(request))
    if series is None:
        return redirect("diary:series")
    row = installation()
    text = calendar_file(
        entries(patient, series), name=row.organisation if row else _("The clinic"), now=timezone.now()
    )
    return _file(text.encode(), "text/calendar; charset=utf-8", "treatment.ics", "attachment")


def _shown(request: SignedIn, patient: Patient) -> dict[str, Any]:
    hour = _hour(request)
    series = series_of(patient, arrives=hour)
    shown: dict[str, Any] = {"patient": patient, "series": series, "hour": f"{hour:%H:%M}" if hour else ""}
    shown["wrong"] = bool(request.GET.get("at")) and hour is None
    if series is None or (day := series.longest) is None:
        return shown
    return shown | {
        "route": route_words(series.route),
        "runs": said_hours(day.runs),
        "watched": said_hours(day.watched),
        "stays": said_hours(day.stays),
        "bars": _bars(series),
    }


def _bars(series: Series) -> dict[str, int]:
    """The day's drawing: where the bars of drug and watch lie on its line, which is "home" at 196 of 320."""
    day = series.longest
    assert day is not None
    drug = max(round(188 * day.runs / day.stays), 16)
    return {"drug": drug, "watch_at": 8 + drug, "watch": max(188 - drug, 16)}


def _hour(request: SignedIn) -> time | None:
    """``?at=09:00``: the hour the clinic told the person to come; nothing of it is kept."""
    try:
        return datetime.strptime(request.GET.get("at", ""), "%H:%M").time()  # noqa: DTZ007
    except ValueError:
        return None


def _file(content: bytes, kind: str, name: str, way: str) -> HttpResponse:
    return HttpResponse(content, content_type=kind, headers={"Content-Disposition": f'{way}; filename="{name}"'})
