"""`surcease demo --reset`: rebuild the demo clinic. Never touches a database with real records."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path
from typing import Annotated, Any

import typer

from surcease.cli.say import one_sentence, refuse


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("demo")(demo)


def demo(
    reset: Annotated[bool, typer.Option("--reset", help="Rebuild it, as if it were mid-morning now.")] = False,
    home: Annotated[Path | None, typer.Option(help="Home folder (or SURCEASE_HOME).")] = None,
) -> None:
    """Fill an empty home with the demo clinic, or rebuild the demo that is there."""
    if find_spec("django") is None:
        refuse("The web part is not installed: run `make install`, or install surcease with its extra 'web'.")
    from surcease.web.home import Home
    from surcease.web.lock import HomeIsBusy, held

    place = Home.at(home) if home else Home.from_environment()
    with one_sentence(HomeIsBusy, ValueError, PermissionError), held(place):
        _rebuild(place, reset)


def _rebuild(place: Any, reset: bool) -> None:
    from rich.progress import Progress

    from surcease.web import start

    start.set_up(place)
    start.prepare()
    from surcease.web.clinic.installation import installation

    row = installation()
    if row is not None and not row.is_demo:
        refuse("This home holds a real clinic: the demo is never loaded into it. Give another folder with --home.")
    if row is not None and not reset:
        refuse("This home already holds the demo clinic: add --reset to rebuild it.")
    if row is not None:
        start.empty()
    from surcease.web.demo import fill

    with Progress(transient=True) as progress:
        task = progress.add_task("inviting people", total=None)
        count = fill(told=lambda done, of: progress.update(task, completed=done, total=of))
    typer.echo(f"The demo clinic is ready: {count} invented people. Start it with `surcease run`.")
