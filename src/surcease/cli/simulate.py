"""`surcease simulate "0.5 mg/kg over 40 min iv"`: what concentration and effect a regimen leads to."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from surcease.cli.reading import between, dose_command, level, times
from surcease.cli.say import one_sentence, print_json


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("simulate", cls=dose_command())(simulate)


def simulate(
    dose: Annotated[str, typer.Argument(help='What is given, e.g. "0.5 mg/kg over 40 min iv every 24 h x 10".')],
    model: Annotated[str, typer.Option(help="A model by id, or all that fit; the usual one by default.")] = "",
    weight: Annotated[float, typer.Option(help="Body weight in kg.")] = 70.0,
    at: Annotated[str, typer.Option(help="Times from the first dose, e.g. 20min,40min,2h.")] = "",
    population: Annotated[int, typer.Option(help="How many virtual people make the band.")] = 1000,
    seed: Annotated[int, typer.Option(help="The same seed gives the same people.")] = 1,
    age: Annotated[float | None, typer.Option(help="Age in years.")] = None,
    ancestry: Annotated[str, typer.Option(help="asian or japanese, where a model knows it.")] = "",
    with_: Annotated[
        list[str] | None, typer.Option("--with", help="What changes exposure, e.g. clarithromycin, renal.")
    ] = None,
    effects: Annotated[str, typer.Option(help="Acute effects to show: names with commas, or all.")] = "",
    norketamine: Annotated[bool, typer.Option(help="Let norketamine oppose analgesia (studies disagree).")] = False,
    metabolites: Annotated[bool, typer.Option(help="Bands of the metabolites too.")] = False,
    against: Annotated[str, typer.Option(help="A measured level, e.g. 142ng/mL@45min: its percentile.")] = "",
    sample: Annotated[str, typer.Option(help="Where the sample was drawn: venous or arterial.")] = "venous",
    plot: Annotated[Path | None, typer.Option(help="Draw it to a .svg or .png file.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Everything as JSON.")] = False,
) -> None:
    """Predict concentrations with a band between people, from one model or from all that fit."""
    with one_sentence(ValueError, OSError):
        from surcease.cli.simulate_body import Request
        from surcease.cli.simulate_body import simulate as answer
        from surcease.knowledge.library import load

        if sample not in ("venous", "arterial"):
            raise ValueError(f'"{sample}" is not a place to draw blood here: write venous or arterial.')
        asked = Request(
            dose=dose, model=model, weight_kg=weight, times_h=times(at) if at else (), seed=seed,
            people=int(between(population, 1, 1_000_000, "A population", "--population 1000")),
            against=level(against) if against else None, sample_site=sample, known=_known(age, ancestry),
            changes=with_ or [], effects=[e for e in effects.split(",") if e], norketamine=norketamine,
            metabolites=metabolites,
        )  # fmt: skip
        with _progress(asked.people) as tick:
            body = answer(asked, load(), tick=tick)
        if plot:
            _draw(asked, plot)
    if as_json:
        print_json("simulate/1", body)
    else:
        from surcease.cli.simulate_text import show

        show(body)


def _known(age: float | None, ancestry: str) -> dict[str, object]:
    known: dict[str, object] = {}
    if age is not None:
        known["age_years"] = between(age, 0, 120, "An age", "--age 45")
    if ancestry:
        if ancestry not in ("asian", "japanese"):
            raise ValueError(f'"{ancestry}" is not an ancestry a model here knows: write asian or japanese.')
        known["ancestry"] = ancestry
    return known


def _progress(people: int) -> Any:
    """A bar on standard error while many people are solved; nothing for few."""
    from contextlib import nullcontext

    if people < 50_000:
        return nullcontext()
    from surcease.cli.bar import bar

    return bar(f"{people:,} people".replace(",", "\u2009"))


def _draw(asked: Any, path: Path) -> None:
    """A curve through the whole course, dense in time, to ``path``."""
    from surcease.cli.picture import simulated, write

    write(simulated(asked), path)
