"""`surcease audit verify`: is the trail whole?"""

from __future__ import annotations

from dataclasses import asdict
from importlib.util import find_spec
from pathlib import Path
from typing import Annotated

import typer

from surcease.cli.say import one_sentence, print_json, refuse


def register(app: typer.Typer) -> None:
    """Add the command."""
    group = typer.Typer(help="The trail of who opened and changed what.", no_args_is_help=True)
    group.command("verify")(verify)
    group.callback()(_group)
    app.add_typer(group, name="audit")


def _group() -> None:
    """The trail of who opened and changed what."""


def verify(
    home: Annotated[Path | None, typer.Option(help="Home folder (or SURCEASE_HOME).")] = None,
    json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Walk the whole chain and every signed checkpoint; exit code 1 when something was changed, removed or cut off."""
    if find_spec("django") is None:
        refuse("The web part is not installed: run `make install`, or install surcease with its extra 'web'.")
    from surcease.web import start
    from surcease.web.home import Home

    with one_sentence(ValueError, PermissionError):
        place = Home.at(home) if home else Home.from_environment()
        start.set_up(place)
        if start.is_empty():
            refuse(f"There is no clinic in {place.path} yet: nothing to check.")
        from surcease.web.audit.verify import verify as walk

        verdict = walk()
    if json:
        print_json("audit-verify/1", {"whole": verdict.whole, **asdict(verdict)})
    else:
        typer.echo(f"{verdict.checked} links and {verdict.checkpoints} checkpoints looked at.")
        for fault in verdict.faults:
            typer.echo(fault.sentence)
        typer.echo("The trail is whole." if verdict.whole else "The trail is NOT whole.")
    if not verdict.whole:
        raise typer.Exit(1)
