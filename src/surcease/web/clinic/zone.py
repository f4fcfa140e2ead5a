"""Whose clock a page shows: the site's for staff, the person's own for a patient."""

from __future__ import annotations

from collections.abc import Callable
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.http import HttpRequest, HttpResponseBase
from django.utils import timezone

ZONE_KEY = "zone"


class LocalClock:
    """Activates the time zone kept in the session; it is looked up once after signing in."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if not request.user.is_authenticated:
            timezone.deactivate()
            return self.get_response(request)
        if ZONE_KEY not in request.session:
            request.session[ZONE_KEY] = _zone_of(request)
        try:
            timezone.activate(ZoneInfo(request.session[ZONE_KEY]))
        except (ZoneInfoNotFoundError, ValueError):
            timezone.deactivate()
        return self.get_response(request)


def _zone_of(request: HttpRequest) -> str:
    patient = getattr(request.user, "patient", None)
    if patient is not None and patient.zone:
        return str(patient.zone)
    site = request.user.sites.order_by("name").values_list("zone", flat=True).first()  # type: ignore[union-attr]
    return site or "UTC"
