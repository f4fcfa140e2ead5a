"""Making and changing staff accounts: keyword-only, one transaction, one audit row."""

from __future__ import annotations

from collections.abc import Iterable

from django.contrib.sessions.models import Session
from django.db import transaction

from surcease.web.accounts.models import Role, User
from surcease.web.audit import trail
from surcease.web.clinic.models import Site


@transaction.atomic
def add_staff(*, by: User, email: str, name: str, credentials: str, role: str, sites: Iterable[Site]) -> User:
    """A staff member without a password yet: they set one by the reset mail, then add a second factor."""
    if role not in Role.values or role == Role.PATIENT:
        raise ValueError("Give one of the staff roles; a patient's account is made on the patient's page.")
    if User.objects.filter(email__iexact=email).exists():
        raise ValueError("Somebody has an account with this e-mail address already.")
    user = User.objects.create_user(email, name=name, role=role, credentials=credentials)
    user.sites.set(sites)
    trail.write("add account", by=by, about=user, details={"role": role})
    return user


@transaction.atomic
def change_staff(
    *, by: User, user: User, name: str, credentials: str, role: str, sites: Iterable[Site], is_active: bool
) -> User:
    """Change what someone may do. Their open sessions end, so that the change holds at once."""
    if user.pk == by.pk and (not is_active or role != user.role):
        raise ValueError("Nobody changes their own role or closes their own account: ask another clinic lead.")
    if role not in Role.values or role == Role.PATIENT or not user.is_clinic_staff:
        raise ValueError("A staff account keeps a staff role.")
    before = {"role": user.role, "active": user.is_active, "sites": sorted(str(s) for s in user.sites.all())}
    user.name, user.credentials, user.role, user.is_active = name, credentials, role, is_active
    user.save(update_fields=["name", "credentials", "role", "is_active"])
    user.sites.set(sites)
    after = {"role": user.role, "active": user.is_active, "sites": sorted(str(s) for s in user.sites.all())}
    if before != after:
        end_sessions(user)
    trail.write("change account", by=by, about=user, details={"before": before, "after": after})
    return user


def end_sessions(user: User) -> int:
    """Sign a user out everywhere; how many sessions ended."""
    ended = 0
    for session in Session.objects.iterator():
        if session.get_decoded().get("_auth_user_id") == str(user.pk):
            session.delete()
            ended += 1
    return ended
