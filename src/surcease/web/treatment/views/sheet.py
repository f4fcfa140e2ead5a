"""The session's one page: flowsheet, what is due, the rate, pause and stop."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from surcease.web.accounts.middleware import CHAIR
from surcease.web.accounts.models import Role, User
from surcease.web.accounts.role import SignedIn
from surcease.web.patients.access import open_patient
from surcease.web.patients.models import LimbRestriction
from surcease.web.patients.pages import person_page
from surcease.web.treatment.chair_parts import parts_of
from surcease.web.treatment.models import TreatmentSession
from surcease.web.treatment.order_words import order_details
from surcease.web.treatment.predicted import predicted
from surcease.web.treatment.queries import Sheet, session_of, sheet_of
from surcease.web.treatment.rescue import card, drugs_named
from surcease.web.treatment.words import SYMPTOMS, log_lines, picture

ROUTES = ("iv", "im", "sc", "in", "sl", "po")
CARE_ROLES = (Role.NURSE, Role.PHYSICIAN)
STEPS = (-15, -5, -1, 1, 5, 15)  # minutes to go back and forth in a replay


@require_safe
def person(request: SignedIn, patient_id: UUID) -> HttpResponse:
    """This person's sessions; straight to the one that is open."""
    patient = open_patient(request.user, patient_id, why="treatment sessions", request=request)
    rows = list(TreatmentSession.objects.filter(patient=patient).select_related("chair")[:60])
    running = next((row for row in rows if row.closed_at is None), None)
    if running is not None and "all" not in request.GET:
        return redirect("treatment:session", running.pk)
    lines = [(row, sheet_of(row, at=row.closed_at or timezone.now())) for row in rows]
    return render(request, "treatment/person.html", person_page(patient, "treatment") | {"lines": lines})


@require_safe
def page(request: SignedIn, session_id: UUID) -> HttpResponse:
    """The page, or only its moving parts for a fragment request."""
    session = session_of(request.user, session_id)
    whole = not request.headers.get("HX-Request")
    if whole:
        open_patient(request.user, session.patient_id, why="treatment session", request=request)
        if session.chair is not None:
            request.session[CHAIR] = session.chair.name
    shown = context(session, sheet_of(session, at=timezone.now()))
    if whole:
        shown["parts"] = parts_of(shown["sheet"], request.user.role)
        return render(request, "treatment/session.html", person_page(session.patient, "treatment") | shown)
    return render(request, "treatment/session.html#moving", shown)


@require_safe
def log(request: SignedIn, session_id: UUID) -> HttpResponse:
    """Every line of the log, struck ones too, each with its way to strike it through."""
    session = session_of(request.user, session_id)
    patient = open_patient(request.user, session.patient_id, why="session log", request=request)
    sheet = sheet_of(session, at=timezone.now())
    shown = {"session": session, "sheet": sheet, "lines": log_lines(sheet)}
    return render(request, "treatment/log.html", person_page(patient, "treatment") | shown)


@require_safe
def predicted_part(request: SignedIn, session_id: UUID) -> HttpResponse:
    """The forecast as a fragment of a page that was opened (and audited) itself."""
    session = session_of(request.user, session_id)
    shown = {"predicted": predicted(sheet_of(session, at=timezone.now())), "session": session}
    return render(request, "treatment/predicted.html", shown)


@require_safe
def replay(request: SignedIn, session_id: UUID) -> HttpResponse:
    """The session as it was known at a minute (``?at=ISO``), with that minute's forecast and nothing learnt later."""
    session = session_of(request.user, session_id)
    patient = open_patient(request.user, session.patient_id, why="session replay", request=request)
    start = session.arrived_at
    end = session.closed_at or timezone.now()
    at = _minute(request.GET.get("at"), start, end)
    sheet = sheet_of(session, at=at, known_by=at)
    shown = context(session, sheet) | {
        "replayed": at, "start": start, "end": end, "predicted": predicted(sheet), "lines": log_lines(sheet)[::-1],
        "hash": sheet.state.hash[:16], "steps": [(m, _minute((at + timedelta(minutes=m)).isoformat(), start, end))
                                                for m in STEPS],
    }  # fmt: skip
    return render(request, "treatment/replay.html", person_page(patient, "treatment") | shown)


def context(session: TreatmentSession, sheet: Sheet) -> dict[str, Any]:
    """What the moving parts need."""
    team = User.objects.filter(role__in=CARE_ROLES, is_active=True, sites=session.site).order_by("name")
    return {
        "session": session,
        "sheet": sheet,
        "picture": picture(sheet),
        "lines": log_lines(sheet)[-8:][::-1],
        "symptoms": SYMPTOMS.items(),
        "grades": range(4),
        "rass": range(4, -6, -1),
        "routes": ROUTES,
        "rescue_drugs": drugs_named(sheet.order.protocol),
        "nurses": team,
        "physicians": [user for user in team if user.role == Role.PHYSICIAN],
        "checks": dict(sheet.state.checks),
        "plan": order_details(sheet),
        "cards": {line.mark.card: found for line in sheet.watch.marks if (found := card(line.mark.card))},
        "person_words": _person_words(session, sheet),
    }


def _person_words(session: TreatmentSession, sheet: Sheet) -> list[tuple[str, str]]:
    """What this person asked for and what must not happen to them, for everybody at the chair."""
    checks = dict(sheet.state.checks)
    limbs = [("", str(row)) for row in LimbRestriction.objects.standing().filter(patient=session.patient_id)]
    said = [
        (_("stop word"), checks.get("stop_word", "")), (_("today"), checks.get("today", "")), *limbs,
        (_("helps"), session.patient.comfort), ("", checks.get("music", "")),
        (_("goes home with"), checks.get("escort", "")),
    ]  # fmt: skip
    return [(name, words) for name, words in said if words]


def _minute(text: str | None, start: datetime, end: datetime) -> datetime:
    try:
        at = datetime.fromisoformat(text or "")
    except ValueError:
        return end
    if at.tzinfo is None:
        at = at.replace(tzinfo=timezone.get_current_timezone())
    return min(max(at, start), end)
