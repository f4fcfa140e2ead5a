"""Pages of the plan step: the plan before and after signing, its forecast as a fragment, the visits, the day."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from surcease.knowledge.protocol import protocols_for
from surcease.web.accounts.role import SignedIn, can
from surcease.web.forms import StaleVersion
from surcease.web.limits.queries import home_offered
from surcease.web.patients.access import lines_of, open_patient
from surcease.web.patients.pages import person_page
from surcease.web.plan import actions
from surcease.web.plan.forms import PHYSICAL, PSYCHOLOGICAL, PlanForm, PlanSignForm, VisitForm
from surcease.web.plan.models import PlanVersion, Visit
from surcease.web.plan.picture import curve, dialects
from surcease.web.plan.queries import current, desk, visits_of, visits_on
from surcease.web.plan.record import choices_from
from surcease.web.signing.actions import signatures_of


@require_http_methods(["GET", "POST"])
def page(request: SignedIn, patient_id: UUID) -> HttpResponse:
    """The desk: choose, see what it comes to, save; the signed versions below."""
    patient = open_patient(request.user, patient_id, why="plan", request=request)
    now, site = timezone.now(), _site(request)
    before = desk(patient, now=now, site=site)
    form = PlanForm(request.POST or None, version=before.edit, initial=asdict(before.choices), home=home_offered(site))
    if request.method == "POST" and form.is_valid():
        saved = _save(request, form, patient)
        if saved is not None:
            return saved
        before = desk(patient, now=now, choices=form.choices(), site=site)
    shown: dict[str, Any] = {
        "form": form,
        "desk": before,
        "dialects": dialects(before.worked) if before.worked else None,
        "curve": curve(before.worked) if before.worked else None,
        "standing": sorted((f for f in before.check.findings if f.counts), key=lambda f: (f.outcome.rank, f.id))
        if before.check
        else [],
        "signed": current(patient),
        "versions": PlanVersion.objects.filter(patient=patient).select_related("signed_by")[:12],
        "sign_form": PlanSignForm(),
        "may_sign": can(request, "plan.sign"),
        "physical": PHYSICAL,
        "psychological": PSYCHOLOGICAL,
    }
    if shown["signed"]:
        shown["signatures"] = signatures_of("plan", shown["signed"].pk)
    return render(request, "plan/page.html", person_page(patient, "plan") | shown)


def _save(request: SignedIn, form: PlanForm, patient: Any) -> HttpResponse | None:
    """Saved and back to the page; None when somebody was first and the person must choose."""
    if form.gives_way:
        return redirect("plan:person", patient.pk)
    try:
        actions.save_draft(
            by=request.user, now=timezone.now(), patient=patient, choices=form.choices(), edit=form.base_version
        )
    except StaleVersion as stale:
        there = asdict(choices_from(stale.current.content))
        form.meet(stale.current.edit, _as_fields(there))
        return None
    return redirect("plan:person", patient.pk)


def _as_fields(kept: dict[str, str]) -> dict[str, Any]:
    """Kept text as the form's clean values, so that equal things compare equal."""
    start = date.fromisoformat(kept["start"]) if kept["start"] else None
    sessions = int(kept["sessions"]) if kept["sessions"] else None
    return kept | {"start": start, "sessions": sessions}


@require_safe
def forecast(request: SignedIn, patient_id: UUID) -> HttpResponse:
    """The plan tested on 1,000 simulated people: loaded after the page."""
    from surcease.web.plan.tested import in_silico

    patient = open_patient(request.user, patient_id, why="plan forecast", request=request)
    now = timezone.now()
    before = desk(patient, now=now, site=_site(request))
    found, said = None, ""
    chosen = [other for other in request.GET.getlist("compare") if other][:2]
    if before.worked is not None:
        try:
            found = in_silico(before.worked, before.record, before.facts, now=now, others=chosen)
        except ValueError as error:
            said = str(error)
    shown = {
        "tested": found, "said": said, "patient": patient, "protocols": protocols_for("outpatient"), "chosen": chosen,
    }  # fmt: skip
    return render(request, "plan/forecast.html", shown)


