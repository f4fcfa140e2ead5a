"""The MLLP listener: a thread with its own loop, in ``surcease run`` or by itself. Loopback unless told otherwise."""

from __future__ import annotations

import asyncio
import ipaddress
import logging
import os
import threading
from collections.abc import Sequence
from concurrent.futures import CancelledError

from surcease.web.interop.hl7.conversation import Patience, converse
from surcease.web.interop.hl7.writer import Writer

log = logging.getLogger(__name__)
PORT = 2575  # IANA's for HL7
MOST_CONNECTIONS = 64
Network = ipaddress.IPv4Network | ipaddress.IPv6Network


def networks(names: Sequence[str]) -> tuple[Network, ...]:
    """The senders that may connect, as addresses or networks. ValueError in one sentence."""
    try:
        return tuple(ipaddress.ip_network(name, strict=False) for name in names)
    except ValueError as error:
        raise ValueError(f"{error}: give an address or a network, such as 10.1.2.0/24.") from error


def refuse_open_door(host: str, allowed: Sequence[Network]) -> None:
    """Other machines may send only when they are named: HL7 over MLLP is neither encrypted nor signed."""
    address = ipaddress.ip_address("127.0.0.1" if host == "localhost" else host.strip("[]"))
    if not address.is_loopback and not allowed:
        raise ValueError(
            f"Listening on {host} lets any machine there send vital signs: name the senders with --allow "
            "10.1.2.0/24, or stay on 127.0.0.1 and let a gateway on this machine forward them."
        )


class Listener(threading.Thread):
    """Listens until stopped. ``open`` returns once the port is bound, or raises ValueError in one sentence."""

    def __init__(
        self, *, host: str = "127.0.0.1", port: int = PORT, allow: Sequence[Network] = (),
        patience: Patience | None = None,
    ) -> None:  # fmt: skip
        super().__init__(name="surcease-hl7", daemon=True)
        refuse_open_door(host, allow)
        self.host, self.port, self.allow = host, port, tuple(allow)
        self.patience = patience or Patience()
        self.writer = Writer()
        self._bound = threading.Event()
        self._wrong: OSError | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._over: asyncio.Event | None = None
        self._talks: set[asyncio.Task[None]] = set()

    def open(self) -> None:
        """Start and wait for the port."""
        self.writer.start()
        self.start()
        self._bound.wait(10)
        if self._wrong is not None:
            self.writer.stop()
            raise ValueError(
                f"Port {self.port} on {self.host} cannot be used for HL7 ({os.strerror(self._wrong.errno or 0)}): "
                "choose another."
            )

    def stop(self) -> None:
        """Hang up, answer what waits, end. At most some seconds."""
        if self._loop is not None and self._over is not None and self.is_alive():
            self._loop.call_soon_threadsafe(self._over.set)
            self.join(10)
        self.writer.stop()

    def run(self) -> None:
        """The thread."""
        asyncio.run(self._serve())

    async def _serve(self) -> None:
        self._loop, self._over = asyncio.get_running_loop(), asyncio.Event()
        try:
            server = await asyncio.start_server(self._talk, self.host, self.port, limit=2**16, reuse_address=True)
        except OSError as error:
            self._wrong = error
            self._bound.set()
            return
        self.port = server.sockets[0].getsockname()[1]
        self._bound.set()
        async with server:
            await self._over.wait()
            server.close()
            for talk in list(self._talks):
                talk.cancel()
            await asyncio.gather(*self._talks, return_exceptions=True)

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        try:
            if len(self._talks) < MOST_CONNECTIONS and self._may(writer):
                self._talks.add(task)
                await converse(reader, writer, self.writer, self.patience)
        except (CancelledError, asyncio.CancelledError):
            pass
        except Exception:
            log.exception("A conversation with a monitor broke.")
        finally:
            self._talks.discard(task)
            writer.close()

    def _may(self, writer: asyncio.StreamWriter) -> bool:
        """Whether this sender may connect: from this machine, or named."""
        peer = ipaddress.ip_address(writer.get_extra_info("peername")[0])
        return peer.is_loopback or any(peer in network for network in self.allow)
