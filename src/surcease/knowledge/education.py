"""Pages for patients: what is known, in plain words, each part with what it stands on.

A page is a document ``education/<id>.yaml``; its texts are English and Spanish. What was only remembered, and never
read anywhere (``M`` in other tables), has no place here: the tags are F, F2 and D.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from surcease.knowledge.library import Knowledge, load
from surcease.knowledge.yaml import KnowledgeError

Words = Mapping[str, str]
LANGUAGES = ("en", "es")
TAGS = ("F", "F2", "D")
PICTURES = ("", "day", "tens")


@dataclass(frozen=True, slots=True)
class Part:
    """A heading with paragraphs and points. ``facts``: the statement it stands on → how that was read."""

    heading: Words
    say: tuple[Words, ...]
    points: tuple[Words, ...]
    facts: Mapping[str, str]
    sources: tuple[str, ...]

    def texts(self) -> Iterator[Words]:
        """Every text of it, in order."""
        yield self.heading
        yield from self.say
        yield from self.points


@dataclass(frozen=True, slots=True)
class Page:
    """One page for patients; ``dated`` is the day it was last checked, ``picture`` the drawing beside it."""

    id: str
    order: int
    dated: date
    title: Words
    lead: Words
    parts: tuple[Part, ...]
    picture: str = ""

    def texts(self) -> Iterator[Words]:
        """Every text of it, in order."""
        yield self.title
        yield self.lead
        for part in self.parts:
            yield from part.texts()

    @property
    def sources(self) -> tuple[str, ...]:
        """The keys of all sources, each once, as first named."""
        return tuple(dict.fromkeys(key for part in self.parts for key in part.sources))


def pages(knowledge: Knowledge | None = None) -> tuple[Page, ...]:
    """All pages in order; KnowledgeError names the page and what is wrong with it."""
    known = knowledge or load()
    found = [_page(path, raw, known) for path, raw in known.under("education")]
    return tuple(sorted(found, key=lambda page: page.order))


def _page(path: str, raw: Mapping[str, Any], known: Knowledge) -> Page:
    picture = str(raw.get("picture") or "")
    if picture not in PICTURES:
        raise KnowledgeError(f"{path}: picture: {picture!r} is not one of {', '.join(filter(None, PICTURES))}.")
    return Page(
        id=str(raw["id"]),
        order=int(raw["order"]),
        dated=date.fromisoformat(str(raw["dated"])),
        title=_words(path, raw["title"]),
        lead=_words(path, raw["lead"]),
        parts=tuple(_part(path, part, known) for part in raw["parts"]),
        picture=picture,
    )


def _part(path: str, raw: Mapping[str, Any], known: Knowledge) -> Part:
    facts = {str(k): str(v) for k, v in raw["facts"].items()}
    if wrong := next((f"{k}: {v}" for k, v in facts.items() if v not in TAGS), ""):
        raise KnowledgeError(f"{path}: facts: {wrong}: the tag is one of {', '.join(TAGS)}; what is only remembered "
                             "is not told to patients.")  # fmt: skip
    if wrong := next((key for key in raw["sources"] if key not in known.sources), ""):
        raise KnowledgeError(f"{path}: sources: {wrong!r} is not in sources.yaml: add it there first.")
    return Part(
        heading=_words(path, raw["heading"]),
        say=tuple(_words(path, text) for text in raw.get("say") or ()),
        points=tuple(_words(path, text) for text in raw.get("points") or ()),
        facts=facts,
        sources=tuple(map(str, raw["sources"])),
    )


def _words(path: str, raw: Any) -> Words:
    if not isinstance(raw, Mapping) or set(raw) != set(LANGUAGES) or not all(str(v).strip() for v in raw.values()):
        raise KnowledgeError(f"{path}: {raw!r}: each text needs {' and '.join(LANGUAGES)}.")
    return {language: str(raw[language]) for language in LANGUAGES}
