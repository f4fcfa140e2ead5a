"""`surcease check-plan PLAN.yaml` or `--dose "0.5 mg/kg over 40 min iv" --weight 70`: is this order what was meant."""

from __future__ import annotations

from dataclasses import asdict
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from surcease.cli import findings as shown
from surcease.cli.say import one_sentence, print_json, refuse

if TYPE_CHECKING:
    from surcease.care.plan_check import PlanCheck
    from surcease.care.plan_forecast import PlanForecast
    from surcease.care.plan_order import PlanOrder


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("check-plan")(check_plan)


def check_plan(
    plan: Annotated[Path | None, typer.Argument(help="Plan file, YAML; examples/plans/ has some.")] = None,
    dose: Annotated[str, typer.Option(help='Dose text, e.g. "0.5 mg/kg over 40 min iv".')] = "",
    weight: Annotated[str, typer.Option(help="Weight in kg.")] = "",
    height: Annotated[str, typer.Option(help="Height in cm.")] = "",
    age: Annotated[str, typer.Option(help="Age in years.")] = "",
    sex: Annotated[str, typer.Option(help="female or male.")] = "",
    product: Annotated[str, typer.Option(help="Product, e.g. racemic_injection.")] = "",
    protocol: Annotated[str, typer.Option(help="Protocol to compare with, e.g. P09.")] = "",
    setting: Annotated[str, typer.Option(help="outpatient, inpatient, icu, emergency or home.")] = "",
    people: Annotated[int, typer.Option(min=0, max=100_000, help="Also test it on so many simulated people.")] = 0,
    systolic: Annotated[str, typer.Option(help="Resting systolic pressure, for the simulated people.")] = "",
    as_json: Annotated[bool, typer.Option("--json")] = False,
) -> None:
    """Every dose rule on a plan or on one dose text: what stops it, what is missing, and the dose in every dialect."""
    from surcease.care import plan_check as check
    from surcease.knowledge import load

    options = {"weight_kg": weight, "height_cm": height, "age_years": age, "sex": sex}
    named = {"product": product, "protocol": protocol, "setting": setting}
    with one_sentence(ValueError, OSError):
        order = _from_file(plan, dose) if plan is not None else _from_options(dose, options, named)
        result = check.check_plan(order, knowledge=load(), now=datetime.now(UTC))
        tested = _tested(order, result, people, systolic) if people else None
    if as_json:
        print_json("check-plan/1", _body(result) | ({} if tested is None else {"forecast": asdict(tested)}))
    else:
        _print(result)
        if tested is not None:
            _print_tested(tested)


def _tested(order: PlanOrder, result: PlanCheck, people: int, systolic: str) -> PlanForecast:
    from surcease.care.plan_forecast import Whom, forecast
    from surcease.knowledge import load
    from surcease.units import read_number

    age, dose = order.age_years, result.worked.computed
    whom = Whom(
        float(order.body.weight_kg), None if age is None else float(age),
        float(read_number(systolic)) if systolic else None,
    )  # fmt: skip
    observed = 1.0 if dose is None else float(dose.protocol.observation.to("h").value)
    return forecast(
        order.course_text(), whom, knowledge=load(), dose_kg=float(result.worked.dose_kg), observation_h=observed,
        people=people,
    )  # fmt: skip


def _print_tested(tested: PlanForecast) -> None:
    from surcease.care.plan_forecast import side_by_side

    typer.echo(f"{tested.people} simulated people of this weight and age; without: {'; '.join(tested.lacks)}.")
    for heading, cells in side_by_side((tested,)):
        typer.echo(f"  {heading:<38}{cells[0]}")


def _from_file(path: Path, dose: str) -> PlanOrder:
    from surcease.care.plan_order import read_plan
    from surcease.knowledge.yaml import load as load_yaml

    if dose:
        refuse("Give a plan file or --dose, not both.")
    if not path.is_file():
        refuse(f"There is no plan file {path}: examples/plans/ has some to start from.")
    return read_plan(load_yaml(path))


def _from_options(dose: str, person: dict[str, str], named: dict[str, str]) -> PlanOrder:
    from surcease.care.plan_order import read_plan
    from surcease.units import read_number

    if not dose:
        refuse('Nothing to check: give a plan file, or --dose "0.5 mg/kg over 40 min iv" --weight 70.')
    if not person["weight_kg"]:
        refuse("A dose is checked for a weight: add --weight in kilograms, for example --weight 70.")
    body: dict[str, Any] = {
        name: value if name == "sex" else read_number(value) for name, value in person.items() if value
    }
    return read_plan({"plan": {"dose": dose} | {k: v for k, v in named.items() if v}, "person": body})


def _body(result: PlanCheck) -> dict[str, Any]:
    worked = result.worked
    return {
        "outcome": str(result.outcome) if result.outcome else None,
        "may_be_signed": result.may_be_signed,
        "stopped_by": list(result.stopped_by),
        "missing": list(result.missing),
        "orders": list(result.said),
        "weight": worked.weight,
        "dose_weight_kg": worked.dose_kg,
        "protocol": None if worked.computed is None else _protocol(worked.computed),
        "findings": [shown.as_json(finding) for finding in result.findings],
    }


def _protocol(dose: Any) -> dict[str, Any]:
    from surcease.care.course import session_texts

    return {
        "id": dose.protocol.id,
        "version": dose.protocol.version,
        "orders": list(dict.fromkeys(session_texts(dose))),
        "caps": {cap.name: cap.says for cap in dose.caps},
        "halved": list(dose.halved),
    }


def _print(result: PlanCheck) -> None:
    for line in result.said:
        typer.echo(line)
    weight = result.worked.weight
    typer.echo(f"Dosing weight {_kg(result.worked.dose_kg)}. {weight.why}")
    shown.print_lines(result.findings)
    typer.echo("May be signed." if result.may_be_signed else f"May not be signed: {result.outcome}.")


def _kg(value: Decimal) -> str:
    from surcease.units import plain

    return f"{plain(value)} kg"
