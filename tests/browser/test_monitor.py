"""A simulated monitor at chair 1: signed, accepted, confirmed by a person, grey on the page, charted by one tap."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.browser.served import PASSWORD, Served, environment, free_port, small_clinic

pytestmark = pytest.mark.browser
LABEL = "Secondary display; not a patient monitor."


@pytest.fixture(scope="module")
def clinic(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """One person in a chair, served with a door for monitors."""
    more = ("--hl7-port", str(free_port()))
    served = small_clinic(tmp_path_factory.mktemp("monitor") / "home", "one_chair.py", more=more)
    served.start()
    yield served
    served.stop()


def simulated(clinic: Served, *more: str) -> subprocess.Popen[str]:
    """``surcease monitor-sim`` at this clinic."""
    surcease = Path(sys.executable).parent / "surcease"
    command = [str(surcease), "monitor-sim", "--port", clinic.more[1], "--every", "1", *more]
    return subprocess.Popen(command, env=environment(), stdout=subprocess.PIPE, text=True)


def test_from_monitor_to_chart(clinic: Served, come_in: Callable[[str], Any], serious: Callable[[Any], Any]) -> None:
    lead, nurse = come_in("lead"), come_in("nurse")
    faults: list[Any] = []
    session = f"/treatment/{clinic.person['session']}/"

    # Before anything is signed: nothing of it on the chair's page, and the monitor is refused.
    nurse.goto(session)
    assert nurse.locator("#feed").count() == 0
    out, _ = simulated(clinic, "--minutes", "0.02").communicate(timeout=120)
    assert "0 accepted" in out
    lead.goto("/devices/use/")
    assert LABEL in lead.content()
    faults += serious(lead)
    lead.locator("#id_scope").select_option("shown")
    lead.locator("#id_text").fill("Looked at beside the bedside monitor for a week.")
    lead.locator("#id_secret").fill(PASSWORD)
    lead.get_by_role("button", name="Sign", exact=True).click()
    lead.wait_for_url("**/devices/")
    faults += serious(lead)

    # A nurse says which monitor it is, and whom it is on.
    nurse.goto("/devices/")
    card = nurse.locator("article.card", has_text="SIM-1")
    card.get_by_label("What we call it").fill("Monitor 1")
    card.locator("[name=interval_s]").fill("1")
    card.get_by_role("button", name="This one is ours").click()
    nurse.locator("tbody", has_text="SIM-1").wait_for()
    faults += serious(nurse)
    nurse.goto(session)
    nurse.get_by_role("button", name=f"It is on {clinic.person['name']}").click()
    nurse.get_by_text("Nothing has come from it yet.").wait_for()

    # Grey values with their age; live within seconds.
    monitor = simulated(clinic, "--minutes", "10", "--dose", "")
    try:
        tile = nurse.locator("#feed [data-field=spo2]")
        tile.wait_for(timeout=60_000)
        seen = {tile.get_attribute("data-at")}
        deadline = time.monotonic() + 20
        while len(seen) < 4 and time.monotonic() < deadline:
            seen.add(tile.get_attribute("data-at"))
            time.sleep(0.2)
        assert len(seen) >= 4, "the page does not move with the monitor"
        assert LABEL in nurse.locator("#feed").inner_text()
        faults += serious(nurse)

        # One tap charts the column; the log says who and where it came from.
        accept = nurse.locator("#feed").get_by_role("button", name="Accept").first
        moment = accept.inner_text().removeprefix("Accept ")
        accept.click()
        nurse.locator("#feed-said", has_text="Charted.").wait_for()
        line = nurse.locator("#moving .log li", has_text="from the monitor").first
        line.wait_for(timeout=30_000)
        assert line.locator(".number").inner_text() == moment[:5]
        assert "Tomás Brandt" in line.inner_text()
    finally:
        monitor.terminate()
        monitor.wait(timeout=30)

    # Silence is said, on the page and the board, and no old value stands as current.
    silent = nurse.locator("#feed", has_text="No data from Monitor 1 since")
    silent.wait_for(timeout=60_000)
    nurse.locator("#feed [data-field=spo2] .feed-value", has_text="–").wait_for(timeout=30_000)
    faults += serious(nurse)
    nurse.goto("/treatment/board/")
    assert "No data from Monitor 1 since" in nurse.content()
    faults += serious(nurse)
    assert faults == []
