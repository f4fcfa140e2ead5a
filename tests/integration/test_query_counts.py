"""Each page asks the database equally often whether the clinic is small or a hundred times larger."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from bench.grow import grow, repeat
from django.apps import apps
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from tests.web_fixtures import World
from tests.web_routes import all_samples, routes

from surcease.web.accounts import matrix

PINS = Path(__file__).with_name("query_counts.json")
# A row of one person that there are many of in time; the others (goals, consents, pain sites) stay a handful.
MANY_OF_ONE_PERSON = (
    "diary.EntryRow", "diary.Message", "patients.MeasurementRow", "patients.AnswersRow", "patients.StatementRow",
    "worklist.Todo", "audit.AuditRow",
)  # fmt: skip
STREAMS = {"live:listen"}  # answers for as long as it is open
TIMES = 100
UNPINNED = 40  # what a page may ask that has no pin of its own yet
# The brackets of a transaction, the sign-in's own clock, the clinic's settings: asked now and then, whatever the page.
IS_NOT_THE_PAGES = re.compile("^(SAVEPOINT|RELEASE|BEGIN|COMMIT)|django_session|cache_entries|clinic_sitesetting")


def test_the_number_of_queries_does_not_grow_with_the_clinic(world: World, client_as: Callable[[str], Client]) -> None:
    """Every page, opened by the first role that may; the pinned number is a ceiling, equality under growth is exact."""
    pages = list(addresses(world))
    more_of_all(world, 2)
    clients = {role: client_as(role) for _route, role, _address in pages}
    for _route, role, address in pages:
        clients[role].get(address)  # a process remembers its settings from the first visit on
    small = {route: count(clients[role], address) for route, role, address in pages}
    more_of_all(world, TIMES)
    large = {route: count(clients[role], address) for route, role, address in pages}
    grown = {route: (small[route], large[route]) for route in small if large[route] != small[route]}
    print(json.dumps({route: asked for route, asked in large.items() if asked}, indent=1))
    pins = json.loads(PINS.read_text(encoding="utf-8"))
    over = {
        route: (asked, pins.get(route, UNPINNED)) for route, asked in large.items() if asked > pins.get(route, UNPINNED)
    }
    assert not grown, f"These pages ask more often in a large clinic (small, large): {grown}"
    assert not over, f"These pages ask more often than pinned in {PINS.name} (asked, pinned): {over}"


def addresses(world: World) -> Iterator[tuple[str, str, str]]:
    """Route, role and address of every page that can be read."""
    samples = all_samples(world)
    for route, _parts in sorted(set(routes())):
        act = matrix.act_of(route)
        if act is None or route in STREAMS or route.startswith(("account_", "mfa_")):
            continue
        role = next((name for name in matrix.ROLES if name in act.who), None)
        if role is not None:
            yield route, role, reverse(route, kwargs=samples.get(route, {}))


def more_of_all(world: World, times: int) -> None:
    """More people, and more of everything that one person has many of in time."""
    grow(times)
    for label in MANY_OF_ONE_PERSON:
        repeat(apps.get_model(label), times, patient=world.patient.pk)


def count(client: Client, address: str) -> int:
    """How often the database is asked for one page; 0 for what is no page (a form's target, a redirect)."""
    with CaptureQueriesContext(connection) as caught:
        answer = client.get(address)
    if answer.status_code != 200:
        return 0
    return sum(not IS_NOT_THE_PAGES.search(query["sql"]) for query in caught.captured_queries)


@pytest.mark.parametrize("route", sorted(json.loads(PINS.read_text(encoding="utf-8"))))
def test_every_pinned_route_exists(route: str) -> None:
    assert route in {name for name, _parts in routes()}
