"""`surcease manage`: Django's own commands (migrate, shell, check …) on a home folder."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from surcease.cli.say import one_sentence, refuse

# these only read, or make files in the source tree; everything else may write and needs the lock
_READS = {"check", "showmigrations", "sqlmigrate", "makemigrations", "makemessages", "compilemessages", "diffsettings"}


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("manage", context_settings={"allow_extra_args": True, "ignore_unknown_options": True})(manage)


def manage(
    context: typer.Context,
    home: Annotated[Path | None, typer.Option(help="Home folder (or SURCEASE_HOME).")] = None,
) -> None:
    """Run one of Django's commands, e.g. `surcease manage showmigrations`."""
    from importlib.util import find_spec

    if find_spec("django") is None:
        refuse("The web part is not installed: run `make install`, or install surcease with its extra 'web'.")
    from contextlib import nullcontext

    from surcease.web import start
    from surcease.web.home import Home
    from surcease.web.lock import HomeIsBusy, held

    with one_sentence(HomeIsBusy, ValueError, PermissionError):
        place = Home.at(home) if home else Home.from_environment()
        words = context.args or ["help"]
        with nullcontext() if words[0] in _READS or words[0] == "help" else held(place):
            start.set_up(place)
            from django.core.management import execute_from_command_line

            execute_from_command_line(["surcease manage", *words])
