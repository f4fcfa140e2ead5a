"""`surcease models` and `models show ID`: the pharmacokinetic models, whom they were fitted on, what to doubt."""

from __future__ import annotations

from collections.abc import Sequence
from math import exp
from typing import TYPE_CHECKING, Annotated, Any

import typer

from surcease.cli.say import one_sentence, print_json

if TYPE_CHECKING:
    from surcease.pkpd.model import Model, Parameter

Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]


def register(app: typer.Typer) -> None:
    """Add the group of commands."""
    group = typer.Typer(invoke_without_command=True, help="The models: list, show.")
    group.callback()(listing)
    group.command("show")(show)
    app.add_typer(group, name="models")


def listing(context: typer.Context, as_json: Json = False) -> None:
    """List every model: name, substance, routes, sampling site, population, grade."""
    if context.invoked_subcommand:
        return
    from surcease import knowledge

    with one_sentence(ValueError):
        models = [knowledge.model(name) for name in sorted(knowledge.load().models)]
    if as_json:
        print_json("models/1", {"models": [_summary(m) for m in models]})
        return
    rows = [(m.id, m.substance, " ".join(m.routes), _site(m), m.grade, m.population.text) for m in models]
    _table(("name", "substance", "routes", "site", "grade", "population"), rows)


def show(model_id: Annotated[str, typer.Argument(metavar="ID")], as_json: Json = False) -> None:
    """Show one model with its parameters, its source and its limits."""
    from surcease import knowledge

    with one_sentence(ValueError):
        model = knowledge.model(model_id)
    if as_json:
        print_json("model/1", _whole(model))
        return
    typer.echo(f"{model.id}: {model.title}\n{model.citation}\n")
    typer.echo(f"Use         {model.use}\nPeople      {model.population.text}\nSubstance   {model.substance}")
    typer.echo(f"Sampled     {_site(model)}\nWeight      {model.allometry}\nGrade       {model.grade}\n")
    for route in model.routes.values():
        typer.echo(f"Route {route.name:<5} {route.grade}" + (f": {route.note}" if route.note else ""))
    typer.echo()
    rows = [(p.name, p.published, _varies(p), p.grade) for p in model.parameters.values()]
    _table(("parameter", "value", "between people", "grade"), rows)
    for heading, sentences in (("Limits", model.limits), ("Doubts", model.doubts)):
        typer.echo("\n" + "\n".join([heading, *(f"  {s}" for s in sentences)]) if sentences else "", nl=bool(sentences))


def _summary(model: Model) -> dict[str, Any]:
    return {
        "name": model.id,
        "title": model.title,
        "substance": model.substance,
        "routes": list(model.routes),
        "analytes": list(model.analytes),
        "site": model.site,
        "population": model.population.text,
        "grade": model.grade,
        "source": model.source,
    }


def _whole(model: Model) -> dict[str, Any]:
    routes = {r.name: {"grade": r.grade, "note": r.note} for r in model.routes.values()}
    parameters = {p.name: _parameter(p) for p in model.parameters.values()}
    residual = {
        a.name: {
            "proportional": a.residual.proportional,
            "additive_ng_per_ml": a.residual.additive_ng_per_ml,
            "borrowed": a.residual.borrowed,
            "trust": a.trust,
        }
        for a in model.analytes.values()
    }
    flows = [{"from": f.source, "to": f.target} for f in model.flows]
    covariances = [{"of": [c.first, c.second], "value": c.value} for c in model.covariances]
    return _summary(model) | {
        "routes": routes, "site_grade": model.site_grade, "use": model.use, "allometry": model.allometry,
        "citation": model.citation, "parameters": parameters, "covariances": covariances, "flows": flows,
        "residual": residual, "limits": list(model.limits), "doubts": list(model.doubts),
    }  # fmt: skip


def _parameter(parameter: Parameter) -> dict[str, Any]:
    varies = parameter.variability
    return {
        "value": parameter.value,
        "unit": parameter.unit,
        "published": parameter.published,
        "weight_power": parameter.weight_power,
        "omega2": varies.omega2,
        "nu2": varies.nu2,
        "scale": varies.scale,
        "borrowed": varies.borrowed,
        "relative_se": parameter.relative_se,
        "grade": parameter.grade,
    }


def _site(model: Model) -> str:
    return f"{model.site} ({model.site_grade})" if model.site_grade else model.site


def _varies(parameter: Parameter) -> str:
    """Spread between people in words: a coefficient of variation, or a standard deviation on the logit scale."""
    varies = parameter.variability
    variance = varies.omega2 + varies.nu2
    if not variance:
        return ""
    if varies.scale == "logit":
        words = f"SD {variance**0.5:.2f} on the logit"
    else:
        words = f"CV {100 * (exp(variance) - 1) ** 0.5:.0f} %"
    return words + (", borrowed" if varies.borrowed else "")


def _table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    widths = [max(len(r[i]) for r in (heads, *rows)) for i in range(len(heads))]
    for row in (heads, *rows):
        typer.echo("  ".join(f"{cell:<{w}}" for cell, w in zip(row, widths, strict=True)).rstrip())
