"""A real server process on a home folder of its own: started, killed, started again."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
PASSWORD = "show-me-around"  # of every demo sign-in


@dataclass
class Served:
    """One `surcease run` on a loopback port."""

    home: Path
    port: int
    person: dict[str, str] = field(default_factory=dict)
    process: Any = None
    more: tuple[str, ...] = ()  # words after `surcease run`

    @property
    def url(self) -> str:
        """Where it is."""
        return f"http://localhost:{self.port}"

    def start(self, *, within: float = 90) -> float:
        """Start and wait for the first healthy answer; seconds it took."""
        began = time.monotonic()
        surcease = Path(sys.executable).parent / "surcease"
        self.process = subprocess.Popen(
            [str(surcease), "run", "--port", str(self.port), "--home", str(self.home), *self.more],
            stdout=subprocess.DEVNULL, stderr=(self.home / "server.log").open("ab"), env=environment(),
        )  # fmt: skip
        while time.monotonic() - began < within:
            try:
                urllib.request.urlopen(f"{self.url}/healthy/", timeout=2)
                return time.monotonic() - began
            except OSError:
                if self.process.poll() is not None:
                    raise RuntimeError((self.home / "server.log").read_text()[-2000:]) from None
                time.sleep(0.1)
        raise TimeoutError("the server did not answer in time")

    def kill(self) -> None:
        """``kill -9``: no farewell."""
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def stop(self) -> None:
        """An orderly end."""
        if self.process and self.process.poll() is None:
            self.process.terminate()
            self.process.wait(timeout=20)


def small_clinic(
    home: Path, script: str = "small_clinic.py", *, more: tuple[str, ...] = (), words: tuple[str, ...] = ()
) -> Served:
    """A home with the clinic that a script beside this file makes, not yet served."""
    home.mkdir(parents=True, exist_ok=True)
    made = subprocess.run(
        [sys.executable, str(HERE / script), str(home), *words],
        capture_output=True,
        text=True,
        check=False,
        env=environment(),
    )
    if made.returncode:
        raise RuntimeError(made.stderr[-2000:])
    return Served(home, free_port(), json.loads(made.stdout.strip().splitlines()[-1]), more=more)


def environment() -> dict[str, str]:
    """The process's environment without what tests of other databases set."""
    return {k: v for k, v in os.environ.items() if k not in ("DATABASE_URL", "DJANGO_SETTINGS_MODULE", "SURCEASE_HOME")}


def free_port() -> int:
    """A loopback port nobody uses."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def sign_in(page: Any, email: str) -> None:
    """At the front door of a demo clinic, by typing."""
    page.goto("/account/login/")
    page.get_by_label("Email").fill(email)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()
    page.wait_for_url(lambda url: "/account/login" not in url)
