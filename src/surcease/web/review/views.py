"""Pages of the review step: one timeline, the summary beside it, the decision at the foot; the papers."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from surcease.charts import timeline
from surcease.web.accounts.role import SignedIn, can
from surcease.web.papers.typeset import render as typeset
from surcease.web.patients.access import open_patient
from surcease.web.patients.models import Patient
from surcease.web.patients.pages import person_page
from surcease.web.review import actions, paper
from surcease.web.review.forms import ReleaseForm, ReviewForm
from surcease.web.review.models import ForecastShown, ReviewDecision
from surcease.web.review.queries import Reviewed, latest_review, reviewed
from surcease.web.review.shown import shown_forecast


@require_safe
def page(request: SignedIn, patient_id: UUID) -> HttpResponse:
    """The review."""
    patient = open_patient(request.user, patient_id, why="review", request=request)
    found = reviewed(patient, now=timezone.now())
    return render(request, "review/page.html", _shown(request, patient, found) | {"form": ReviewForm()})


def _shown(request: SignedIn, patient: Patient, found: Reviewed) -> dict[str, Any]:
    heads = [_("week of"), _("mean pain"), "n"]
    rows = [(r["day"], f"{r['mean']:.1f}", r["n"]) for r in timeline.weekly_means(found.timeline.pain)]
    return person_page(patient, "review") | {
        "found": found,
        "picture": {
            "spec": timeline.spec(found.timeline),
            "sentence": timeline.sentence(found.timeline),
            "table": rows,
            "heads": heads,
        },
        "last": latest_review(patient),
        "decisions": ReviewDecision.objects.filter(patient=patient).select_related("by")[:10],
        "may_sign": can(request, "review.sign"),
    }


@require_safe
def outlook_part(request: SignedIn, patient_id: UUID) -> HttpResponse:
    """The forecast, loaded after the page: stored as it is shown; ``?compare=1`` sets other plans beside it."""
    now = timezone.now()
    patient = open_patient(request.user, patient_id, why="forecast of relief", request=request)
    shown = shown_forecast(patient, by=request.user, now=now, compare=bool(request.GET.get("compare")))
    shown |= {"patient": patient, "may_sign": can(request, "review.sign"), "release_form": ReleaseForm()}
    return render(request, "review/outlook.html", shown)


@require_POST
def release(request: SignedIn, patient_id: UUID) -> HttpResponse:
    """Let the person see the trial's people and the day, or take it back."""
    patient = open_patient(request.user, patient_id, why="release outlook", request=request)
    row = ForecastShown.objects.filter(patient=patient).order_by("-at").first()
    if row is None:
        raise Http404
    now, back = timezone.now(), "take_back" in request.POST
    form = ReleaseForm(request.POST)
    if back or form.is_valid():
        decide_on = None if back else form.cleaned_data["decide_on"]
        try:
            actions.release_outlook(
                by=request.user, now=now, patient=patient, forecast=row, decide_on=decide_on, shown=not back
            )
        except ValueError as error:
            messages.error(request, str(error))
        else:
            said = _("Taken back: the person no longer sees it.") if back else _("Released: the person sees it now.")
            messages.success(request, said)
    else:
        messages.error(request, _("Choose the day on which you decide together: today or later."))
    return redirect("review:person", patient.pk)


@require_POST
def sign(request: SignedIn, patient_id: UUID) -> HttpResponse:
    """Sign the decision."""
    patient = open_patient(request.user, patient_id, why="sign review", request=request)
    found = reviewed(patient, now=timezone.now())
    form = ReviewForm(request.POST)
    if form.is_valid() and (method := form.method_of(request)):
        row = _signed(request, patient, found, form, method)
        if row is not None:
            messages.success(request, _("Signed: %(what)s.") % {"what": row.get_action_display()})
            changes = row.action in ("adjust", "booster")
            return redirect("plan:person" if changes else "review:person", patient.pk)
    return render(request, "review/page.html", _shown(request, patient, found) | {"form": form}, status=400)


def _signed(
    request: SignedIn, patient: Patient, found: Reviewed, form: ReviewForm, method: str
) -> ReviewDecision | None:
    """The signed review, or None with the sentence at its field."""
    data = form.cleaned_data
    before = ForecastShown.objects.filter(pk=data["forecast"], patient=patient).first() if data["forecast"] else None
    verdict = actions.Verdict(
        data["action"], data["reason"], data["next_contact"], data["next_kind"],
        refer_to=data["refer_to"] if data["action"] == "refer" else "", forecast=before,
    )  # fmt: skip
    try:
        return actions.sign_review(
            by=request.user, now=timezone.now(), method=method, patient=patient, found=found, verdict=verdict
        )
    except ValueError as error:
        said = str(error)
        form.add_error("next_contact" if "next contact" in said else "action", said)
    return None


@require_safe
def summary_pdf(request: SignedIn, patient_id: UUID) -> HttpResponse:
    """The 60-second summary on one page."""
    return _paper(request, patient_id, "summary", paper.summary_data)


@require_safe
def letter_pdf(request: SignedIn, patient_id: UUID) -> HttpResponse:
    """The letter to the referring doctor."""
    return _paper(request, patient_id, "letter", paper.letter_data)


@require_safe
def copy_pdf(request: SignedIn, patient_id: UUID) -> HttpResponse:
    """The patient's copy in plain words, of the last signed review."""
    patient = open_patient(request.user, patient_id, why="print patient copy", request=request)
    last = latest_review(patient)
    if last is None:
        raise Http404
    return _pdf(paper.copy_data(patient, last, now=timezone.now()), "patient-copy")


def _paper(request: SignedIn, patient_id: UUID, name: str, data: Any) -> HttpResponse:
    patient = open_patient(request.user, patient_id, why=f"print {name}", request=request)
    now = timezone.now()
    return _pdf(data(patient, reviewed(patient, now=now), latest_review(patient), by=request.user, now=now), name)


def _pdf(body: dict[str, Any], name: str) -> HttpResponse:
    template = "review/summary" if name == "summary" else "papers/plain"
    response = HttpResponse(typeset(template, body), content_type="application/pdf")
    response.headers["Content-Disposition"] = f'inline; filename="{name}.pdf"'
    return response
