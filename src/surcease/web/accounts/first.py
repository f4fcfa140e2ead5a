"""The first start of a real clinic: no default password; a one-time address printed in the terminal opens it."""

from __future__ import annotations

import hmac
from typing import Any

from django.conf import settings
from django.db import transaction
from django.urls import reverse

from surcease.web.accounts.models import Role, User
from surcease.web.audit import trail
from surcease.web.clinic.installation import forget as installation_forget
from surcease.web.clinic.installation import give_birth, installation
from surcease.web.clinic.models import Installation, Site


def setup_path() -> str:
    """The path that opens an unborn clinic, for whoever can read this machine's terminal."""
    return reverse("accounts:first", kwargs={"token": settings.HOME.secret("first_start")})


def unopened() -> bool:
    """Whether nobody can sign in yet: an empty home, or one that so far only took records in."""
    row = installation()
    return row is None or not (row.is_demo or User.objects.exists())


def opens(token: str) -> bool:
    """Whether the token is right and the clinic not yet opened."""
    return unopened() and hmac.compare_digest(token, settings.HOME.secret("first_start"))


@transaction.atomic
def begin(*, organisation: str, site: str, zone: str, name: str, credentials: str, email: str, password: str) -> Any:
    """Name the clinic, make its first site and its clinic lead; the lead makes everyone else."""
    if not unopened():
        raise ValueError("This clinic has its first account already.")
    give_birth(kind=Installation.Kind.REAL, organisation=organisation)
    Installation.objects.update(organisation=organisation)
    installation_forget()
    place = _first_site(site, zone)
    lead = User.objects.create_user(email, name=name, role=Role.LEAD, credentials=credentials, password=password)
    lead.sites.add(place)
    trail.write("begin clinic", by=lead, about=lead)
    return lead


def _first_site(name: str, zone: str) -> Site:
    """The site whose team gets the records that were imported before anyone could sign in, else a new one."""
    place = Site.objects.order_by("name").first() or Site()
    place.name, place.zone = name, zone
    place.save()
    return place
