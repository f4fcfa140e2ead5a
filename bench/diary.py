"""`make bench-diary`: how long a diary entry takes to be kept, at 50 writes a second beside 1,000 open diaries.

One `surcease run` on SQLite with its real settings. A thousand patients are signed in; each opens the entry page and
keeps its connection as a browser does. Then entries come at random times, 50 a second on average, each from another
diary, and the time from sending to the receipt is measured by the client.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import os
import random
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

from bench.machine import describe
from bench.report import today, write

DIARIES, PER_S, SECONDS = 1000, 50.0, 60.0
TOKEN = "a" * 32

MAKE = """
import json, sys
from datetime import date
from pathlib import Path
from surcease.web import start
from surcease.web.home import Home
start.set_up(Home.at(Path(sys.argv[1])))
start.prepare()
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from django.db import transaction
from django.utils import timezone
from surcease.web.accounts.models import Role, User
from surcease.web.clinic.installation import give_birth
from surcease.web.clinic.models import Site
from surcease.web.patients.actions import register_patient
from surcease.web.patients.models import Patient
give_birth(kind="demo", organisation="Bench")
site, now, keys = Site.objects.create(name="North", zone="Europe/Berlin"), timezone.now(), []
with transaction.atomic():
    for n in range(int(sys.argv[2])):
        row = register_patient(by="bench", now=now, family=f"Person {n}", born=date(1980, 1, 1), site=site)
        user = User.objects.create_user(None, name=f"Person {n}", role=Role.PATIENT)
        Patient.objects.filter(pk=row.pk).update(user=user)
        session = SessionStore()
        session[SESSION_KEY], session[HASH_SESSION_KEY] = str(user.pk), user.get_session_auth_hash()
        session[BACKEND_SESSION_KEY] = "allauth.account.auth_backends.AuthenticationBackend"
        session.create()
        keys.append(session.session_key)
print(json.dumps(keys))
"""


class Diary:
    """One open diary: its session, and a connection that is opened again when the server has closed it."""

    def __init__(self, key: str, port: int) -> None:
        self.key, self.port = key, port
        self.wire: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None
        self.busy = asyncio.Lock()

    async def ask(self, method: str, path: str, body: bytes = b"") -> int:
        """One request; the answer's status."""
        head = (
            f"{method} {path} HTTP/1.1\r\nHost: localhost:{self.port}\r\nAccept: */*\r\n"
            f"Cookie: surcease_session={self.key}; csrftoken={TOKEN}\r\nX-CSRFToken: {TOKEN}\r\n"
            f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
        )
        async with self.busy:
            for _twice in range(2):
                try:
                    return await self._over_the_wire(head.encode() + body)
                except (OSError, asyncio.IncompleteReadError):
                    self.wire = None
            raise ConnectionError("the server closed the connection twice")

    async def _over_the_wire(self, request: bytes) -> int:
        if self.wire is None or self.wire[1].is_closing():
            self.wire = await asyncio.open_connection("127.0.0.1", self.port)
        reader, writer = self.wire
        writer.write(request)
        await writer.drain()
        head = (await reader.readuntil(b"\r\n\r\n")).lower()
        if b"content-length: " in head:
            await reader.readexactly(int(head.split(b"content-length: ")[1].split(b"\r\n")[0]))
        else:  # a page in pieces: its end is the one of an empty piece
            while (size := int(await reader.readline(), 16)) or not await reader.readline():
                await reader.readexactly(size + 2)
        return int(head.split(b" ", 2)[1])


def entry() -> bytes:
    """One evening's entry as the page sends it."""
    at, name = datetime.now(UTC).isoformat(), str(uuid4())
    content = json.dumps({
        "kind": "average", "pain": "6", "sleep": "4", "mood": "5", "day": at[:10], "note": "as yesterday", "id": name,
        "at": at, "utc_offset_min": 60, "v": 1,
    })  # fmt: skip
    digest = hashlib.sha256(content.encode()).hexdigest()
    return json.dumps({"id": name, "hash": digest, "content": content, "sent_at": at}).encode()


