"""Weeks of relief: people who respond and people who do not, each with a band. Never one curve."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import altair as alt

from surcease.charts.theme import LIGHT

_SHARE = "share of the pain relieved"
Band = Mapping[str, Sequence[float]]  # q10, q50, q90: share of the pain relieved


@dataclass(frozen=True, slots=True)
class Expected:
    """Relief by week for the two kinds of people, and the share believed to respond."""

    weeks: Sequence[float]
    responder: Band
    non_responder: Band
    responder_share: float
    prior: str


def relief(shown: Expected, *, width: int = 720, height: int = 260) -> alt.LayerChart | alt.FacetChart:
    """Two bands with their medians, labelled directly with how many people each stands for."""
    share = round(100 * shown.responder_share)
    kinds = (
        (shown.responder, LIGHT["accent"], f"{share} in 100 respond to the drug"),
        (shown.non_responder, LIGHT["quiet"], f"{100 - share} do not"),
    )
    layers: list[alt.Chart] = []
    for band, colour, label in kinds:
        layers += _band(shown.weeks, band, colour, label)
    return alt.layer(*layers).properties(width=width, height=height)


def _band(weeks: Sequence[float], band: Band, colour: str, label: str) -> list[alt.Chart]:
    x = alt.X("w:Q", title="weeks from the first dose", axis=alt.Axis(format="d"))
    y = alt.Y("m:Q", title=_SHARE, axis=alt.Axis(format="%"), scale=alt.Scale(domain=[0, 1]))
    rows = [
        {"w": w, "lo": a, "m": b, "hi": c}
        for w, a, b, c in zip(weeks, band["q10"], band["q50"], band["q90"], strict=True)
    ]
    base = alt.Chart(alt.Data(values=rows))
    name = alt.Chart(alt.Data(values=[{"w": rows[0]["w"], "m": rows[0]["m"], "label": label}]))
    return [
        base.mark_area(color=colour, opacity=0.14).encode(x=x, y=alt.Y("lo:Q", title=_SHARE), y2=alt.Y2("hi:Q")),
        base.mark_line(color=colour, strokeWidth=2.5).encode(x=x, y=y),
        name.mark_text(align="left", dx=8, dy=-8, color=colour, fontWeight=600).encode(
            x=alt.X("w:Q"), y=alt.Y("m:Q"), text=alt.Text("label:N")
        ),
    ]


def sentence(shown: Expected) -> str:
    """The picture in words, computed from its numbers."""
    first, last = 0, len(shown.weeks) - 1
    parts = [
        f"week {shown.weeks[n]:g}: {_percent(shown.responder, n)} in responders, "
        f"{_percent(shown.non_responder, n)} in others"
        for n in dict.fromkeys((first, last))
    ]
    return f"Relief under the {shown.prior} prior, {'; '.join(parts)}."


def _percent(band: Band, n: int) -> str:
    low, middle, high = (round(100 * band[q][n]) for q in ("q10", "q50", "q90"))
    return f"{middle} % ({low}–{high})"
