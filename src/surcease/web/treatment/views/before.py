"""Before the drug: arrival, the day's questions, go or no-go."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from surcease.care.event import Checked
from surcease.web.accounts.role import SignedIn
from surcease.web.clinic.installation import is_demo
from surcease.web.forms import new_token, once
from surcease.web.limits.queries import why_not_treat
from surcease.web.patients import actions as patients
from surcease.web.patients.access import open_patient
from surcease.web.patients.models import MeasurementRow
from surcease.web.patients.pages import person_page
from surcease.web.patients.questions import FactForm
from surcease.web.plan.queries import next_session, signed_plan
from surcease.web.treatment import actions
from surcease.web.treatment.day import GoNoGo, go_no_go, questions, red_flags
from surcease.web.treatment.last import last_time
from surcease.web.treatment.models import Chair, TreatmentSession
from surcease.web.treatment.programme import programme_state
from surcease.web.treatment.queries import Sheet, session_of, sheet_of
from surcease.web.treatment.seat import PUMPED, SeatForm
from surcease.web.treatment.vials import VialSeen, look_at


@require_http_methods(["GET", "POST"])
def arrive(request: SignedIn, patient_id: UUID) -> HttpResponse:
    """The person is here: which session of which plan, in which chair."""
    patient = open_patient(request.user, patient_id, why="arrival", request=request)
    plan, number = signed_plan(patient), next_session(patient)
    site = request.user.sites.order_by("name").first()
    chairs = Chair.objects.filter(site=site).exclude(sessions__closed_at__isnull=True, sessions__isnull=False)
    home = bool(plan and actions.setting_of(plan) == "home")
    shown = {"plan": plan, "number": number, "chairs": chairs, "form_token": new_token(), "home": home}
    if request.method == "POST" and plan is not None and number is not None and site is not None:
        if (said := why_not_treat(site)) and not is_demo():
            messages.error(request, said)
            return render(request, "treatment/arrive.html", person_page(patient, "treatment") | shown, status=409)
        at_home = request.POST.get("at_home") == "yes"
        if said := actions.why_not_begin(patient) or actions.why_not_home(plan, site, at_home=at_home):
            messages.error(request, said)
            return render(request, "treatment/arrive.html", person_page(patient, "treatment") | shown, status=409)
        chair = get_object_or_404(Chair, pk=request.POST["chair"], site=site) if request.POST.get("chair") else None
        with once(request.POST.get("form_token", ""), by=request.user) as ticket:
            if ticket.first:
                row = actions.open_session(
                    by=request.user,
                    now=timezone.now(),
                    patient=patient,
                    plan=plan,
                    number=number,
                    site=site,
                    chair=chair,
                    at_home=at_home,
                )
                ticket.result = str(row.pk)
        return redirect("treatment:before", ticket.result)
    return render(request, "treatment/arrive.html", person_page(patient, "treatment") | shown)


@require_http_methods(["GET", "POST"])
def page(request: SignedIn, session_id: UUID) -> HttpResponse:
    """The day's questions with what is already known; saving keeps the answers, *go* needs nothing open."""
    session = session_of(request.user, session_id)
    patient = open_patient(request.user, session.patient_id, why="go / no-go", request=request)
    now, vial = timezone.now(), VialSeen("")
    sheet = sheet_of(session, at=now)
    before, last = _today(session, sheet, now), last_time(patient.pk, before=session.arrived_at)
    form = FactForm(questions(sheet.order), request.POST or None, known=dict(before.facts))
    seat = SeatForm(
        request.POST or None, patient=patient, known=dict(sheet.state.checks), last=last,
        pumped=sheet.order.route in PUMPED, prefix="seat",
    )  # fmt: skip
    if request.method == "POST" and form.is_valid() & seat.is_valid():
        answers = form.fresh(at=now, source=f"asked by {request.user.printed_name}")
        patients.state(by=request.user, now=now, patient=patient, facts=answers, what="go / no-go answers")
        if (kg := seat.cleaned_data["weight"]) is not None:
            row = MeasurementRow(name="weight", value=kg, unit="kg", at=now)
            patients.enter(by=request.user, now=now, patient=patient, rows=[row], what="weighed before the session")
        for payload in seat.lines():
            actions.add_event(by=request.user, now=now, session=session, payload=payload)
        if "go" not in request.POST:
            return redirect("treatment:before", session.pk)
        vial = look_at(session, request.POST.get("vial", ""))
        if not vial.why_not:
            return _go(request, session, vial)
    shown = {
        "session": session, "sheet": sheet, "form": form, "seat": seat, "day": before, "last": last,
        "flags": red_flags(patient, now=now), "programme": programme_state(session),
        "consent": before.facts.value("consent_signed_on"), "vial": vial,
    }  # fmt: skip
    return render(request, "treatment/before.html", person_page(patient, "treatment") | shown)


def _today(session: TreatmentSession, sheet: Sheet, now: datetime) -> GoNoGo:
    return go_no_go(
        session.patient, now=now, site=session.site, order=sheet.order, checks=dict(sheet.state.checks)
    )  # fmt: skip


def _go(request: SignedIn, session: TreatmentSession, vial: VialSeen) -> HttpResponse:
    now = timezone.now()
    day = _today(session, sheet_of(session, at=now), now)
    if not day.may_start:
        messages.error(request, _("Not today as it stands: settle what is marked below, or send the person home."))
        return redirect("treatment:before", session.pk)
    said = ", ".join(f.id for f in day.standing) or "nothing open"
    actions.add_event(by=request.user, now=now, session=session, payload=Checked("go", f"go ({said})"))
    if vial.code:
        actions.add_event(by=request.user, now=now, session=session, payload=Checked("vial", vial.code))
        messages.success(request, vial.said or vial.code)
    return redirect("treatment:session", session.pk)
