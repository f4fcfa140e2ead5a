"""Pages of the front door that allauth does not have."""

from __future__ import annotations

import time

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import login
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from surcease.web.accounts import first as first_start
from surcease.web.accounts import unlock as quick
from surcease.web.accounts.forms import FirstForm, PinForm, UnlockForm
from surcease.web.accounts.links import working_link
from surcease.web.accounts.middleware import SEEN, STARTED
from surcease.web.accounts.models import Role, User
from surcease.web.accounts.role import LINK_KEY, LOCKED_KEY, SignedIn

GET_OR_POST = require_http_methods(["GET", "HEAD", "POST"])


@GET_OR_POST
def first(request: HttpRequest, token: str) -> HttpResponse:
    """The first page of a new clinic: its name, its site, its lead."""
    if not first_start.opens(token):
        raise Http404
    form = FirstForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        lead = first_start.begin(**form.cleaned_data)
        login(request, lead, backend=settings.AUTHENTICATION_BACKENDS[0])
        return redirect("mfa_index")
    return render(request, "accounts/first.html", {"form": form})


@require_safe
def link(request: HttpRequest, token: str) -> HttpResponse:
    """Come in by a personal link: into the diary and nowhere else."""
    row = working_link(token, timezone.now())
    if row is None:
        return render(request, "accounts/link_over.html", status=410)
    login(request, row.user, backend=settings.AUTHENTICATION_BACKENDS[0])
    request.session[LINK_KEY] = str(row.pk)
    request.session[STARTED] = request.session[SEEN] = time.time()
    row.last_used_at = timezone.now()
    row.save(update_fields=["last_used_at"])
    return redirect("home")


@GET_OR_POST
def me(request: SignedIn) -> HttpResponse:
    """One's own account: second factor, password, PIN, language."""
    form = PinForm(request.POST or None) if request.user.is_clinic_staff else None
    if request.method == "POST" and form is not None and form.is_valid():
        try:
            quick.set_pin(by=request.user, pin=form.cleaned_data["pin"])
        except ValueError as error:
            form.add_error("pin", str(error))
        else:
            messages.success(request, _("Your PIN unlocks chair tablets from now on."))
            return redirect("accounts:me")
    context = {"pin_form": form, "languages": settings.LANGUAGES}
    return render(request, "accounts/me.html", context)


@require_POST
def lock(request: SignedIn) -> HttpResponse:
    """Lock this tablet now."""
    quick.lock(request)
    return redirect("accounts:unlock")


@GET_OR_POST
def unlock(request: SignedIn) -> HttpResponse:
    """Resume by badge, or by name and PIN. Three seconds, and the page is where it was."""
    back = request.GET.get("next", "") or request.POST.get("next", "")
    if not url_has_allowed_host_and_scheme(back, allowed_hosts={request.get_host()}, require_https=request.is_secure()):
        back = "/"
    if LOCKED_KEY not in request.session:
        return redirect(back)
    form = UnlockForm(request.POST or None, staff=_staff_here(request.user))
    if request.method == "POST" and form.is_valid():
        user, how = _who(form)
        if user is not None and _staff_here(request.user).filter(pk=user.pk).exists():
            quick.resume(request, user, how=how)
            return redirect(back)
        form.add_error(None, _("That did not fit. After five wrong PINs this way is closed for five minutes."))
    return render(request, "accounts/unlock.html", {"form": form, "next": back})


def _who(form: UnlockForm) -> tuple[User | None, str]:
    """Who showed a badge or a PIN that fits."""
    given = form.cleaned_data
    if given["badge"]:
        return quick.user_of_badge(given["badge"]), "badge"
    if given["who"] and given["pin"] and quick.pin_fits(given["who"], given["pin"], timezone.now()):
        return given["who"], "pin"
    return None, ""


def _staff_here(user: User) -> QuerySet[User]:
    """Staff who share a site with the user whose tablet it is, and may work at a chair."""
    at_chair = (Role.NURSE, Role.PHYSICIAN, Role.PHARMACIST)
    return (
        User.objects.filter(sites__in=user.sites.all(), is_active=True, role__in=at_chair).distinct().order_by("name")
    )
