"""The plan's picture: predicted concentration of one session, its between-person band, other models as faint lines."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import altair as alt

from surcease.charts.theme import LIGHT, tips


@dataclass(frozen=True, slots=True)
class Predicted:
    """Curves in ng/mL over hours. ``q10`` and ``q90`` may be empty; ``others`` are further models by name."""

    times_h: Sequence[float]
    q50: Sequence[float]
    model: str
    end_h: float
    q10: Sequence[float] = ()
    q90: Sequence[float] = ()
    others: Mapping[str, Sequence[float]] = field(default_factory=dict)
    limits: Mapping[str, float] = field(default_factory=dict)  # words -> ng/mL


def planned(shown: Predicted, *, width: int = 720, height: int = 260) -> Any:
    """The picture; direct labels, the end of the drug as a thin line."""
    x = alt.X("h:Q", title="hours from the start")
    y = alt.Y("v:Q", title="ketamine in plasma, ng/mL")
    layers: list[alt.Chart] = []
    if shown.q10:
        band = [{"h": h, "lo": a, "hi": b} for h, a, b in zip(shown.times_h, shown.q10, shown.q90, strict=True)]
        area = alt.Chart(alt.Data(values=band)).mark_area(color=LIGHT["drug"], opacity=0.16)
        layers.append(area.encode(x=x, y=alt.Y("lo:Q", title="ketamine in plasma, ng/mL"), y2=alt.Y2("hi:Q")))
    if shown.others:
        rows = [
            {"h": h, "v": v, "model": n} for n, c in shown.others.items() for h, v in zip(shown.times_h, c, strict=True)
        ]
        faint = alt.Chart(alt.Data(values=rows)).mark_line(strokeWidth=1, opacity=0.55, color=LIGHT["quiet"])
        layers.append(faint.encode(x=x, y=y, detail=alt.Detail("model:N"), tooltip=tips("model:N", "h:Q", "v:Q")))
    middle = [{"h": h, "v": v} for h, v in zip(shown.times_h, shown.q50, strict=True)]
    line = alt.Chart(alt.Data(values=middle)).mark_line(color=LIGHT["drug"], strokeWidth=2.5)
    layers.append(line.encode(x=x, y=y, tooltip=tips("h:Q", "v:Q")))
    end = alt.Chart(alt.Data(values=[{"h": shown.end_h, "label": "drug ends"}]))
    layers.append(end.mark_rule(strokeDash=[2, 4]).encode(x=x))
    layers.append(
        end.mark_text(align="left", dx=5, dy=8, color=LIGHT["quiet"]).encode(
            x=x, y=alt.YValue(0), text=alt.Text("label:N")
        )
    )
    for words, level in shown.limits.items():
        limit = alt.Chart(alt.Data(values=[{"v": level, "label": words}]))
        layers.append(limit.mark_rule(color=LIGHT["amber"], strokeWidth=1).encode(y=y))
        label = limit.mark_text(align="right", dy=-6, color=LIGHT["amber"])
        layers.append(label.encode(y=y, x=alt.XValue(width), text=alt.Text("label:N")))
    return alt.layer(*layers).properties(width=width, height=height)


def sentence(shown: Predicted) -> str:
    """The picture in words, computed from its numbers."""
    top = max(range(len(shown.q50)), key=lambda n: shown.q50[n])
    said = f"Model {shown.model}: highest {shown.q50[top]:.0f} ng/mL after {shown.times_h[top]:.1f} h"
    if shown.q10:
        said += f" (eight in ten people {shown.q10[top]:.0f}–{shown.q90[top]:.0f})"
    last = shown.q50[-1]
    said += f"; {last:.0f} ng/mL {shown.times_h[-1] - shown.end_h:.1f} h after the drug ends."
    if len(shown.others):
        peaks = [max(c) for c in shown.others.values()] + [shown.q50[top]]
        said += f" Models differ ×{max(peaks) / min(peaks):.1f} at the peak."
    return said
