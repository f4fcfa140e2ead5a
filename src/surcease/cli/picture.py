"""Pictures of the command line: a chart written as SVG or PNG by its file's ending."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from surcease.charts.concentration import Predicted, concentration
from surcease.charts.theme import png, svg
from surcease.cli.simulate_body import ALL, Request, simulate
from surcease.knowledge.library import load
from surcease.pkpd.regimen import parse

POINTS = 240


def simulated(asked: Request) -> Any:
    """The chart of a request, over its whole course."""
    end = parse(asked.dose).end_h
    last = max([*asked.times_h, end + min(max(end, 2.0), 48.0)])
    grid = np.unique(np.append(np.linspace(0.0, last, POINTS), end)).tolist()
    body = simulate(replace(asked, times_h=grid, against=None, effects=()), load())
    first = body["models"].get("kamp_2020") or next(iter(body["models"].values())) if asked.model == ALL else body
    name = next((n for n, m in body["models"].items() if m is first), "") if asked.model == ALL else body["model"]
    others = {n: m["cp_ng_per_ml"].tolist() for n, m in body.get("models", {}).items() if n != name}
    bands = {q: curve.tolist() for q, curve in first["bands"].items()}
    shown = Predicted(grid, bands["q50"], name, end, bands["q10"], bands["q90"], others)
    measured = [(asked.against[1], asked.against[0])] if asked.against else []
    return concentration(shown, measured=measured)


def write(chart: Any, path: Path) -> None:
    """Write ``chart`` to ``path``; ValueError when it ends in neither .svg nor .png."""
    if path.suffix == ".svg":
        path.write_text(svg(chart), encoding="utf-8")
    elif path.suffix == ".png":
        path.write_bytes(png(chart))
    else:
        raise ValueError(f'"{path}" ends in neither .svg nor .png: write for example --plot curve.svg.')
