"""`surcease fit FILE --regimen regimen.yaml`: what a diary says of relief, or measured levels of the kinetics."""

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
    file: Annotated[
        Path, typer.Argument(help="CSV: a diary (at,score[,site]) or levels (at,ng_per_ml); blank = none.")
    ],
    regimen: Annotated[Path, typer.Option(help="YAML with weight_kg and doses: [{start, text}].")],
    indication: Annotated[str, typer.Option(help="What is treated, e.g. crps; unknown when left out.")] = "",
    model: Annotated[str, typer.Option(help="For levels: the model, see `surcease models`.")] = "",
    seed: Annotated[int, typer.Option(help="The same seed gives the same answer.")] = 1,
    as_json: Annotated[bool, typer.Option("--json", help="Everything as JSON.")] = False,
) -> None:
    """Parameters of one person, with bands: of relief from a diary, of the kinetics from measured levels."""
    from surcease.care.levels_file import is_levels

    with one_sentence(ValueError, OSError, KeyError):
        body = _levels(file, regimen, model, seed) if is_levels(file) else _diary(file, regimen, indication, seed)
    if as_json:
        print_json("fit/1", body)
        return
    typer.echo(body["status"])
    if "responder" in body:
        typer.echo(f"  responder  {body['responder']:.0%} (before the diary {body['responder_before']:.0%})")
    for name, band in body["parameters"].items():
        typer.echo(f"  {name:<16} {band['q50']:.3g} ({band['q10']:.3g}–{band['q90']:.3g})")
    for sentence in body["limits"]:
        typer.echo(f"· {sentence}")


def _diary(file: Path, regimen: Path, indication: str, seed: int) -> dict[str, Any]:
    found, sources = read(file, regimen, indication, seed)
    return {
        "of": "diary", "status": found.status, "enough": found.enough, "responder": found.responder,
        "responder_before": found.responder_before, "parameters": _one(found.parameters), "n": found.used,
        "missing": found.missing, "acute": found.acute, "model": found.model, "prior": found.prior,
        "inside_its_data": found.inside, "seed": seed, "basis": list(found.basis), "sources": sources,
        "limits": list(found.limits),
    }  # fmt: skip


def _levels(file: Path, regimen: Path, wanted: str, seed: int) -> dict[str, Any]:
    import numpy as np

    from surcease.care.diary_scores import from_file
    from surcease.care.levels_file import on_clock, read_levels
    from surcease.knowledge.effect import default_model
    from surcease.knowledge.library import load
    from surcease.knowledge.yaml import load as load_yaml
    from surcease.pkpd.individual import individual
    from surcease.pkpd.person_pk import fit_levels, predict
    from surcease.pkpd.subject import Subject

    if not regimen.is_file():
        raise FileNotFoundError(f"There is no file {regimen.name}: give a YAML file with weight_kg and doses.")
    treated, knowledge = from_file(load_yaml(regimen), name=regimen.name), load()
    assert treated.regimen is not None
    model = knowledge.model(wanted) if wanted else default_model(knowledge, treated.regimen)
    seen, whom = on_clock(read_levels(file), treated), Subject(weight_kg=treated.weight_kg)
    person = fit_levels(model, treated.regimen, seen, subject=whom, seed=seed)
    values = individual(model, weight_kg=treated.weight_kg, etas=person.by_name())
    expected = predict(person, model, treated.regimen, seen.times_h, subject=whom) if len(seen.times_h) else None
    return {
        "of": "levels", "status": person.status.sentence, "enough": bool(len(seen.times_h)), "model": model.id,
        "parameters": {name: _band(np.asarray(values[name], float)) for name in person.names},
        "units": {name: model.parameters[name].unit for name in person.names}, "n": len(seen.times_h),
        "times_h": seen.times_h, "measured_ng_per_ml": seen.ng_per_ml,
        "bands": {} if expected is None else _bands(expected), "effective_draws": person.effective, "seed": seed,
        "weight_kg": treated.weight_kg, "sources": [model.citation],
        "limits": [*treated.said, *person.limits],
    }  # fmt: skip


def _band(drawn: Any) -> dict[str, float]:
    import numpy as np

    return dict(zip(("q10", "q50", "q90"), map(float, np.quantile(drawn, (0.1, 0.5, 0.9))), strict=True))


def _bands(drawn: Any) -> dict[str, Any]:
    import numpy as np

    return dict(zip(("q10", "q50", "q90"), np.quantile(drawn, (0.1, 0.5, 0.9), axis=0).tolist(), strict=True))


def _one(parameters: Any) -> dict[str, dict[str, float]]:
    return {name: {q: row[0] for q, row in band.items()} for name, band in parameters.items()}
