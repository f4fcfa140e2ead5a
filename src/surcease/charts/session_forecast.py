"""The predicted concentration of a session: plasma with its band, the effect site, and the minute it is seen from.

It is a planning model's picture in the drug's colour, never in the ink of what was observed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, tzinfo
from typing import Any

import altair as alt

from surcease.care.session_forecast import Level, Predicted
from surcease.charts.theme import LIGHT, tips


def forecast(shown: Predicted, *, now: datetime, zone: tzinfo = UTC, width: int = 760) -> Any:
    """Band 10–90, median, effect site dashed; a line at ``now``, left of which drug was given, right of it ordered."""
    rows = [_row(level, zone) for level in shown.levels]
    base = alt.Chart(alt.Data(values=rows)).encode(
        x=alt.X("at:T", title=None, axis=alt.Axis(format=_format(shown.levels)))
    )
    y = alt.Y("q10:Q", title="ng/mL, planning model")
    here = alt.Chart(alt.Data(values=[{"at": _iso(now, zone)}])).mark_rule(color=LIGHT["quiet"], strokeDash=[2, 2])
    return alt.layer(
        base.mark_area(color=LIGHT["drug"], opacity=0.18).encode(y=y, y2=alt.Y2("q90:Q")),
        base.mark_line(color=LIGHT["drug"]).encode(y=alt.Y("q50:Q"), tooltip=tips("at:T", "q50:Q", "ce:Q")),
        base.mark_line(color=LIGHT["drug"], strokeDash=[4, 3]).encode(y=alt.Y("ce:Q")),
        _names(rows),
        here.encode(x=alt.X("at:T")),
    ).properties(width=width, height=130)


def sentence(shown: Predicted, *, zone: tzinfo = UTC) -> str:
    """The picture in words: the highest plasma level and when, and the level at the minute it is seen from."""
    top = max(shown.levels, key=lambda level: level.q50)
    said = f"Model {shown.model}: highest {top.q50:.0f} ng/mL in plasma at {top.at.astimezone(zone):%H:%M}"
    if shown.now is not None:
        low, middle, high = (f"{v:.0f}" for v in (shown.now.q10, shown.now.q50, shown.now.q90))
        said += f"; at {shown.now.at.astimezone(zone):%H:%M} {middle} (in 8 of 10 people {low} to {high})"
        said += f", effect site {shown.now.ce:.0f}"
    return said + "."


def table(shown: Predicted, *, zone: tzinfo = UTC, every: int = 6) -> list[tuple[str, str, str, str]]:
    """Time, median, band and effect site of every ``every``-th level."""
    return [
        (f"{x.at.astimezone(zone):%H:%M}", f"{x.q50:.0f}", f"{x.q10:.0f}–{x.q90:.0f}", f"{x.ce:.0f}")
        for x in shown.levels[::every]
    ]


def _row(level: Level, zone: tzinfo) -> dict[str, Any]:
    values = {"q10": level.q10, "q50": level.q50, "q90": level.q90, "ce": level.ce}
    return {"at": _iso(level.at, zone), **{name: round(value, 2) for name, value in values.items()}}


def _names(rows: Sequence[Mapping[str, Any]]) -> Any:
    """Each line named in the later half, where it is furthest from the other."""
    at = max(rows[len(rows) // 2 :], key=lambda row: abs(row["q50"] - row["ce"]))
    above = at["q50"] >= at["ce"]
    named = [
        {"at": at["at"], "v": at["q50"], "label": "plasma", "dy": -8 if above else 12},
        {"at": at["at"], "v": at["ce"], "label": "effect site", "dy": 12 if above else -8},
    ]
    marks = [
        alt.Chart(alt.Data(values=[name]))
        .mark_text(align="left", dx=6, dy=name["dy"], color=LIGHT["quiet"], fontSize=11)
        .encode(x=alt.X("at:T"), y=alt.Y("v:Q"), text=alt.Text("label:N"))
        for name in named
    ]
    return alt.layer(*marks)


def _format(levels: Sequence[Level]) -> str:
    """Clock times; with the day where it lasts longer than one."""
    return "%H:%M" if (levels[-1].at - levels[0].at).days < 1 else "%-d %b %H:%M"


def _iso(at: datetime, zone: tzinfo) -> str:
    return at.astimezone(zone).replace(tzinfo=None).isoformat(timespec="seconds")
