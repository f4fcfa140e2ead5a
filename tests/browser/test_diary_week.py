"""A patient's week without a network and back; help without one; a reminder that says it was shown; a shared phone."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from tests.browser.lossless import stored
from tests.browser.served import Served, sign_in, small_clinic

pytestmark = pytest.mark.browser
DAY_MS = 24 * 3600 * 1000
# The page's clock goes by whole days: a week passes in a test.
DAYS_ON = """days => { const Real = window.RealDate ||= Date, ahead = days * 86400000;
  globalThis.Date = class extends Real { constructor(...a) { if (a.length) super(...a); else super(Real.now() + ahead); } static now() { return Real.now() + ahead; } };
}"""  # noqa: E501


@pytest.fixture(scope="module")
def clinic(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A served small clinic."""
    served = small_clinic(tmp_path_factory.mktemp("week") / "home")
    served.start()
    yield served
    served.stop()


@pytest.fixture
def phone(chromium: Any, clinic: Served) -> Iterator[Callable[..., Any]]:
    """``phone()``: a page on a phone, signed in as the patient, the worker in charge. Page errors fail the test."""
    opened: list[Any] = []
    errors: list[str] = []

    def make(**more: Any) -> Any:
        context = chromium.new_context(
            base_url=clinic.url, viewport={"width": 390, "height": 844}, locale="en-GB", **more
        )
        opened.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: errors.append(str(error)))
        sign_in(page, "patient@demo.example")
        page.goto("/diary/")
        page.evaluate("() => navigator.serviceWorker.ready.then(() => undefined)")
        page.wait_for_function("async () => Boolean(await caches.match('/diary/offline/ask/phq-9/'))", timeout=60_000)
        return page

    yield make
    for context in opened:
        context.close()
    assert not errors, errors


def all_sent(page: Any) -> None:
    """Wait until the phone holds nothing any more."""
    for _second in range(60):
        if page.evaluate("async () => { await surceaseOutbox.flush(); return surceaseOutbox.count(); }") == 0:
            return
        time.sleep(1)
    raise AssertionError("the phone still holds entries")


def contents(clinic: Served) -> list[dict[str, Any]]:
    import sqlite3
    from contextlib import closing

    with closing(sqlite3.connect(f"file:{clinic.home / 'db.sqlite3'}?mode=ro", uri=True)) as db:
        rows = db.execute("select content, local_date, late, received_at from diary_entryrow order by at").fetchall()
    return [json.loads(text) | {"local": day, "late": late, "received": came} for text, day, late, came in rows]


def test_a_week_offline_and_back(clinic: Served, phone: Callable[..., Any], serious: Callable[[Any], Any]) -> None:
    page = phone()
    before = len(contents(clinic))
    page.context.set_offline(True)
    for day in range(7):
        page.goto("/diary/")  # the shell: nobody's name, the same question
        page.get_by_text("No connection. Your answers are kept on this phone").wait_for()
        page.evaluate(DAYS_ON, day)
        page.locator("#pain label").nth(day + 1).click()
        page.get_by_text("Saved").wait_for()
        page.get_by_text(f"{day + 1} not sent yet").wait_for()
    assert not serious(page)
    assert "Whitfield" not in page.content()
    page.locator("#yesterday").check()
    page.locator("#pain label").nth(9).click()
    page.get_by_text("Saved for yesterday").wait_for()
    page.context.set_offline(False)
    page.goto("/diary/")
    all_sent(page)
    came = [c for c in contents(clinic)[before:] if c["kind"] == "average"]
    week = [c for c in came if c["pain"] != "9"]
    assert [c["pain"] for c in week] == [str(n + 1) for n in range(7)]
    assert len({c["day"] for c in week}) == 7
    assert not any(c["late"] for c in week)  # written on their day, sent later
    (yesterday,) = [c for c in came if c["pain"] == "9"]
    assert yesterday["late"]
    page.goto("/diary/days/")
    page.get_by_text("entered late").first.wait_for()


def test_item_nine_shows_help_without_a_network_and_reaches_the_clinic_after(
    clinic: Served, phone: Callable[..., Any], serious: Callable[[Any], Any]
) -> None:
    page = phone()
    page.context.set_offline(True)
    page.goto("/diary/ask/phq-9/")
    assert not page.locator("#help").is_visible()
    page.locator("#field-9 input").nth(2).check()
    page.locator("#help").get_by_text("Crisis line 988").wait_for()
    assert page.locator("#field-9 + #help").count() == 1  # beside the answer
    assert not serious(page)
    page.locator("#field-9 input").nth(0).check()
    assert not page.locator("#help").is_visible()
    page.locator("#field-9 input").nth(1).check()
    page.get_by_role("button", name="Save").click()
    page.get_by_text("Kept safely on this phone").wait_for()
    assert page.locator("#help").is_visible()
    page.context.set_offline(False)
    page.goto("/diary/")
    all_sent(page)
    nurse = page.context.browser.new_context(base_url=clinic.url)
    doctor = nurse.new_page()
    sign_in(doctor, "physician@demo.example")
    doctor.get_by_text("Item 9 is 1").first.wait_for()
    nurse.close()


