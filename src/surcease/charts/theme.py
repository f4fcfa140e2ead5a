"""One look for every picture: the tokens of the interface, light and dark, as an Altair theme.

Charts are drawn with the light tokens; on a dark screen the page swaps each colour for its dark twin
(:data:`DARK_OF`), so that one definition serves screen, PDF and notebook.

Altair checks each part of a chart against Vega-Lite's schema several times while it is built: five sixths of the time
of a chart. The tests do that (``tests/conftest.py``); a page that a nurse waits for does not.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import altair as alt
from altair.utils import schemapi

schemapi.disable_debug_mode()

LIGHT = {
    "paper": "#FAFAF7",
    "surface": "#FFFFFF",
    "line": "#E4E4DD",
    "ink": "#1B2321",
    "quiet": "#5A6663",
    "accent": "#0F6B66",
    "drug": "#4B4FA8",
    "amber": "#9A6400",
    "red": "#B3261E",
    "fine": "#3C6E47",
}
DARK = {
    "paper": "#0F1413",
    "surface": "#171D1C",
    "line": "#2A3331",
    "ink": "#E8EDEB",
    "quiet": "#9AA8A4",
    "accent": "#5CC4BB",
    "drug": "#9EA2F0",
    "amber": "#E2B04A",
    "red": "#F28B82",
    "fine": "#8CC79A",
}
DARK_OF = {LIGHT[name]: DARK[name] for name in LIGHT}
FONTS = Path(__file__).parent / "fonts"
FONT = "Inter"


def config() -> dict[str, Any]:
    """The Vega-Lite config block: thin axes, tabular figures, no box, direct labels before legends."""
    axis = {
        "labelColor": LIGHT["quiet"],
        "titleColor": LIGHT["quiet"],
        "gridColor": LIGHT["line"],
        "domainColor": LIGHT["line"],
        "tickColor": LIGHT["line"],
        "labelFontSize": 12,
        "titleFontSize": 12,
        "titleFontWeight": 400,
        "labelPadding": 6,
        "titlePadding": 8,
    }
    return {
        "font": FONT,
        "background": None,
        "view": {"stroke": None},
        "axis": axis,
        "axisX": {"grid": False},
        "legend": {"labelColor": LIGHT["ink"], "titleColor": LIGHT["quiet"], "labelFontSize": 12},
        "header": {"labelColor": LIGHT["ink"], "titleColor": LIGHT["quiet"]},
        "title": {"color": LIGHT["ink"], "fontSize": 14, "fontWeight": 600, "anchor": "start"},
        "text": {"color": LIGHT["ink"], "fontSize": 12},
        "line": {"color": LIGHT["accent"], "strokeWidth": 2},
        "area": {"color": LIGHT["drug"]},
        "point": {"color": LIGHT["accent"], "filled": True, "size": 36},
        "rule": {"color": LIGHT["quiet"]},
        "range": {
            "category": [LIGHT[name] for name in ("accent", "drug", "amber", "fine", "red")],
        },
    }


def tips(*fields: str) -> list[alt.Tooltip]:
    """The fields that a pointer shows. Channels are given as objects throughout the charts: for each plain text Altair
    looks through its whole schema.

    >>> tips("pain:Q")[0].to_dict(context={"data": None})["field"]
    'pain'
    """
    return [alt.Tooltip(field) for field in fields]


def spec(chart: Any) -> dict[str, Any]:
    """The Vega-Lite spec of an Altair chart with our config: what the page embeds and the printer draws."""
    body: dict[str, Any] = chart.to_dict(validate=schemapi.DEBUG_MODE)
    body["config"] = {**config(), **{k: v for k, v in body.get("config", {}).items() if k not in config()}}
    return body


@cache
def _fonts_registered() -> bool:
    import vl_convert

    vl_convert.register_font_directory(str(FONTS))
    return True


def svg(chart: Any) -> str:
    """The chart (or its finished spec) as SVG text for PDF and notebook, offline, with our font."""
    import vl_convert

    _fonts_registered()
    text: str = vl_convert.vegalite_to_svg(chart if isinstance(chart, dict) else spec(chart))
    return text


def png(chart: Any, *, scale: float = 2.0) -> bytes:
    """The chart as PNG bytes; ``scale`` 2 is sharp on paper."""
    import vl_convert

    _fonts_registered()
    data: bytes = vl_convert.vegalite_to_png({**spec(chart), "background": LIGHT["surface"]}, scale=scale)
    return data
