"""Where the clinic says when the diary is read and whom an unanswered red flag reaches next."""

from __future__ import annotations

import re
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from surcease.care.opening import DAYS
from surcease.web.accounts.models import Role
from surcease.web.accounts.role import SignedIn
from surcease.web.clinic.models import Site
from surcease.web.clinic.settings import setting
from surcease.web.diary import hours, push
from surcease.web.intake.calls import pathway

STEPS = 4


@require_http_methods(["GET", "POST"])
def clinic(request: SignedIn) -> HttpResponse:
    """Hours, closed days and the pathway of the lead's own site."""
    site = request.user.sites.order_by("name").first()
    if site is None:
        raise Http404
    if request.method == "POST":
        try:
            _save(request, site)
        except ValueError as error:
            messages.error(request, str(error))
        else:
            messages.success(request, _("Saved."))
            return redirect("diary:clinic")
    week, now = hours.week_of(site), timezone.now()
    steps: list[dict[str, Any]] = [*pathway(site), *[{}] * STEPS][:STEPS]
    shown = {
        "site": site,
        "days": [(day, hours.DAY_WORDS[day], *(week.get(day) or ("", ""))) for day in DAYS],
        "closed": ", ".join(setting(hours.CLOSED_DAYS, [], site=site)),
        "steps": steps,
        "roles": [(value, label) for value, label in Role.choices if value != Role.PATIENT],
        "says": hours.who_reads(site, now),
        "push_on": bool(push.keys()),
    }
    return render(request, "diary/clinic.html", shown)


def _save(request: SignedIn, site: Site) -> None:
    sent, now = request.POST, timezone.now()
    week = {
        day: [sent.get(f"{day}_opens", ""), sent.get(f"{day}_closes", "")]
        for day in DAYS
        if sent.get(f"{day}_opens") or sent.get(f"{day}_closes")
    }
    closed = [text for text in re.split(r"[\s,;]+", sent.get("closed", "")) if text]
    for text in closed:
        if not re.fullmatch(r"\d{4}-\d\d-\d\d", text):
            raise ValueError(_("%(day)s is not a day: write 2026-12-24.") % {"day": text})
    steps = []
    for n in range(STEPS):
        role, after = sent.get(f"role_{n}", ""), sent.get(f"after_{n}", "")
        if role:
            if not after.isdigit():
                raise ValueError(_("Give the minutes of each step as a whole number."))
            steps.append({"after_min": int(after), "role": role})
    hours.set_hours(by=request.user, now=now, site=site, week=week, closed=closed)
    hours.set_pathway(by=request.user, now=now, site=site, steps=steps)
