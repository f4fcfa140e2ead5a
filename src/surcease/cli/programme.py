"""`surcease programme "0.35 mg/kg/h for 4 h" --weight 71 --vial "50 mg/mL" --bag "100 mL"`: calculated twice."""

from __future__ import annotations

import re
from dataclasses import asdict
from decimal import Decimal
from typing import TYPE_CHECKING, Annotated, Any

import typer

from surcease.cli.say import one_sentence, print_json

if TYPE_CHECKING:
    from surcease.care.programme import Programme
    from surcease.care.programme_check import Disagreement

ROUTES = re.compile(r"\b(iv|im|sc|in|sl|po)\b", re.IGNORECASE)
FIRST_TIME = re.compile(r"\b(over|for)\s+[\d.]+\s*[a-z]+", re.IGNORECASE)


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("programme")(programme)


def programme(
    order: Annotated[str, typer.Argument(help='One session, e.g. "0.35 mg/kg/h for 4 h"; iv unless it says sc.')],
    weight: Annotated[str, typer.Option(help="Dosing weight in kg.")],
    vial: Annotated[str, typer.Option(help='Vial strength, e.g. "50 mg/mL".')],
    bag: Annotated[str, typer.Option(help='Final volume of the bag, e.g. "100 mL".')],
    prepare: Annotated[str, typer.Option(help="withdraw (then add), add, or empty.")] = "withdraw",
    concentration: Annotated[str, typer.Option(help='Fixed concentration, e.g. "1 mg/mL".')] = "",
    overfill: Annotated[str, typer.Option(help="The bag's overfill, mL: a number of the site.")] = "",
    dead: Annotated[str, typer.Option(help="What stays in the line, mL: a number of the site.")] = "",
    as_json: Annotated[bool, typer.Option("--json")] = False,
) -> None:
    """What to draw, mix and set, in every dialect; a second, independent calculation stands behind each number."""
    from surcease.care import programme as first
    from surcease.care import programme_check as second
    from surcease.units import read_number

    with one_sentence(ValueError):
        said, assumed = _with_route(order)
        kg = read_number(weight.strip().removesuffix("kg"))
        if not 2 <= kg <= 500:
            raise ValueError(f"A weight of {weight} is not a person's: give 2 to 500 kg, for example 70.")
        made = first.programme(
            said, weight_kg=kg, vial=_quantity(vial, "mg/mL"),
            bag=first.Bag(_quantity(bag, "mL").value, prepare, _maybe(overfill), _maybe(dead)),
            concentration=_quantity(concentration, "mg/mL") if concentration else None,
        )  # fmt: skip
        again = second.recompute(
            said, second.Entries(f"{kg}", vial, bag), preparation=prepare, concentration=concentration,
            overfill_ml=overfill or "0",
        )  # fmt: skip
        differ = second.disagreements(made.figures(), again)
    if as_json:
        print_json("programme/1", _body(made, differ, assumed))
    else:
        _print(made, differ, assumed)
    if differ:
        raise typer.Exit(1)


def _with_route(order: str) -> tuple[str, tuple[str, ...]]:
    """The order with iv where it names no route, and what was assumed."""
    if ROUTES.search(order) or not FIRST_TIME.search(order):
        return order, ()
    return FIRST_TIME.sub(lambda found: f"{found[0]} iv", order, count=1), ("route iv",)


def _quantity(text: str, unit: str) -> Any:
    from surcease.units import Quantity, read_number

    found = re.fullmatch(r"\s*([\d.]+)\s*(\S*)\s*", text)
    if not found:
        raise ValueError(f"{text!r} is not a number with a unit: write for example 50 {unit}.")
    return Quantity.of(read_number(found[1]), found[2] or unit).to(unit)


def _maybe(text: str) -> Decimal | None:
    return _quantity(text, "mL").value if text else None


def _body(made: Programme, differ: tuple[Disagreement, ...], assumed: tuple[str, ...]) -> dict[str, Any]:
    return {
        "order": made.order,
        "assumed": [*assumed, f"{made.substance} ketamine" if made.substance == "racemic" else made.substance],
        "weight_kg": made.weight_kg,
        "mode": made.mode,
        "say": made.say,
        "prepare": made.prepare,
        **made.figures(),
        "ml_per_h": made.first.ml_per_h,
        "vial_mg_per_ml": made.vial_mg_per_ml,
        "bag_ml": made.bag.volume_ml,
        "preparation": made.mix.preparation,
        "left_over_mg": made.left_over_mg,
        "left_in_line_mg": made.left_in_line_mg,
        "stretches": [asdict(stretch) for stretch in made.stretches],
        "other_preparation": {**asdict(made.other), "ml_per_h": made.other_stretches[0].ml_per_h},
        "check": {"agrees": not differ, "disagreements": [asdict(d) | {"say": d.say} for d in differ]},
        "notes": list(made.notes),
    }


def _print(made: Programme, differ: tuple[Disagreement, ...], assumed: tuple[str, ...]) -> None:
    from surcease.units import plain

    typer.echo(made.say)
    typer.echo(f"{made.prepare} {plain(round(made.mix.mg_per_ml, 4))} mg/mL, {made.bags} bag.")
    for stretch in made.stretches[1:]:
        typer.echo(f"then {plain(stretch.ml_per_h)} mL/h = {plain(round(stretch.mg_per_h, 2))} mg/h")
    other = made.other
    typer.echo(
        f"If the drug is prepared the other way ({other.preparation}): {plain(round(other.mg_per_ml, 4))} mg/mL, "
        f"{plain(made.other_stretches[0].ml_per_h)} mL/h."
    )
    typer.echo("Second calculation: agrees." if not differ else "Second calculation: DIFFERS, do not use.")
    for line in (*(f"Assumed: {a}." for a in assumed), *(d.say for d in differ), *made.notes):
        typer.echo(line)
