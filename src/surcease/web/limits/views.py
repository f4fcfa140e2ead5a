"""The page on which a clinic lead signs what must stand before the first session, and sees what is signed."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from surcease.web.accounts.role import SignedIn
from surcease.web.accounts.stepup import SignForm
from surcease.web.limits import actions
from surcease.web.limits.models import Readiness
from surcease.web.limits.queries import WASTE_WITNESS, settled, why_not_treat


class SettleForm(SignForm):
    """One statement and who signs it."""

    thing = forms.ChoiceField(label=gettext_lazy("About"), choices=Readiness.Thing.choices)
    text = forms.CharField(label=gettext_lazy("What was decided"), widget=forms.Textarea(attrs={"rows": 4}))
    waste_witness = forms.ChoiceField(
        label=gettext_lazy("A witness when drug is wasted"),
        choices=[("", "–"), *WASTE_WITNESS.items()],
        required=False,
        help_text=gettext_lazy("For the witness rule only. Left open, every waste needs one."),
    )
    field_order = ("thing", "text", "waste_witness", "secret")

    def clean(self) -> dict[str, Any]:
        """The choice belongs to one statement."""
        data: dict[str, Any] = super().clean() or {}
        if data.get("waste_witness") and data.get("thing") != Readiness.Thing.WITNESS:
            self.add_error("waste_witness", _("This belongs to who witnesses waste: choose that statement above."))
        return data


@require_http_methods(["GET", "POST"])
def page(request: SignedIn) -> HttpResponse:
    """Everything signed at this site, and the form for the next statement."""
    site = request.user.sites.order_by("name").first()
    if site is None:
        raise Http404
    form = SettleForm(request.POST or None)
    if request.method == "POST" and form.is_valid() and (method := form.method_of(request)):
        data = form.cleaned_data
        actions.settle(
            by=request.user, now=timezone.now(), method=method, site=site, thing=data["thing"], text=data["text"],
            waste_witness=data["waste_witness"],
        )  # fmt: skip
        messages.success(request, _("Signed."))
        return redirect("limits:page")
    have = settled(site)
    lines = [(label, have.get(value)) for value, label in Readiness.Thing.choices]
    shown = {"site": site, "form": form, "lines": lines, "why_not": why_not_treat(site)}
    return render(request, "limits/page.html", shown)
