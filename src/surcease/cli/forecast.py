"""`surcease forecast diary.csv --regimen regimen.yaml`: what this person's coming weeks may look like."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from surcease.cli.say import one_sentence, print_json

if TYPE_CHECKING:
    from surcease.care.forecast import Forecast


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("forecast")(forecast)


def forecast(
    diary: Annotated[Path, typer.Argument(help="CSV with the columns at,score[,site]; blank = missing.")],
    regimen: Annotated[Path, typer.Option(help="YAML with weight_kg and doses: [{start, text}].")],
    indication: Annotated[str, typer.Option(help="What is treated, e.g. crps; unknown when left out.")] = "",
    seed: Annotated[int, typer.Option(help="The same seed gives the same answer.")] = 1,
    as_json: Annotated[bool, typer.Option("--json", help="Everything as JSON.")] = False,
) -> None:
    """Bands of the score by week for 12 weeks after the last entry, and the chance of being a responder.

    Doses of the regimen that start after the last entry are planned: "when would I know?" is answered for each.
    """
    with one_sentence(ValueError, OSError):
        found, sources = read(diary, regimen, indication, seed)
    body = _body(found, sources)
    if as_json:
        print_json("forecast/1", body)
        return
    typer.echo(found.status)
    typer.echo(f"  responder  {found.responder:.0%} (before the diary {found.responder_before:.0%})")
    for n, week in enumerate(body["weeks"]):
        low, middle, high = (body["bands"][q][n] for q in ("q10", "q50", "q90"))
        typer.echo(f"  week {week:>2}  {middle:.1f} ({low:.1f}–{high:.1f})")
    for one in found.knowing:
        typer.echo(f"  know by    {one.on} (after {one.session} more): {one.chance:.0%}")
    typer.echo(f"  booster    {body['booster']['first'] or body['booster']['why']}")
    for sentence in found.limits:
        typer.echo(f"· {sentence}")


def read(diary: Path, regimen: Path, indication: str, seed: int) -> tuple[Forecast, list[str]]:
    """The forecast of two files as of the last entry, and its sources. ValueError or OSError, one sentence."""
    from surcease.care.diary_file import read_diary
    from surcease.care.diary_scores import from_file, given_and_planned
    from surcease.care.forecast import of
    from surcease.cli.simulate_body import cited
    from surcease.knowledge.effect import relief_prior
    from surcease.knowledge.library import load
    from surcease.knowledge.yaml import load as load_yaml

    entries = read_diary(diary)
    if not regimen.is_file():
        raise FileNotFoundError(f"There is no file {regimen.name}: give a YAML file with weight_kg and doses.")
    raw, knowledge = load_yaml(regimen), load()
    as_of = max((e.local_date for e in entries), default=from_file(raw, name=regimen.name).zero.date())
    treated, planned = given_and_planned(raw, name=regimen.name, as_of=as_of)
    found = of(entries, treated, indication=indication, knowledge=knowledge, as_of=as_of, planned=planned, seed=seed)
    prior = relief_prior(knowledge, found.prior)
    return found, [*cited(knowledge, prior.sources), knowledge.model(found.model).citation]


def _body(found: Forecast, sources: list[str]) -> dict[str, Any]:
    weeks = list(range(1, len(found.days) // 7 + 1))
    return {
        "status": found.status, "enough": found.enough, "responder": found.responder,
        "responder_before": found.responder_before, "as_of": found.as_of, "weeks": weeks,
        "bands": {q: [row[7 * w - 1] for w in weeks] for q, row in found.bands.items()},
        "knowing": [{"session": k.session, "on": k.on, "chance": k.chance} for k in found.knowing],
        "loss_of_response": _loss(found.loss),
        "booster": {"first": found.booster.first, "last": found.booster.last, "why": found.booster.why},
        "n": found.used, "missing": found.missing, "acute": found.acute, "model": found.model, "prior": found.prior,
        "inside_its_data": found.inside, "seed": found.seed, "inputs": found.inputs, "basis": list(found.basis),
        "sources": sources, "limits": list(found.limits),
    }  # fmt: skip


def _loss(loss: tuple[date | None, date | None, date | None]) -> dict[str, date | None]:
    return dict(zip(("q10", "q50", "q90"), loss, strict=True))
