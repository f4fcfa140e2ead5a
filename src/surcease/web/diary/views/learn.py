"""Pages to learn from: written for patients, dated, with their sources; no data of anybody on them."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from surcease.knowledge import load
from surcease.knowledge.education import Page, Part, Words, pages
from surcease.web.accounts.role import SignedIn


@dataclass(frozen=True, slots=True)
class ShownPart:
    """A part in one language."""

    heading: str
    say: tuple[str, ...]
    points: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Source:
    """A source as it is listed at the foot of a page, and how its figures were read."""

    title: str
    ref: str
    read: str


@require_safe
def index(request: SignedIn) -> HttpResponse:
    """Everything there is to read, in the order of the way."""
    shown = [(page.id, _in(page.title), _in(page.lead)) for page in pages()]
    return render(request, "diary/learn.html", {"pages": shown})


@require_safe
def page(request: SignedIn, page_id: str) -> HttpResponse:
    """One page: its parts, its drawing, its sources and its date."""
    every = pages()
    found = next((one for one in every if one.id == page_id), None)
    if found is None:
        raise Http404
    after = next((one for one in every if one.order > found.order), None)
    return render(
        request,
        "diary/learn_page.html",
        {
            "page": found,
            "title": _in(found.title),
            "lead": _in(found.lead),
            "parts": [_part(part) for part in found.parts],
            "sources": _sources(found),
            "facts": _facts(found),
            "after": (after.id, _in(after.title)) if after else None,
        },
    )


def _in(words: Words) -> str:
    """The words in the language of the page; English where there is no other."""
    return words.get((get_language() or "en")[:2], words["en"])


def _part(part: Part) -> ShownPart:
    return ShownPart(_in(part.heading), tuple(map(_in, part.say)), tuple(map(_in, part.points)))


def _sources(found: Page) -> list[Source]:
    known = load().sources
    read = {"abstract": _("read as its abstract"), "summary": _("read in a summary")}
    listed = []
    for key in found.sources:
        entry = known[key]
        if entry["kind"] == "site":
            listed.append(Source(_("A rule or plain advice of ours: no study stands behind it."), "", ""))
        else:
            how = str(entry.get("read", ""))
            listed.append(Source(str(entry["title"]), str(entry.get("ref", "")), read.get(how, how)))
    return list(dict.fromkeys(listed))


def _facts(found: Page) -> str:
    """The numbers of the statements a page stands on, for who wants to look them up."""
    return ", ".join(dict.fromkeys(name for part in found.parts for name in part.facts))
