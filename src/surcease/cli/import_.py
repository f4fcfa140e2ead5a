"""`surcease import FILE…`: FHIR R4 records into the clinic, with an account of every resource."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from surcease.cli.say import one_sentence, print_json, refuse

if TYPE_CHECKING:
    from surcease.fhir import Read
    from surcease.fhir.strict import Source


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("import")(import_)


def import_(
    files: Annotated[list[Path], typer.Argument(help="FHIR R4 bundles or NDJSON, plain or .gz.")],
    home: Annotated[Path | None, typer.Option(help="Home folder (or SURCEASE_HOME).")] = None,
    site: Annotated[str, typer.Option(help="Whose patients they become, when the clinic has several sites.")] = "",
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Read and report; write nothing, need no database.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object instead of words.")] = False,
) -> None:
    """Read FHIR R4 files and take everyone in them in. The same file again changes nothing.

    A file that is broken or too large is refused with one sentence and nothing of it is imported; the exit code
    is then 2. NDJSON files and single resources of one command belong together; each Bundle stands alone.
    """
    asked = _read(files)
    fates = [Fate("read", "") for _ in asked.reads] if dry_run else _write(asked, home, site)
    if as_json:
        print_json("import/1", _body(asked, fates, dry_run))
    else:
        _print(asked, fates)
    for sentence in asked.refused.values():
        typer.echo(sentence, err=True)
    if asked.refused:
        raise typer.Exit(2)


@dataclass(frozen=True, slots=True)
class Asked:
    """What the files held: those that could be read, everyone in them, and the sentences of those refused."""

    sources: list[Source]
    reads: list[Read]
    refused: Mapping[Path, str]


@dataclass(frozen=True, slots=True)
class Fate:
    """What became of one person: read | new | updated | unchanged | refused."""

    word: str
    patient: str
    added: int = 0
    replaced: int = 0
    unchanged: int = 0
    refused: str = ""


def _read(files: list[Path]) -> Asked:
    """Read each file alone first, so that a broken one takes nobody else with it."""
    from surcease.fhir import FhirError, read_sources
    from surcease.fhir.bundle import worlds
    from surcease.fhir.strict import read_source

    sources: list[Source] = []
    refused: dict[Path, str] = {}
    for path in dict.fromkeys(files):
        try:
            source = read_source(path)
            worlds([source])
        except FhirError as error:
            refused[path] = str(error)
        else:
            sources.append(source)
    with one_sentence(FhirError):  # two files that contradict each other
        return Asked(sources, read_sources(sources), refused)


def _write(asked: Asked, home: Path | None, site: str) -> list[Fate]:
    if not asked.reads:
        return []
    if find_spec("django") is None:
        refuse("The web part is not installed: use --dry-run, or install surcease with its extra 'web'.")
    from surcease.web import start
    from surcease.web.home import Home
    from surcease.web.lock import HomeIsBusy, held

    with one_sentence(HomeIsBusy, ValueError, PermissionError):
        place = Home.at(home) if home else Home.from_environment()
        with held(place):
            start.set_up(place)
            start.prepare(static=False)
            from surcease.web.interop.command import import_files

            outcomes = import_files(asked.sources, asked.reads, site=site)
    return [
        Fate(o.word, str(o.patient.pk) if o.patient else "", o.added, o.replaced, o.unchanged, o.refused)
        for o in outcomes
    ]


def _body(asked: Asked, fates: list[Fate], dry_run: bool) -> dict[str, Any]:
    """The JSON body: per file whether it was refused, per person what was read, mapped, kept unmapped and why."""
    files = [{"file": s.name, "sha256": s.sha256, "refused": None} for s in asked.sources]
    files += [{"file": p.name, "sha256": None, "refused": why} for p, why in asked.refused.items()]
    people = [_person(read, fate) for read, fate in zip(asked.reads, fates, strict=True)]
    return {"dry_run": dry_run, "files": files, "patients": people}


def _person(read: Read, fate: Fate) -> dict[str, Any]:
    person, report = read.record.person, read.report
    return {
        "file": report.source,
        "id": fate.patient or None,
        "name": person.name,
        "born": person.born,
        "sex": str(person.sex),
        "deceased": person.deceased,
        "identifiers": [{"system": s, "value": v} for s, v in person.identifiers],
        "outcome": fate.word,
        "refused": fate.refused or None,
        "added": fate.added,
        "replaced": fate.replaced,
        "unchanged": fate.unchanged,
        "read": report.read,
        "mapped": report.mapped,
        "unmapped": [{"resource": u.resource, "what": u.what, "why": u.why, "count": u.count} for u in report.unmapped],
        "notes": report.notes,
    }


def _print(asked: Asked, fates: list[Fate]) -> None:
    for read, fate in zip(asked.reads, fates, strict=True):
        person, report = read.record.person, read.report
        who = person.name or f"Somebody called {person.id!r}"
        born = f", born {person.born}" if person.born else ""
        typer.echo(f"{who}{born} ({report.source}): {_said(fate)}")
        typer.echo(f"  read {sum(report.read.values())}: {_counted(report.read)}")
        typer.echo(f"  mapped {sum(report.mapped.values())}: {_counted(report.mapped) or 'nothing'}")
        for line in _unmapped(read):
            typer.echo(f"  {line}")
        for note in report.notes:
            typer.echo(f"  note: {note}")
    if not asked.reads and not asked.refused:
        typer.echo("Nobody is in these files.")


def _said(fate: Fate) -> str:
    if fate.word == "read":
        return "read, not written"
    if fate.word == "refused":
        return fate.refused
    if fate.word == "unchanged":
        return f"nothing new ({fate.unchanged} entries are here already)"
    new = "new patient" if fate.word == "new" else "known patient"
    return f"{new}, {fate.added} entries added, {fate.replaced} replaced, {fate.unchanged} unchanged"


def _counted(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{kind} {n}" for kind, n in counts.items())


def _unmapped(read: Read) -> Iterable[str]:
    """Kept unmapped, by kind and reason; what they were about is counted, not listed, when it is much."""
    total: Counter[tuple[str, str]] = Counter()
    about: dict[tuple[str, str], list[str]] = {}
    for kept in read.report.unmapped:
        total[kept.resource, kept.why] += kept.count
        if kept.what:
            about.setdefault((kept.resource, kept.why), []).append(kept.what)
    for (kind, why), count in total.items():
        named = about.get((kind, why), [])
        words = f" ({', '.join(named[:3])}{', …' if len(named) > 3 else ''})" if named else ""
        yield f"kept unmapped {count} {kind}: {why}{words}"
