"""`surcease rules`, `rules show ID`, `rules facts`, `rules diff REV`: the knowledge, read and compared."""

from __future__ import annotations

import io
import subprocess
import tarfile
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from surcease.cli.say import one_sentence, print_json, refuse

if TYPE_CHECKING:
    from surcease.knowledge import Knowledge
    from surcease.knowledge.rule import Rule

Json = Annotated[bool, typer.Option("--json")]


def register(app: typer.Typer) -> None:
    """Add the group of commands."""
    group = typer.Typer(invoke_without_command=True, help="The rules: list, show, compare.")
    group.callback()(listing)
    group.command("show")(show)
    group.command("facts")(facts)
    group.command("diff")(diff)
    app.add_typer(group, name="rules")


def listing(
    context: typer.Context,
    topic: Annotated[str, typer.Option(help="Only this topic.")] = "",
    stage: Annotated[str, typer.Option(help="Only this stage.")] = "",
    as_json: Json = False,
) -> None:
    """List every rule: id, outcome, stage, grade, source, title."""
    if context.invoked_subcommand:
        return
    knowledge = _knowledge()
    rules = [r for r in knowledge.rules if topic in ("", r.topic) and (not stage or stage in r.stages)]
    if as_json:
        assumed = sum(r.grade == "assumption" for r in knowledge.rules)
        default = sum(r.grade == "site_default" for r in knowledge.rules)
        print_json(
            "rules/1",
            {"knowledge": knowledge.hash, "assumptions": assumed, "site_defaults": default,
             "rules": [_summary(r) for r in rules]},
        )  # fmt: skip
        return
    for r in rules:
        typer.echo(f"{r.id:<11}{r.outcome:<8}{','.join(r.stages):<15}{r.source.key:<20}{r.title}")


def show(rule_id: Annotated[str, typer.Argument(metavar="ID")], as_json: Json = False) -> None:
    """Show one rule with its words, its numbers and its cases."""
    from surcease.knowledge.cases import cases_of

    knowledge = _knowledge()
    with one_sentence(ValueError):
        try:
            rule = knowledge.rule(rule_id)
        except KeyError as error:
            refuse(error.args[0])
        cases = cases_of(rule)
    document = knowledge.documents[f"rules/{rule.topic}/{rule.id}.yaml"]
    if as_json:
        found = [{"name": c.name, "kind": c.kind, "facts": c.facts, "expect": c.expect} for c in cases]
        print_json("rule/1", {**_summary(rule), "document": document, "cases": found})
        return
    typer.echo(f"{rule.id}  {rule.title}  (version {rule.version}, from {rule.effective.isoformat()})")
    typer.echo(f"  {rule.outcome}: {document['say']['en']}\n  do: {document['do']['en']}")
    typer.echo(f"  source: {rule.source.title} {rule.source.url}  grade: {rule.grade}")
    for name, value in rule.thresholds.items():
        typer.echo(f"  site may change {name}: {value} by default")
    if rule.note:
        typer.echo(f"  {rule.note}")
    for case in cases:
        typer.echo(f"  · {case.kind:<15}{case.name}")


def facts(as_json: Json = False) -> None:
    """List the fact names with type, unit and who supplies them."""
    specs = _knowledge().facts
    if as_json:
        print_json("facts/1", {"facts": list(specs.values())})
        return
    for spec in specs.values():
        values = f" [{', '.join(spec.values)}]" if spec.values else ""
        typer.echo(f"{spec.name:<34}{spec.type:<8}{spec.unit:<12}{spec.asked_of:<12}{spec.words}{values}")


def diff(
    revision: Annotated[str, typer.Argument(metavar="REV", help="A git revision, or a stored release (JSON).")],
    as_json: Json = False,
) -> None:
    """What changed clinically from REV to the working knowledge; changes of wording stand apart."""
    from surcease.knowledge.difference import differences

    with one_sentence(ValueError, OSError):
        found = differences(stored(revision), _knowledge())
    if as_json:
        print_json("rules-diff/1", {"from": revision, "differences": found})
        return
    for clinical, title in ((True, "Clinical"), (False, "Wording only")):
        some = [d for d in found if d.clinical is clinical]
        typer.echo(f"{title}: {len(some)}")
        for d in some:
            typer.echo(f"  {d.change:<9}{d.where}")
            for line in d.lines:
                typer.echo(f"           {line}")


def _knowledge() -> Knowledge:
    from surcease.knowledge import load

    with one_sentence(ValueError):
        knowledge = load()
        assert knowledge.rules  # a bad rule is refused here, in one sentence
        return knowledge


def stored(revision: str) -> Knowledge:
    """The knowledge of a git revision, or of a file with a stored release; ValueError when there is none."""
    from surcease.knowledge import Knowledge
    from surcease.knowledge.library import ROOT, from_files, is_knowledge

    if Path(revision).is_file():
        return Knowledge.from_canonical(Path(revision).read_text(encoding="utf-8"))
    if revision.startswith("-"):
        raise ValueError(f"{revision!r} is not a revision: give a commit, a tag, or a stored release.")
    done = subprocess.run(["git", "-C", str(ROOT), "archive", "--format=tar", revision, "."], capture_output=True)
    if done.returncode:
        raise ValueError(
            f"There is no knowledge at {revision!r}: give a commit, a tag, or the file of a stored release."
        )
    with tarfile.open(fileobj=io.BytesIO(done.stdout)) as archive:
        members = {m.name.removeprefix("./"): m for m in archive if m.isfile()}
        files = {n: archive.extractfile(m).read() for n, m in members.items() if is_knowledge(n)}  # type: ignore[union-attr]
    return from_files(files)


def _summary(rule: Rule) -> dict[str, Any]:
    return {
        "id": rule.id, "version": rule.version, "topic": rule.topic, "kind": rule.kind, "stage": list(rule.stages),
        "title": rule.title, "outcome": str(rule.outcome),
        "signed_outcome": str(rule.signed_outcome) if rule.signed_outcome else None, "persons": rule.persons,
        "source": rule.source.key, "grade": rule.grade, "effective": rule.effective, "expires": rule.expires,
        "thresholds": rule.thresholds, "covers": list(rule.covers),
    }  # fmt: skip
