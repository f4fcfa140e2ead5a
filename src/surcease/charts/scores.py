"""One questionnaire over time: its scores, the bands they fall in, and the smallest change that matters."""

from __future__ import annotations

from typing import Any

import altair as alt

from surcease.care.score_trends import Trend
from surcease.charts.theme import LIGHT, tips
from surcease.units import plain


def scores(trend: Trend, *, width: int = 640) -> Any:
    """The picture, None where there is nothing to draw."""
    rows = [{"day": s.day.isoformat(), "score": float(s.value)} for s in trend.sittings if s.value is not None]
    if not rows or trend.scale is None:
        return None
    low, high = float(trend.scale.low), float(trend.scale.high)
    y = alt.Y("score:Q", title=f"{trend.instrument.short}, {low:g}–{high:g}", scale=alt.Scale(domain=[low, high]))
    x = alt.X("day:T", title=None, axis=alt.Axis(format="%-d %b", labelOverlap=True))
    line = alt.Chart(alt.Data(values=rows)).mark_line(
        color=LIGHT["accent"], point={"color": LIGHT["accent"], "size": 50}
    )
    layers: list[Any] = [*_bands(trend), line.encode(x=x, y=y, tooltip=tips("day:T", "score:Q"))]
    return alt.layer(*layers).properties(width=width, height=160)


def _bands(trend: Trend) -> list[Any]:
    """The lower edge of each band as a thin line with its name."""
    assert trend.scale is not None
    edges = [{"at": float(b.at_least), "label": b.label} for b in trend.scale.bands if b.at_least > trend.scale.low]
    if not edges:
        return []
    base = alt.Chart(alt.Data(values=edges))
    return [
        base.mark_rule(color=LIGHT["line"]).encode(y=alt.Y("at:Q")),
        base.mark_text(align="left", dy=-5, fontSize=10, color=LIGHT["quiet"]).encode(
            x=alt.XValue(4), y=alt.Y("at:Q"), text=alt.Text("label:N")
        ),
    ]


def sentence(trend: Trend) -> str:
    """The picture in words, from the same scores."""
    last = trend.last
    if last is None or last.value is None:
        return f"{trend.instrument.title}: no score yet."
    band = f" ({last.band})" if last.band else ""
    words = f"{trend.instrument.short}: {plain(last.value)}{band} on {last.day:%-d %b %Y}"
    if trend.change is None:
        return f"{words}; answered once."
    way = {True: "better", False: "worse", None: "changed"}[trend.better]
    words += f"; {plain(abs(trend.change))} points {way} since the first" if trend.change else "; the same as the first"
    if trend.matters is None:
        return f"{words}; how much matters is not known."
    return f"{words}, {'' if trend.matters else 'less than '}a change that matters ({trend.smallest})."
