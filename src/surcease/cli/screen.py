"""`surcease screen BUNDLE.json [--facts facts.yaml]`: may this person be treated, and what is missing to know."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from surcease.cli import findings as shown
from surcease.cli.say import one_sentence, print_json, refuse

if TYPE_CHECKING:
    from surcease.care.eligibility import Eligibility
    from surcease.knowledge import Knowledge
    from surcease.knowledge.fact import Facts


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("screen")(screen)


def screen(
    bundle: Annotated[Path | None, typer.Argument(help="FHIR R4 bundle or NDJSON, plain or .gz.")] = None,
    facts: Annotated[Path | None, typer.Option(help="YAML: name: value, or {value, unit, at, source}.")] = None,
    person: Annotated[str, typer.Option(help="Which person, when the file holds several.")] = "",
    at: Annotated[str, typer.Option(help="Decide as of this moment, ISO with offset; now, unless given.")] = "",
    stage: Annotated[str, typer.Option(help="intake, plan, day, review or home.")] = "intake",
    change: Annotated[bool, typer.Option(help="Also list the fewest facts that would make it milder.")] = False,
    as_json: Annotated[bool, typer.Option("--json")] = False,
) -> None:
    """Every rule of the stage on one person: the decision, all findings, what is missing and from whom."""
    from surcease.care.eligibility import assess
    from surcease.knowledge import load
    from surcease.knowledge.rule import STAGES

    if bundle is None and facts is None:
        refuse("Nothing to screen: give a FHIR bundle, a facts file with --facts, or both.")
    if stage not in STAGES:
        refuse(f"The stage {stage!r} is not known: use one of {', '.join(STAGES)}.")
    with one_sentence(ValueError, OSError):
        now = _moment(at)
        knowledge = load()
        known = _facts(bundle, facts, person, now, knowledge)
        result = assess(known, knowledge, now=now, stage=stage)
    if as_json:
        print_json("screen/1", _body(result, knowledge, change))
    else:
        _print(result, knowledge, change)


def _moment(text: str) -> datetime:
    if not text:
        return datetime.now(UTC)
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _facts(bundle: Path | None, file: Path | None, person: str, now: datetime, knowledge: Knowledge) -> Facts:
    """What the record says, and over it what the facts file says."""
    from surcease.knowledge.fact import Facts
    from surcease.knowledge.facts import read
    from surcease.knowledge.yaml import load as load_yaml

    known: dict[str, Any] = {}
    if bundle is not None:
        known.update(_derived(bundle, person, now, knowledge).known)
    if file is not None:
        raw = load_yaml(file)
        if not isinstance(raw, dict):
            raise ValueError(f"{file.name} is not a facts file: write one `name: value` per line.")
        stated = read(raw, knowledge.facts, now=now, source=file.name)
        for name in raw:  # null makes a fact unknown, whatever the record says
            known.pop(name, None)
        known.update(stated.known)
    return Facts(known)


def _derived(bundle: Path, person: str, now: datetime, knowledge: Knowledge) -> Facts:
    from surcease.care.facts import derive
    from surcease.fhir import read_bundle

    people = [read.record for read in read_bundle(bundle)]
    chosen = [r for r in people if r.person.id == person] if person else people
    if len(chosen) != 1:
        ids = ", ".join(r.person.id for r in people[:5])
        raise ValueError(
            f"{bundle.name} holds {len(people)} persons{f' and none is {person}' if person and not chosen else ''}: "
            f"name one with --person, such as {ids}." if people else f"{bundle.name} holds no person."
        )  # fmt: skip
    return derive(chosen[0], now=now, knowledge=knowledge)


def _body(result: Eligibility, knowledge: Knowledge, change: bool) -> dict[str, Any]:
    """The JSON body: decision first, then everything it stands on."""
    from surcease.care.change import what_would_change
    from surcease.care.decision import facts_as_data

    body: dict[str, Any] = {
        "decision": str(result.outcome or "INFO"),
        "headline": result.headline,
        "at": result.at,
        "stage": result.stage,
        "knowledge": result.knowledge,
        "counts": {
            "stop": len(result.stops), "to_settle": len(result.to_settle), "missing": len(result.missing),
        },
        "findings": [shown.as_json(f) for f in result.findings],
        "missing": result.missing,
        "facts": facts_as_data(result.facts),
    }  # fmt: skip
    return body | ({"change": what_would_change(result, knowledge)} if change else {})


def _print(result: Eligibility, knowledge: Knowledge, change: bool) -> None:
    from surcease.care.change import what_would_change
    from surcease.care.eligibility import by_owner

    typer.echo(f"{result.outcome or 'INFO'}: {result.headline}")
    shown.print_lines(result.findings)
    for owner, group in by_owner(result.missing).items():
        typer.echo(f"Missing, {owner.replace('_', ' ')}:")
        for one in group:
            typer.echo(f"  {one.name}: {one.question or one.label} ({one.because})")
    if change:
        flip = what_would_change(result, knowledge)
        typer.echo(f"Would become {flip.then} with:" if flip.changes else "No fact that can change makes it milder.")
        for c in flip.changes:
            typer.echo(f"  {c.label}: {c.now} → {c.needed}")
