"""What kind of installation this database is. It never changes, so each process asks once."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ImproperlyConfigured
from django.db import transaction
from django.http import HttpRequest

from surcease.web.clinic.models import Installation

_known: dict[str, Installation] = {}


def installation() -> Installation | None:
    """The installation row, None before birth."""
    if "it" not in _known:
        row = Installation.objects.first()
        if row is None:
            return None
        _known["it"] = row
    return _known["it"]


def forget() -> None:
    """For tests and ``demo --reset``: the next question asks the database again."""
    _known.clear()


def is_demo() -> bool:
    """Whether everyone in this database is invented."""
    row = installation()
    return row is not None and row.is_demo


@transaction.atomic
def give_birth(*, kind: str, organisation: str) -> Installation:
    """Say what this database is. Refused when it already is the other kind."""
    row = Installation.objects.select_for_update().first()
    if row is None:
        row = Installation.objects.create(kind=kind, organisation=organisation)
    if row.kind != kind:
        raise ImproperlyConfigured(
            f"This database is a {row.kind} clinic and stays one: use another home folder for a {kind} clinic."
        )
    forget()
    return row


def context(request: HttpRequest) -> dict[str, Any]:
    """Template context: whether to say that everyone is invented, and the clinic's name."""
    row = installation()
    said: dict[str, Any] = {"demo": bool(row and row.is_demo), "organisation": row.organisation if row else "Surcease"}
    user = getattr(request, "user", None)  # a request refused for its host has none yet
    if said["demo"] and not (user and user.is_authenticated):
        from surcease.web.accounts.demo import PASSWORD, SIGN_INS

        said |= {"demo_password": PASSWORD, "demo_sign_ins": SIGN_INS}
    return said
