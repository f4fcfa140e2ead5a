"""`surcease response diary.csv --series 2026-03-02..2026-03-13`: what the series did to the person's pain."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date, timedelta
from pathlib import Path
from typing import Annotated

import typer

from surcease.cli.say import one_sentence, print_json, refuse


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("response")(response)


def response(
    diary: Annotated[Path, typer.Argument(help="CSV with the columns at,score[,site]; blank = missing.")],
    series: Annotated[str, typer.Option(help="First and last session day, e.g. 2026-03-02..2026-03-13.")],
    pgic: Annotated[int | None, typer.Option(min=1, max=7, help="Patient's global impression of change, 1–7.")] = None,
    as_json: Annotated[bool, typer.Option("--json")] = False,
) -> None:
    """Baseline, days 2–7 and the response of days 8–14 after the last session, each with its n."""
    from surcease.care.diary_file import read_diary
    from surcease.care.response import SecondMethod, respond

    sessions = _series(series)
    with one_sentence(ValueError, FileNotFoundError):
        found = respond(read_diary(diary), sessions, second=SecondMethod(pgic=pgic))
    if as_json:
        body = asdict(found) | {
            "agrees": list(found.second.agrees),
            "responder_30": None if found.change_percent is None else found.change_percent >= 30,
            "responder_50": None if found.change_percent is None else found.change_percent >= 50,
        }
        print_json("response/1", body)
        return
    typer.echo(found.status)
    for name, window in (("baseline", found.baseline), ("days 2–7", found.early), ("days 8–14", found.response)):
        mean = "not established" if window.mean is None else f"{window.mean:.1f}"
        typer.echo(f"  {name:<10} {mean:<16} n {window.n} of {window.of}")


def _series(text: str) -> list[date]:
    """Every day from the first to the last session, both included."""
    first, dots, last = text.partition("..")
    try:
        start, end = date.fromisoformat(first), date.fromisoformat(last if dots else first)
    except ValueError:
        refuse(f"The series {text!r} is not two days: write the first and the last, such as 2026-03-02..2026-03-13.")
    if end < start:
        refuse(f"The series {text!r} ends before it starts: write the earlier day first.")
    return [start, end] if start != end else [start + timedelta(0)]
