"""Pages of the person: the list, who it is, particulars, what must not happen to a limb, the diary's link."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from surcease.web.accounts.role import SignedIn, can
from surcease.web.forms import StaleVersion, once
from surcease.web.patients import actions, sign_in
from surcease.web.patients.access import open_patient
from surcease.web.patients.find import MOST, find_patients
from surcease.web.patients.forms import GlassForm, LimbForm, ParticularsForm, RegisterForm
from surcease.web.patients.glass import open_in_emergency
from surcease.web.patients.models import LimbRestriction, Patient
from surcease.web.patients.pages import person_page

GET_OR_POST = require_http_methods(["GET", "HEAD", "POST"])
OWN_SYSTEM = "urn:surcease:local"


@require_safe
def find(request: SignedIn) -> HttpResponse:
    """Search; without words, everyone in name order."""
    words = request.GET.get("q", "").strip()
    found = find_patients(request.user, words)
    context = {"found": found, "words": words, "most": MOST, "may_register": can(request, "patient.register")}
    return render(request, "patients/list.html", context)


@GET_OR_POST
def register(request: SignedIn) -> HttpResponse:
    """A new person, once however often the form is sent."""
    form = RegisterForm(request.POST or None, sites=request.user.sites.order_by("name"))
    if request.method == "POST" and form.is_valid():
        with once(form.cleaned_data["form_token"], by=request.user) as ticket:
            if ticket.first:
                ticket.result = str(_register(request, form.cleaned_data).pk)
        return redirect("patients:page", patient_id=ticket.result)
    return render(request, "patients/register.html", {"form": form})


def _register(request: SignedIn, given: dict[str, Any]) -> Patient:
    given = {name: value for name, value in given.items() if name != "form_token"}
    value = given.pop("identifier").strip()
    identifiers = [(OWN_SYSTEM, value)] if value else []
    return actions.register_patient(by=request.user, now=timezone.now(), identifiers=identifiers, **given)


@require_safe
def page(request: SignedIn, patient_id: UUID) -> HttpResponse:
    """Who this is, and the way into each step."""
    patient = open_patient(request.user, patient_id, why="person", request=request)
    limbs = LimbRestriction.objects.standing().filter(patient=patient)
    papers = patient.documents.order_by("-made_at")[:20]
    links = sign_in.links_of(patient, timezone.now())
    context = {"limbs": limbs, "papers": papers, "links": links, "particulars": _shown(patient)}
    return render(request, "patients/page.html", person_page(patient) | context)


def _shown(patient: Patient) -> list[tuple[str, str]]:
    """Particulars in words, blanks left out."""
    names = ("sex", "language", "zone", "phone", "email", "address", "contact", "comfort", "pressing_hand",
             "usual_gait", "usual_orientation")  # fmt: skip
    shown = []
    for name in names:
        value = patient.get_sex_display() if name == "sex" else getattr(patient, name)
        if value:
            shown.append((str(Patient._meta.get_field(name).verbose_name), str(value)))  # type: ignore[union-attr]
    return shown


@GET_OR_POST
def particulars(request: SignedIn, patient_id: UUID) -> HttpResponse:
    """Change who it is; when two people do, the second one chooses."""
    patient = open_patient(request.user, patient_id, why="particulars", request=request)
    form = ParticularsForm(request.POST or None, version=patient.version, initial=_values(patient))
    if request.method == "POST" and form.is_valid():
        if form.gives_way:
            return redirect("patients:page", patient_id=patient.pk)
        try:
            _change(request, patient, form)
        except StaleVersion as stale:
            form.meet(stale.current.version, _values(stale.current))
        else:
            return redirect("patients:page", patient_id=patient.pk)
    return render(request, "patients/particulars.html", person_page(patient) | {"form": form})


def _values(patient: Patient) -> dict[str, Any]:
    return {name: getattr(patient, name) for name in ParticularsForm.base_fields if hasattr(patient, name)}


def _change(request: SignedIn, patient: Patient, form: ParticularsForm) -> None:
    changes = {name: value for name, value in form.cleaned_data.items() if name in actions.PARTICULARS}
    actions.change_particulars(
        by=request.user, now=timezone.now(), patient=patient, version=form.base_version, changes=changes
    )


@GET_OR_POST
def limbs(request: SignedIn, patient_id: UUID) -> HttpResponse:
    """What must not happen to a limb: add a restriction, or strike one through."""
    patient = open_patient(request.user, patient_id, why="limb restrictions", request=request)
    standing = LimbRestriction.objects.standing().filter(patient=patient)
    form = LimbForm(request.POST if request.method == "POST" and "strike" not in request.POST else None)
    if request.method == "POST" and "strike" in request.POST:
        return _strike_limb(request, patient, standing)
    if request.method == "POST" and form.is_valid():
        given = {name: value for name, value in form.cleaned_data.items() if name != "form_token"}
        with once(form.cleaned_data["form_token"], by=request.user) as ticket:
            if ticket.first:
                row = LimbRestriction(**given)
                actions.enter(by=request.user, now=timezone.now(), patient=patient, rows=[row], what="restrict limb")
        return redirect("patients:limbs", patient_id=patient.pk)
    return render(request, "patients/limbs.html", person_page(patient) | {"form": form, "standing": standing})


def _strike_limb(request: SignedIn, patient: Patient, standing: Any) -> HttpResponse:
    row = standing.filter(pk=request.POST["strike"]).first()
    try:
        if row is not None:
            actions.strike(by=request.user, now=timezone.now(), row=row, reason=request.POST.get("reason", ""))
    except ValueError as error:
        messages.error(request, str(error))
    return redirect("patients:limbs", patient_id=patient.pk)


@GET_OR_POST
def link(request: SignedIn, patient_id: UUID) -> HttpResponse:
    """A personal link to the diary: shown once, here."""
    patient = open_patient(request.user, patient_id, why="diary link", request=request)
    now, address = timezone.now(), ""
    if request.method == "POST":
        try:
            if "end" in request.POST:
                sign_in.end_links(by=request.user, now=now, patient=patient)
            else:
                address = request.build_absolute_uri(sign_in.give_link(by=request.user, now=now, patient=patient))
        except ValueError as error:
            messages.error(request, str(error))
    context = {"address": address, "links": sign_in.links_of(patient, now)}
    return render(request, "patients/link.html", person_page(patient) | context)


@GET_OR_POST
def glass(request: SignedIn, patient_id: UUID) -> HttpResponse:
    """Emergency access: a reason, four hours, and the clinic lead is told at once."""
    form = GlassForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        open_in_emergency(by=request.user, patient_id=patient_id, reason=form.cleaned_data["reason"])
        messages.warning(request, _("This chart is open to you for four hours. The clinic lead has been told."))
        return redirect("patients:page", patient_id=patient_id)
    return render(request, "patients/glass.html", {"form": form})
