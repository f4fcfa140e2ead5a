"""What I agreed to: see it, take it back, and read beforehand what happens then."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from surcease.web.accounts.role import SignedIn
from surcease.web.diary import withdraw
from surcease.web.diary.queries import site_of
from surcease.web.patients.access import own_patient


@require_http_methods(["GET", "POST"])
def consents(request: SignedIn) -> HttpResponse:
    """Treatment, research and contact, each on its own."""
    patient = own_patient(request.user, why="my consent", request=request)
    if request.method == "POST":
        kind, now = request.POST.get("kind", ""), timezone.now()
        try:
            if "agree" in request.POST:
                withdraw.agree(by=request.user, now=now, patient=patient, kind=kind)
                messages.success(request, _("Thank you. This is kept from now on."))
            else:
                reason = request.POST.get("reason", "")
                withdraw.withdraw(by=request.user, now=now, patient=patient, kind=kind, reason=reason)
                messages.success(request, _("You have taken this back. It holds from now on."))
        except ValueError as error:
            messages.error(request, str(error))
        return redirect("diary:consents")
    site = site_of(patient)
    shown = {"choices": withdraw.choices(patient), "phone": site.phone if site else ""}
    return render(request, "diary/consents.html", shown | {"patient": patient})
