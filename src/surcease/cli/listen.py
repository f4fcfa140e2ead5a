"""`surcease hl7 listen`: the door for monitors as a process of its own, beside `surcease run` on PostgreSQL."""

from __future__ import annotations

import os
import signal
import threading
from importlib.util import find_spec
from pathlib import Path
from typing import Annotated

import typer

from surcease.cli.say import one_sentence, refuse


def register(app: typer.Typer) -> None:
    """Add the command."""
    group = typer.Typer(help="Monitors: HL7 v2 over MLLP.", no_args_is_help=True)
    group.callback()(lambda: None)
    group.command("listen")(listen)
    app.add_typer(group, name="hl7")


def listen(
    port: Annotated[int, typer.Option(help="Port to listen on.", min=1, max=65535)] = 2575,
    host: Annotated[str, typer.Option(help="Address to listen on; others need --allow.")] = "127.0.0.1",
    allow: Annotated[list[str] | None, typer.Option(help="A sender's address or network, e.g. 10.1.2.0/24.")] = None,
    home: Annotated[Path | None, typer.Option(help="Home folder (or SURCEASE_HOME).")] = None,
) -> None:  # fmt: skip
    """Take ORU^R01 messages of monitors until stopped. On SQLite `surcease run` does this itself."""
    if find_spec("django") is None:
        refuse("The web part is not installed: run `make install`, or install surcease with its extra 'web'.")
    if not os.environ.get("DATABASE_URL"):
        refuse("On SQLite one process writes: `surcease run` listens for monitors itself (--hl7-port).")
    from surcease.web import start
    from surcease.web.home import Home

    with one_sentence(ValueError, PermissionError):
        start.set_up(Home.at(home) if home else Home.from_environment())
        start.prepare(static=False)
        from surcease.web.interop.hl7.listener import Listener, networks

        listener = Listener(host=host, port=port, allow=networks(allow or ()))
        listener.open()
    over = threading.Event()
    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, lambda *_: over.set())
    typer.echo(f"Monitors may send to {host}:{listener.port} (HL7 v2 over MLLP).")
    over.wait()
    listener.stop()
