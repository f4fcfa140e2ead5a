"""What the frame around every page needs: the rail for the role at hand and the chart colours."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.functional import SimpleLazyObject
from django.utils.translation import gettext_lazy as _

from surcease.charts.theme import DARK_OF

# label, route, roles that find something there
RAIL = (
    (_("Today"), "worklist:today", {"physician", "nurse", "pharmacist", "lead", "front_desk"}),
    (_("Patients"), "patients:list", {"physician", "nurse", "pharmacist", "lead", "front_desk"}),
    (_("Board"), "treatment:board", {"physician", "nurse", "pharmacist", "lead"}),
    (_("Checks"), "stock:ledger", {"nurse", "pharmacist", "lead"}),
    (_("Registry"), "registry:home", {"physician", "lead"}),
    (_("My diary"), "diary:today", {"patient"}),
    (_("My days"), "diary:days", {"patient"}),
    (_("My treatment"), "review:mine", {"patient"}),
    (_("Learn"), "diary:learn", {"patient"}),
    (_("Messages"), "diary:messages", {"patient"}),
    (_("My record"), "diary:mine", {"patient"}),
)


@dataclass(frozen=True, slots=True)
class RailItem:
    """One word of the rail."""

    label: str
    url: str
    here: bool


def rail(request: HttpRequest) -> list[RailItem]:
    """The rail for this user, in order, without rooms that are not open."""
    role = getattr(request.user, "role", "")
    items: list[tuple[str, str]] = []
    for label, route, roles in RAIL:
        if role not in roles:
            continue
        try:
            url = reverse(route)
        except NoReverseMatch:
            continue
        items.append((str(label), url))
    here = max((url for _label, url in items if request.path.startswith(url)), key=len, default="")
    return [RailItem(label, url, url == here) for label, url in items]


def context(request: HttpRequest) -> dict[str, Any]:
    """Template context of every page."""
    return {
        "rail": SimpleLazyObject(lambda: rail(request)),
        "chart_dark": json.dumps(DARK_OF),
        "clinic_name": getattr(settings, "CLINIC_NAME", "Surcease"),
    }
