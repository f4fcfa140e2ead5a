"""The feed's part of the chair's page, and its line on the board's card."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from surcease.hl7.column import FIELDS, Tile, say_age
from surcease.hl7.table import table
from surcease.knowledge import load
from surcease.units import plain, say_unit
from surcease.web.devices.marking import Shown, shown
from surcease.web.devices.models import UseStatement
from surcease.web.devices.queries import feed_of, silent
from surcease.web.treatment.queries import Sheet

PAGE = "devices/chair.html"
#: short titles of a chart's fields
TITLES = {
    "systolic": lazy("systolic"), "diastolic": lazy("diastolic"), "heart_rate": lazy("pulse"), "spo2": "SpO₂",
    "resp_rate": lazy("breaths"), "etco2": "EtCO₂", "temperature": lazy("temperature"),
}  # fmt: skip


def feed_part(sheet: Sheet) -> dict[str, Any] | None:
    """What the template needs; None while the site has not signed for a feed, or the session is over."""
    if sheet.session.closed_at is not None:
        return None
    feed = feed_of(sheet.session, sheet.state.counted, now=sheet.state.at)
    if feed.scope == UseStatement.Scope.OFF:
        return None
    columns = shown(feed, sheet)
    now = [_tile(tile) for tile in feed.tiles]
    heads = _heads(columns, {tile["key"] for tile in now})
    return {
        "page": PAGE,
        "feed": feed,
        "session": sheet.session,
        "tiles": now,
        "now": [next((t for t in now if t["key"] == field), {}) for field, _title in heads] if now else [],
        "columns": [_column(one, heads) for one in columns],
        "heads": [{"title": title, "unit": _unit(field)} for field, title in heads],
        "marks": [m for one in columns[:1] for m in one.marks],
        "marked": feed.scope == UseStatement.Scope.MARKED,
    }


def silence_lines(sessions: Iterable[Any]) -> dict[Any, str]:
    """The board's sentence for each session whose monitor is silent."""
    return {
        key: _("No data from %(name)s since %(at)s")
        % {"name": row.pairing.device.name, "at": f"{timezone.localtime(row.since):%H:%M:%S}"}
        for key, row in silent(sessions).items()
    }


def _tile(tile: Tile) -> dict[str, Any]:
    parameter = tile.value.parameter
    return {
        "parameter": parameter.id, "key": parameter.field or parameter.id, "title": _title(parameter.field, parameter),
        "value": plain(tile.value.value), "unit": say_unit(parameter.unit), "at": tile.value.at,
        "age": say_age(tile.age), "stale": tile.stale, "kind": parameter.kind,
    }  # fmt: skip


def _unit(field: str) -> str:
    """The unit of a chart's field, as it is said."""
    return next((say_unit(p.unit) for p in table(load()).parameters.values() if p.field == field), "")


def _heads(columns: Iterable[Shown], shown_now: set[str]) -> list[tuple[str, str]]:
    """The fields that are shown, in a chart's order, with their short titles."""
    there = shown_now | {field for one in columns for field in (*one.column.cells, *one.column.lost)}
    return [(field, str(TITLES[field])) for field in FIELDS if field in there]


def _column(one: Shown, heads: Sequence[tuple[str, str]]) -> dict[str, Any]:
    cells = [
        {
            "field": field, "title": title,
            "value": plain(one.column.cells[field].value) if field in one.column.cells else "",
            "name": one.column.cells[field].name if field in one.column.cells else "",
            "level": one.level_of(field), "lost": field in one.column.lost,
        }
        for field, title in heads
    ]  # fmt: skip
    return {"at": one.column.at, "iso": one.column.at.isoformat(), "stale": one.column.stale, "cells": cells,
            "cuff": "systolic" in one.column.cells}  # fmt: skip


def _title(field: str, parameter: Any) -> str:
    return str(TITLES.get(field, parameter.title))
