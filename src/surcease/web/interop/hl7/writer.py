"""One thread that keeps what all connections bring: whatever waits goes into one transaction."""

from __future__ import annotations

import logging
import queue
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future

from django.db import close_old_connections, connections
from django.utils import timezone

from surcease.web.devices import tally
from surcease.web.interop.hl7.answer import Answers, not_kept, take_messages

log = logging.getLogger(__name__)
MOST = 500  # messages in one transaction
TALLY_S = 1.0


class Writer(threading.Thread):
    """Takes frames, gives futures of their answers; ends after ``stop`` with everything answered."""

    def __init__(self) -> None:
        super().__init__(name="surcease-samples", daemon=True)
        self._line: queue.Queue[tuple[bytes, Future[Answers]] | None] = queue.Queue()
        self._told = time.monotonic()

    def submit(self, data: bytes) -> Future[Answers]:
        """Put one frame in the line."""
        future: Future[Answers] = Future()
        self._line.put((data, future))
        return future

    def stop(self) -> None:
        """Answer what waits, write the counts down, end."""
        self._line.put(None)
        if self.is_alive():
            self.join(10)

    def run(self) -> None:
        """The loop."""
        over = False
        while not over:
            batch, over = self._take()
            close_old_connections()
            if batch:
                self._answer(batch)
            if over or time.monotonic() - self._told > TALLY_S:
                self._told = time.monotonic()
                quietly(tally.write_down)
        connections.close_all()

    def _take(self) -> tuple[list[tuple[bytes, Future[Answers]]], bool]:
        """Everything that waits, at most ``MOST``; and whether to end after it."""
        batch: list[tuple[bytes, Future[Answers]]] = []
        try:
            item = self._line.get(timeout=1.0)
            while item is not None:
                batch.append(item)
                if len(batch) == MOST:
                    return batch, False
                item = self._line.get_nowait()
        except queue.Empty:
            return batch, False
        return batch, True

    def _answer(self, batch: list[tuple[bytes, Future[Answers]]]) -> None:
        now = timezone.now()
        try:
            answers = take_messages([data for data, _ in batch], now=now)
        except Exception:
            log.exception("Messages of monitors could not be taken.")
            answers = [not_kept(data, now=now) for data, _ in batch]
        for (_, future), answer in zip(batch, answers, strict=True):
            future.set_result(answer)


def quietly(work: Callable[[], object]) -> None:
    """Counting is no reason to stop receiving."""
    try:
        work()
    except Exception:
        log.exception("The counts of the live feed could not be written down.")
