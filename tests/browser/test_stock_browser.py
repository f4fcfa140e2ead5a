"""The ledger in a browser: a nurse wastes, a pharmacist elsewhere witnesses, a count stays blind; axe everywhere."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from tests.integration.samples.steps import treated
from tests.integration.samples.stock import received
from tests.web_fixtures import PASSWORD

from surcease.care.ledger import balance, session_account
from surcease.web.stock import actions
from surcease.web.stock.models import MovementRow
from surcease.web.stock.record import movements, rows

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_waste_with_a_second_person_on_another_device(world: Any, browse: Any, serious: Any) -> None:
    session, _vials = treated(world), received(world)
    nurse = browse("nurse", "tablet")
    nurse.goto(f"/stock/session/{session.pk}/")
    nurse.fill("#draw-code", "k2417-01")
    nurse.fill("#draw-amount_mg", "100")
    nurse.click("text=Write it down")
    nurse.fill("#waste-amount_mg", "13.2")
    nurse.fill("#waste-reason", "rest of the bag")
    nurse.fill("#waste-secret", PASSWORD)
    nurse.click("text=Sign the waste")
    assert "waits for its witness" in nurse.inner_text("main")
    assert serious(nurse) == []
    pharmacist = browse("pharmacist")
    pharmacist.goto("/stock/")
    assert serious(pharmacist) == []
    pharmacist.click("text=wasted of what was drawn up")
    assert serious(pharmacist) == []
    pharmacist.fill("#witness-secret", PASSWORD)
    pharmacist.click("text=Sign as witness")
    pharmacist.wait_for_selector("text=Witnessed.")
    left = balance(movements(rows(session=session)), session_account(str(session.pk)))
    assert left == Decimal("86.8")


@pytest.mark.parametrize(("size", "dark"), [("phone", True), ("desk", False)])
def test_a_blind_count_by_keyboard(world: Any, browse: Any, serious: Any, size: str, dark: bool) -> None:
    vials = received(world, vials=3)
    actions.waste(
        by=world.users.nurse, now=world.now, method="password", vial=vials[0], amount_mg=Decimal(123), reason="spilled"
    )
    actions.witness(
        by=world.users.pharmacist, now=world.now, method="password", movement=MovementRow.objects.get(kind="waste")
    )
    page = browse("nurse", size, dark=dark)
    page.goto("/stock/count/")
    assert "377" not in page.content()
    assert serious(page) == []
    page.focus(f"#id_whole-{vials[0].lot.pk}")
    page.keyboard.type("2")
    page.keyboard.press("Tab")
    page.keyboard.type("377")
    page.keyboard.press("Enter")
    page.wait_for_selector("text=agrees")
    assert serious(page) == []
    page.fill("#id_secret", PASSWORD)
    page.click("text=Sign: the balance stands")
    page.wait_for_selector("text=The count is closed.")


def test_every_page_of_the_ledger_is_clean(world: Any, browse: Any, serious: Any) -> None:
    [vial, *_] = received(world)
    pharmacist = browse("pharmacist", "phone")
    for address in ("", "receive/", f"vial/{vial.pk}/", "counts/", "register/", "differences/"):
        pharmacist.goto(f"/stock/{address}")
        assert serious(pharmacist) == [], address
