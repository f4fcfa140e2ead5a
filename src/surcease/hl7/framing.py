"""MLLP frames out of a stream of bytes, however it is cut: <VT> message <FS><CR>.

The decoder holds at most one frame of ``limit`` bytes. Bytes outside a frame are counted and skipped; a start inside
a frame means that the sender gave up on the first one; a frame that grows past the limit ends the conversation.

>>> frames = Frames()
>>> frames.feed(b"noise\\x0bMSH|A"), frames.feed(b"\\x1c\\r")
((), (b'MSH|A',))
>>> frames.skipped
5
"""

from __future__ import annotations

START, END, RETURN = b"\x0b", b"\x1c", b"\x0d"
LIMIT = 256 * 1024  # a full set of a monitor's numbers is under 20 kB


class FrameError(ValueError):
    """A frame grew past the limit. ``head`` is its beginning: enough to answer it."""

    def __init__(self, head: bytes, limit: int) -> None:
        super().__init__(f"A message is longer than {limit} bytes: send observations in smaller messages.")
        self.head = head


class Frames:
    """The decoder of one connection."""

    def __init__(self, limit: int = LIMIT) -> None:
        self.limit = limit
        self.skipped = 0  # bytes outside any frame
        self.broken = 0  # frames that were begun and never ended
        self._buffer = bytearray()
        self._inside = False

    @property
    def open(self) -> bool:
        """Whether a frame has begun and not ended."""
        return self._inside

    def feed(self, data: bytes) -> tuple[bytes, ...]:
        """The messages that are complete with these bytes, in order. Raises FrameError."""
        self._buffer += data
        found: list[bytes] = []
        while (one := self._next()) is not None:
            found.append(one)
        return tuple(found)

    def _next(self) -> bytes | None:
        if not self._inside and not self._begin():
            return None
        end = self._buffer.find(END + RETURN)
        again = self._buffer.find(START, 0, end if end >= 0 else len(self._buffer))
        if again >= 0:
            self.broken += 1
            del self._buffer[: again + 1]
            return self._next()
        if (len(self._buffer) if end < 0 else end) > self.limit:
            raise FrameError(bytes(self._buffer[:1024]), self.limit)
        if end < 0:
            return None
        one = bytes(self._buffer[:end])
        del self._buffer[: end + 2]
        self._inside = False
        return one

    def _begin(self) -> bool:
        start = self._buffer.find(START)
        if start < 0:
            self.skipped += len(self._buffer.replace(b"\r", b"").replace(b"\n", b""))
            self._buffer.clear()
            return False
        self.skipped += len(self._buffer[:start].replace(b"\r", b"").replace(b"\n", b""))
        del self._buffer[: start + 1]
        self._inside = True
        return True


def frame(message: bytes) -> bytes:
    """One message in its frame."""
    return START + message + END + RETURN
