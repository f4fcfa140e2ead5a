"""Every route × every role, made from the URL conf: a new route without a row, or without a sample, fails here."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse
from tests.web_fixtures import World
from tests.web_routes import all_samples, routes

from surcease.web.accounts import matrix

ROUTES = sorted(set(routes()))


@pytest.mark.parametrize("route", [name for name, _parts in ROUTES])
def test_every_route_has_a_row(route: str) -> None:
    assert matrix.act_of(route) is not None, f"{route} has no row in accounts/matrix.py"


def test_every_row_has_a_route_and_every_act_is_used() -> None:
    names = {name for name, _parts in ROUTES}
    assert set(matrix.ROUTES) - names == set()
    assert set(matrix.ROUTES.values()) <= set(matrix.ACTS)


def test_roles_in_the_matrix_are_the_roles() -> None:
    assert all(act.who <= set(matrix.ROLES) for act in matrix.ACTS.values())


def test_each_route_opens_to_whom_the_matrix_says(world: World, client_as: Callable[[str], Client]) -> None:
    """All cells in one test: the world is made once. Every refusal is tested, not assumed."""
    samples = all_samples(world)
    wrong = []
    for route, has_parts in ROUTES:
        if has_parts and route not in samples:
            wrong.append(f"{route} needs a sample in tests/integration/samples")
            continue
        address = reverse(route, kwargs=samples.get(route, {}))
        for role in matrix.ROLES:
            wrong += cell(client_as(role), route, role, address)
    assert not wrong, "\n".join(wrong)


def cell(client: Client, route: str, role: str, address: str) -> list[str]:
    """What is wrong with one cell."""
    act = matrix.act_of(route)
    if act is None:
        return []
    response = client.get(address)
    allowed = role in act.who
    refused = response.status_code == 403 or (response.status_code == 302 and "/account/login/" in response["Location"])
    if response.status_code >= 500:
        return [f"{route} fails for {role}: {response.status_code}"]
    if allowed and refused and act.who != matrix.EVERYONE:
        return [f"{route} refuses {role}, who may"]
    if not allowed and not refused:
        return [f"{route} opens to {role}, who may not ({response.status_code})"]
    return []


def test_a_route_without_a_row_does_not_exist(
    world: World, client_as: Callable[[str], Client], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delitem(matrix.ROUTES, "worklist:today")
    assert all(client_as(role).get("/worklist/").status_code == 404 for role in matrix.ROLES)
