"""`surcease letter PATIENT --pdf out.pdf`: the letter to the referring doctor, from the clinic's database."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path
from typing import Annotated, Any
from uuid import UUID

import typer

from surcease.cli.say import one_sentence, refuse


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("letter")(letter)


def letter(
    patient: Annotated[str, typer.Argument(help="The person's id, or an identifier of another system.")],
    pdf: Annotated[Path, typer.Option(help="Where the PDF goes.")],
    home: Annotated[Path | None, typer.Option(help="Home folder (or SURCEASE_HOME).")] = None,
) -> None:
    """Write the letter as it stands now."""
    if find_spec("django") is None:
        refuse("The web part is not installed: run `make install`, or install surcease with its extra 'web'.")
    from surcease.web.home import Home

    with one_sentence(ValueError, PermissionError):
        content = _letter(Home.at(home) if home else Home.from_environment(), patient)
    with one_sentence(OSError):
        _write(pdf, content)
    typer.echo(f"Written to {pdf}.")


def _write(pdf: Path, content: bytes) -> None:
    try:
        pdf.write_bytes(content)
    except OSError as error:
        raise OSError(f"The letter cannot be written to {pdf}: {error.strerror}; give another place.") from None


def _letter(place: Any, wanted: str) -> bytes:
    from surcease.web import start

    start.set_up(place)
    from django.utils import timezone

    from surcease.web.papers.typeset import render
    from surcease.web.patients.access import printed_by_command
    from surcease.web.review.paper import letter_data
    from surcease.web.review.queries import latest_review, reviewed

    person = printed_by_command(_uuid(wanted), wanted)
    if person is None:
        raise ValueError(f"There is no person {wanted!r} here: give the id or an identifier as the banner shows it.")
    now = timezone.now()
    found = reviewed(person, now=now)
    return render("papers/plain", letter_data(person, found, latest_review(person), by=None, now=now))


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
