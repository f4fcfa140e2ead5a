"""Write a benchmark's figures to docs/benchmarks/<name>.json and a page made from them."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parents[1] / "docs" / "benchmarks"


def write(name: str, figures: Mapping[str, Any], page: str, *, folder: Path = FOLDER) -> Path:
    """Write ``figures`` as JSON and ``page`` as Markdown; returns the JSON's path."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{name}.json"
    path.write_text(json.dumps(figures, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    (folder / f"{name}.md").write_text(page.rstrip() + "\n", encoding="utf-8")
    return path


def today() -> str:
    """The day of measurement, ISO, UTC."""
    return datetime.now(UTC).date().isoformat()


def table(header: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    """A Markdown table."""
    lines = ["| " + " | ".join(header) + " |", "|" + "|".join("-" for _ in header) + "|"]
    lines += ["| " + " | ".join(str(cell) for cell in row) + " |" for row in rows]
    return "\n".join(lines)


def seconds(value: float | None) -> str:
    """A time as people read it: µs, ms or s with three figures.

    >>> seconds(0.00252), seconds(1.2), seconds(None)
    ('2.52 ms', '1.2 s', '–')
    """
    if value is None:
        return "–"
    for size, unit in ((1.0, "s"), (1e-3, "ms"), (1e-6, "µs")):
        if value >= size:
            return f"{value / size:.3g} {unit}"
    return f"{value * 1e9:.0f} ns"
