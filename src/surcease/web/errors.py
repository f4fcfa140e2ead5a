"""What a person reads when something did not work: plain sentences, what to do next, no patient data."""

from __future__ import annotations

import errno
import sys

from django.http import HttpRequest, HttpResponse, JsonResponse
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
    """500, or 507 where the server has no room: kept free of the database and the session, which may be what failed."""
    if no_room(sys.exc_info()[1]):
        return _no_room(request)
    what = _("Something failed on our side. What was confirmed as saved is saved; the last step may not be.")
    context = {
        "error_title": _("This did not work"), "what": what, "status": 500,
        "next_step": _("Try once more. If it fails again, use the paper sheet and tell the person who runs Surcease."),
    }  # fmt: skip
    return HttpResponse(render_to_string("errors/failed.html", context), status=500)


def no_room(error: BaseException | None) -> bool:
    """Whether a database or a file could not grow: SQLite, PostgreSQL and the system say it in their own words."""
    while error is not None:
        full = getattr(error, "errno", None) == errno.ENOSPC or getattr(error, "sqlstate", None) == "53100"
        if full or "disk is full" in str(error):
            return True
        error = error.__cause__ or error.__context__
    return False


def _no_room(request: HttpRequest) -> HttpResponse:
    what = _("The disk of the server is full. Nothing was saved.")
    next_step = _("Entries on tablets and phones wait there. Tell the person who runs Surcease to make room.")
    if "json" in request.headers.get("Content-Type", ""):
        return JsonResponse({"said": f"{what} {next_step}"}, status=507)
    context = {"error_title": _("No room on the disk"), "what": what, "status": 507, "next_step": next_step}
    return HttpResponse(render_to_string("errors/failed.html", context), status=507)
