"""Words of the entry page that are the interface's own."""

from __future__ import annotations

from django.utils.translation import gettext as _

from surcease.knowledge import load
from surcease.knowledge.catalogue import catalogue


def bands() -> list[tuple[str, str]]:
    """The three words of a bad day."""
    return [("better", _("better than usual")), ("same", _("as usual")), ("worse", _("worse than usual"))]


def side_effects() -> list[tuple[str, str]]:
    """Side effects for ticking, by the id and the words of the instrument's items."""
    items = catalogue(load())["side-effects"].questions
    return [(item.link_id, item.shown) for item in items if item.type == "choice"]
