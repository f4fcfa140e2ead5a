"""A ward to load and to break: people in chairs with monitors on, in a home of its own, served by real processes.

python -m bench.ward HOME PEOPLE     makes the ward and prints what a client needs as JSON
"""

from __future__ import annotations

import importlib.util
import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
WRITERS = 30  # patients whose phones write the diary


def make(home: Path, people: int) -> dict[str, Any]:
    """The ward's rows: one signed plan, whose order everybody's session runs under; each with a monitor on."""
    from surcease.web import start
    from surcease.web.home import Home

    start.set_up(Home.at(home))
    start.prepare()
    from django.db import transaction

    with transaction.atomic():
        return _fill(people)


def _fill(people: int) -> dict[str, Any]:
    from django.utils import timezone

    from surcease.web.accounts.demo import make_sign_ins
    from surcease.web.clinic.installation import give_birth
    from surcease.web.demo.cast import cast
    from surcease.web.demo.clock import Clock
    from surcease.web.demo.fill import _stage
    from surcease.web.demo.stage import ready
    from surcease.web.devices import actions as devices

    give_birth(kind="demo", organisation="Bench Ward")
    users = {str(user.role): user for user in make_sign_ins()}
    stage = _stage(Clock.at(timezone.now()), users, 1)
    first = ready(stage, cast()[0], days=26)
    stage.plan(first, cast()[0], start=stage.clock.weekday_on_or_before(0), signed=-5)
    now = timezone.now()
    devices.sign_use(
        by=users["lead"], now=now, method="password", site=stage.site, scope="shown", text="Beside the monitor."
    )
    model = stage.arrive(first, number=1, at=now)
    sessions = [_seat(stage, first if n == 0 else _person(stage, n), model, n, now) for n in range(people)]
    phones = [_phone(stage, n) for n in range(WRITERS)]
    return {
        "sessions": sessions, "site": str(stage.site.pk), "nurse": _cookie(users["nurse"]),
        "physician": _cookie(users["physician"]), "phones": phones,
    }  # fmt: skip


def _person(stage: Any, n: int) -> Any:
    from datetime import date

    from surcease.web.patients.actions import register_patient

    return register_patient(
        by=stage.nurse, now=stage.clock.now, family=f"Ward {n}", given="Person", born=date(1970, 1, 1), sex="female",
        zone=stage.clock.zone, site=stage.site,
    )  # fmt: skip


def _seat(stage: Any, person: Any, model: Any, n: int, now: Any) -> dict[str, str]:
    from decimal import Decimal

    from surcease.care.event import Started
    from surcease.web.devices import actions as devices
    from surcease.web.treatment import actions as treatment
    from surcease.web.treatment.models import Chair, TreatmentSession

    chair = Chair.objects.create(site=stage.site, name=f"Place {n}", position=100 + n)
    session = model
    if n:
        session = TreatmentSession(
            patient=person, site=stage.site, plan=model.plan, plan_version=model.plan_version, number=1,
            order=model.order, arrived_at=now, opened_by=stage.nurse,
        )  # fmt: skip
        session.save()
    treatment.take_chair(by=stage.nurse, now=now, session=session, chair=chair)
    treatment.add_event(
        by=stage.nurse, now=now, session=session, payload=Started(Decimal(25), Decimal("0.868")), at=now
    )
    device = devices.accept_device(
        by=stage.nurse, now=now, site=stage.site, sent_as=f"MON-{n}", name=f"Monitor {n}", chair=chair, interval_s=1
    )
    devices.pair(by=stage.nurse, now=now, device=device, session=session, patient=person)
    return {"id": str(session.pk), "monitor": f"MON-{n}"}


def _phone(stage: Any, n: int) -> str:
    from surcease.web.accounts.models import Role, User

    person = _person(stage, 10_000 + n)
    person.user = User.objects.create_user(f"phone{n}@ward.example", name=f"Phone {n}", role=Role.PATIENT)
    person.save(update_fields=["user"])
    return _cookie(person.user)


def _cookie(user: Any) -> str:
    """A session of this user, as a browser that has signed in holds it."""
    from django.conf import settings
    from django.test import Client

    client = Client()
    client.force_login(user, backend=settings.AUTHENTICATION_BACKENDS[0])
    return str(client.cookies[settings.SESSION_COOKIE_NAME].value)


