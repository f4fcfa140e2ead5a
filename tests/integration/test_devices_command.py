"""The commands: a simulated monitor at a listener, and the listener as a process of its own on PostgreSQL."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest
from tests.monitored import monitored, oru
from tests.web_fixtures import World
from typer.testing import CliRunner

from surcease.cli.main import build
from surcease.cli.mllp import Line
from surcease.web.devices.models import Sample
from surcease.web.interop.hl7 import answer
from surcease.web.interop.hl7.listener import Listener

SURCEASE = str(Path(sys.executable).parent / "surcease")
ON_POSTGRESQL = bool(os.environ.get("DATABASE_URL"))


def said(*words: str) -> tuple[int, str]:
    """Exit code and everything a command says."""
    found = CliRunner().invoke(build(list(words)), list(words))
    return found.exit_code, found.output


@pytest.mark.django_db(transaction=True)
def test_a_simulated_monitor_is_heard_and_says_how(world: World, tmp_path: Path) -> None:
    one = monitored(world, sent_as="SIM-1", interval_s=1)
    recording = tmp_path / "numerics.csv"
    recording.write_text("minute,HR,SpO2,NBPSys,NBPDias\n0,61,97,120,70\n1,62,0,,\n")
    answer.forget()
    listener = Listener(port=0)
    listener.open()
    try:
        common = ("monitor-sim", "--port", str(listener.port), "--every", "1")
        assert said(*common, "--recorded", str(recording)) == (0, "Sent 2 messages: 2 accepted, 0 refused.\n")
        kept = Sample.objects.filter(session=one.session.pk)
        assert sorted((s.parameter, str(s.value)) for s in kept) == [
            ("diastolic", "70"), ("heart_rate", "61"), ("heart_rate", "62"), ("spo2", "97"), ("systolic", "120"),
        ]  # fmt: skip
        code, words = said(*common, "--minutes", "0.02", "--person", "MRN-9")
        assert code == 0
        assert "AE: The message names another person" in words
        assert words.endswith("Sent 2 messages: 0 accepted, 2 refused.\n")
    finally:
        listener.stop()


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("--every", "0.5"), "give 1 to 60"), (("--episode", "mood=3@1+1"), "is no episode"),
        (("--dose", "some"), "."), (("--recorded", "nowhere.csv"), "nowhere.csv"), (("--port", "1"), "Nobody listens"),
    ],
)  # fmt: skip
def test_what_a_simulated_monitor_refuses(words: tuple[str, ...], sentence: str) -> None:
    code, text = said("monitor-sim", "--port", "1", "--minutes", "0.01", *words)
    assert (code, sentence in text) == (2, True), text


@pytest.mark.skipif(ON_POSTGRESQL, reason="on PostgreSQL it listens")
def test_on_sqlite_the_listener_is_part_of_the_server() -> None:
    code, text = said("hl7", "listen")
    assert (code, "surcease run" in text) == (2, True)


@pytest.mark.skipif(not ON_POSTGRESQL, reason="a listener of its own needs PostgreSQL")
def test_on_postgresql_it_listens_by_itself_and_ends_when_told(tmp_path: Path) -> None:
    environment = {**os.environ, "SURCEASE_HOME": str(tmp_path / "home")}
    command = [SURCEASE, "hl7", "listen", "--port", "0"]
    assert subprocess.run(command, env=environment, capture_output=True, check=False).returncode == 2, "0 is no port"
    process = subprocess.Popen([SURCEASE, "hl7", "listen", "--port", "26575"], env=environment, stdout=subprocess.PIPE,
                               text=True)  # fmt: skip
    try:
        assert process.stdout is not None
        line = process.stdout.readline()
        port = int(re.search(r":(\d+) ", line)[1])  # type: ignore[index]
        with Line("127.0.0.1", port) as talk:
            letters, words = talk.ask(oru(datetime.now(UTC), "147842^^MDC|72|/min", device="NOBODYS"))
        assert (letters, "not known here" in words) == ("AR", True)
    finally:
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=30) == 0
