"""Reads of the clinic's own questionnaires."""

from __future__ import annotations

import json
from collections.abc import Mapping
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


def own_version(key: str, version: str) -> Instrument | None:
    """The instrument as it was in one version: what answers of that time are scored with."""
    row = OwnInstrument.objects.filter(key=key, version=int(version)).first() if version.isdecimal() else None
    return None if row is None else read(row.document)


@lru_cache(maxsize=256)
def read(document: str) -> Instrument:
    """The instrument of a kept document."""
    return instrument_file.read(json.loads(document, parse_float=Decimal, parse_int=Decimal), name="own instrument")
