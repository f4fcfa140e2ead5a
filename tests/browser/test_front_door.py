"""The front door in a real browser: password and code, a passkey, a locked tablet; axe on every page of the ground."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.core.cache import cache
from django.urls import reverse
from tests.web_fixtures import PASSWORD, World, make_user, totp

from surcease.web.accounts.unlock import give_badge
from surcease.web.worklist.actions import ask

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture(autouse=True)
def _no_counters_left(transactional_db: None) -> None:
    cache.clear()


def with_passkeys(page: Any) -> None:
    """Give the browser an authenticator, as a laptop with a fingerprint reader has one."""
    session = page.context.new_cdp_session(page)
    session.send("WebAuthn.enable")
    options = {"protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True,
               "isUserVerified": True, "automaticPresenceSimulation": True}  # fmt: skip
    session.send("WebAuthn.addVirtualAuthenticator", {"options": options})


def sign_in(page: Any, email: str) -> None:
    """E-mail and password."""
    page.goto("/account/login/")
    page.get_by_label("Email").fill(email)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()


def test_password_then_code(world: World, browse: Callable[..., Any], serious: Callable[[Any], Any]) -> None:
    page = browse()
    sign_in(page, world.users.nurse.email)
    assert not serious(page)
    page.get_by_label("Code").fill(totp())
    page.get_by_role("button", name="Sign In", exact=True).click()
    page.get_by_role("heading", name="Today", exact=True).wait_for()
    page.get_by_role("button", name="Sign out").click()
    page.get_by_role("heading", name="Sign in").first.wait_for()


def test_a_new_nurse_adds_a_passkey_and_comes_in_with_it(
    world: World, browse: Callable[..., Any], serious: Callable[[Any], Any]
) -> None:
    page = browse()
    with_passkeys(page)
    user = make_user("nurse", world.site, name="New Nurse", second_factor=False)
    sign_in(page, user.email)
    page.goto("/worklist/")
    assert "/account/2fa/" in page.url  # nothing else opens before there is a second factor
    assert not serious(page)
    page.goto("/account/2fa/webauthn/add/")
    if "reauthenticate" in page.url:
        page.get_by_label("Password").fill(PASSWORD)
        page.get_by_role("button", name="Confirm").click()
    page.get_by_label("Passwordless").check()
    assert not serious(page)
    page.get_by_role("button", name="Add").click()
    page.wait_for_url("**/recovery-codes/**")
    page.goto("/worklist/")
    page.get_by_role("heading", name="Today", exact=True).wait_for()
    page.get_by_role("button", name="Sign out").click()
    page.goto("/account/login/")
    page.get_by_role("button", name="Use a passkey").click()
    page.get_by_role("heading", name="Today", exact=True).wait_for()


def test_a_locked_tablet_and_a_badge(world: World, browse: Callable[..., Any], serious: Callable[[Any], Any]) -> None:
    give_badge(by=world.users.lead, user=world.users.nurse, badge="04A22B9C11")
    page = browse("nurse", "tablet")
    page.goto("/accounts/me/")
    page.evaluate(
        """async () => {
            const token = document.querySelector('[name=csrfmiddlewaretoken]').value;
            await fetch('/accounts/lock/', {method: 'POST', headers: {'X-CSRFToken': token}});
        }"""
    )
    page.goto("/worklist/")
    page.get_by_role("heading", name="This tablet is locked").wait_for()
    assert not serious(page)
    page.keyboard.type("04A22B9C11")  # the reader types into the field that has the focus
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="Today", exact=True).wait_for()


def ground_pages(world: World) -> list[tuple[str, str]]:
    """Role and address of every page of the ground."""
    person = {"patient_id": world.patient.pk}
    return [
        ("anonymous", "/account/login/"),
        ("anonymous", "/account/login/code/"),
        ("anonymous", "/account/password/reset/"),
        ("anonymous", "/accounts/link/not-a-link/"),
        ("nurse", "/worklist/"),
        ("nurse", "/patients/"),
        ("nurse", "/patients/?q=nobody"),
        ("front_desk", "/patients/register/"),
        ("nurse", reverse("patients:page", kwargs=person)),
        ("nurse", reverse("patients:particulars", kwargs=person)),
        ("nurse", reverse("patients:limbs", kwargs=person)),
        ("nurse", reverse("patients:link", kwargs=person)),
        ("nurse", reverse("patients:glass", kwargs=person)),
        ("nurse", "/accounts/me/"),
        ("nurse", "/account/2fa/"),
        ("nurse", "/nothing/here/"),
        ("lead", "/accounts/people/"),
        ("lead", "/accounts/people/add/"),
        ("lead", "/audit/"),
        ("lead", reverse("audit:patient", kwargs=person)),
        ("patient", "/audit/own/"),
    ]


@pytest.mark.parametrize(("size", "dark"), [("desk", False), ("phone", True)])
def test_axe_on_every_page_of_the_ground(
    world: World, browse: Callable[..., Any], serious: Callable[[Any], Any], size: str, dark: bool
) -> None:
    ask(by="server", now=world.now, key="k", kind="x", what="Call after the session", for_role="nurse",
        patient=world.patient, due_at=world.now)  # fmt: skip
    wrong, pages = [], {}
    for role, path in ground_pages(world):
        page = pages.setdefault(role, browse(role, size, dark=dark)) if role not in pages else pages[role]
        page.goto(path)
        wrong += [(path, fault) for fault in serious(page)]
        page.complaints[:] = [text for text in page.complaints if "404" not in text and "410" not in text]
    assert not wrong
