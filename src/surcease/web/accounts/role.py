"""As whom a request is made: a role of the matrix."""

from __future__ import annotations

from django.http import HttpRequest

from surcease.web.accounts import matrix
from surcease.web.accounts.models import User


class SignedIn(HttpRequest):
    """A request whose user is one of ours: how views behind the matrix are typed."""

    user: User


LINK_KEY = "personal_link"  # in the session of someone who came by a personal link
LOCKED_KEY = "locked_at"  # in the session of a locked chair tablet


def role_of(request: HttpRequest) -> str:
    """One of ``matrix.ROLES``."""
    user = request.user
    if not isinstance(user, User) and not user.is_authenticated:
        return matrix.ANONYMOUS
    return matrix.LINK if LINK_KEY in request.session else getattr(user, "role", matrix.ANONYMOUS)


def can(request: HttpRequest, act: str) -> bool:
    """Whether this request's role may try an act: for views and templates that show or hide a way."""
    return matrix.may(role_of(request), act)
