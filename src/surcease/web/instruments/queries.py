"""Reads of the clinic's own questionnaires."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from decimal import Decimal
from functools import lru_cache

from surcease.knowledge import instrument_file
from surcease.knowledge.instrument import Instrument
from surcease.web.instruments.models import OwnInstrument


def latest() -> tuple[OwnInstrument, ...]:
    """The latest version of each, in the order of their titles; those out of use with them."""
    found: dict[str, OwnInstrument] = {}
    for row in OwnInstrument.objects.select_related("by").order_by("key", "version"):
        found[row.key] = row
    return tuple(sorted(found.values(), key=lambda row: row.title.casefold()))


def own() -> Mapping[str, Instrument]:
    """The instruments in use, by id."""
    return {row.key: read(row.document) for row in latest() if row.in_use}


def own_versions(keys: Collection[str]) -> Mapping[tuple[str, str], Instrument]:
    """Every version of the named ones: answers are scored with the version they were given in."""
    rows = OwnInstrument.objects.filter(key__in=keys) if keys else ()
    return {(row.key, str(row.version)): read(row.document) for row in rows}


@lru_cache(maxsize=256)
def read(document: str) -> Instrument:
    """The instrument of a kept document."""
    return instrument_file.read(json.loads(document, parse_float=Decimal, parse_int=Decimal), name="own instrument")
