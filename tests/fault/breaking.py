"""Writers that remember what was acknowledged, while something under them breaks."""

from __future__ import annotations

import asyncio
import itertools
import random
import time
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from bench import wire
from bench.ward import Ward

TABLETS = 4


@dataclass
class Ledger:
    """The oracle: every text and every monitor's moment that the server said is kept."""

    texts: set[str] = field(default_factory=set)
    moments: set[tuple[str, datetime]] = field(default_factory=set)
    refused: Counter[int] = field(default_factory=Counter)

    @property
    def acknowledged(self) -> int:
        """All of them."""
        return len(self.texts) + len(self.moments)


class Writers:
    """Tablets that send notes, and monitors that send sets, until they are stopped. A tablet keeps an event until it
    is acknowledged and then sends it again, as the outbox does; a monitor does not."""

    def __init__(self, ward: Ward, ledger: Ledger) -> None:
        self.ward, self.ledger = ward, ledger
        self.count = itertools.count()
        self.tasks: list[asyncio.Task[None]] = []

    def start(self) -> None:
        """All of them begin."""
        for n in range(TABLETS):
            self.tasks.append(asyncio.create_task(self._tablet(n)))
        self.tasks.append(asyncio.create_task(self._monitors()))

    async def stop(self) -> None:
        """All of them end, each after its present event."""
        for task in self.tasks:
            task.cancel()
        await asyncio.gather(*self.tasks, return_exceptions=True)

    async def _tablet(self, n: int) -> None:
        facts = self.ward.facts
        session = facts["sessions"][n % len(facts["sessions"])]["id"]
        client = wire.Wire(self.ward.ports[0], facts["nurse" if n % 2 else "physician"], timeout_s=10)
        while True:
            text = f"entry {n}-{next(self.count)}"
            body = wire.event("note", {"text": text})
            while not await self._try(client, f"/treatment/{session}/events/", body, text):
                await asyncio.sleep(0.1)

    async def _try(self, client: wire.Wire, path: str, body: dict[str, Any], text: str) -> bool:
        try:
            status, _said = await client.post(path, body)
        except (OSError, TimeoutError):
            return False
        if status == 201:
            self.ledger.texts.add(text)
            return True
        self.ledger.refused[status] += 1
        return False

    async def _monitors(self) -> None:
        monitor, names = wire.Monitor(self.ward.hl7_port), [s["monitor"] for s in self.ward.facts["sessions"]]
        while True:
            name = names[next(self.count) % len(names)]
            at = datetime.now(UTC)
            at = at.replace(microsecond=at.microsecond // 1000 * 1000)
            try:
                if await monitor.send(name, next(self.count), at):
                    self.ledger.moments.add((name, at))
            except (OSError, TimeoutError):
                await asyncio.sleep(0.1)
            await asyncio.sleep(0.02)


@dataclass
class Found:
    """The ledger against the database."""

    lost: int
    doubled: int


def compare(ward: Ward, ledger: Ledger) -> Found:
    """What was acknowledged and is not there, and what is there twice."""
    notes = Counter(_text(payload) for (payload,) in ward.rows("SELECT payload FROM treatment_sessionevent"))
    there = {(name, _instant(at)) for name, at in ward.samples()}
    lost = len(ledger.texts - set(notes)) + len(ledger.moments - there)
    doubled = sum(n - 1 for text, n in notes.items() if text.startswith("entry ") and n > 1)
    return Found(lost, doubled)


def _text(payload: Any) -> str:
    import json

    body = json.loads(payload) if isinstance(payload, str) else payload
    return str(body.get("text", ""))


def _instant(at: Any) -> datetime:
    found = at if isinstance(at, datetime) else datetime.fromisoformat(str(at))
    return found if found.tzinfo else found.replace(tzinfo=UTC)


async def back_on_screen(ward: Ward, within: float = 30) -> float:
    """Seconds until a page that watches a session hears the server again."""
    began = time.monotonic()
    while time.monotonic() - began < within:
        try:
            async with asyncio.timeout(5):
                channel = f"session:{ward.facts['sessions'][0]['id']}"
                async for _kind, _data in wire.listen(ward.ports[0], ward.facts["nurse"], channel):
                    return time.monotonic() - began
        except (OSError, TimeoutError, asyncio.IncompleteReadError):
            await asyncio.sleep(0.05)
    raise AssertionError("the page did not come back")


async def kill_and_start(ward: Ward, rounds: int, *, seed: int) -> dict[str, Any]:
    """``kill -9`` so often in mid-stream; the figures."""
    rng, ledger, screens, starts = random.Random(seed), Ledger(), [], []
    writers = Writers(ward, ledger)
    writers.start()
    for _round in range(rounds):
        await asyncio.sleep(rng.uniform(0.3, 1.5))
        await asyncio.to_thread(ward.kill)
        starts.append(await asyncio.to_thread(ward.start))
        screens.append(await back_on_screen(ward))
    await asyncio.sleep(1)
    await writers.stop()
    await asyncio.to_thread(ward.stop)
    found = compare(ward, ledger)
    return {
        "acknowledged": ledger.acknowledged, "lost": found.lost, "doubled": found.doubled, "rounds": rounds,
        "started_again_s": round(max(starts), 2), "back_on_screen_s": round(max(screens), 2),
    }  # fmt: skip
