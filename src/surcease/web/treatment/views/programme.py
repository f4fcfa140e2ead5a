"""The pump programme's page: the first person enters, the second enters again without seeing, then it is printed."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from surcease.care.programme import PREPARATIONS
from surcease.care.programme_check import Entries
from surcease.knowledge.product import load_products
from surcease.web.accounts.role import SignedIn
from surcease.web.accounts.stepup import SignForm
from surcease.web.forms import NumberField
from surcease.web.papers.typeset import render as typeset
from surcease.web.patients.access import open_patient
from surcease.web.patients.pages import person_page
from surcease.web.treatment import programme
from surcease.web.treatment.queries import session_of
from surcease.web.treatment.record import order_from
from surcease.web.treatment.sheets import label_data


class EnterForm(SignForm):
    """What the first person types. Nothing is filled in."""

    weight = NumberField(label=gettext_lazy("Dosing weight"), unit="kg", least=2, most=500)
    vial = NumberField(label=gettext_lazy("Vial, as its label says"), unit="mg/mL", least=1, most=200)
    bag = NumberField(label=gettext_lazy("Bag, final volume"), unit="mL", least=1, most=5000)
    preparation = forms.ChoiceField(label=gettext_lazy("How it is made"), choices=list(PREPARATIONS.items()))
    concentration = NumberField(
        label=gettext_lazy("Fixed concentration, if the site keeps one"), unit="mg/mL", required=False
    )
    overfill = NumberField(label=gettext_lazy("The bag's overfill"), unit="mL", required=False)
    dead = NumberField(label=gettext_lazy("What stays in the line"), unit="mL", required=False)
    diluent = forms.ChoiceField(label=gettext_lazy("Diluent"))
    lot = forms.CharField(label=gettext_lazy("Lot of the vial, scanned or typed"), max_length=60)
    field_order = (
        "weight", "vial", "bag", "preparation", "concentration", "overfill", "dead", "diluent", "lot", "secret",
    )  # fmt: skip

    def __init__(self, *args: Any, diluents: tuple[str, ...], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["diluent"].choices = [(d, d) for d in diluents]  # type: ignore[attr-defined]

    def entered(self) -> programme.Entered:
        """As typed, without the signature's field."""
        given = {name: self.cleaned_data[name] for name in self.fields if name != "secret"}
        return programme.Entered(**{n: "" if v is None else format(v, "f") if hasattr(v, "as_tuple") else str(v)
                                    for n, v in given.items()})  # fmt: skip


class CheckForm(SignForm):
    """What the second person types, from the order, the vial, the bag and the pump, not from the first person."""

    weight = NumberField(label=gettext_lazy("Dosing weight"), unit="kg")
    vial = NumberField(label=gettext_lazy("Vial, as its label says"), unit="mg/mL")
    bag = NumberField(label=gettext_lazy("Bag, final volume"), unit="mL")
    pump = NumberField(label=gettext_lazy("Rate on the pump, when it is set"), unit="mL/h", required=False)
    field_order = ("weight", "vial", "bag", "pump", "secret")

    def again(self) -> Entries:
        """The entries with their units, as the second calculation reads them."""
        said = {name: format(self.cleaned_data[name], "f") for name in ("weight", "vial", "bag")}
        pump = self.cleaned_data.get("pump")
        return Entries(
            said["weight"], f"{said['vial']} mg/mL", f"{said['bag']} mL", "" if pump is None else f"{pump:f} mL/h"
        )


@require_http_methods(["GET", "POST"])
def page(request: SignedIn, session_id: UUID) -> HttpResponse:
    """Enter, or check blindly, or see what stands."""
    session = session_of(request.user, session_id)
    patient = open_patient(request.user, session.patient_id, why="pump programme", request=request)
    order, state = order_from(session), programme.programme_state(session)
    diluents = load_products()[order.product].diluents
    enter = EnterForm(request.POST if "enter" in request.POST else None, diluents=diluents, prefix="enter")
    check = CheckForm(request.POST if "check" in request.POST else None, prefix="check")
    said: tuple[str, ...] = ()
    if "enter" in request.POST and _entered(request, session, enter):
        return redirect("treatment:programme", session.pk)
    if "check" in request.POST and check.is_valid() and (method := check.method_of(request)):
        try:
            said = programme.check(
                by=request.user, now=timezone.now(), method=method, session=session, again=check.again()
            )
        except ValueError as error:
            said = (str(error),)
        if not said:
            messages.success(request, _("Both agree: the programme is checked."))
            return redirect("treatment:programme", session.pk)
    own = state.row is not None and state.row.by_id == request.user.pk
    shown = {
        "bags": range(1, state.made.bags + 1) if state.made else (),
        "session": session, "order": order, "state": state, "enter": enter, "check": check, "said": said,
        "blind": _blind(request, state), "own": own,
        "steps": programme.steps_said(state),
    }  # fmt: skip
    return render(request, "treatment/programme.html", person_page(patient, "treatment") | shown)


def _blind(request: SignedIn, state: programme.State) -> bool:
    """Whether this person is to type before they see: until bag 1 is checked, and whenever they check another bag."""
    waits = state.row is not None and state.row.by_id != request.user.pk and state.next_bag is not None
    return waits and (not state.checked_by or "bag" in request.GET)


def _entered(request: SignedIn, session: Any, form: EnterForm) -> bool:
    if not form.is_valid() or not (method := form.method_of(request)):
        return False
    try:
        programme.enter(by=request.user, now=timezone.now(), method=method, session=session, entered=form.entered())
    except ValueError as error:
        form.add_error(None, str(error))
        return False
    return True


@require_safe
def label_pdf(request: SignedIn, session_id: UUID) -> HttpResponse:
    """The programme and a bag's label as a paper. Who is still to check it blindly does not read it first."""
    session = session_of(request.user, session_id)
    patient = open_patient(request.user, session.patient_id, why="print label", request=request)
    state = programme.programme_state(session)
    if state.row is not None and _blind(request, state):
        messages.error(request, _("Type what you read yourself first: the label shows the first one's figures."))
        return redirect("treatment:programme", session.pk)
    bag = int(request.GET["of"]) if request.GET.get("of", "").isdecimal() else 1
    found = programme.label_of(session, patient, state, bag)
    if found is None or state.made is None:
        raise Http404
    data = label_data(session, patient, state, found, now=timezone.now())
    response = HttpResponse(typeset("papers/plain", data), content_type="application/pdf")
    response.headers["Content-Disposition"] = f'inline; filename="programme-{session.number}-bag-{bag}.pdf"'
    return response
