"""The front door: to the day's page of whoever comes in."""

from __future__ import annotations

from django.conf import settings
from django.db import connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.urls import NoReverseMatch, reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import check_for_language
from django.views.decorators.http import require_POST, require_safe

from surcease.web.accounts import matrix
from surcease.web.accounts.role import role_of

# where each role's day starts; the first that exists
STARTS = {
    matrix.PATIENT: ("diary:today", "accounts:me"),
    matrix.LINK: ("diary:today", "accounts:me"),
    matrix.ANONYMOUS: ("account_login",),
}


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """To this role's day."""
    for route in STARTS.get(role_of(request), ("worklist:today",)):
        try:
            return redirect(reverse(route))
        except NoReverseMatch:
            continue
    return redirect("account_login")


@require_POST
def language(request: HttpRequest) -> HttpResponse:
    """Remember the language of the interface, and go back."""
    back = request.POST.get("next", "/")
    if not url_has_allowed_host_and_scheme(back, allowed_hosts={request.get_host()}, require_https=request.is_secure()):
        back = "/"
    response = redirect(back)
    chosen = request.POST.get("language", "")
    if check_for_language(chosen) and chosen in dict(settings.LANGUAGES):
        response.set_cookie(settings.LANGUAGE_COOKIE_NAME, chosen, max_age=31_536_000, samesite="Lax", httponly=True)
    return response


@require_safe
def healthy(request: HttpRequest) -> HttpResponse:
    """200 when the server answers and the database does."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return JsonResponse({"status": "ok"})
