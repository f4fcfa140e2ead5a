"""The sign-ins of a demo clinic: one of each role, one password, printed at start. Never in a real clinic."""

from __future__ import annotations

from dataclasses import dataclass

from django.core.exceptions import PermissionDenied
from django.db import transaction

from surcease.web.accounts.models import Role, User
from surcease.web.clinic.installation import is_demo
from surcease.web.clinic.models import Site

PASSWORD = "show-me-around"  # noqa: S105  (printed on the screen of every demo clinic)


@dataclass(frozen=True, slots=True)
class SignIn:
    """One printed line."""

    role: str
    email: str
    name: str
    credentials: str = ""


SIGN_INS = (
    SignIn(Role.PHYSICIAN, "physician@demo.example", "Ruth Okafor", "MD"),
    SignIn(Role.NURSE, "nurse@demo.example", "Tomás Brandt", "RN"),
    SignIn(Role.PHARMACIST, "pharmacist@demo.example", "Ines Kowalczyk", "PharmD"),
    SignIn(Role.LEAD, "lead@demo.example", "Helen Marsh", "MD, MPH"),
    SignIn(Role.FRONT_DESK, "desk@demo.example", "Samuel Adeyemi"),
    SignIn(Role.PATIENT, "patient@demo.example", "Mara Lindqvist"),
)


@transaction.atomic
def make_sign_ins() -> list[User]:
    """The demo users, made where missing. Refused outside a demo clinic."""
    if not is_demo():
        raise PermissionDenied("Demo sign-ins exist only in a demo clinic.")
    site, _new = Site.objects.get_or_create(name="Harbour Street", defaults={"zone": "America/New_York"})
    return [_user(line, site) for line in SIGN_INS]


def _user(line: SignIn, site: Site) -> User:
    user = User.objects.filter(email=line.email).first()
    if user is None:
        user = User.objects.create_user(
            line.email, name=line.name, role=line.role, credentials=line.credentials, password=PASSWORD
        )
        user.sites.add(site)
    return user
