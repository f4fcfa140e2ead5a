"""The answer of `surcease simulate` for a reader at a terminal."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rich.console import Console
from rich.table import Table


def show(body: Mapping[str, Any]) -> None:
    """Print the table and its sentences."""
    console = Console(highlight=False)
    console.print(f"[bold]{body['regimen']}[/]  {body['total_mg']:g} mg in all, {body['weight_kg']:g} kg")
    console.print(_several(body) if "models" in body else _one(body))
    for sentence in _sentences(body):
        console.print(f"· {sentence}", markup=False)


def clock(hours: float) -> str:
    """A time as people say it, to the minute.

    >>> clock(2 / 3), clock(30.0), clock(588 + 1 / 3)
    ('40 min', '30 h', '24 d 12 h 20 min')
    """
    minutes = round(hours * 60)
    days, minutes = divmod(minutes, 1440) if hours >= 72 else (0, minutes)
    whole, minutes = divmod(minutes, 60) if days or minutes >= 180 else (0, minutes)
    parts = ((days, "d"), (whole, "h"), (minutes, "min"))
    return " ".join(f"{n} {unit}" for n, unit in parts if n) or "0 min"


def _one(body: Mapping[str, Any]) -> Table:
    table = Table(title=f"{body['model']}: {body['title']} ({body['site']})", title_justify="left")
    bands = body["bands"]
    table.add_column("time", justify="right")
    for head in ("typical ng/mL", "q10", "q50", "q90", *body["metabolites"], *_effect_heads(body)):
        table.add_column(head, justify="right")
    for n, hours in enumerate(body["times_h"]):
        numbers = [body["cp_ng_per_ml"][n], *(bands[q][n] for q in ("q10", "q50", "q90"))]
        numbers += [m["ng_per_ml"][n] for m in body["metabolites"].values()]
        numbers += [e["value"][n] for e in body.get("effects", {}).values()]
        table.add_row(clock(hours), *(f"{v:.3g}" for v in numbers))
    return table


def _effect_heads(body: Mapping[str, Any]) -> list[str]:
    return [f"{e['title']}, {e['unit']}" for e in body.get("effects", {}).values()]


def _several(body: Mapping[str, Any]) -> Table:
    table = Table(title="Models that fit, typical ng/mL (q10–q90)", title_justify="left")
    table.add_column("time", justify="right")
    for name, model in body["models"].items():
        table.add_column(f"{name} ({model['site']})", justify="right")
    for n, hours in enumerate(body["times_h"]):
        cells = [
            f"{m['cp_ng_per_ml'][n]:.3g} ({m['bands']['q10'][n]:.3g}–{m['bands']['q90'][n]:.3g})"
            for m in body["models"].values()
        ]
        table.add_row(clock(hours), *cells)
    return table


def _sentences(body: Mapping[str, Any]) -> list[str]:
    said = [body["against"]["sentence"]] if "against" in body else []
    said += [body["spread"]["sentence"]] if body.get("spread") else []
    said += [f"Left out: {name} {why}." for name, why in body.get("left_out", {}).items()]
    said += body["limits"]
    said += [limit for e in body.get("effects", {}).values() for limit in e["limits"]]
    return [
        *said,
        *(f"{a[0].upper()}{a[1:]}." for a in body["assumptions"]),
        *(f"Source: {s}" for s in body["sources"]),
    ]
