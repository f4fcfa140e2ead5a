"""The clinic lead's page of accounts."""

from __future__ import annotations

from uuid import UUID

from allauth.account.forms import ResetPasswordForm
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from surcease.web.accounts import actions
from surcease.web.accounts.forms import StaffForm
from surcease.web.accounts.models import Role, User
from surcease.web.accounts.role import SignedIn
from surcease.web.accounts.unlock import give_badge

GET_OR_POST = require_http_methods(["GET", "HEAD", "POST"])


@require_safe
def people(request: SignedIn) -> HttpResponse:
    """Everyone who works here."""
    staff = User.objects.exclude(role=Role.PATIENT).prefetch_related("sites").order_by("-is_active", "name")
    return render(request, "accounts/people.html", {"staff": staff})


@GET_OR_POST
def add(request: SignedIn) -> HttpResponse:
    """A new staff account; they get a mail to set their password."""
    form = StaffForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        given = {name: form.cleaned_data[name] for name in ("email", "name", "credentials", "role", "sites")}
        try:
            user = actions.add_staff(by=request.user, **given)
        except ValueError as error:
            form.add_error(None, str(error))
        else:
            invite(request, user)
            messages.success(request, _("The account is made. A mail tells %(name)s how to set a password.") % given)
            return redirect("accounts:people")
    return render(request, "accounts/person.html", {"form": form, "person": None})


@GET_OR_POST
def change(request: SignedIn, user_id: UUID) -> HttpResponse:
    """What someone may do here."""
    user = get_object_or_404(User.objects.exclude(role=Role.PATIENT), pk=user_id)
    now = {"email": user.email, "name": user.name, "credentials": user.credentials, "role": user.role,
           "sites": user.sites.all(), "is_active": user.is_active}  # fmt: skip
    form = StaffForm(request.POST or None, initial=now)
    form.fields["email"].disabled = True
    if request.method == "POST" and form.is_valid():
        given = {name: form.cleaned_data[name] for name in ("name", "credentials", "role", "sites", "is_active")}
        try:
            actions.change_staff(by=request.user, user=user, **given)
        except ValueError as error:
            form.add_error(None, str(error))
        else:
            return redirect("accounts:people")
    return render(request, "accounts/person.html", {"form": form, "person": user})


@require_POST
def badge(request: SignedIn, user_id: UUID) -> HttpResponse:
    """Tie a badge to someone: its reader types into the field."""
    user = get_object_or_404(User.objects.exclude(role=Role.PATIENT), pk=user_id)
    try:
        give_badge(by=request.user, user=user, badge=request.POST.get("badge", ""))
    except ValueError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("The badge unlocks chair tablets for %(name)s.") % {"name": user.name})
    return redirect("accounts:person", user_id=user.pk)


def invite(request: HttpRequest, user: User) -> None:
    """Send the mail by which someone sets their first password."""
    form = ResetPasswordForm({"email": user.email})
    if form.is_valid():
        form.save(request)
