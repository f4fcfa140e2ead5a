"""From a monitor's message to the screen, while phones write diaries: p50, p99 and what was lost.

    python -m bench.treatment [--seconds 600] [--curve 10,50,100,200] [--curve-seconds 60] [--only sqlite]

Every chair has a monitor that sends a set each second over MLLP and a page that watches it by its event stream; ten
more pages watch the board and load it again when told, as the board does; each chair is charted every five minutes;
thirty diary entries a second come from phones. A sample counts as on screen when the stream has brought it; it runs
from before the message is sent, so that it holds the listener, the commit and the stream. Writes
docs/benchmarks/treatment.json and a page. ``--seconds`` is the run at fifty chairs, ten minutes unless told otherwise.
"""

from __future__ import annotations

import argparse
import asyncio
import itertools
import json
import os
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bench import machine, report, wire
from bench.ward import Ward, durable_postgresql

BOARD_EVERY_S, CHARTED_EVERY_S = 20, 300
VIEWERS, DIARY_PER_S, FLAT_OUT, CONNECTIONS = 10, 30, 8, 50
AIMS = {"p50_ms": 250, "p99_ms": 1000, "lost": 0}


@dataclass
class Run:
    """One load on one ward."""

    ward: Ward
    chairs: int
    seconds: float
    flat_out: bool = False
    watchers: int = 1  # pages on every chair, spread over the processes
    sent: dict[tuple[str, datetime], float] = field(default_factory=dict)
    seen: dict[int, dict[tuple[str, datetime], float]] = field(default_factory=dict)
    refused: int = 0
    diary: int = 0
    boards: int = 0

    async def go(self) -> dict[str, Any]:
        """Load it; the figures."""
        self.over = False
        pages = [
            asyncio.create_task(self._page(place, session, which))
            for which in range(self.watchers)
            for place, session in enumerate(self.ward.facts["sessions"][: self.chairs])
        ]
        boards = [asyncio.create_task(self._board(n)) for n in range(VIEWERS)]
        boards.append(asyncio.create_task(self._nurses()))
        await asyncio.sleep(4)
        phones = [asyncio.create_task(self._phone(n)) for n in range(FLAT_OUT if self.flat_out else DIARY_PER_S)]
        lines = [asyncio.create_task(self._line(n)) for n in range(min(self.chairs, CONNECTIONS))]
        await asyncio.gather(*lines)
        await asyncio.sleep(5)
        self.over = True
        for task in (*pages, *boards, *phones):
            task.cancel()
        await asyncio.gather(*pages, *boards, *phones, return_exceptions=True)
        return self._figures()

    async def _line(self, n: int) -> None:
        """One connection with every so-manieth monitor, each once a second."""
        monitor = wire.Monitor(self.ward.hl7_port)
        mine = self.ward.facts["sessions"][n : self.chairs : CONNECTIONS]
        began = time.monotonic() + n / CONNECTIONS
        for tick in range(int(self.seconds)):
            await asyncio.sleep(max(0.0, began + tick - time.monotonic()))
            for session in mine:
                at = datetime.now(UTC)
                at = at.replace(microsecond=at.microsecond // 1000 * 1000)
                now = time.monotonic()
                try:
                    kept = await monitor.send(session["monitor"], tick, at)
                except OSError:
                    kept = False
                if kept:
                    self.sent[session["id"], at] = now
                else:
                    self.refused += 1
        monitor.close()

    async def _page(self, place: int, session: dict[str, str], which: int) -> None:
        port = self.ward.ports[which % len(self.ward.ports)]
        seen = self.seen.setdefault(which, {})
        while not self.over:
            try:
                async for kind, data in wire.listen(port, self.ward.facts["nurse"], f"session:{session['id']}"):
                    now = time.monotonic()
                    if kind == "samples" and "heart_rate" in data["values"]:
                        seen.setdefault((session["id"], datetime.fromisoformat(data["values"]["heart_rate"][1])), now)
            except (OSError, asyncio.IncompleteReadError):
                await asyncio.sleep(0.2)

    async def _board(self, n: int) -> None:
        """Listens, and fetches the cards as the page does: when told, one request at a time, and every 20 s."""
        port, told = self.ward.ports[n % len(self.ward.ports)], asyncio.Event()
        listening = asyncio.create_task(self._hear_board(port, told))
        client = wire.Wire(port, self.ward.facts["physician"], timeout_s=60)
        try:
            while not self.over:
                with suppress(TimeoutError):
                    await asyncio.wait_for(told.wait(), BOARD_EVERY_S)
                told.clear()
                with suppress(OSError, TimeoutError):
                    await client.get("/treatment/board/", fragment=True)
                    self.boards += 1
        finally:
            listening.cancel()

    async def _hear_board(self, port: int, told: asyncio.Event) -> None:
        while not self.over:
            try:
                async for kind, _data in wire.listen(
                    port, self.ward.facts["nurse"], f"board:{self.ward.facts['site']}"
                ):
                    if kind in ("board", "call"):
                        told.set()
            except (OSError, asyncio.IncompleteReadError):
                await asyncio.sleep(0.2)

    async def _nurses(self) -> None:
        """A charted set for each chair every five minutes: what makes the boards fetch."""
        client = wire.Wire(self.ward.ports[0], self.ward.facts["nurse"], timeout_s=60)
        for session in itertools.cycle(self.ward.facts["sessions"][: self.chairs]):
            await asyncio.sleep(CHARTED_EVERY_S / self.chairs)
            with suppress(OSError, TimeoutError):
                await client.post(f"/treatment/{session['id']}/events/", wire.event("reading", {"systolic": "120"}))

    async def _phone(self, n: int) -> None:
        """One entry a second; flat out, the next as soon as the last is kept."""
        port = self.ward.ports[n % len(self.ward.ports)]
        client, began = wire.Wire(port, self.ward.facts["phones"][n], timeout_s=60), time.monotonic() + n / DIARY_PER_S
        for tick in itertools.count():
            if not self.flat_out:
                await asyncio.sleep(max(0.0, began + tick - time.monotonic()))
            try:
                status, _said = await client.post("/diary/sync/", wire.diary_entry(tick))
                self.diary += status in (200, 201)
            except (OSError, TimeoutError):
                await asyncio.sleep(0.2)

    def _figures(self) -> dict[str, Any]:
        """Times over all pages that watch; lost: acknowledged, and a page that watched did not get it."""
        times = sorted(
            at - self.sent[key] for seen in self.seen.values() for key, at in seen.items() if key in self.sent
        )
        kept = {(name, at.replace(tzinfo=UTC)) for name, at in map(_moment, self.ward.samples())}
        names = {s["id"]: s["monitor"] for s in self.ward.facts["sessions"]}
        unseen = sum(len(set(self.sent) - set(seen)) for seen in self.seen.values())
        return {
            "p50_ms": _ms(times, 0.5), "p99_ms": _ms(times, 0.99), "worst_ms": _ms(times, 1), "lost": unseen,
            "not_kept": sum((names[i], at) not in kept for i, at in self.sent), "samples": len(self.sent),
            "refused": self.refused, "diary_per_s": round(self.diary / self.seconds, 1), "boards": self.boards,
            "seconds": self.seconds, "load_average": round(os.getloadavg()[0], 1),
        }  # fmt: skip


def _moment(row: tuple[str, Any]) -> tuple[str, datetime]:
    name, at = row
    found = at if isinstance(at, datetime) else datetime.fromisoformat(str(at))
    return name, found.astimezone(UTC) if found.tzinfo else found


def _ms(times: list[float], share: float) -> float | None:
    """The time that this share of the samples does not exceed, in ms."""
    return None if not times else round(1000 * times[min(len(times) - 1, int(share * len(times)))], 1)


@contextmanager
def database(kind: str) -> Iterator[str]:
    """The address of a fresh database of this kind; "" is SQLite."""
    if kind == "sqlite":
        yield ""
        return
    with durable_postgresql() as address:
        yield address


def measure(kind: str, curve: list[int], *, seconds: float, curve_seconds: float) -> dict[str, Any]:
    """The curve on one kind of database, with the flat-out run, and on PostgreSQL two processes."""
    found: dict[str, Any] = {}
    with database(kind) as address, tempfile.TemporaryDirectory() as folder:
        ward = Ward(Path(folder) / "home", address).fill(max(*curve, 50))
        ward.start()
        try:
            for chairs in curve:
                long = seconds if chairs == 50 else curve_seconds
                found[str(chairs)] = _say(kind, str(chairs), Run(ward, chairs, long))
            found["diary_flat_out"] = _say(kind, "diary flat out", Run(ward, 50, curve_seconds, flat_out=True))
        finally:
            ward.stop()
        if kind == "postgresql":
            two = Ward(Path(folder) / "home", address, ward.facts)
            two.start(processes=2)
            try:
                found["two_processes"] = _say(kind, "two processes", Run(two, 10, curve_seconds, watchers=2))
            finally:
                two.stop()
    return found


def _say(kind: str, name: str, run: Run) -> dict[str, Any]:
    figures = asyncio.run(run.go())
    print(kind, name, json.dumps(figures), flush=True)
    return figures


def page(figures: dict[str, Any]) -> str:
    """The figures in words."""
    heads = ["database", "chairs", "p50 ms", "p99 ms", "worst ms", "lost", "samples", "diary writes/s", "s", "load"]
    keys = ("p50_ms", "p99_ms", "worst_ms", "lost", "samples", "diary_per_s", "seconds", "load_average")
    rows = [
        [kind, name.replace("_", " "), *(one.get(k, "–") for k in keys)]
        for kind in ("sqlite", "postgresql")
        for name, one in figures.get(kind, {}).items()
    ]
    return (
        "# From the monitor to the screen\n\nMade by `make bench-treatment`. "
        + " ".join((__doc__ or "").split("\n\n")[2].split())
        + "\n\n*Lost*: the monitor was told that the sample is kept, and a page that watches that chair did not get "
        "it. *Diary flat out*: fifty chairs, eight phones that write the next entry as soon as the last is kept. *Two "
        "processes*: ten chairs, each watched by a page on either process. Aims at fifty chairs: p50 ≤ 250 ms, "
        "p99 ≤ 1 s, 0 lost.\n\n"
        + report.table(heads, rows)
        + f"\n\nMachine: {figures['machine']['processor']}, {figures['machine']['cores']} cores; the clients run "
        f"on the same cores as the server. Measured {figures['measured']}. The last column is the machine's load "
        "average at the end of each run: above the number of cores, other work ran beside it, and times are longer "
        "than on a quiet machine.\n"
    )


def main() -> None:
    """Measure and write."""
    ask = argparse.ArgumentParser(description="From the monitor to the screen.")
    ask.add_argument("--seconds", type=float, default=600)
    ask.add_argument("--curve", default="10,50,100,200")
    ask.add_argument("--curve-seconds", type=float, default=60)
    ask.add_argument("--only", choices=("sqlite", "postgresql"))
    asked = ask.parse_args()
    path = report.FOLDER / "treatment.json"
    figures = json.loads(path.read_text("utf-8")) if path.is_file() else {}
    for kind in (asked.only,) if asked.only else ("sqlite", "postgresql"):
        curve = [int(n) for n in asked.curve.split(",")]
        figures[kind] = measure(kind, curve, seconds=asked.seconds, curve_seconds=asked.curve_seconds)
        figures |= {"measured": report.today(), "machine": machine.describe(), "aims": AIMS}
        report.write("treatment", figures, page(figures))


if __name__ == "__main__":
    main()
