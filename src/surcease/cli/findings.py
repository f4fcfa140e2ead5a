"""How a finding is printed, as JSON and as lines."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import typer

from surcease.knowledge.finding import Finding


def as_json(finding: Finding) -> dict[str, Any]:
    """The finding as every ``--json`` shows it; ``fired`` is true, false or null (unknown)."""
    return {
        "id": finding.id,
        "version": finding.version,
        "title": finding.title,
        "stage": finding.stage,
        "outcome": str(finding.outcome),
        "fired": finding.fired,
        "applies": finding.applies,
        "counts": finding.counts,
        "covered_by": finding.covered_by,
        "say": finding.say,
        "do": finding.do,
        "source": {"key": finding.source.key, "title": finding.source.title, "ref": finding.source.url},
        "grade": finding.grade,
        "used": dict(finding.used),
        "missing": list(finding.missing),
        "unknown_because": dict(finding.unknown_because),
        "owner": finding.owner,
        "persons": finding.persons,
        "limits": list(finding.limits),
        "note": finding.note,
    }


def print_lines(findings: Iterable[Finding]) -> None:
    """The findings that weigh, worst first, two lines each."""
    for f in sorted((f for f in findings if f.counts), key=lambda f: (f.outcome.rank, f.fired is None, f.id)):
        state = "" if f.fired else f"  unknown: {', '.join(f.missing)}"
        typer.echo(f"{f.outcome:<8}{f.id:<11}{f.say}{state}")
        typer.echo(f"{'':<19}{f.do}  [{f.source.key}, {f.grade}]")
