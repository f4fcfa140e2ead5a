"""Pages of the review step: one timeline, the summary beside it, the decision at the foot; the papers."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from surcease.web.accounts.role import SignedIn, can
from surcease.web.accounts.stepup import SignForm
from surcease.web.papers.typeset import render as typeset
from surcease.web.patients.access import open_patient
from surcease.web.patients.models import Patient
from surcease.web.patients.pages import person_page
from surcease.web.review import actions, papers
from surcease.web.review.models import NEXT_KINDS, ReviewDecision
from surcease.web.review.queries import Reviewed, latest_review, reviewed


class ReviewForm(SignForm):
    """One decision and the next contact."""

    action = forms.ChoiceField(label=gettext_lazy("Decision"), choices=ReviewDecision.Action.choices)
    reason = forms.CharField(
        label=gettext_lazy("Reason"), required=False, max_length=2000, widget=forms.Textarea(attrs={"rows": 3})
    )
    next_contact = forms.DateField(label=gettext_lazy("Next contact"), widget=forms.DateInput(attrs={"type": "date"}))
    next_kind = forms.ChoiceField(label=gettext_lazy("By"), choices=NEXT_KINDS)
    field_order = ("action", "reason", "next_contact", "next_kind", "secret")


@require_safe
def page(request: SignedIn, patient_id: UUID) -> HttpResponse:
    """The review."""
    patient = open_patient(request.user, patient_id, why="review", request=request)
    found = reviewed(patient, now=timezone.now())
    return render(request, "review/page.html", _shown(request, patient, found) | {"form": ReviewForm()})


def _shown(request: SignedIn, patient: Patient, found: Reviewed) -> dict[str, Any]:
    from surcease.charts import theme, timeline

    heads = [_("week of"), _("mean pain"), "n"]
    rows = [(r["day"], f"{r['mean']:.1f}", r["n"]) for r in timeline.weekly_means(found.timeline.pain)]
    return person_page(patient, "review") | {
        "found": found,
        "picture": {
            "spec": theme.spec(timeline.timeline(found.timeline)),
            "sentence": timeline.sentence(found.timeline),
            "table": rows,
            "heads": heads,
        },
        "last": latest_review(patient),
        "decisions": ReviewDecision.objects.filter(patient=patient).select_related("by")[:10],
        "may_sign": can(request, "review.sign"),
    }


@require_POST
def sign(request: SignedIn, patient_id: UUID) -> HttpResponse:
    """Sign the decision."""
    patient = open_patient(request.user, patient_id, why="sign review", request=request)
    found = reviewed(patient, now=timezone.now())
    form = ReviewForm(request.POST)
    if form.is_valid() and (method := form.method_of(request)):
        data = form.cleaned_data
        try:
            row = actions.sign_review(
                by=request.user, now=timezone.now(), method=method, patient=patient, found=found, action=data["action"],
                reason=data["reason"], next_contact=data["next_contact"], next_kind=data["next_kind"],
            )  # fmt: skip
        except ValueError as error:
            form.add_error("action", str(error))
        else:
            messages.success(request, _("Signed: %(what)s.") % {"what": row.get_action_display()})
            return redirect("review:person", patient.pk)
    return render(request, "review/page.html", _shown(request, patient, found) | {"form": form}, status=400)


@require_safe
def summary_pdf(request: SignedIn, patient_id: UUID) -> HttpResponse:
    """The 60-second summary on one page."""
    return _paper(request, patient_id, "summary", papers.summary_data)


@require_safe
def letter_pdf(request: SignedIn, patient_id: UUID) -> HttpResponse:
    """The letter to the referring doctor."""
    return _paper(request, patient_id, "letter", papers.letter_data)


def _paper(request: SignedIn, patient_id: UUID, name: str, data: Any) -> HttpResponse:
    patient = open_patient(request.user, patient_id, why=f"print {name}", request=request)
    now = timezone.now()
    body = data(patient, reviewed(patient, now=now), latest_review(patient), by=request.user, now=now)
    response = HttpResponse(typeset("papers/plain", body), content_type="application/pdf")
    response.headers["Content-Disposition"] = f'inline; filename="{name}.pdf"'
    return response
