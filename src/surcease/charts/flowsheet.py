"""The anaesthesia-style flowsheet: time left to right, BP ∨∧, HR dots, SpO₂, the rate bar, numbered events.

:func:`flowsheet` takes a session's state (:func:`surcease.care.treatment.fold`) and draws it.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, tzinfo
from decimal import Decimal
from typing import Any

import altair as alt

from surcease.care.event import Reading
from surcease.care.treatment import Session, joined
from surcease.charts.theme import LIGHT, tips
from surcease.units import plain

Rows = list[dict[str, Any]]
_WIDTH = 760
LONG = timedelta(hours=20)  # from here on the day stands beside the clock time
TENTH = Decimal("0.1")


def readings(session: Session, *, zone: tzinfo = UTC) -> Rows:
    """One row per charted set: the clinic's ISO time and each value as a float or None."""
    names = ("systolic", "diastolic", "heart_rate", "spo2", "resp_rate", "etco2", "pain", "bother", "nausea")
    rows = []
    for event in session.counted:
        if isinstance(event.payload, Reading):
            shown = {n: getattr(event.payload, n) for n in names if n not in event.payload.artefact}
            rows.append({"at": _iso(event.at, zone), **{n: None if v is None else float(v) for n, v in shown.items()}})
    return rows


def rates(session: Session, *, zone: tzinfo = UTC) -> Rows:
    """The rate bar: one row per stretch at one rate; a bolus at once is a short stretch with its amount.

    What the log books in pieces (a reading of the pump in between) is one stretch here: a bar has no seams.
    """
    rows = []
    for given in joined(session.given):
        end = max(given.end, given.start + timedelta(minutes=1))
        row = {"from": _iso(given.start, zone), "to": _iso(end, zone), "mg_per_h": float(given.rate_mg_per_h)}
        rows.append({**row, "bolus_mg": float(given.amount_mg)})
    return rows


def flowsheet(
    session: Session,
    *,
    since: datetime | None = None,
    until: datetime | None = None,
    zone: tzinfo = UTC,
    width: int = _WIDTH,
) -> alt.VConcatChart:
    """The session as one picture, up to ``until`` (default: the state's minute).

    With ``since`` (a session of many hours) what came earlier stands as a strip above: the pressures and the rate of
    the whole session, with the hours shown below it shaded.
    """
    first = session.started_at or session.at
    start = first if since is None else max(first, since)
    domain = [_iso(start - timedelta(minutes=10), zone), _iso((until or session.at) + timedelta(minutes=5), zone)]
    clock = alt.Axis(format="%H:%M" if (session.at - start) < LONG else "%-d %b %H:%M")
    x = alt.X("at:T", title=None, scale=alt.Scale(domain=domain, clamp=False), axis=clock)
    every = readings(session, zone=zone)
    rows = [row for row in every if row["at"] >= domain[0]]
    bare = alt.X("at:T", title=None, scale=alt.Scale(domain=domain), axis=alt.Axis(labels=False, ticks=False))
    panels = [_pressure(rows, x).properties(width=width, height=190)]
    panels.append(_saturation(rows, bare).properties(width=width, height=70))
    bars = [{**bar, "from": max(bar["from"], domain[0])} for bar in rates(session, zone=zone) if bar["to"] >= domain[0]]
    panels.append(_rate(bars, domain).properties(width=width, height=44))
    if start > first:
        panels.insert(0, _strip(session, every, domain, zone).properties(width=width, height=46))
    return alt.vconcat(*panels, spacing=6)


def sentence(session: Session, *, zone: tzinfo = UTC) -> str:
    """The flowsheet in words: how long, how much, the highest pressure and when, the lowest saturation."""
    rows = readings(session, zone=zone)
    given = f"{plain(session.given_mg.quantize(TENTH))} mg given"
    parts = [f"{given} so far" if session.ended_at is None else given]
    pressures = [r for r in rows if r.get("systolic") is not None]
    if pressures:
        top = max(pressures, key=lambda r: r["systolic"])
        low = "–" if top.get("diastolic") is None else f"{top['diastolic']:.0f}"
        parts.append(f"highest blood pressure {top['systolic']:.0f}/{low} at {top['at'][11:16]}")
    saturations = [r for r in rows if r.get("spo2") is not None]
    if saturations:
        least = min(saturations, key=lambda r: r["spo2"])
        parts.append(f"lowest SpO₂ {least['spo2']:.0f} % at {least['at'][11:16]}")
    parts.append(f"{len(rows)} charted sets")
    return "; ".join(parts)[0].upper() + "; ".join(parts)[1:] + "."


