"""`surcease push-keys`: let the clinic remind on phones, by making the keys it signs with."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path
from typing import Annotated

import typer

from surcease.cli.say import one_sentence, refuse


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("push-keys")(push_keys)


def push_keys(
    contact: Annotated[str, typer.Option(help="E-mail address of the clinic, for the push services.")],
    home: Annotated[Path | None, typer.Option(help="Home folder (or SURCEASE_HOME).")] = None,
) -> None:
    """Make the clinic's Web Push keys, once. From then on patients may choose reminders on their phone."""
    if find_spec("django") is None:
        refuse("The web part is not installed: run `make install`, or install surcease with its extra 'web'.")
    from surcease.web import start
    from surcease.web.home import Home

    with one_sentence(ValueError, PermissionError):
        start.set_up(Home.at(home) if home else Home.from_environment())
        from surcease.web.diary.push import KEYS, make_keys

        make_keys(contact)
        typer.echo(f"The keys are in secrets/{KEYS}: back them up, phones trust no others.")
