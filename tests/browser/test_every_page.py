"""axe on every page that can be read, in its reader's role, width and light; nothing wider than the screen."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.core.cache import cache
from django.urls import reverse
from tests.web_fixtures import World
from tests.web_routes import all_samples, routes

from surcease.web.accounts import matrix

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
# role → how its pages are mostly read: width, dark
READ_ON = {"patient": ("phone", True), "nurse": ("tablet", False), "physician": ("desk", False), "lead": ("desk", True)}
ORDER = ("patient", "nurse", "physician", "pharmacist", "lead", "front_desk")
NO_PAGE = ("account_", "mfa_", "live:", "fhir:", "cds_hooks:")


@pytest.fixture(autouse=True)
def _no_counters_left(transactional_db: None) -> None:
    cache.clear()


def test_axe_on_every_page(world: World, browse: Callable[..., Any], serious: Callable[[Any], Any]) -> None:
    faults: list[str] = []
    opened: dict[str, Any] = {}
    seen = 0
    for role, address in addresses(world):
        if role not in opened:
            size, dark = READ_ON.get(role, ("desk", False))
            opened[role] = browse(role, size, dark=dark)
        page = opened[role]
        if not is_page(page, address):
            continue
        page.goto(address)
        seen += 1
        faults += [f"{address} as {role}: {fault}" for fault in serious(page)]
        faults += [f"{address} as {role} complains: {text}" for text in page.complaints]
        page.complaints.clear()
    for page in opened.values():
        page.goto("about:blank")  # ends its live line before the database goes
    assert seen > 50
    assert not faults, "\n".join(faults)


def addresses(world: World) -> Iterator[tuple[str, str]]:
    """Role and address, grouped by role."""
    samples = all_samples(world)
    found = []
    for route, _parts in sorted(set(routes())):
        act = matrix.act_of(route)
        role = next((name for name in ORDER if act and name in act.who), None)
        if role and not route.startswith(NO_PAGE):
            found.append((role, reverse(route, kwargs=samples.get(route, {}))))
    return iter(sorted(found, key=lambda pair: ORDER.index(pair[0])))


def is_page(page: Any, address: str) -> bool:
    """A whole HTML page: no form's target, no redirect, no download, no fragment."""
    answer = page.request.get(address, max_redirects=0)
    return bool(answer.status == 200 and "html" in answer.headers["content-type"] and "<html" in answer.text())
