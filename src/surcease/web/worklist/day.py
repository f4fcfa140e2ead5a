"""The day's page is made of panels: each step app adds its own for the roles that need it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils.safestring import SafeString

from surcease.web.accounts.models import User

Read = Callable[[User, datetime], dict[str, Any] | None]


@dataclass(frozen=True, slots=True)
class Panel:
    """``read(user, now)`` gives the template's context, or None when there is nothing to show."""

    name: str
    roles: frozenset[str]
    template: str
    read: Read
    order: int = 50


_panels: dict[str, Panel] = {}


def panel(name: str, *, roles: frozenset[str] | set[str], template: str, read: Read, order: int = 50) -> None:
    """Add a panel (from AppConfig.ready). Low orders come first; the to-dos stand at 10."""
    _panels[name] = Panel(name, frozenset(roles), template, read, order)


def panels_for(request: HttpRequest, user: User, now: datetime) -> list[SafeString]:
    """The panels of this user's role, rendered, in order."""
    mine = sorted((p for p in _panels.values() if user.role in p.roles), key=lambda p: (p.order, p.name))
    read = ((p, p.read(user, now)) for p in mine)
    return [render_to_string(p.template, context, request=request) for p, context in read if context is not None]
