"""Adverse events of a person: the list, a new one, a later judgement of one, striking through."""

from __future__ import annotations

from decimal import Decimal
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from surcease.care.adverse import DOCUMENT, Judgement
from surcease.knowledge import load
from surcease.web.accounts.models import Role, User
from surcease.web.accounts.role import SignedIn
from surcease.web.patients.access import open_patient
from surcease.web.patients.models import Patient
from surcease.web.patients.pages import person_page
from surcease.web.treatment import adverse
from surcease.web.treatment.adverse import Happening, in_words
from surcease.web.treatment.models import AdverseEventRow, TreatmentSession

NUMBERS = (
    ("systolic", gettext_lazy("Systolic, mmHg")), ("diastolic", gettext_lazy("Diastolic, mmHg")),
    ("spo2", gettext_lazy("SpO₂, %")), ("moaas", gettext_lazy("MOAA/S")),
)  # fmt: skip
GRADES = [("", gettext_lazy("by the sign or the number")), *((str(n), str(n)) for n in range(1, 6))]


class AdverseForm(forms.Form):
    """One happening: what, when, how strong; and apart from that seriousness, relatedness, outcome."""

    term = forms.ChoiceField(label=gettext_lazy("What"))
    words = forms.CharField(
        label=gettext_lazy("What happened, in a sentence"), max_length=1000, widget=forms.Textarea(attrs={"rows": 2})
    )
    at = forms.DateTimeField(
        label=gettext_lazy("When"),
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
    )
    signs = forms.MultipleChoiceField(label=gettext_lazy("Signs"), required=False, widget=forms.CheckboxSelectMultiple)
    number_of = forms.ChoiceField(
        label=gettext_lazy("Measured"), required=False, choices=[("", gettext_lazy("nothing")), *NUMBERS]
    )
    number = forms.DecimalField(label=gettext_lazy("Value"), required=False, min_value=0, max_value=400)
    grade = forms.ChoiceField(label=gettext_lazy("Grade (CTCAE)"), required=False, choices=GRADES)
    serious = forms.MultipleChoiceField(
        label=gettext_lazy("Serious because"), required=False, widget=forms.CheckboxSelectMultiple
    )
    related = forms.ChoiceField(label=gettext_lazy("Related to the treatment"))
    outcome = forms.ChoiceField(label=gettext_lazy("Outcome"))
    responsible = forms.ModelChoiceField(
        User.objects.none(), label=gettext_lazy("Who takes a serious event"), required=False
    )

    def __init__(self, *args: Any, sites: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        document = load().documents[DOCUMENT]
        terms = sorted((name, raw["term"]) for name, raw in document["terms"].items())
        signs = {*document["signs"], *(s for raw in document["terms"].values() for s in raw.get("signs", {}))}
        self._choices("term", [("", "–"), *terms])
        self._choices("signs", sorted((s, s.replace("_", " ")) for s in signs))
        for name, key in (("serious", "seriousness"), ("related", "relatedness"), ("outcome", "outcomes")):
            open_ = [] if name == "serious" else [("", "–")]
            self._choices(name, [*open_, *((v, v.replace("_", " ")) for v in document[key])])
        people = User.objects.filter(role__in=(Role.PHYSICIAN, Role.LEAD), is_active=True, sites__in=sites).distinct()
        self.fields["responsible"].queryset = people  # type: ignore[attr-defined]

    def _choices(self, name: str, choices: list[tuple[str, Any]]) -> None:
        self.fields[name].choices = choices  # type: ignore[attr-defined]

    def happening(self) -> Happening:
        """What was said, as care reads it."""
        data = self.cleaned_data
        number = (
            ((data["number_of"], Decimal(data["number"])),) if data["number_of"] and data["number"] is not None else ()
        )
        judgement = Judgement(tuple(data["serious"]), data["related"], data["outcome"])
        return Happening(
            data["term"], data["words"], data["at"], tuple(data["signs"]), number,
            int(data["grade"]) if data["grade"] else None, judgement,
        )  # fmt: skip


@require_http_methods(["GET", "POST"])
def page(request: SignedIn, patient_id: UUID) -> HttpResponse:
    """What stands, and the form; ``?follows=`` judges an earlier one again, ``?session=`` names where it happened."""
    patient = open_patient(request.user, patient_id, why="adverse events", request=request)
    before = _followed(patient, request.GET.get("follows"))
    session = _session(request, patient, before)
    form = AdverseForm(request.POST or None, sites=request.user.sites.all(), initial=_known(before))
    if request.method == "POST" and form.is_valid():
        try:
            adverse.record(
                by=request.user, now=timezone.now(), patient=patient, what=form.happening(), session=session,
                responsible=form.cleaned_data["responsible"], follows=(before.follows or before.pk) if before else None,
            )  # fmt: skip
        except ValueError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, _("Kept."))
            return redirect("treatment:adverse", patient.pk)
    lines = [_line(row) for row in adverse.standing(patient)]
    shown = {"form": form, "lines": lines, "before": before, "session": session}
    return render(request, "treatment/adverse.html", person_page(patient, "treatment") | shown)


def _line(row: AdverseEventRow) -> dict[str, Any]:
    """One happening as its latest judgement has it, in words."""
    term = load().documents[DOCUMENT]["terms"][row.term]["term"]
    return {"row": row, "term": term, "serious": in_words(row.serious), "related": in_words([row.related]),
            "outcome": in_words([row.outcome])}  # fmt: skip


def _followed(patient: Patient, wanted: str | None) -> AdverseEventRow | None:
    return get_object_or_404(AdverseEventRow.objects.standing(), pk=_id(wanted), patient=patient) if wanted else None


def _session(request: SignedIn, patient: Patient, before: AdverseEventRow | None) -> TreatmentSession | None:
    if before is not None:
        return before.session
    wanted = request.GET.get("session")
    rows = TreatmentSession.objects.filter(patient=patient, site__in=request.user.sites.all())
    return get_object_or_404(rows, pk=_id(wanted)) if wanted else None


def _id(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise Http404 from None


def _known(before: AdverseEventRow | None) -> dict[str, Any]:
    if before is None:
        return {"at": timezone.now()}
    return {"term": before.term, "words": before.words, "at": before.at, "serious": before.serious,
            "grade": str(before.grade or ""), "related": before.related, "outcome": before.outcome}  # fmt: skip


@require_POST
def strike(request: SignedIn, row_id: UUID) -> HttpResponse:
    """Strike one through, with its reason."""
    row = get_object_or_404(AdverseEventRow.objects.standing(), pk=row_id)
    patient = open_patient(request.user, row.patient_id, why="strike adverse event", request=request)
    try:
        adverse.strike(by=request.user, now=timezone.now(), row=row, reason=request.POST.get("reason", ""))
    except ValueError as error:
        messages.error(request, str(error))
    return redirect("treatment:adverse", patient.pk)
