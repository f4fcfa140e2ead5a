"""How a patient comes in: an account for e-mailed codes, and personal links to the diary."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from surcease.web.accounts.links import make_link, revoke_link
from surcease.web.accounts.models import PersonalLink, Role, User
from surcease.web.audit import trail
from surcease.web.clinic.models import Site
from surcease.web.limits.queries import crisis_numbers
from surcease.web.patients.models import Patient


@transaction.atomic
def give_account(*, by: User, now: datetime, patient: Patient) -> User:
    """The patient's user, made when there is none, with the e-mail address of their particulars.

    Raises ValueError until the site has signed its crisis numbers: nobody is invited who could not be told
    whom to call.
    """
    if not any(crisis_numbers(site) for site in Site.objects.filter(pk__in=patient.care_relations.values("site"))):
        raise ValueError("Sign the clinic's crisis numbers first: no patient is invited without them.")
    row = Patient.objects.select_for_update().get(pk=patient.pk)
    email = row.email.lower() or None
    holder = User.objects.filter(email=email).first() if email else None
    if holder is not None and holder.pk != row.user_id:
        raise ValueError("Another account has this e-mail address: correct it in the particulars.")
    if row.user is None:
        row.user = User.objects.create_user(email, name=row.name, role=Role.PATIENT, language=row.language[:8])
        row.save(update_fields=["user"])
        trail.write("give account", by=by, patient=row, about=row.user)
    elif row.user.email != email:
        row.user.email = email
        row.user.save(update_fields=["email"])
        trail.write("change account", by=by, patient=row, about=row.user)
    patient.user = row.user
    return row.user


@transaction.atomic
def give_link(*, by: User, now: datetime, patient: Patient) -> str:
    """A new personal link; earlier ones end. The path is shown once and cannot be shown again."""
    user = give_account(by=by, now=now, patient=patient)
    end_links(by=by, now=now, patient=patient)
    _row, path = make_link(by=by, now=now, user=user)
    return path


@transaction.atomic
def end_links(*, by: User, now: datetime, patient: Patient) -> int:
    """Take back every personal link of this person; how many."""
    rows = list(PersonalLink.objects.filter(user=patient.user_id, revoked_at__isnull=True))
    for row in rows:
        revoke_link(by=by, now=now, link=row)
    return len(rows)


def links_of(patient: Patient, now: datetime) -> list[PersonalLink]:
    """Links that work now."""
    rows = PersonalLink.objects.filter(user=patient.user_id, revoked_at__isnull=True, expires_at__gt=now)
    return list(rows.select_related("made_by").order_by("-made_at"))
