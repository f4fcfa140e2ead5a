"""What other apps add to the chair's page and to a card of the board: registered by them, unknown to the step."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

from surcease.web.accounts import matrix

if TYPE_CHECKING:
    from surcease.web.treatment.queries import Sheet

Part = Callable[["Sheet"], "dict[str, Any] | None"]
Notes = Callable[[Iterable[Any]], "dict[Any, str]"]
_parts: dict[str, Part] = {}
_notes: dict[str, Notes] = {}


def chair_part(name: str, part: Part) -> None:
    """Register (from AppConfig.ready) ``part(sheet)``: what its template ``page`` needs, with its name; or None."""
    _parts[name] = part


def board_note(name: str, notes: Notes) -> None:
    """Register ``notes(session keys)``: a sentence for some of the sessions, by key."""
    _notes[name] = notes


def parts_of(sheet: Sheet, role: str) -> list[dict[str, Any]]:
    """The parts of this session's page; ``may`` says whether this role writes in a session."""
    may = matrix.may(role, "session.write")
    return [found | {"may": may} for part in _parts.values() if (found := part(sheet)) is not None]


def notes_of(sessions: Iterable[Any]) -> dict[Any, tuple[str, ...]]:
    """The sentences of each session's card."""
    keys, found = list(sessions), dict[Any, tuple[str, ...]]()
    for notes in _notes.values():
        for key, said in notes(keys).items():
            found[key] = (*found.get(key, ()), said)
    return found
