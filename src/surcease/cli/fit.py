"""`surcease fit diary.csv --regimen regimen.yaml`: what a person's diary says of their relief parameters."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from surcease.cli.forecast import read
from surcease.cli.say import one_sentence, print_json


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("fit")(fit)


def fit(
    diary: Annotated[Path, typer.Argument(help="CSV with the columns at,score[,site]; blank = missing.")],
    regimen: Annotated[Path, typer.Option(help="YAML with weight_kg and doses: [{start, text}].")],
    indication: Annotated[str, typer.Option(help="What is treated, e.g. crps; unknown when left out.")] = "",
    seed: Annotated[int, typer.Option(help="The same seed gives the same answer.")] = 1,
    as_json: Annotated[bool, typer.Option("--json", help="Everything as JSON.")] = False,
) -> None:
    """Responder chance and relief parameters of one person, with bands."""
    with one_sentence(ValueError, OSError):
        found, sources = read(diary, regimen, indication, seed)
    body: dict[str, Any] = {
        "status": found.status, "enough": found.enough, "responder": found.responder,
        "responder_before": found.responder_before, "parameters": _one(found.parameters), "n": found.used,
        "missing": found.missing, "acute": found.acute, "model": found.model, "prior": found.prior,
        "inside_its_data": found.inside, "seed": seed, "basis": list(found.basis), "sources": sources,
        "limits": list(found.limits),
    }  # fmt: skip
    if as_json:
        print_json("fit/1", body)
        return
    typer.echo(found.status)
    typer.echo(f"  responder  {found.responder:.0%} (before the diary {found.responder_before:.0%})")
    for name, band in _one(found.parameters).items():
        typer.echo(f"  {name:<16} {band['q50']:.3g} ({band['q10']:.3g}–{band['q90']:.3g})")
    for sentence in found.limits:
        typer.echo(f"· {sentence}")


def _one(parameters: Any) -> dict[str, dict[str, float]]:
    return {name: {q: row[0] for q, row in band.items()} for name, band in parameters.items()}