def _iso(at: datetime, zone: tzinfo) -> str:
    return at.astimezone(zone).replace(tzinfo=None).isoformat(timespec="seconds")


def _pressure(rows: Rows, x: alt.X) -> Any:
    base = alt.Chart(alt.Data(values=rows))
    y: dict[str, Any] = {"title": "mmHg, beats/min", "scale": alt.Scale(domain=[30, 210])}
    systolic = base.mark_text(text="∨", fontSize=15, fontWeight=600, color=LIGHT["ink"], dy=-4)
    diastolic = base.mark_text(text="∧", fontSize=15, fontWeight=600, color=LIGHT["ink"], dy=4)
    stem = base.mark_rule(color=LIGHT["line"])
    pulse = base.mark_point(color=LIGHT["accent"], size=34)
    return alt.layer(
        stem.encode(x=x, y=alt.Y("systolic:Q", **y), y2=alt.Y2("diastolic:Q")),
        systolic.encode(x=x, y=alt.Y("systolic:Q", **y), tooltip=tips("at:T", "systolic:Q", "diastolic:Q")),
        diastolic.encode(x=x, y=alt.Y("diastolic:Q", **y)),
        pulse.encode(x=x, y=alt.Y("heart_rate:Q", **y), tooltip=tips("at:T", "heart_rate:Q")),
    )


def _saturation(rows: Rows, x: alt.X) -> Any:
    base = alt.Chart(alt.Data(values=rows)).encode(
        x=x, y=alt.Y("spo2:Q", title="SpO₂ %", scale=alt.Scale(domain=[84, 100]))
    )
    return alt.layer(
        base.mark_line(color=LIGHT["fine"], strokeWidth=1),
        base.mark_point(color=LIGHT["fine"], shape="square", size=28).encode(tooltip=tips("at:T", "spo2:Q")),
    )


def _rate(rows: Rows, domain: list[str]) -> alt.Chart:
    """Height is the rate; boluses stand as full-height strokes with their amount."""
    return (
        alt.Chart(alt.Data(values=rows))
        .mark_rect(color=LIGHT["drug"])
        .encode(
            x=alt.X("from:T", title=None, axis=None, scale=alt.Scale(domain=domain)),
            x2=alt.X2("to:T"),
            y=alt.Y("mg_per_h:Q", title="mg/h"),
            tooltip=tips("from:T", "to:T", "mg_per_h:Q", "bolus_mg:Q"),
        )
    )


def _strip(session: Session, rows: Rows, shown: list[str], zone: tzinfo) -> Any:
    """The whole session small: systolic pressures over the rate, the hours drawn large shaded."""
    whole = [_iso(session.started_at or session.at, zone), shown[1]]
    days = alt.Axis(format="%-d %b %H:%M", tickCount=8)
    x = alt.X("at:T", title=None, scale=alt.Scale(domain=whole), axis=days)
    window = alt.Chart(alt.Data(values=[{"from": shown[0], "to": shown[1]}])).mark_rect(
        color=LIGHT["line"], opacity=0.6
    )
    scale = alt.Scale(domain=whole)
    hidden = alt.Axis(labels=False, ticks=False, grid=False)
    bars = alt.Chart(alt.Data(values=rates(session, zone=zone))).mark_rect(color=LIGHT["drug"], opacity=0.35)
    dots = alt.Chart(alt.Data(values=[r for r in rows if r["systolic"] is not None])).mark_point(
        filled=True, size=8, color=LIGHT["ink"]
    )
    return alt.layer(
        window.encode(x=alt.X("from:T", title=None, scale=scale), x2=alt.X2("to:T")),
        bars.encode(x=alt.X("from:T", scale=scale), x2=alt.X2("to:T"), y=alt.Y("mg_per_h:Q", title=None, axis=hidden)),
        dots.encode(x=x, y=alt.Y("systolic:Q", title=None, axis=hidden, scale=alt.Scale(domain=[60, 210]))),
    ).resolve_scale(y="independent")
