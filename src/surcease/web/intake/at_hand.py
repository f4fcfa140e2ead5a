"""The instruments of this clinic: those shipped, those whose words lie in home/instruments, and the clinic's own."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from functools import lru_cache

from django.conf import settings

from surcease.knowledge import KnowledgeError, load
from surcease.knowledge.catalogue import catalogue, load_pack
from surcease.knowledge.instrument import Instrument
from surcease.web.instruments.queries import own

log = logging.getLogger(__name__)


class AtHand(dict[str, Instrument]):
    """Shipped and loaded instruments; one that a clinic lead imported or built is looked up when it is asked for."""

    def __missing__(self, key: str) -> Instrument:
        return own()[key]


def instruments() -> Mapping[str, Instrument]:
    """Every instrument by id, in English, with a site's words where it has loaded them."""
    folder = settings.HOME / "instruments"
    stamps = tuple(sorted((p.name, p.stat().st_mtime_ns) for p in folder.glob("*.yaml"))) if folder.is_dir() else ()
    return AtHand(_instruments(str(folder), stamps))


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
