"""Three gates, in order: session limits, the permission matrix, the second factor."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from surcease.web import errors
from surcease.web.accounts import matrix
from surcease.web.accounts.links import still_works
from surcease.web.accounts.role import LINK_KEY, LOCKED_KEY, role_of
from surcease.web.clinic.installation import is_demo
from surcease.web.clinic.settings import setting

GetResponse = Callable[[HttpRequest], HttpResponseBase]
STARTED, SEEN, CHAIR = "started_at", "seen_at", "chair"
_SEEN_EVERY_S = 30  # a session row is not rewritten on every request


class SessionLimits:
    """Idle and absolute limits. A chair tablet (session key ``chair``) locks when idle instead of signing out.

    A request that is no act of a person (a poll, a stream) says so with the header ``X-Surcease-Background``.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if request.user.is_authenticated:
            self._enforce(request, time.time())
        return self.get_response(request)

    def _enforce(self, request: HttpRequest, now: float) -> None:
        session = request.session
        started, seen = session.setdefault(STARTED, now), session.setdefault(SEEN, now)
        idle_s = 60 * float(setting("session.idle_minutes", settings.SESSION_IDLE_MINUTES))
        absolute_s = 3600 * float(setting("session.absolute_hours", settings.SESSION_ABSOLUTE_HOURS))
        link = session.get(LINK_KEY)
        over = now - started > absolute_s or (now - seen > idle_s and CHAIR not in session)
        if over or (link and not still_works(request, link, timezone.now())):
            logout(request)
            messages.info(request, _("You were signed out after a pause. Nothing you saved is lost."))
            return
        if now - seen > idle_s:
            session.setdefault(LOCKED_KEY, now)
        elif now - seen > _SEEN_EVERY_S and "X-Surcease-Background" not in request.headers:
            session[SEEN] = now


class PermissionMatrix:
    """Every route is an act of the matrix; without a row it does not exist."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: Any, args: Any, kwargs: Any) -> HttpResponseBase | None:
        """None lets the view run."""
        match = request.resolver_match
        act = matrix.act_of(match.view_name if match else "")
        if act is None:
            raise Http404
        role = role_of(request)
        if role in act.who:
            return self._unlock_first(request, act)
        if role == matrix.ANONYMOUS and act.who:
            return sign_in_first(request)
        return errors.refused(request)

    def _unlock_first(self, request: HttpRequest, act: matrix.Act) -> HttpResponseBase | None:
        if LOCKED_KEY in request.session and not act.while_locked:
            return redirect(f"{reverse('accounts:unlock')}?{urlencode({'next': request.get_full_path()})}")
        return None


class SecondFactor:
    """Staff without a second factor may only add one. A demo clinic, full of invented people, goes without."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: Any, args: Any, kwargs: Any) -> HttpResponseBase | None:
        """None lets the view run."""
        from allauth.mfa.utils import is_mfa_enabled

        user = request.user
        match = request.resolver_match
        act = matrix.act_of(match.view_name if match else "")
        if not user.is_authenticated or not getattr(user, "is_clinic_staff", False) or is_demo():
            return None
        if (act and act.before_second_factor) or is_mfa_enabled(user):
            return None
        messages.info(request, _("Add a second factor first: an authenticator app or a passkey."))
        return redirect("mfa_index")


def sign_in_first(request: HttpRequest) -> HttpResponseBase:
    """The way to the sign-in page; a fragment request is told to load it whole."""
    if request.headers.get("HX-Request"):
        return HttpResponse(status=401, headers={"HX-Redirect": reverse(settings.LOGIN_URL)})
    if "text/html" not in request.headers.get("Accept", "text/html") and request.method != "GET":
        return HttpResponse(status=401)
    return redirect_to_login(request.get_full_path())
