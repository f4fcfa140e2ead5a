"""Messages from whoever writes to whoever watches, in this process; ``postgres`` carries them between processes."""

from __future__ import annotations

import asyncio
import itertools
import json
import threading
import time
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

KEPT = 1000  # messages remembered for a viewer that comes back with Last-Event-ID
WAITING = 256  # messages one slow viewer may be behind before it is told to load the page's state anew
RESYNC = "resync"
_count = itertools.count()


@dataclass(frozen=True, slots=True)
class Message:
    """One thing that happened. ``id`` is unique among all processes; ``data`` is JSON text."""

    id: str
    channel: str
    kind: str
    data: str

    def as_event(self) -> str:
        """The text of a server-sent event."""
        lines = "".join(f"data: {line}\n" for line in self.data.split("\n"))
        return f"id: {self.id}\nevent: {self.kind}\n{lines}\n"


def message(channel: str, kind: str, data: dict[str, Any]) -> Message:
    """A new message with an id of its own."""
    return Message(
        f"{time.time_ns():x}-{next(_count):x}", channel, kind, json.dumps(data, ensure_ascii=False, default=str)
    )


class Viewer:
    """One open stream's waiting line. Lives on the event loop that made it."""

    def __init__(self, channels: Iterable[str]) -> None:
        self.channels = frozenset(channels)
        self.loop = asyncio.get_running_loop()
        self._line: deque[Message] = deque()
        self._there_is = asyncio.Event()

    def put(self, item: Message) -> None:
        """From the loop. A viewer that is too far behind loses its line and is told so: newest beats oldest."""
        if len(self._line) >= WAITING:
            self._line.clear()
            self._line.append(message(item.channel, RESYNC, {}))
        self._line.append(item)
        self._there_is.set()

    async def take(self, timeout_s: float) -> list[Message]:
        """What has come, at once or within the time; may be nothing."""
        if not self._line:
            try:
                await asyncio.wait_for(self._there_is.wait(), timeout_s)
            except TimeoutError:
                return []
        taken = list(self._line)
        self._line.clear()
        self._there_is.clear()
        return taken


class Hub:
    """Who watches what, and the last messages. ``deliver`` may be called from any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._viewers: set[Viewer] = set()
        self._kept: deque[Message] = deque(maxlen=KEPT)

    def deliver(self, item: Message) -> None:
        """Hand a message to everyone who watches its channel."""
        with self._lock:
            self._kept.append(item)
            viewers = [viewer for viewer in self._viewers if item.channel in viewer.channels]
        for viewer in viewers:
            if not viewer.loop.is_closed():
                viewer.loop.call_soon_threadsafe(viewer.put, item)

    def resync_everyone(self) -> None:
        """Messages may have been missed: every page loads its state anew."""
        with self._lock:
            self._kept.clear()
            viewers = list(self._viewers)
        for viewer in viewers:
            viewer.loop.call_soon_threadsafe(viewer.put, message(min(viewer.channels, default=""), RESYNC, {}))

    def enter(self, viewer: Viewer, last_id: str = "") -> list[Message]:
        """Add a viewer; what it missed since ``last_id``, or one resync when that is no longer known."""
        with self._lock:
            self._viewers.add(viewer)
            if not last_id:
                return []
            kept = list(self._kept)
        ids = [item.id for item in kept]
        if last_id not in ids:
            return [message("", RESYNC, {})]
        return [item for item in kept[ids.index(last_id) + 1 :] if item.channel in viewer.channels]

    def leave(self, viewer: Viewer) -> None:
        """The stream has closed."""
        with self._lock:
            self._viewers.discard(viewer)

    @property
    def watching(self) -> int:
        """How many streams are open here."""
        return len(self._viewers)


hub = Hub()
