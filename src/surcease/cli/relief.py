"""`surcease relief "22.2 mg/h for 100 h iv esketamine"`: what weeks of relief a regimen may lead to."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any

import typer

from surcease.cli.reading import between, dose_command
from surcease.cli.say import one_sentence, print_json


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("relief", cls=dose_command())(relief)


def relief(
    dose: Annotated[str, typer.Argument(help='What is given, e.g. "22.2 mg/h for 100 h iv esketamine".')],
    weeks: Annotated[int, typer.Option(help="How many weeks from the first dose.")] = 12,
    prior: Annotated[str, typer.Option(help="rct (the trial) or routine (care outside trials).")] = "rct",
    model: Annotated[str, typer.Option(help="A model by id; the usual one by default.")] = "",
    weight: Annotated[float, typer.Option(help="Body weight in kg.")] = 70.0,
    population: Annotated[int, typer.Option(help="How many virtual people make the bands.")] = 1000,
    seed: Annotated[int, typer.Option(help="The same seed gives the same people.")] = 1,
    plot: Annotated[Path | None, typer.Option(help="Draw it to a .svg or .png file.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Everything as JSON.")] = False,
) -> None:
    """Relief by week for people who respond and people who do not; the model is reconstructed."""
    with one_sentence(ValueError, OSError):
        between(weeks, 1, 52, "A number of weeks", "--weeks 12")
        between(population, 1, 1_000_000, "A population", "--population 1000")
        body = _answer(dose, weeks, prior, model, weight, population, seed)
        if plot:
            _draw(body, plot)
    if as_json:
        print_json("relief/1", body)
    else:
        _show(body)


def _answer(
    dose: str, weeks: int, prior: str, model_id: str, weight: float, population: int, seed: int
) -> dict[str, Any]:
    from surcease.cli.simulate_body import cited
    from surcease.knowledge.effect import default_model, relief_prior
    from surcease.knowledge.library import load
    from surcease.pkpd.outlook import outlook
    from surcease.pkpd.regimen import parse
    from surcease.pkpd.subject import Subject

    knowledge, regimen = load(), parse(dose)
    absolute = regimen.for_weight(Decimal(str(weight)))
    believed = relief_prior(knowledge, prior)
    model = knowledge.model(model_id) if model_id else default_model(knowledge, regimen, order="relief_order")
    listed = list(range(1, weeks + 1))
    seen = outlook(
        believed, model, absolute, [168.0 * w for w in listed], people=population, seed=seed, subject=Subject(weight)
    )
    names = ("q10", "q50", "q90")
    return {
        "model": model.id,
        "prior": believed.id,
        "label": believed.label,
        "regimen": regimen.text(),
        "total_mg": float(absolute.total_mg()),
        "weight_kg": weight,
        "weeks": listed,
        "people": population,
        "seed": seed,
        "responder_share": dict(zip(names, seen.responder_share, strict=True)),
        "drug_term": seen.drug_term,
        "responder": dict(zip(names, seen.responder, strict=True)),
        "responder_drug": dict(zip(names, seen.responder_drug, strict=True)),
        "non_responder": dict(zip(names, seen.non_responder, strict=True)),
        "mean_drug": dict(zip(names, seen.mean_drug, strict=True)),
        "assumptions": list(regimen.assumptions()),
        "basis": dict(believed.basis),
        "sources": [*cited(knowledge, believed.sources), model.citation],
        "limits": list(dict.fromkeys(seen.limits)),
    }


def _draw(body: dict[str, Any], path: Path) -> None:
    from surcease.charts.outlook import Expected
    from surcease.charts.outlook import relief as chart
    from surcease.cli.picture import write

    def band(name: str) -> dict[str, list[float]]:
        return {q: curve.tolist() for q, curve in body[name].items()}

    share = float(body["responder_share"]["q50"])
    write(chart(Expected(body["weeks"], band("responder"), band("non_responder"), share, body["prior"])), path)


def _show(body: dict[str, Any]) -> None:
    from rich.console import Console
    from rich.table import Table

    share = [round(100 * float(body["responder_share"][q])) for q in ("q50", "q10", "q90")]
    table = Table(title=f"Share of the pain relieved, {body['prior']} prior ({body['label']})", title_justify="left")
    for head in ("week", "if this person responds", "if not", "mean of all, drug alone"):
        table.add_column(head, justify="right")
    for n, week in enumerate(body["weeks"]):
        table.add_row(str(week), *(_band(body[k], n) for k in ("responder", "non_responder", "mean_drug")))
    console = Console(highlight=False)
    console.print(f"{body['regimen']}  {body['total_mg']:g} mg in all, {body['weight_kg']:g} kg", markup=False)
    console.print(table)
    console.print(f"· Believed to respond to the drug: {share[0]} % ({share[1]}–{share[2]}).", markup=False)
    for sentence in (*body["limits"], *(f"Source: {s}" for s in body["sources"])):
        console.print(f"· {sentence}", markup=False)


def _band(band: dict[str, Any], n: int) -> str:
    low, middle, high = (round(100 * float(band[q][n])) for q in ("q10", "q50", "q90"))
    return f"{middle} % ({low}–{high})"
