"""The sending end of MLLP: one message, one answer."""

from __future__ import annotations

import socket
from types import TracebackType

from surcease.hl7.framing import Frames, frame
from surcease.hl7.message import read_message

PATIENCE_S = 15.0


class LineError(RuntimeError):
    """Nobody listens, or whoever listened hung up."""


class Line:
    """A connection to a listener; connects again once when it was lost."""

    def __init__(self, host: str, port: int) -> None:
        self.host, self.port = host, port
        self._frames = Frames()
        self._socket = self._connect()

    def __enter__(self) -> Line:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._socket.close()

    def ask(self, message: bytes) -> tuple[str, str]:
        """Send one message: the letters of its answer (AA, AE, AR) and what it says. Raises LineError."""
        try:
            return self._ask(message)
        except OSError:
            self._socket.close()
            self._socket, self._frames = self._connect(), Frames()
        try:
            return self._ask(message)
        except OSError as error:
            raise LineError("Whoever listens hung up twice: is this a listener for monitors?") from error

    def _ask(self, message: bytes) -> tuple[str, str]:
        self._socket.sendall(frame(message))
        while True:
            data = self._socket.recv(65536)
            if not data:
                raise ConnectionResetError
            for answer in self._frames.feed(data):
                read = read_message(answer)
                msa, err = read.first("MSA"), read.first("ERR")
                if msa is not None:
                    return msa.text(1), msa.text(3) or (err.text(8) if err is not None else "")

    def _connect(self) -> socket.socket:
        try:
            return socket.create_connection((self.host, self.port), timeout=PATIENCE_S)
        except OSError as error:
            raise LineError(
                f"Nobody listens for monitors on {self.host}:{self.port}: start `surcease run`, or give --port."
            ) from error
