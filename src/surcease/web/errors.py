"""What a person reads when something did not work: plain sentences, what to do next, no patient data."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.utils.translation import gettext as _


def _page(request: HttpRequest, status: int, title: str, what: str, next_step: str) -> HttpResponse:
    context = {"error_title": title, "what": what, "next_step": next_step, "status": status}
    return render(request, "errors/page.html", context, status=status)


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """400."""
    what = _("The browser sent something this page cannot read. Nothing was saved.")
    return _page(
        request, 400, _("That could not be read"), what, _("Go back, load the page again and repeat the last step.")
    )


def refused(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """403; for someone who may break the glass, with the way to do it."""
    from surcease.web.patients.access import NotInCare

    if isinstance(exception, NotInCare):
        return redirect("patients:glass", patient_id=exception.patient_id)
    what = str(exception) if exception and str(exception) else _("Your role does not include this page.")
    return _page(request, 403, _("Not open to you"), what, _("Ask the clinic lead if you need it for your work."))


def csrf(request: HttpRequest, reason: str = "") -> HttpResponse:
    """403 because the form was too old or came from elsewhere."""
    what = _("This form was opened too long ago, or in another window. Nothing was saved.")
    return _page(
        request,
        403,
        _("Please open the form again"),
        what,
        _("Load the page again; what you typed may still be there."),
    )


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """404."""
    what = _("There is no such page, or it is not open to you.")
    return _page(request, 404, _("Nothing here"), what, _("Start again from your day, or search for the patient."))


def failed(request: HttpRequest) -> HttpResponse:
    """500: kept free of the database and of the session, which may be what failed."""
    what = _("Something failed on our side. What was confirmed as saved is saved; the last step may not be.")
    context = {
        "error_title": _("This did not work"), "what": what, "status": 500,
        "next_step": _("Try once more. If it fails again, use the paper sheet and tell the person who runs Surcease."),
    }  # fmt: skip
    return HttpResponse(render_to_string("errors/failed.html", context), status=500)