@require_POST
def consent(request: SignedIn, patient_id: UUID) -> HttpResponse:
    """The consent as a paper, kept as it is printed."""
    from surcease.web.plan.consent import keep_consent

    patient = open_patient(request.user, patient_id, why="print consent", request=request)
    now = timezone.now()
    others = [other for other in request.POST.getlist("compare") if other]
    try:
        row = keep_consent(
            by=request.user, now=now, patient=patient, desk=desk(patient, now=now, site=_site(request)), others=others
        )
    except ValueError as error:
        messages.error(request, str(error))
        return redirect("plan:person", patient.pk)
    return redirect("papers:document", row.pk)


@require_POST
def sign(request: SignedIn, patient_id: UUID) -> HttpResponse:
    """Sign what is saved: the birth date typed again, and who signs shown once more."""
    patient = open_patient(request.user, patient_id, why="sign plan", request=request, lock=False)
    before = desk(patient, now=timezone.now(), site=_site(request))
    form = PlanSignForm(request.POST)
    if form.is_valid():
        if form.cleaned_data["born"] != patient.born:
            form.add_error("born", _("This is not this person's birth date. Check whose plan is open."))
        elif method := form.method_of(request):
            try:
                row = actions.sign_plan(
                    by=request.user, now=timezone.now(), method=method, patient=patient, desk=before
                )
            except (ValueError, ValidationError) as error:
                form.add_error(None, str(error))
            else:
                messages.success(request, _("Signed: plan version %(n)s. Its visits are planned.") % {"n": row.version})
                return redirect("plan:visits", patient.pk)
    shown = {"sign_form": form, "desk": before, "dialects": dialects(before.worked) if before.worked else None}
    return render(request, "plan/sign.html", person_page(patient, "plan") | shown, status=400)


@require_POST
def end(request: SignedIn, patient_id: UUID) -> HttpResponse:
    """No further session of the plan in force."""
    patient = open_patient(request.user, patient_id, why="end plan", request=request)
    row = current(patient)
    if row is None:
        raise Http404
    try:
        actions.end_plan(by=request.user, now=timezone.now(), plan=row, reason=request.POST.get("reason", ""))
    except ValueError as error:
        messages.error(request, str(error))
    return redirect("plan:person", patient.pk)


@require_safe
def visits(request: SignedIn, patient_id: UUID) -> HttpResponse:
    """The dates of the series, each with what became of it."""
    patient = open_patient(request.user, patient_id, why="visits", request=request)
    shown = {"visits": visits_of(patient), "visit_form": VisitForm()}
    return render(request, "plan/visits.html", person_page(patient, "plan") | shown)


@require_POST
def visit(request: SignedIn, visit_id: UUID) -> HttpResponse:
    """Keep, move, cancel or miss one."""
    row = Visit.objects.filter(pk=visit_id).select_related("plan").first()
    if row is None:
        raise Http404
    open_patient(request.user, row.patient_id, why="visit", request=request)
    form = VisitForm(request.POST)
    if form.is_valid():
        data = form.cleaned_data
        try:
            actions.change_visit(
                by=request.user, now=timezone.now(), visit=row, state=data["state"], reason=data["reason"],
                to_day=data["to_day"], note=data["note"],
            )  # fmt: skip
        except ValueError as error:
            messages.error(request, str(error))
    else:
        messages.error(request, "; ".join(str(e) for errors in form.errors.values() for e in errors))
    return redirect("plan:visits", row.patient_id)


@require_safe
def day(request: SignedIn) -> HttpResponse:
    """Who comes today, and tomorrow."""
    today = _day(request)
    rows = list(visits_on(request.user, today))
    names = lines_of(request.user, {row.patient_id for row in rows}, why="visits of the day")
    lines = [(row, names.get(row.patient_id)) for row in rows]
    return render(request, "plan/day.html", {"lines": lines, "day": today})


def _day(request: HttpRequest) -> date:
    try:
        return date.fromisoformat(request.GET.get("day", ""))
    except ValueError:
        return timezone.localdate()


def _site(request: SignedIn) -> Any:
    return request.user.sites.order_by("name").first()
