"""Clients of a ward over raw sockets: requests on one kept connection, an event stream, a monitor's conversation."""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from uuid import uuid4

from surcease.hl7.compose import Instrument, Numerics, compose
from surcease.hl7.framing import frame

TOKEN = "a" * 32


@dataclass
class Wire:
    """One signed-in client on one connection; it connects again when the connection is gone."""

    port: int
    cookie: str
    timeout_s: float = 20.0

    def __post_init__(self) -> None:
        self._reader: asyncio.StreamReader | None = None
        self._writer: asyncio.StreamWriter | None = None

    async def post(self, path: str, body: dict[str, Any]) -> tuple[int, bytes]:
        """POST JSON; status and body. Raises OSError or TimeoutError when no answer came."""
        return await asyncio.wait_for(self._ask("POST", path, json.dumps(body).encode()), self.timeout_s)

    async def get(self, path: str, *, fragment: bool = False) -> tuple[int, bytes]:
        """GET; status and body."""
        return await asyncio.wait_for(self._ask("GET", path, b"", fragment=fragment), self.timeout_s)

    async def _ask(self, method: str, path: str, body: bytes, *, fragment: bool = False) -> tuple[int, bytes]:
        try:
            if self._writer is None:
                self._reader, self._writer = await asyncio.open_connection("127.0.0.1", self.port)
            self._writer.write(_head(method, path, self.cookie, self.port, len(body), fragment) + body)
            await self._writer.drain()
            assert self._reader is not None
            return await _answer(self._reader)
        except (OSError, asyncio.IncompleteReadError, ValueError) as error:
            self.close()
            raise OSError(str(error)) from error
        except asyncio.CancelledError:
            self.close()
            raise

    def close(self) -> None:
        """Hang up."""
        if self._writer is not None:
            self._writer.close()
        self._reader = self._writer = None


def _head(method: str, path: str, cookie: str, port: int, length: int, fragment: bool) -> bytes:
    lines = [
        f"{method} {path} HTTP/1.1", f"Host: localhost:{port}", f"X-CSRFToken: {TOKEN}",
        f"Cookie: surcease_session={cookie}; csrftoken={TOKEN}", "Content-Type: application/json",
        f"Content-Length: {length}", "X-Surcease-Background: 1",
    ]  # fmt: skip
    return ("\r\n".join([*lines, *(["HX-Request: true"] if fragment else [])]) + "\r\n\r\n").encode()


async def _answer(reader: asyncio.StreamReader) -> tuple[int, bytes]:
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").lower()
    status = int(head.split(" ", 2)[1])
    if "transfer-encoding: chunked" in head:
        return status, await _chunks(reader)
    length = next((line for line in head.split("\r\n") if line.startswith("content-length:")), "content-length:0")
    return status, await reader.readexactly(int(length.partition(":")[2]))


async def _chunks(reader: asyncio.StreamReader) -> bytes:
    found = b""
    while size := int((await reader.readline()).strip(), 16):
        found += await reader.readexactly(size)
        await reader.readline()
    await reader.readline()
    return found


async def listen(port: int, cookie: str, channel: str) -> AsyncIterator[tuple[str, dict[str, Any]]]:
    """Kind and data of each event of a stream, until the connection ends."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=2**20)
    try:
        kind, key = channel.split(":")
        writer.write(_head("GET", f"/live/{kind}/{key}/", cookie, port, 0, False))
        await writer.drain()
        head = await reader.readuntil(b"\r\n\r\n")
        if b" 200 " not in head.split(b"\r\n")[0] + b" ":
            raise OSError(head.split(b"\r\n")[0].decode())
        name = ""
        while line := await reader.readline():
            text = line.decode("utf-8", "replace").rstrip("\r\n")
            if text.startswith("event: "):
                name = text[7:]
            elif text.startswith("data: ") and name:
                yield name, json.loads(text[6:])
                name = ""
    finally:
        writer.close()


def event(kind: str, payload: dict[str, Any], **more: Any) -> dict[str, Any]:
    """What a tablet or phone sends, hashed as it does."""
    at, event_id = datetime.now(UTC).isoformat(), str(uuid4())
    content = json.dumps(
        {"kind": kind, "payload": payload, "id": event_id, "at": at, "utc_offset_min": 0, "v": 1} | more
    )
    return {"id": event_id, "hash": hashlib.sha256(content.encode()).hexdigest(), "content": content, "sent_at": at}


def diary_entry(n: int) -> dict[str, Any]:
    """A diary entry."""
    at, entry_id = datetime.now(UTC).isoformat(), str(uuid4())
    body = {"kind": "average", "pain": n % 11, "id": entry_id, "at": at, "utc_offset_min": 0, "v": 1}
    content = json.dumps(body)
    return {"id": entry_id, "hash": hashlib.sha256(content.encode()).hexdigest(), "content": content, "sent_at": at}


class Monitor:
    """A connection that carries one or several monitors; each message waits for its acknowledgement."""

    def __init__(self, port: int) -> None:
        self.port = port
        self._reader: asyncio.StreamReader | None = None
        self._writer: asyncio.StreamWriter | None = None

    async def send(self, name: str, n: int, at: datetime | None = None) -> bool:
        """Send one set of values; whether it was accepted. Raises OSError when no answer came."""
        try:
            if self._writer is None:
                self._reader, self._writer = await asyncio.open_connection("127.0.0.1", self.port)
            values = {"heart_rate": Decimal(60 + n % 40), "spo2": Decimal(95 + n % 5), "resp_rate": Decimal(14)}
            shown = Numerics(at or datetime.now(UTC), values)
            self._writer.write(frame(compose(shown, Instrument(name), f"{name}-{n}")))
            await self._writer.drain()
            assert self._reader is not None
            answer = await asyncio.wait_for(self._reader.readuntil(b"\x1c"), 20)
            return b"MSA|AA" in answer or b"MSA|CA" in answer
        except (OSError, asyncio.IncompleteReadError, TimeoutError) as error:
            self.close()
            raise OSError(str(error)) from error

    def close(self) -> None:
        """Hang up."""
        if self._writer is not None:
            self._writer.close()
        self._reader = self._writer = None
