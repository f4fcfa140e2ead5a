"""A calendar file (RFC 5545) that any phone takes: days and times, escaped and folded as the standard asks."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime

MOST_OCTETS = 75  # RFC 5545 §3.1


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry. ``start`` and ``end`` are both days (``end`` is the first day after) or both moments with a zone.

    ``uid`` is the same in every file, so that a phone replaces its earlier self; ``sequence`` counts its changes.
    """

    uid: str
    summary: str
    start: date | datetime
    end: date | datetime
    text: str = ""
    cancelled: bool = False
    sequence: int = 0
    busy: bool = True


def calendar(entries: Iterable[Entry], *, name: str, now: datetime) -> str:
    """The file's text, lines ended by CRLF."""
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Surcease//Diary//EN", "CALSCALE:GREGORIAN", "METHOD:PUBLISH"]
    lines.append(f"X-WR-CALNAME:{_text(name)}")
    for entry in entries:
        lines += _event(entry, now)
    lines.append("END:VCALENDAR")
    return "".join(f"{part}\r\n" for line in lines for part in _folded(line))


def _event(entry: Entry, now: datetime) -> Iterator[str]:
    yield "BEGIN:VEVENT"
    yield f"UID:{entry.uid}"
    yield f"DTSTAMP:{_moment(now)}"
    yield f"SEQUENCE:{entry.sequence}"
    yield _when("DTSTART", entry.start)
    yield _when("DTEND", entry.end)
    yield f"SUMMARY:{_text(entry.summary)}"
    if entry.text:
        yield f"DESCRIPTION:{_text(entry.text)}"
    yield f"STATUS:{'CANCELLED' if entry.cancelled else 'CONFIRMED'}"
    yield f"TRANSP:{'OPAQUE' if entry.busy else 'TRANSPARENT'}"
    yield "CLASS:PRIVATE"
    yield "END:VEVENT"


def _when(name: str, at: date | datetime) -> str:
    if isinstance(at, datetime):
        return f"{name}:{_moment(at)}"
    return f"{name};VALUE=DATE:{at:%Y%m%d}"


def _moment(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y%m%dT%H%M%SZ}"


def _text(said: str) -> str:
    """Text as §3.3.11 writes it.

    >>> _text("4 h; bring: keys, card")
    '4 h\\\\; bring: keys\\\\, card'
    """
    return re.sub(r"([\\;,])", r"\\\1", said).replace("\r\n", "\\n").replace("\n", "\\n")


def _folded(line: str) -> Iterator[str]:
    """A line in pieces of at most 75 octets, no letter torn apart; each further piece begins with a space."""
    piece = ""
    for letter in line:
        if len((piece + letter).encode()) > MOST_OCTETS:
            yield piece
            piece = " "
        piece += letter
    yield piece
