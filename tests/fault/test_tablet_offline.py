"""A tablet loses the network in mid-session: entries wait in its outbox and are sent once, in their order."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest
from bench.ward import Ward
from tests.fault.breaking import _text
from tests.fault.results import keep

pytestmark = pytest.mark.skipif(shutil.which("chromium") is None, reason="needs Debian's package chromium")
PUT = "async (text) => { await window.surceaseOutbox.put({ kind: 'note', payload: { text } }); }"


@pytest.mark.parametrize("seconds", [4, pytest.param(120, marks=pytest.mark.fault)])
def test_entries_of_an_offline_tablet_arrive_once_and_in_order(tmp_path: Path, seconds: int) -> None:
    from playwright.sync_api import sync_playwright

    ward = Ward(tmp_path / "home").fill(1)
    ward.start()
    try:
        with sync_playwright() as play:
            browser = play.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
            url = f"http://localhost:{ward.ports[0]}"
            context = browser.new_context(base_url=url, viewport={"width": 1024, "height": 768})
            context.add_cookies([{"name": "surcease_session", "value": ward.facts["nurse"], "url": url}])
            page = context.new_page()
            page.goto(f"/treatment/{ward.facts['sessions'][0]['id']}/")
            page.wait_for_function("window.surceaseOutbox !== undefined")
            context.set_offline(True)
            count = 20
            for n in range(count):
                page.evaluate(PUT, f"entry {n}")
                page.wait_for_timeout(seconds * 1000 / count)
            assert "not sent yet" in page.inner_text("#link-state")
            assert not any(
                _text(p).startswith("entry") for (p,) in ward.rows("SELECT payload FROM treatment_sessionevent")
            )
            context.set_offline(False)
            page.wait_for_function("async () => (await window.surceaseOutbox.count()) === 0", timeout=60_000)
            browser.close()
    finally:
        ward.stop()
    rows = ward.rows("SELECT payload FROM treatment_sessionevent ORDER BY seq")
    arrived = [text for (payload,) in rows if (text := _text(payload)).startswith("entry")]
    if seconds == 120 or os.environ.get("SURCEASE_KEEP_FAULTS"):
        lost, doubled = count - len(set(arrived)), len(arrived) - len(set(arrived))
        keep("tablet_offline", {"acknowledged": count, "lost": lost, "doubled": doubled, "offline_s": seconds})
    assert arrived == [f"entry {n}" for n in range(count)]
