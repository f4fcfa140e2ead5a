"""Pages of the numbers in rules: a site's own beside the default, and a physician's limits for one person."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from surcease.care.session_limits import DOCUMENT
from surcease.knowledge import load
from surcease.knowledge.rule import Rule, leaves
from surcease.units import plain, say_unit
from surcease.web.accounts.role import SignedIn, can
from surcease.web.accounts.stepup import SignForm
from surcease.web.forms import NumberField
from surcease.web.limits import actions
from surcease.web.limits.models import SignedLimit
from surcease.web.patients.access import open_patient
from surcease.web.patients.pages import person_page


@dataclass(frozen=True, slots=True)
class Line:
    """One number of one rule: the default, what is signed and holds, and the room a physician has for one person.
    ``threshold`` "" is the rule's stricter outcome, which a site may sign."""

    rule: Rule
    threshold: str
    default: str
    unit: str = ""
    signed: SignedLimit | None = None
    low: Decimal | None = None
    high: Decimal | None = None

    @property
    def key(self) -> str:
        """What the form sends."""
        return f"{self.rule.id} {self.threshold}".strip()

    @property
    def words(self) -> str:
        """The number in words."""
        return self.threshold.replace("_", " ") if self.threshold else _("the stricter outcome")


class LimitForm(SignForm):
    """One number, why, and who signs it."""

    which = forms.ChoiceField(label=gettext_lazy("Number"))
    value = NumberField(label=gettext_lazy("Value"), required=False)
    reason = forms.CharField(label=gettext_lazy("Reason"), max_length=400)
    expires = forms.DateField(
        label=gettext_lazy("Holds until"), required=False, widget=forms.DateInput(attrs={"type": "date"})
    )
    field_order = ("which", "value", "reason", "expires", "secret")

    def __init__(self, *args: Any, lines: Sequence[Line], person: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [(line.key, f"{line.rule.id} · {line.words} ({_option(line)})") for line in lines]
        self.fields["which"].choices = choices  # type: ignore[attr-defined]
        self.fields["expires"].required = self.fields["value"].required = person

    def arguments(self) -> dict[str, Any]:
        """What :func:`surcease.web.limits.actions.sign_limit` is told."""
        rule, _space, threshold = self.cleaned_data["which"].partition(" ")
        rest = {name: self.cleaned_data[name] for name in ("value", "reason", "expires")}
        return {"rule": rule, "threshold": threshold, **rest}


def _option(line: Line) -> str:
    if line.low is not None and line.high is not None:
        return f"{plain(line.low)}–{plain(line.high)} {line.unit}".strip()
    return f"{line.default} {line.unit}".strip()


def site_lines(signed: Sequence[SignedLimit], *, now: datetime) -> tuple[Line, ...]:
    """Every number a site may change, and every outcome it may sign, with what is signed and holds."""
    held = _held(signed, now)
    found = []
    for rule in load().rules:
        names = [*rule.thresholds, *([""] if rule.signed_outcome else [])]
        for name in names:
            default = plain(rule.thresholds[name]) if name else f"{rule.outcome} → {rule.signed_outcome}"
            found.append(Line(rule, name, default, _unit(rule, name), held.get((rule.id, name))))
    return tuple(found)


def personal_lines(signed: Sequence[SignedLimit], *, now: datetime) -> tuple[Line, ...]:
    """The numbers a physician may sign for one person, with the room the limits document gives."""
    knowledge, held, found = load(), _held(signed, now), []
    for rule_id, ranges in knowledge.documents[DOCUMENT]["personal"].items():
        rule = knowledge.rule(rule_id)
        for name, (low, high) in ranges.items():
            default = plain(rule.thresholds[name])
            found.append(Line(rule, name, default, _unit(rule, name), held.get((rule_id, name)), low, high))
    return tuple(found)


def _held(signed: Sequence[SignedLimit], now: datetime) -> dict[tuple[str, str], SignedLimit]:
    standing = (row for row in signed if row.expires is None or row.expires >= now.date())
    return {(row.rule, row.threshold): row for row in sorted(standing, key=lambda row: row.at)}


def _unit(rule: Rule, threshold: str) -> str:
    unit = next((leaf.fact.unit for leaf in leaves(rule.when) if leaf.threshold == threshold and threshold), "")
    return say_unit(unit) if unit else ""


@require_http_methods(["GET", "POST"])
def site_page(request: SignedIn) -> HttpResponse:
    """The site's numbers beside the defaults; signing a new one leaves the old one standing below it."""
    site = request.user.sites.order_by("name").first()
    if site is None:
        raise Http404
    rows = list(SignedLimit.objects.filter(site=site, patient=None).select_related("by").order_by("-at"))
    lines = site_lines(rows, now=timezone.now())
    form = LimitForm(request.POST or None, lines=lines, person=False)
    if request.method == "POST" and _signed(request, form, site=site):
        return redirect("limits:numbers")
    shown = {"site": site, "form": form, "lines": lines, "rows": rows}
    return render(request, "limits/numbers.html", shown, status=400 if form.errors else 200)


@require_http_methods(["GET", "POST"])
def person_page_of(request: SignedIn, patient_id: UUID) -> HttpResponse:
    """A physician's limits for this person: never silent, they turn what the site's number asks into a review."""
    patient = open_patient(request.user, patient_id, why="personal limits", request=request)
    rows = list(SignedLimit.objects.filter(patient=patient).select_related("by").order_by("-at"))
    lines = personal_lines(rows, now=timezone.now())
    form = LimitForm(request.POST or None, lines=lines, person=True)
    may_sign = can(request, "limit.sign")
    if request.method == "POST" and may_sign and _signed(request, form, patient=patient):
        return redirect("limits:person", patient.pk)
    shown = {"form": form, "lines": lines, "rows": rows, "may_sign": may_sign, "today": timezone.localdate()}
    status = 403 if request.method == "POST" and not may_sign else 400 if form.errors else 200
    return render(request, "limits/person.html", person_page(patient, "treatment") | shown, status=status)


def _signed(request: SignedIn, form: LimitForm, **whose: Any) -> bool:
    if not form.is_valid() or not (method := form.method_of(request)):
        return False
    try:
        actions.sign_limit(by=request.user, now=timezone.now(), method=method, **form.arguments(), **whose)
    except (KeyError, ValueError) as error:
        form.add_error("value", str(error.args[0]))
        return False
    messages.success(request, _("Signed."))
    return True
