"""What changed between two releases of knowledge, clinical changes apart from changes of wording."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from surcease.knowledge.library import Knowledge, canonical

#: keys that change what is said, not what is decided
WORDS = frozenset({"title", "say", "do", "note", "question", "label", "version", "effective", "display", "text"})


@dataclass(frozen=True, slots=True)
class Difference:
    """One document, or one entry of a dictionary, that is new, gone or changed. ``lines`` say what, one each."""

    where: str
    change: str  # added | removed | changed
    clinical: bool
    lines: tuple[str, ...] = ()


def differences(old: Knowledge, new: Knowledge) -> tuple[Difference, ...]:
    """Every difference from ``old`` to ``new``, by document."""
    before, after = dict(_entries(old)), dict(_entries(new))
    found = []
    for where in sorted({*before, *after}):
        if where not in before or where not in after:
            found.append(Difference(where, "added" if where in after else "removed", True))
        elif canonical(before[where]) != canonical(after[where]):
            paths = sorted(_paths(before[where], after[where]))
            clinical = any(_names(path).isdisjoint(WORDS) for path, _ in paths)
            found.append(Difference(where, "changed", clinical, tuple(f"{p}: {line}" for p, line in paths)))
    return tuple(found)


def _entries(knowledge: Knowledge) -> Iterator[tuple[str, Any]]:
    """Documents by path; the dictionaries of facts and sources entry by entry."""
    for path, document in knowledge.documents.items():
        if path == "sources.yaml" or path.startswith("facts"):
            for name, entry in (document or {}).items():
                yield f"{'source' if path == 'sources.yaml' else 'fact'} {name}", entry
        else:
            yield path.removesuffix(".yaml"), document


def _paths(old: Any, new: Any, at: str = "") -> Iterator[tuple[str, str]]:
    """The places at which two documents differ, each with what stands there."""
    if isinstance(old, Mapping) and isinstance(new, Mapping):
        for key in sorted({*old, *new}):
            if canonical(old.get(key)) != canonical(new.get(key)):
                yield from _paths(old.get(key), new.get(key), f"{at}.{key}".lstrip("."))
    elif isinstance(old, list) and isinstance(new, list) and len(old) == len(new):
        for i, (a, b) in enumerate(zip(old, new, strict=True)):
            if canonical(a) != canonical(b):
                yield from _paths(a, b, f"{at}[{i}]")
    elif isinstance(old, str) and isinstance(new, str) and "\n" in old + new:
        yield at or "text", "changed"  # a table: its lines are compared in the version history
    else:
        yield at, f"{_said(old)} → {_said(new)}"


def _names(path: str) -> set[str]:
    return {part.partition("[")[0] for part in path.split(".")}


def _said(value: Any) -> str:
    if value is None:
        return "nothing"
    return value if isinstance(value, str) else canonical(value)
