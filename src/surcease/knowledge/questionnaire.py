"""An instrument as a FHIR R4 Questionnaire, both ways.

Read are group, display, boolean, integer, decimal, date, string, text and choice; enableWhen; ordinal scores
(ordinalValue, itemWeight); bounds, units and help. Anything else is refused by its element's name, so that nothing
is asked or scored differently from what its author meant. Bands, changes and triggers have no place in a
Questionnaire: :func:`surcease.knowledge.instrument_file.document` keeps the whole.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Any

from surcease.knowledge.instrument import Instrument, Item, Licence, Scale
from surcease.knowledge.instrument_file import check
from surcease.knowledge.questionnaire_read import QuestionnaireError, Reader, code_of, extensions, only
from surcease.knowledge.questionnaire_write import OURS, TOP_EXTENSIONS, URL, read_scale, to_fhir

__all__ = ["QuestionnaireError", "add_scale", "from_fhir", "slug", "to_fhir"]

_TOP = {
    "resourceType", "id", "meta", "language", "text", "url", "identifier", "version", "name", "title", "status",
    "experimental", "subjectType", "date", "publisher", "contact", "description", "purpose", "copyright", "code",
    "approvalDate", "lastReviewDate", "effectivePeriod", "extension", "item",
}  # fmt: skip


def from_fhir(resource: Mapping[str, Any]) -> Instrument:
    """The instrument of a Questionnaire. Raises QuestionnaireError naming the element that is not supported.

    A total that its author computes as the sum of the items becomes a scale; other questionnaires come without a
    score (:func:`add_scale` gives them one).
    """
    if not isinstance(resource, Mapping) or resource.get("resourceType") != "Questionnaire":
        raise QuestionnaireError("This is not a Questionnaire: resourceType must be Questionnaire.")
    try:
        return _read(resource)
    except (AttributeError, KeyError, TypeError, ArithmeticError):
        raise QuestionnaireError(
            "The Questionnaire is not in the shape of FHIR R4: check it with a validator, then try again."
        ) from None


def _read(resource: Mapping[str, Any]) -> Instrument:
    only(resource, _TOP, "Questionnaire")
    extensions(resource, "Questionnaire", TOP_EXTENSIONS)
    title = str(resource.get("title") or resource.get("name") or "").strip()
    if not title or not resource.get("item"):
        raise QuestionnaireError("Questionnaire.title and Questionnaire.item are needed: it has no name or no items.")
    url = str(resource.get("url", ""))
    version = str(resource.get("version", ""))
    reader = Reader()
    items = reader.items(resource["item"], 1)
    instrument = Instrument(
        id=url.removeprefix(URL) if url.startswith(URL) else slug(str(resource.get("name") or title)),
        title=title, version=int(version) if version.isdecimal() else 1, items=items,
        licence=Licence("site_text", note=str(resource.get("copyright", ""))),
        language=str(resource.get("language", "en")), code=code_of(resource.get("code"), "Questionnaire.code"),
        stem=str(resource.get("description", "")), grade="site_default",
        note="" if url.startswith(URL) else f"Imported from {url or 'a Questionnaire'} {version}".strip() + ".",
        scales=tuple(read_scale(e) for e in resource.get("extension", ()) if e.get("url") == f"{OURS}scale"),
    )  # fmt: skip
    for total, summed in reader.totals:
        instrument = add_scale(instrument, "sum", summed, code=code_of(total.get("code"), "item.code"))
    check(instrument, "Questionnaire")
    return instrument


def add_scale(instrument: Instrument, method: str, items: tuple[str, ...], *, code: str = "") -> Instrument:
    """The instrument with a sum or mean over ``items``; every other question stays uncounted. ValueError when an item
    has no points or no bounds."""
    lows, highs = zip(*(_bounds(instrument.item(key)) for key in items), strict=True)
    ids = tuple(instrument.item(key).link_id for key in items)
    low, high = (sum(lows), sum(highs)) if method == "sum" else (min(lows), max(highs))
    scale = Scale("total" if method == "sum" else method, "Total" if method == "sum" else method.title(), method, ids,
                  Decimal(low), Decimal(high), code=code)  # fmt: skip
    return replace(instrument, items=_scored(instrument.items, set(ids)), scales=(scale, *instrument.scales))


def _bounds(item: Item) -> tuple[Decimal, Decimal]:
    points = [option.points for option in item.options]
    if item.type == "boolean":
        points = [item.points_no, item.points_yes]
    elif item.type in ("integer", "decimal"):
        points = [item.low, item.high]
    known = [p for p in points if p is not None]
    if not known or len(known) < len(points):
        raise ValueError(f"{item.link_id}: it cannot be counted: every answer needs points, or the number its bounds.")
    return min(known), max(known)


def _scored(items: tuple[Item, ...], counted: set[str]) -> tuple[Item, ...]:
    return tuple(
        replace(item, scored=item.link_id in counted or not item.asks, items=_scored(item.items, counted))
        for item in items
    )


def slug(title: str) -> str:
    """A short name made of a title: lower case, hyphens, at most 60 characters.

    >>> slug("Sleep & Pain (weekly)")
    'sleep-pain-weekly'
    """
    return re.sub(r"[^a-z0-9]+", "-", title.lower()).strip("-")[:60]
