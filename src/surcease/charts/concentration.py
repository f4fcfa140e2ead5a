"""A simulated concentration: band, median, other models by name, measured samples. For screen, paper and notebook."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import altair as alt

from surcease.charts.plan import Predicted, planned, sentence
from surcease.charts.theme import LIGHT, tips

__all__ = ["Predicted", "concentration", "sentence"]


def concentration(
    shown: Predicted, *, measured: Sequence[tuple[float, float]] = (), width: int = 720, height: int = 260
) -> alt.LayerChart | alt.FacetChart:
    """The plan's picture with each other model named at its end, and ``measured`` (hours, ng/mL) as rings."""
    layers: list[Any] = [planned(shown, width=width, height=height)]
    if shown.others:
        peaks = [(n, max(range(len(c)), key=c.__getitem__), c) for n, c in shown.others.items()]
        rows = [{"h": shown.times_h[at], "v": curve[at], "label": name} for name, at, curve in peaks]
        names = alt.Chart(alt.Data(values=rows)).mark_text(align="left", dx=6, dy=-4, color=LIGHT["quiet"], fontSize=11)
        layers.append(names.encode(x=alt.X("h:Q"), y=alt.Y("v:Q"), text=alt.Text("label:N")))
    if measured:
        rings = alt.Chart(alt.Data(values=[{"h": h, "v": v} for h, v in measured]))
        layers.append(
            rings.mark_point(filled=False, color=LIGHT["ink"], size=60, strokeWidth=1.6).encode(
                x=alt.X("h:Q"), y=alt.Y("v:Q"), tooltip=tips("h:Q", "v:Q")
            )
        )
    title = f"{shown.model}: median and 80 % of people" + ("; other models as thin lines" if shown.others else "")
    return alt.layer(*layers).properties(width=width, height=height, title=title)