def test_a_red_flag_shows_help_at_the_tick_and_where_nobody_watches(phone: Callable[..., Any]) -> None:
    page = phone()
    assert page.locator(".watched").first.is_visible()
    page.get_by_role("button", name="Something is wrong").click()
    assert page.locator("#wrong .watched").is_visible()
    assert not page.locator("#help").is_visible()
    page.context.set_offline(True)
    page.get_by_label("chest pain").check()
    page.get_by_text("Get help now.").wait_for()


def test_a_bad_day_is_two_taps_and_a_wrong_tap_is_changed(clinic: Served, phone: Callable[..., Any]) -> None:
    page = phone()
    page.get_by_role("button", name="A bad day").click()
    assert not page.locator("#pain").is_visible()
    page.locator("#bad label").nth(2).click()
    page.get_by_text("Saved").wait_for()
    page.locator("#pain label").nth(8).click()
    page.get_by_role("button", name="Not right? Change it").click()
    page.locator("#pain label").nth(3).click()
    page.wait_for_function("() => document.getElementById('change').hidden === false")
    all_sent(page)
    kinds = contents(clinic)
    assert any(c["kind"] == "bad_day" and c["better_same_worse"] == "worse" for c in kinds)
    (changed,) = [c for c in kinds if c.get("replaces")]
    assert changed["pain"] == "3"
    assert any(c["id"] == changed["replaces"] and c["pain"] == "8" for c in kinds)  # the first stays


def test_where_it_hurts_and_a_pulse_by_keyboard(clinic: Served, phone: Callable[..., Any]) -> None:
    page = phone()
    page.get_by_role("button", name="Where it hurts").focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Space")
    page.keyboard.press("Tab")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    page.get_by_text("Saved").wait_for()
    page.context.set_offline(True)
    page.goto("/diary/")
    page.get_by_role("button", name="After a treatment").click()
    for name in ("pain", "bother", "mood", "anxiety"):
        page.locator(f"#pulse input[name={name}]").nth(2).check(force=True)
    page.locator("#pulse button.main").click()
    page.get_by_text("Saved").wait_for()
    page.context.set_offline(False)
    page.goto("/diary/")
    all_sent(page)
    found = contents(clinic)
    assert any(c.get("site") == "head" for c in found)
    assert any(c["kind"] == "pulse" and c["anxiety"] == c["mood"] == c["bother"] == c["pain"] == "2" for c in found)


def test_a_pushed_reminder_is_shown_discreetly_and_says_so(clinic: Served, phone: Callable[..., Any]) -> None:
    """The browser's own delivery, by its debugging protocol: it takes no push service to hand the worker a message."""
    page = phone(permissions=["notifications"])
    tool = page.context.new_cdp_session(page)
    registrations: list[Any] = []
    tool.on("ServiceWorker.workerRegistrationUpdated", lambda said: registrations.extend(said["registrations"]))
    tool.send("ServiceWorker.enable")
    for _tenth in range(50):
        if registrations:
            break
        page.wait_for_timeout(100)
    page.evaluate("async () => { await navigator.serviceWorker.ready; }")  # a worker not yet active drops the message
    message = {"title": "Your minute", "body": "", "reminder": "not ours", "displayed_url": "/diary/displayed/"}
    told: list[Any] = []
    heard = lambda answer: told.append((answer.request.post_data, answer.status))  # noqa: E731
    page.context.on("response", lambda answer: heard(answer) if "/displayed/" in answer.url else None)
    tool.send(
        "ServiceWorker.deliverPushMessage",
        {"origin": clinic.url, "registrationId": registrations[-1]["registrationId"], "data": json.dumps(message)},
    )
    look = """async () => {
        const [one] = await (await navigator.serviceWorker.ready).getNotifications();
        return one ? [one.title, one.body] : null;
    }"""
    shown = page.evaluate(look)
    for _tenth in range(300):
        if shown:
            break
        page.wait_for_timeout(100)
        shown = page.evaluate(look)
    assert shown == ["Your minute", ""]
    for _tenth in range(100):
        if told:
            break
        page.wait_for_timeout(100)
    assert told == [('{"reminder":"not ours"}', 404)]  # it was told; the word was not one of ours


def test_on_a_shared_phone_each_entry_waits_for_its_writer(clinic: Served, phone: Callable[..., Any]) -> None:
    page = phone()
    page.evaluate("() => { surceaseOutbox.owner = 'somebody else'; }")
    page.evaluate("() => surceaseOutbox.put({ kind: 'now', pain: '5', note: 'theirs' })")
    page.evaluate("(owner) => { surceaseOutbox.owner = owner; }", page.locator("#entry").get_attribute("data-owner"))
    page.evaluate("() => surceaseOutbox.put({ kind: 'now', pain: '6', note: 'mine' })")
    page.evaluate("() => surceaseOutbox.flush()")
    rows, _others = stored(clinic.home)
    notes = [json.loads(r["content"])["note"] for r in rows.values()]
    assert "mine" in notes
    assert "theirs" not in notes
    assert page.evaluate("async () => (await surceaseOutbox.waiting()).map((w) => JSON.parse(w.content).note)") == [
        "theirs"
    ]
