"""Serving: bring everything up to date, say where to sign in, run uvicorn and the ticker until stopped."""

from __future__ import annotations

import signal
import socket
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

import uvicorn
from django.core.management.base import SystemCheckError

from surcease.web import start
from surcease.web.clinic.releases import keep_release
from surcease.web.tick import Ticker

if TYPE_CHECKING:
    from surcease.web.interop.hl7.listener import Listener


class Server(uvicorn.Server):
    """Says so when it listens."""

    def __init__(self, config: uvicorn.Config, words: str) -> None:
        super().__init__(config)
        self.words = words

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start, then print where to go."""
        await super().startup(sockets)
        if self.started:
            print(self.words, flush=True)


def serve(
    *, host: str, port: int, demo_if_empty: bool, cert: Path | None, key: Path | None, behind_proxy: bool,
    public_name: str = "", monitors: tuple[str, int | None, tuple[str, ...]] = ("127.0.0.1", 0, ()),
) -> None:  # fmt: skip
    """Serve until SIGINT or SIGTERM. Raises ValueError in one sentence when it may not start.

    ``monitors``: address, port (0 none, None the usual one when it is free) and allowed senders of the HL7 listener.
    """
    _refuse_taken_port(host, port)
    try:
        start.prepare()
    except SystemCheckError as error:
        raise ValueError(str(error)) from error
    if demo_if_empty:
        fill_if_empty()
    keep_release()
    config = uvicorn.Config(
        "surcease.web.asgi:application", host=host, port=port, lifespan="off", log_level="warning", access_log=False,
        timeout_graceful_shutdown=5, proxy_headers=behind_proxy, server_header=False,
        ssl_certfile=cert, ssl_keyfile=key,
    )  # fmt: skip
    door, door_words = _open_door(*monitors)
    ticker = Ticker()
    ticker.start()
    # uvicorn passes the signal on once it has closed: without this the process would end before its last seal
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        words = greeting(port, public_name, secure=bool(cert or behind_proxy))
        Server(config, f"{words}\n{door_words}".strip()).run()
    except KeyboardInterrupt:
        pass
    finally:
        if door is not None:
            door.stop()
        ticker.stop()
        _last_seal()


def _open_door(host: str, port: int | None, allow: tuple[str, ...]) -> tuple[Listener | None, str]:
    """The listener for monitors and what to say of it. The usual port is a courtesy: taken, we serve without it."""
    from surcease.web.interop.hl7.listener import PORT, Listener, networks

    if port == 0:
        return None, ""
    door = Listener(host=host, port=PORT if port is None else port, allow=networks(allow))
    try:
        door.open()
    except ValueError as error:
        if port is not None:
            raise
        return None, f"{error} Monitors cannot send to this clinic until then (--hl7-port)."
    return door, f"Monitors may send to {host}:{door.port} (HL7 v2 over MLLP)."


def fill_if_empty() -> None:
    """Make an empty database a demo clinic; leave any other alone."""
    from surcease.web.accounts.demo import make_sign_ins
    from surcease.web.clinic.installation import give_birth, installation

    if installation() is not None:
        return
    if find_spec("surcease.web.demo"):
        import_module("surcease.web.demo").fill()
        return
    give_birth(kind="demo", organisation="Harbour Street Pain Clinic")
    make_sign_ins()


def greeting(port: int, public_name: str, *, secure: bool) -> str:
    """Where to go and, in a demo clinic, how to sign in."""
    from surcease.web.accounts.demo import PASSWORD, SIGN_INS
    from surcease.web.accounts.first import setup_path, unopened
    from surcease.web.clinic.installation import installation

    row = installation()
    address = f"https://{public_name or 'localhost'}" if secure else f"http://localhost:{port}"
    lines = [address if public_name or not secure else f"{address}:{port}"]
    if row is None or unopened():
        lines.append(f"A new clinic: open {lines[0]}{setup_path()} to name it and make the first account.")
    elif row.is_demo:
        lines.append(f"Demo clinic: everyone in it is invented. Password for all: {PASSWORD}")
        lines += [f"  {line.role.replace('_', ' '):<11} {line.email}" for line in SIGN_INS]
    return "\n".join(lines)


def _refuse_taken_port(host: str, port: int) -> None:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host.strip("[]"), port))
        except OSError as error:
            raise ValueError(
                f"Port {port} on {host} cannot be used ({error.strerror}): choose another with --port."
            ) from error


def _last_seal() -> None:
    """Seal the trail to its end, with a checkpoint."""
    from surcease.web.audit.seal import seal

    seal(checkpoint=True)
