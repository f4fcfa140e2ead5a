"""`surcease run` as a process: first and second start, one at a time on SQLite, a clean end, a killed one, refusals."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from http.cookiejar import CookieJar
from pathlib import Path
from urllib.parse import urlencode, urlsplit, urlunsplit

import pytest

pytestmark = pytest.mark.xdist_group("run")  # one worker: they share a filled home
SURCEASE = Path(sys.executable).parent / "surcease"
PATIENCE_S = 120  # a busy machine; what is promised is measured in docs/benchmarks


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def environment() -> dict[str, str]:
    """Without what this test process has set for itself; on PostgreSQL a database of this test's own."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("SURCEASE_", "DJANGO_"))}
    if "DATABASE_URL" in kept:
        kept["DATABASE_URL"] = own_database(kept["DATABASE_URL"])
    return kept


def own_database(address: str) -> str:
    """A fresh database on the same server, by name of this process."""
    import psycopg

    name = f"run_{os.getpid()}"
    with psycopg.connect(address, autocommit=True) as connection:
        if not connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone():
            connection.execute(f"CREATE DATABASE {name}")
    return urlunsplit(urlsplit(address)._replace(path=f"/{name}")).replace("postgresql:/run", "postgresql:///run")


class Running:
    """A started server."""

    def __init__(self, home: Path, *more: str, port: int | None = None) -> None:
        self.port, self.begun = port or free_port(), time.monotonic()
        command = [SURCEASE, "run", "--home", home, "--port", str(self.port), *more]
        self.log = (home.parent / f"log-{self.port}").open("w+")
        self.process = subprocess.Popen(
            command, env=environment(), stdout=subprocess.PIPE, stderr=self.log, text=True, start_new_session=True
        )
        self.words = self._first_words()

    def _first_words(self) -> str:
        """What it prints until the last sign-in line."""
        assert self.process.stdout is not None
        words = ""
        while line := self.process.stdout.readline():
            words += line
            if "patient@" in line or "A new clinic" in line:
                return words
        self.log.seek(0)
        raise AssertionError(f"It did not start: {self.log.read()}")

    def get(self, path: str) -> tuple[int, str]:
        try:
            with urllib.request.urlopen(f"http://localhost:{self.port}{path}", timeout=PATIENCE_S) as response:
                return response.status, response.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode()

    def stop(self, how: int = signal.SIGTERM) -> int:
        self.process.send_signal(how)
        return self.process.wait(PATIENCE_S)


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home folder that has been started once as a demo clinic."""
    home = tmp_path_factory.mktemp("run") / "clinic"
    server = Running(home, "--demo-if-empty")
    assert server.words.startswith(f"http://localhost:{server.port}\n")
    for role in ("physician", "nurse", "pharmacist", "lead", "front desk", "patient"):
        assert role in server.words
    assert server.stop() == 0
    return home


@pytest.fixture
def demo(filled: Path) -> Iterator[Running]:
    """It runs again."""
    server = Running(filled, "--demo-if-empty")
    yield server
    if server.process.poll() is None:
        server.process.kill()
        server.process.wait()


def sign_in(server: Running, email: str) -> str:
    """The page behind the door."""
    return come_in(server, email)[1]


def come_in(server: Running, email: str) -> tuple[urllib.request.OpenerDirector, str]:
    """A signed-in browser and the page behind the door, through the real forms."""
    opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(CookieJar()))
    base = f"http://localhost:{server.port}"
    page = opener.open(f"{base}/account/login/", timeout=PATIENCE_S).read().decode()
    token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)
    assert token
    given = urlencode({"login": email, "password": "show-me-around", "csrfmiddlewaretoken": token.group(1)}).encode()
    request = urllib.request.Request(f"{base}/account/login/", given, {"Referer": base, "Origin": base})
    return opener, str(opener.open(request, timeout=PATIENCE_S).read().decode())


def test_a_clinic_serves_and_stops_with_a_sealed_trail(demo: Running, filled: Path) -> None:
    assert demo.get("/healthy/")[0] == 200
    assert demo.get("/worklist/")[0] == 200  # redirected to the sign-in page
    assert "Waiting for you" in sign_in(demo, "physician@demo.example")
    page = demo.get("/account/login/")[1]
    style = re.search(r'href="(/static/ui/css/tokens\.[0-9a-f]{12}\.css)"', page)
    assert style, "static files carry their content's hash"
    assert demo.get(style.group(1))[0] == 200
    assert demo.stop() == 0
    assert (filled / "secrets" / "django").stat().st_mode & 0o077 == 0
    lines = [line for file in (filled / "audit/checkpoints").glob("*.jsonl") for line in file.read_text().splitlines()]
    assert lines, "the trail is sealed to its end when the server stops"


def test_one_process_on_sqlite_many_on_postgresql(demo: Running, filled: Path) -> None:
    if "DATABASE_URL" in os.environ:
        second = Running(filled)
        try:
            assert second.get("/healthy/")[0] == 200
            assert "Waiting for you" in sign_in(second, "nurse@demo.example")
        finally:
            second.stop()
        return
    for words in (["run", "--port", str(free_port())], ["manage", "migrate"], ["manage", "shell"]):
        said = (
            refusal(*words, "--home", str(filled))
            if words[0] == "run"
            else refusal("manage", "--home", str(filled), *words[1:])
        )
        assert f"already runs on {filled}" in said
        assert str(demo.process.pid) in said


def test_an_open_stream_beats_and_does_not_hold_the_server_at_its_end(demo: Running) -> None:
    """Twenty streams and pages beside them; the server ends within its five seconds of grace and a little."""
    base = f"http://localhost:{demo.port}"
    opener, _page = come_in(demo, "nurse@demo.example")
    board = opener.open(f"{base}/treatment/board/", timeout=PATIENCE_S).read().decode()
    live = re.search(r'data-live="(/live/board/[^"]+)"', board)
    assert live
    streams = [opener.open(base + live.group(1), timeout=PATIENCE_S) for _n in range(20)]
    for stream in streams:
        lines = [stream.readline().decode() for _n in range(8)]
        assert lines.count("event: beat\n") >= 2
    assert demo.get("/healthy/")[0] == 200
    begun = time.monotonic()
    assert demo.stop() == 0
    assert time.monotonic() - begun < 30


def test_a_killed_server_starts_again_and_ends_by_control_c(demo: Running, filled: Path) -> None:
    os.killpg(demo.process.pid, signal.SIGKILL)
    demo.process.wait()
    again = Running(filled)
    assert "Waiting for you" in sign_in(again, "nurse@demo.example")
    assert again.stop(signal.SIGINT) == 0


def test_the_trail_is_verified_from_the_command_line(filled: Path) -> None:
    """While it runs or not; every kind of fault is tested in test_audit."""
    command = [SURCEASE, "audit", "verify", "--home", filled]
    said = subprocess.run([*command, "--json"], env=environment(), capture_output=True, text=True, check=False)
    verdict = json.loads(said.stdout)
    assert (said.returncode, verdict["schema"], verdict["whole"], verdict["faults"]) == (0, "audit-verify/1", True, [])
    file = max((filled / "audit/checkpoints").glob("*.jsonl"))
    whole = file.read_text()
    file.write_text(whole + whole.splitlines()[-1].replace('"said"', '"sa1d"') + "\n")
    said = subprocess.run(command, env=environment(), capture_output=True, text=True, check=False)
    file.write_text(whole)
    assert said.returncode == 1
    assert "NOT whole" in said.stdout


def test_a_folder_without_a_clinic_has_no_trail(tmp_path: Path) -> None:
    if "DATABASE_URL" not in os.environ:
        assert "no clinic" in refusal("audit", "verify", "--home", str(tmp_path))


def refusal(*words: str) -> str:
    """The one sentence of a refused command."""
    said = subprocess.run(
        [SURCEASE, *words], env=environment(), capture_output=True, text=True, check=False, timeout=PATIENCE_S
    )
    assert said.returncode == 2, said.stderr
    assert said.stderr.strip().count("\n") == 0
    return said.stderr


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.1", "clinic.example"])
def test_another_host_needs_encryption(host: str, tmp_path: Path) -> None:
    assert "without encryption is refused" in refusal("run", "--host", host, "--home", str(tmp_path))


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["--tls-cert", "x.pem"], "both --tls-cert and --tls-key"),
        (["--tls-cert", "x.pem", "--tls-key", "y.pem"], "There is no file"),
    ],
)
def test_half_a_certificate_is_refused(words: list[str], sentence: str, tmp_path: Path) -> None:
    assert sentence in refusal("run", "--home", str(tmp_path), *words)


def test_a_taken_port_is_said(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        assert f"Port {port} on 127.0.0.1 cannot be used" in refusal(
            "run", "--home", str(tmp_path), "--port", str(port)
        )


def test_an_address_that_is_no_postgresql_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys.modules[__name__], "environment", lambda: {**os.environ, "DATABASE_URL": "mysql://x/y"})
    assert "must look like" in refusal("run", "--home", str(tmp_path))
