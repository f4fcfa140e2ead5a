"""``kill -9`` while a monitor sends: what was acknowledged is there, once. The long form is ``make fault``."""

from __future__ import annotations

import os
import sqlite3
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from tests.browser.served import free_port, small_clinic
from tests.monitored import oru

from surcease.cli.mllp import Line

ROW = "147842^MDC_ECG_HEART_RATE^MDC|{}|264864^MDC_DIM_BEAT_PER_MIN^MDC"
KILLS = 1  # each costs a start of the server
NUMBER = 60


@pytest.mark.skipif(bool(os.environ.get("DATABASE_URL")), reason="SQLite's file is what a kill could tear")
def test_every_acknowledged_sample_is_there_once_after_a_kill(tmp_path: Path) -> None:
    port = free_port()
    served = small_clinic(tmp_path / "home", "one_chair.py", more=("--hl7-port", str(port)), words=("--monitor",))
    acknowledged: dict[str, str] = {}
    for round_ in range(KILLS):
        served.start()
        try:
            send(port, acknowledged, number=NUMBER, rate=60 + round_)
        finally:
            served.kill()
    with sqlite3.connect(served.home / "samples.sqlite3") as database:
        rows = database.execute("SELECT at, value FROM devices_sample").fetchall()
    assert len(rows) == len({at for at, _ in rows}), "doubled"
    kept = {datetime.fromisoformat(at).replace(tzinfo=UTC).isoformat(timespec="milliseconds"): v for at, v in rows}
    lost = {at for at, value in acknowledged.items() if Decimal(kept.get(at, "0")) != Decimal(value)}
    assert (len(acknowledged), lost) == (KILLS * NUMBER, set())


def send(port: int, acknowledged: dict[str, str], *, number: int, rate: int) -> None:
    """Send ``number`` messages and remember those that were acknowledged."""
    with Line("127.0.0.1", port) as line:
        for n in range(number):
            at = datetime.now(UTC).replace(microsecond=n * 1000)
            letters, words = line.ask(oru(at, ROW.format(rate), device="SIM-1", control=str(n)))
            assert letters == "AA", words
            acknowledged[at.isoformat(timespec="milliseconds")] = str(rate)
