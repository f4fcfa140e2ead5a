"""How far the feed goes at a site: what its clinic lead signed last, else nothing."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from surcease.web.devices.models import UseStatement


def statement_of(site: Any) -> UseStatement | None:
    """The statement that holds."""
    return UseStatement.objects.filter(site=site).select_related("by").order_by("-at").first()


def scope_of(site: Any) -> str:
    """off | shown | marked."""
    row = statement_of(site)
    return row.scope if row is not None else UseStatement.Scope.OFF.value


def scopes_of(sites: Iterable[Any]) -> dict[Any, str]:
    """The scope of each site, by its key; absent means off."""
    rows = UseStatement.objects.filter(site__in=list(sites)).order_by("at").values_list("site", "scope")
    return dict(rows)
