"""`surcease score phq-9 2,2,2,2,1,1,2,0,0`: what the answers of an instrument come to."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from surcease.cli.say import one_sentence, print_json, refuse

if TYPE_CHECKING:
    from surcease.knowledge.instrument import Instrument
    from surcease.knowledge.score import Score


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("score")(score)


def score(
    instrument: Annotated[str, typer.Argument(help="Which instrument, e.g. phq-9; --list names them all.")] = "",
    answers: Annotated[
        str,
        typer.Argument(
            help="Answers in order, with commas (a blank between two commas is a missing one), or a JSON or YAML file: "
            "{item: answer, …}, {answers: {…}}, or a FHIR QuestionnaireResponse."
        ),
    ] = "",
    pack: Annotated[Path | None, typer.Option(help="Folder with the site's text packs.")] = None,
    list_all: Annotated[bool, typer.Option("--list", help="List the instruments.")] = False,
    as_json: Annotated[bool, typer.Option("--json")] = False,
) -> None:
    """Score the answers of an instrument; a blank is never 0."""
    from surcease.knowledge.score import score as compute
    from surcease.units import plain

    with one_sentence(ValueError, OSError):
        known = _known(pack)
        if list_all or not instrument:
            _list(known, as_json)
            return
        if instrument not in known:
            refuse(f"There is no instrument {instrument!r}: `surcease score --list` names them.")
        if not answers.strip():
            refuse("No answers were given: write them with commas, such as 2,2,2,2,1,1,2,0,0, or name a file.")
        chosen = known[instrument]
        result = compute(chosen, _answers(chosen, answers))
    if as_json:
        print_json("score/1", _body(chosen, result))
        return
    value = "no number" if result.value is None else plain(result.value)
    typer.echo(f"{chosen.short or chosen.title}: {value}" + (f", {result.band.label}" if result.band else ""))
    typer.echo(result.status)
    for trigger in result.triggers:
        typer.echo(f"! {trigger.say}")


def _known(pack: Path | None) -> dict[str, Instrument]:
    from surcease.knowledge.catalogue import catalogue, load_pack

    return dict(catalogue()) | ({i.id: i for i in load_pack(pack)} if pack else {})


def _answers(instrument: Instrument, given: str) -> dict[str, Any]:
    from surcease.knowledge.answers import positional

    path = Path(given)
    if path.suffix.lower() not in (".json", ".yaml", ".yml"):
        return positional(instrument, [part.strip() for part in given.split(",")])
    if not path.is_file():
        refuse(f"There is no file {given!r}: name a JSON or YAML file, or write the answers with commas.")
    raw = _read(path)
    if isinstance(raw, dict) and raw.get("resourceType") == "QuestionnaireResponse":
        return _of_response(instrument, raw)
    found = raw.get("answers", raw) if isinstance(raw, dict) else raw
    if isinstance(found, list):
        return positional(instrument, ["" if v is None else str(v) for v in found])
    if not isinstance(found, dict):
        refuse(f"{path.name} is not a list or a mapping of answers: write {{item: answer, …}}.")
    return found


def _read(path: Path) -> Any:
    from surcease.fhir.strict import parse, read_source
    from surcease.knowledge import yaml

    return parse(read_source(path).text, path.name) if path.suffix.lower() == ".json" else yaml.load(path)


def _of_response(instrument: Instrument, raw: dict[str, Any]) -> dict[str, Any]:
    from surcease.care.record import Origin
    from surcease.fhir.answers import response
    from surcease.fhir.book import book
    from surcease.fhir.origin import LeftOut

    try:
        found = response(raw, Origin("import"), book())
    except LeftOut as error:
        refuse(f"The QuestionnaireResponse cannot be scored: {error}.")
    if found.instrument != instrument.id:
        refuse(f"The QuestionnaireResponse answers {found.instrument}, not {instrument.id}: name that one.")
    return dict(found.items)


def _body(instrument: Instrument, result: Score) -> dict[str, Any]:
    scales = [
        {
            "id": s.id, "title": s.title, "score": s.value, "band": s.band.label if s.band else None,
            "range": [s.low, s.high], "missing": list(s.missing), "prorated": s.prorated,
        }
        for s in result.scales
    ]  # fmt: skip
    return {
        "instrument": instrument.id,
        "version": instrument.version,
        "score": result.value,
        "band": result.band.label if result.band else None,
        "band_grade": result.band.grade if result.band else None,
        "band_source": (result.band.source or None) if result.band else None,
        "status": result.status,
        "missing": list(result.missing),
        "prorated": result.prorated,
        "criteria_met": result.met,
        "scales": scales,
        "triggers": [{"item": t.item, "then": t.then, "say": t.say} for t in result.triggers],
        "unsettled": [{"item": t.item, "then": t.then} for t in result.unsettled],
    }


def _list(known: dict[str, Instrument], as_json: bool) -> None:
    rows = [
        {"id": i.id, "title": i.title, "items": len(i.scored), "minutes": i.minutes, "text": i.has_text}
        for i in sorted(known.values(), key=lambda i: i.id)
    ]
    if as_json:
        print_json("score-list/1", {"instruments": rows})
        return
    for row in rows:
        typer.echo(f"{row['id']:<28} {row['title']}" + ("" if row["text"] else "  [text to be loaded by the site]"))
