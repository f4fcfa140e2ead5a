"""A proxy that cuts: requests refused, halved, sent twice, late or out of order; answers lost or halved.

Only what is posted to the diary's door is hurt; pages pass. Every fault is drawn from one seeded generator and counted.
"""

from __future__ import annotations

import asyncio
import contextlib
import random
import threading
from collections import Counter
from dataclasses import dataclass, field

HURT = (b"/diary/sync/", b"/diary/hello/")
# What becomes of a request, and how often of a hundred.
FAULTS = {
    "passes": 62, "refused": 8, "half request": 7, "answer lost": 8, "half answer": 5, "twice": 5, "late again": 3,
    "held back": 2,
}  # fmt: skip


@dataclass
class Cutting:
    """Listens on a loopback port of its own and passes on to ``upstream``; ``hurts`` switches the faults."""

    upstream: int
    seed: int
    port: int = 0
    hurts: bool = False
    counted: Counter[str] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        self._rng = random.Random(self.seed)
        self._loop = asyncio.new_event_loop()
        self._ready = threading.Event()
        self._tasks: set[asyncio.Task[None]] = set()
        threading.Thread(target=self._run, name="cutting-proxy", daemon=True).start()
        self._ready.wait(10)

    @property
    def url(self) -> str:
        """Where a browser goes."""
        return f"http://localhost:{self.port}"

    def stop(self) -> None:
        """No more connections."""
        self._loop.call_soon_threadsafe(self._loop.stop)

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        server = self._loop.run_until_complete(asyncio.start_server(self._serve, "127.0.0.1", self.port))
        self.port = server.sockets[0].getsockname()[1]
        self._ready.set()
        self._loop.run_forever()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            request = await self._read(reader)
            if request:
                await self._deal(request, writer)
        except (OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError, TimeoutError):
            pass
        finally:
            with contextlib.suppress(OSError):
                writer.close()

    async def _read(self, reader: asyncio.StreamReader) -> bytes:
        """One whole request, told to close behind itself."""
        head = await reader.readuntil(b"\r\n\r\n")
        lines = [x for x in head.split(b"\r\n")[:-2] if not x.lower().startswith(b"connection:")]
        length = next((int(x.split(b":")[1]) for x in lines if x.lower().startswith(b"content-length:")), 0)
        body = await reader.readexactly(length) if length else b""
        return b"\r\n".join([*lines, b"Connection: close"]) + b"\r\n\r\n" + body

    async def _deal(self, request: bytes, writer: asyncio.StreamWriter) -> None:
        path = request.split(b" ", 2)[1]
        fault = "passes"
        if self.hurts and path in HURT:
            fault = self._rng.choices(list(FAULTS), list(FAULTS.values()))[0]
            self.counted[fault] += 1
        if fault == "refused":
            writer.transport.abort()
            return
        if fault == "half request":
            await self._pass_on(request[: len(request) * self._rng.randrange(20, 95) // 100], wait=False)
            writer.transport.abort()
            return
        if fault == "held back":
            await asyncio.sleep(self._rng.uniform(0.2, 1.5))
        answer = await self._pass_on(request)
        if fault == "twice":
            answer = await self._pass_on(request)
        if fault == "late again":
            self._later(request)
        if fault == "answer lost":
            writer.transport.abort()
            return
        if fault == "half answer":
            writer.write(answer[: len(answer) // 2])
            await writer.drain()
            writer.transport.abort()
            return
        writer.write(answer)
        await writer.drain()

    async def _pass_on(self, request: bytes, *, wait: bool = True) -> bytes:
        """Hand it to the server and give back its whole answer; a server that is down answers nothing."""
        reader, writer = await asyncio.wait_for(asyncio.open_connection("127.0.0.1", self.upstream), 10)
        try:
            writer.write(request)
            await writer.drain()
            return await asyncio.wait_for(reader.read(-1), 30) if wait else b""
        finally:
            writer.close()

    def _later(self, request: bytes) -> None:
        """The same request once more, behind those that came after it."""

        async def again() -> None:
            await asyncio.sleep(self._rng.uniform(0.5, 4))
            with contextlib.suppress(OSError, TimeoutError):
                await self._pass_on(request)

        task = self._loop.create_task(again())
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