async def measure(port: int, keys: list[str], *, per_s: float, seconds: float, seed: int = 1) -> dict[str, Any]:
    """Open every diary, then write. Latencies in milliseconds."""
    rng, diaries = random.Random(seed), [Diary(key, port) for key in keys]
    opened = []
    for n in range(0, len(diaries), 10):
        opened += await asyncio.gather(*(d.ask("GET", "/diary/") for d in diaries[n : n + 10]))
    took: list[float] = []
    said: list[int] = []

    async def one(diary: Diary) -> None:
        began = time.perf_counter()
        said.append(await diary.ask("POST", "/diary/sync/", entry()))
        took.append((time.perf_counter() - began) * 1000)

    began, tasks, when = time.perf_counter(), [], 0.0
    while when < seconds:
        await asyncio.sleep(max(0.0, began + when - time.perf_counter()))
        tasks.append(asyncio.create_task(one(rng.choice(diaries))))
        when += rng.expovariate(per_s)
    await asyncio.gather(*tasks)
    whole, cut = time.perf_counter() - began, statistics.quantiles(took, n=1000)
    return {
        "writes": len(took), "writes_per_s": round(len(took) / whole, 1), "open_diaries": len(diaries),
        "opened": opened.count(200), "kept": said.count(201),
        "p50_ms": round(cut[499], 1), "p95_ms": round(cut[949], 1), "p99_ms": round(cut[989], 1),
        "max_ms": round(max(took), 1),
    }  # fmt: skip


def run(home: Path, *, diaries: int, per_s: float, seconds: float, port: int) -> dict[str, Any]:
    """Make the clinic in ``home``, serve it, measure, stop."""
    clean = {k: v for k, v in os.environ.items() if k not in ("DATABASE_URL", "SURCEASE_HOME")}
    command = [sys.executable, "-c", MAKE, str(home), str(diaries)]
    made = subprocess.run(command, capture_output=True, text=True, env=clean, check=True)
    keys = json.loads(made.stdout.strip().splitlines()[-1])
    surcease = Path(sys.executable).parent / "surcease"
    server = subprocess.Popen([str(surcease), "run", "--port", str(port), "--home", str(home)],
                              stdout=subprocess.DEVNULL, env=clean)  # fmt: skip
    try:
        _wait(port)
        return asyncio.run(measure(port, keys, per_s=per_s, seconds=seconds))
    finally:
        server.terminate()
        server.wait(30)


def _wait(port: int) -> None:
    for _tenth in range(1200):
        try:
            urllib.request.urlopen(f"http://localhost:{port}/healthy/", timeout=2)
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise TimeoutError("the server did not answer")


def main() -> None:
    """Measure and write docs/benchmarks/diary.json and its page."""
    before = os.getloadavg()[0]
    with tempfile.TemporaryDirectory() as folder:
        found = run(Path(folder) / "home", diaries=DIARIES, per_s=PER_S, seconds=SECONDS, port=8793)
    figures = {
        **found,
        "load_before": round(before, 1),
        "niceness": os.nice(0),
        "measured": today(),
        "machine": describe(),
    }
    print(figures)
    write("diary", figures, page(figures))


def page(figures: dict[str, Any]) -> str:
    """The figures in words."""
    return f"""# Writing a diary entry

Measured {figures["measured"]} with `make bench-diary` on {figures["machine"]["cores"]} cores, where other work kept a
load of {figures["load_before"]} before it began (niceness of the measurement {figures["niceness"]}):
{figures["writes"]} entries in {SECONDS:.0f} s at random times
({figures["writes_per_s"]} a second) beside {figures["open_diaries"]} open diaries, on SQLite with `synchronous=FULL`.

| half within | 95 % within | 99 % within | slowest |
|-|-|-|-|
| {figures["p50_ms"]} ms | {figures["p95_ms"]} ms | {figures["p99_ms"]} ms | {figures["max_ms"]} ms |

{figures["kept"]} of {figures["writes"]} were kept with a receipt. The aim is 99 % within 100 ms. Each write is a row,
an audit row for opening the person, one for the entry, and one commit that is on disk before the receipt goes out.
"""


if __name__ == "__main__":
    main()
