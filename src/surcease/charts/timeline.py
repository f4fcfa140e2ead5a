"""The review's one timeline: pain entries and weekly mean, sessions with mg, forecast band, function, mood, MME.

All panels share the time axis. Missing days are gaps, never zeros; what a model says stands in its own tint
with the date it was made.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from typing import Any

import altair as alt

from surcease.charts import theme
from surcease.charts.theme import LIGHT

Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Timeline:
    """What the timeline shows. Every row has "day" (ISO date); values are floats or None.

    ``pain``: {"day", "pain"}; ``sessions``: {"day", "mg"}; ``forecast``: {"day", "q10", "q50", "q90"} made on
    ``forecast_made``; ``scores``: {"day", "instrument", "score"}; ``mme``: {"day", "mme"} (a step each change).
    """

    pain: Sequence[Row]
    sessions: Sequence[Row] = ()
    forecast: Sequence[Row] = ()
    forecast_made: date | None = None
    scores: Sequence[Row] = ()
    mme: Sequence[Row] = ()
    baseline: float | None = None
    width: int = 820


def weekly_means(pain: Sequence[Row]) -> list[dict[str, Any]]:
    """Mean of each ISO week with its n, at the middle of its entries; weeks without entries are absent."""
    weeks: dict[date, list[tuple[date, float]]] = {}
    for row in pain:
        if row["pain"] is None:
            continue
        day = date.fromisoformat(str(row["day"])[:10])
        weeks.setdefault(day - timedelta(days=day.weekday()), []).append((day, float(row["pain"])))
    means = []
    for _, entries in sorted(weeks.items()):
        middle = date.fromordinal(round(sum(day.toordinal() for day, _ in entries) / len(entries)))
        mean = sum(value for _, value in entries) / len(entries)
        means.append({"day": middle.isoformat(), "mean": mean, "n": len(entries)})
    return means


def timeline(shown: Timeline) -> alt.VConcatChart:
    """The picture for a notebook; pages and paper take :func:`spec`."""
    chart = _chart(_shape(shown))
    chart.datasets = _datasets(shown)
    return chart


def spec(shown: Timeline) -> dict[str, Any]:
    """The Vega-Lite spec of the picture. The data are put into a kept shape: two years of days cost no time."""
    return {**_kept(_shape(shown)), "datasets": _datasets(shown)}


@dataclass(frozen=True, slots=True)
class _Shape:
    """What decides how the picture is built, without its data."""

    width: int
    forecast: bool
    made: bool
    sessions: bool
    baseline: bool
    mme: bool
    scores: tuple[str, ...]


def _shape(shown: Timeline) -> _Shape:
    names = tuple(dict.fromkeys(str(r["instrument"]) for r in shown.scores))
    made = bool(shown.forecast and shown.forecast_made)
    return _Shape(
        shown.width,
        bool(shown.forecast),
        made,
        bool(shown.sessions),
        shown.baseline is not None,
        bool(shown.mme),
        names,
    )


@lru_cache(maxsize=64)
def _kept(shape: _Shape) -> dict[str, Any]:
    return theme.spec(_chart(shape))


def _datasets(shown: Timeline) -> dict[str, list[dict[str, Any]]]:
    """The rows of each named source."""
    rows = {
        "entries": [dict(r) for r in shown.pain if r["pain"] is not None], "means": weekly_means(shown.pain),
        "forecast": [dict(r) for r in shown.forecast], "sessions": [dict(r) for r in shown.sessions],
        "mme": [dict(r) for r in shown.mme],
    }  # fmt: skip
    if shown.forecast_made:
        rows["made"] = [{"day": shown.forecast_made.isoformat(), "label": "forecast made"}]
    if shown.baseline is not None:
        rows["baseline"] = [{"baseline": shown.baseline, "label": f"baseline {shown.baseline:.1f}"}]
    for name in dict.fromkeys(str(r["instrument"]) for r in shown.scores):
        rows[f"score {name}"] = [dict(r) for r in shown.scores if r["instrument"] == name]
    return {name: found for name, found in rows.items() if found or name in ("entries", "means")}


def _chart(shape: _Shape) -> alt.VConcatChart:
    x = alt.X("day:T", title=None, axis=alt.Axis(format="%-d %b", labelOverlap=True))
    panels = [_pain(shape, x).properties(width=shape.width, height=220)]
    panels += [_score(name, x).properties(width=shape.width, height=60) for name in shape.scores]
    if shape.mme:
        panels.append(_mme(x).properties(width=shape.width, height=60))
    return alt.vconcat(*panels, spacing=8).resolve_scale(x="shared")


def _source(name: str) -> alt.Chart:
    return alt.Chart(alt.NamedData(name=name))


def sentence(shown: Timeline) -> str:
    """The timeline in words, from the same data."""
    values = [float(r["pain"]) for r in shown.pain if r["pain"] is not None]
    if not values:
        return "No pain entries yet."
    means = weekly_means(shown.pain)
    words = f"{len(values)} pain entries; latest weekly mean {means[-1]['mean']:.1f} (n {means[-1]['n']})"
    if shown.baseline is not None:
        words += f", baseline {shown.baseline:.1f}"
    total = sum(float(r["mg"]) for r in shown.sessions)
    return f"{words}; {len(shown.sessions)} sessions, {round(total, 1):g} mg in all."


def forecast_sentence(shown: Timeline) -> str:
    """The forecast band in words: at its end, and when it was made."""
    if not shown.forecast:
        return "No forecast."
    last = shown.forecast[-1]
    made = f"Made on {shown.forecast_made:%d %b %Y}. " if shown.forecast_made else ""
    end = date.fromisoformat(str(last["day"]))
    return (
        f"{made}On {end:%d %b %Y} half of the days are expected at or under {last['q50']:.1f}, eight in ten between "
        f"{last['q10']:.1f} and {last['q90']:.1f}."
    )


def _pain(shape: _Shape, x: alt.X) -> Any:
    y: dict[str, Any] = {"title": "pain 0–10", "scale": alt.Scale(domain=[0, 10])}
    entries, means = _source("entries"), _source("means")
    layers: list[alt.Chart] = []
    if shape.forecast:
        band = _source("forecast").encode(x=x)
        layers.append(band.mark_area(color=LIGHT["drug"], opacity=0.15).encode(y=alt.Y("q10:Q", **y), y2="q90:Q"))
        layers.append(band.mark_line(color=LIGHT["drug"], strokeDash=[4, 3], strokeWidth=1).encode(y="q50:Q"))
    if shape.sessions:
        sessions = _source("sessions")
        layers.append(
            sessions.mark_tick(color=LIGHT["drug"], thickness=3, size=14, orient="vertical").encode(
                x=x, y=alt.value(212), tooltip=["day:T", "mg:Q"]
            )
        )
    if shape.made:
        made = _source("made")
        layers.append(made.mark_rule(color=LIGHT["drug"], strokeDash=[2, 4]).encode(x=x))
        layers.append(
            made.mark_text(align="left", dx=4, color=LIGHT["drug"]).encode(x=x, y=alt.value(8), text="label:N")
        )
    if shape.baseline:
        line = _source("baseline")
        layers.append(line.mark_rule(strokeDash=[2, 4]).encode(y=alt.Y("baseline:Q", **y)))
        layers.append(
            line.mark_text(align="left", dy=-6, color=LIGHT["quiet"]).encode(
                x=alt.value(4), y="baseline:Q", text="label:N"
            )
        )
    layers.append(
        entries.mark_point(color=LIGHT["accent"], opacity=0.35, size=22).encode(
            x=x, y=alt.Y("pain:Q", **y), tooltip=["day:T", "pain:Q"]
        )
    )
    layers.append(
        means.mark_line(color=LIGHT["accent"], point={"color": LIGHT["accent"], "size": 40}).encode(
            x=x, y=alt.Y("mean:Q", **y), tooltip=["day:T", "mean:Q", "n:Q"]
        )
    )
    return alt.layer(*layers)


def _score(name: str, x: alt.X) -> alt.Chart:
    return (
        _source(f"score {name}")
        .mark_line(color=LIGHT["quiet"], point={"color": LIGHT["quiet"], "size": 34})
        .encode(x=x, y=alt.Y("score:Q", title=name), tooltip=["day:T", "score:Q"])
    )


def _mme(x: alt.X) -> alt.Chart:
    return (
        _source("mme")
        .mark_line(interpolate="step-after", color=LIGHT["amber"])
        .encode(x=x, y=alt.Y("mme:Q", title="MME/day"), tooltip=["day:T", "mme:Q"])
    )