@dataclass
class Ward:
    """A ward in a home folder: one or more `surcease run` on loopback ports, on SQLite or on a PostgreSQL."""

    home: Path
    address: str = ""  # of a PostgreSQL
    facts: dict[str, Any] = field(default_factory=dict)
    ports: list[int] = field(default_factory=list)
    hl7_port: int = 0
    processes: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def fill(self, people: int) -> Ward:
        """Make its rows in a process of its own."""
        self.home.mkdir(parents=True, exist_ok=True)
        command = [sys.executable, "-m", "bench.ward", str(self.home), str(people)]
        made = subprocess.run(command, cwd=ROOT, env=self.environment(), capture_output=True, text=True, check=False)
        if made.returncode:
            raise RuntimeError(made.stderr[-3000:])
        self.facts = json.loads(made.stdout.strip().splitlines()[-1])
        return self

    def environment(self, home: Path | None = None) -> dict[str, str]:
        """The processes' environment, without what tests of other databases set."""
        kept = {k: v for k, v in os.environ.items() if k not in ("DATABASE_URL", "DJANGO_SETTINGS_MODULE")}
        kept["SURCEASE_HOME"] = str(home or self.home)
        return kept | ({"DATABASE_URL": self.address} if self.address else {})

    def start(self, *, processes: int = 1, within: float = 120, limit: tuple[str, ...] = ()) -> float:
        """Start and wait until each answers; seconds it took. ``limit``: a command in front, such as prlimit."""
        began = time.monotonic()
        self.ports = self.ports or [free_port() for _ in range(processes)]
        self.hl7_port = self.hl7_port or free_port()
        for n, port in enumerate(self.ports):
            self.processes.append(self._start_one(n, port, limit))
        for process, port in zip(self.processes, self.ports, strict=True):
            self._wait(process, port, began + within)
        return time.monotonic() - began

    def _start_one(self, n: int, port: int, limit: tuple[str, ...]) -> subprocess.Popen[bytes]:
        home = self.home if n == 0 else self._second_home(n)
        surcease = str(Path(sys.executable).parent / "surcease")
        command = [*limit, surcease, "run", "--port", str(port), "--home", str(home)]
        command += ["--hl7-port", str(self.hl7_port if n == 0 else 0)]
        log = (self.home / f"server{n}.log").open("ab")
        return subprocess.Popen(command, stdout=log, stderr=log, env=self.environment(home))

    def _second_home(self, n: int) -> Path:
        """Another process of the same clinic on PostgreSQL: its own folder, the same secrets."""
        home = self.home.with_name(f"{self.home.name}-{n}")
        if not home.exists():
            import shutil

            shutil.copytree(self.home, home, ignore=shutil.ignore_patterns("*.sqlite3*", "*.lock", "*.log"))
        return home

    def _wait(self, process: subprocess.Popen[bytes], port: int, until: float) -> None:
        while time.monotonic() < until:
            try:
                urllib.request.urlopen(f"http://localhost:{port}/healthy/", timeout=2)
                return
            except OSError:
                if process.poll() is not None:
                    raise RuntimeError((self.home / "server0.log").read_text()[-2000:]) from None
                time.sleep(0.05)
        raise TimeoutError("the server did not answer in time")

    def kill(self) -> None:
        """``kill -9``: no farewell."""
        for process in self.processes:
            process.send_signal(signal.SIGKILL)
            process.wait()
        self.processes.clear()

    def stop(self) -> None:
        """An orderly end."""
        for process in self.processes:
            if process.poll() is None:
                process.terminate()
        for process in self.processes:
            process.wait(timeout=30)
        self.processes.clear()

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        """What lies in the database, asked past the server."""
        if self.address:
            import psycopg

            with psycopg.connect(self.address) as connection:
                return list(connection.execute(query))  # type: ignore[call-overload]
        import sqlite3
        from contextlib import closing

        with closing(sqlite3.connect(self.home / "db.sqlite3", timeout=30)) as connection:
            return list(connection.execute(query))

    def samples(self) -> list[tuple[str, Any]]:
        """Monitor and moment of every kept heart rate."""
        query = (
            "SELECT d.sent_as, s.at FROM devices_sample s JOIN devices_device d ON d.id = s.device "
            "WHERE s.parameter = 'heart_rate'"
        )
        if self.address:
            return self.rows(query)
        import sqlite3
        from contextlib import closing

        names = dict(self.rows("SELECT id, sent_as FROM devices_device"))
        with closing(sqlite3.connect(self.home / "samples.sqlite3", timeout=30)) as connection:
            found = connection.execute("SELECT device, at FROM devices_sample WHERE parameter = 'heart_rate'")
            return [(names[device], at) for device, at in found]


def free_port() -> int:
    """A loopback port nobody uses."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


@contextmanager
def durable_postgresql() -> Iterator[str]:
    """A PostgreSQL as it is shipped: every commit on disk before it is acknowledged."""
    spec = importlib.util.spec_from_file_location("with_postgresql", ROOT / "tests" / "with_postgresql.py")
    assert spec is not None
    assert spec.loader is not None
    with_postgresql = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(with_postgresql)
    with_postgresql._QUICK = "-c max_connections=100 -c listen_addresses=''"
    with with_postgresql.server() as address:
        yield address


if __name__ == "__main__":
    print(json.dumps(make(Path(sys.argv[1]), int(sys.argv[2]))))
