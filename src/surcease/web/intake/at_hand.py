"""The instruments of this clinic: those shipped, and those whose words the clinic has put into home/instruments."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from functools import lru_cache

from django.conf import settings

from surcease.knowledge import KnowledgeError, load
from surcease.knowledge.catalogue import catalogue, load_pack
from surcease.knowledge.instrument import Instrument

log = logging.getLogger(__name__)


def instruments() -> Mapping[str, Instrument]:
    """Every instrument by id, in English, with a site's words where it has loaded them."""
    folder = settings.HOME / "instruments"
    stamps = tuple(sorted((p.name, p.stat().st_mtime_ns) for p in folder.glob("*.yaml"))) if folder.is_dir() else ()
    return _instruments(str(folder), stamps)


@lru_cache(maxsize=2)
def _instruments(folder: str, stamps: tuple[tuple[str, int], ...]) -> Mapping[str, Instrument]:
    known = catalogue(load())
    if not stamps:
        return known
    try:
        return {**known, **{one.id: one for one in load_pack(folder) if one.language == "en"}}
    except KnowledgeError as error:
        log.error("The clinic's instrument texts are not used: %s", error)
        return known
