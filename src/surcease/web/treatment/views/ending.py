"""After the drug: the clock, the criteria, what was seen, the way out."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from surcease.care.event import Checked, Note
from surcease.care.session_end import SPRAY, ending
from surcease.knowledge import load
from surcease.web.accounts.models import Role, User
from surcease.web.accounts.role import SignedIn
from surcease.web.limits.queries import limits_for
from surcease.web.patients.access import open_patient
from surcease.web.patients.pages import person_page
from surcease.web.treatment import actions
from surcease.web.treatment.ending import SeenForm, WayForm
from surcease.web.treatment.models import TreatmentSession
from surcease.web.treatment.queries import Sheet, session_of, sheet_of


@require_http_methods(["GET", "POST"])
def page(request: SignedIn, session_id: UUID) -> HttpResponse:
    """What was seen, then the way out; a missing criterion blocks the ordinary way only."""
    session = session_of(request.user, session_id)
    patient = open_patient(request.user, session.patient_id, why="end of session", request=request)
    sheet = sheet_of(session, at=timezone.now())
    usual = {
        name: f"{_('Usually')}: {words}"
        for name, words in (("gait_usual", patient.usual_gait), ("oriented", patient.usual_orientation))
        if words
    }
    seen = SeenForm(
        request.POST if "seen" in request.POST else None, known=dict(sheet.state.checks), usual=usual,
        spray=sheet.order.product == SPRAY, prefix="seen",
    )  # fmt: skip
    physicians = User.objects.filter(role=Role.PHYSICIAN, is_active=True, sites=session.site).order_by("name")
    way = WayForm(
        request.POST if "close" in request.POST else None, physicians=[p.printed_name for p in physicians], prefix="way"
    )
    if "seen" in request.POST and seen.is_valid():
        _keep_seen(request, session, seen)
        return redirect("treatment:after", session.pk)
    if "close" in request.POST and (closed := _close(request, session, sheet, way)):
        return closed
    found = ending(sheet.order, sheet.state, knowledge=load(), protocol_id=sheet.order.protocol)
    standing = sorted((f for f in found.findings if f.counts), key=lambda f: (f.outcome.rank, f.id))
    met = [f for f in found.findings if f.applies and f.fired is False]
    shown = {
        "session": session,
        "sheet": sheet,
        "ending": found,
        "standing": standing,
        "met": met,
        "seen": seen,
        "way": way,
    }
    return render(request, "treatment/after.html", person_page(patient, "treatment") | shown)


def _keep_seen(request: SignedIn, session: TreatmentSession, seen: SeenForm) -> None:
    now = timezone.now()
    for name, value in seen.fresh():
        payload = Note(value, topic="next_time") if name == "next_time" else Checked(name, value)
        actions.add_event(by=request.user, now=now, session=session, payload=payload)


def _close(request: SignedIn, session: TreatmentSession, sheet: Sheet, form: WayForm) -> HttpResponse | None:
    """Close this way, or say at the form what it still needs."""
    if not form.is_valid() or not (method := form.method_of(request)):
        return None
    given, name, now = form.given(), form.cleaned_data["way"], timezone.now()
    signed = limits_for(session.patient, session.site, now=now)
    found = ending(
        sheet.order, sheet.state, knowledge=load(), protocol_id=sheet.order.protocol, given=given, signed=signed
    )
    way = next(w for w in found.ways if w.name == name)
    if not way.open:
        form.add_error("way", _("%(way)s still needs: %(what)s.") % {"way": way.title, "what": ", ".join(way.missing)})
        return None
    actions.close_session(by=request.user, now=now, method=method, session=session, way=name, given=given)
    messages.success(request, _("Session closed. Print the slip and give it to the person."))
    return redirect("treatment:session", session.pk)
