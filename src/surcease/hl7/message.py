"""One HL7 v2 message as fields: the header's own separators, escapes undone, one character set, nothing guessed."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

MOST_SEGMENTS = 2_000
CHARSETS = {"": "utf-8", "UNICODE UTF-8": "utf-8", "UTF-8": "utf-8", "ASCII": "ascii", "8859/1": "iso-8859-1"}
_NAME = re.compile(r"[A-Z][A-Z0-9]{2}")


class Hl7Error(ValueError):
    """A message that cannot be taken. ``code`` is of HL7 table 0357; ``reject`` says AR rather than AE.

    The sentence holds no content of the message beyond its header.
    """

    def __init__(self, said: str, code: str, *, reject: bool = False) -> None:
        super().__init__(said)
        self.code, self.reject = code, reject


@dataclass(frozen=True, slots=True)
class Separators:
    """Field, component, repetition, escape, subcomponent."""

    field: str = "|"
    component: str = "^"
    repetition: str = "~"
    escape: str = "\\"
    subcomponent: str = "&"

    def undo(self, text: str) -> str:
        """Escapes undone; one that we do not know stays as it came."""
        if self.escape not in text:
            return text
        known = {"F": self.field, "S": self.component, "R": self.repetition, "E": self.escape, "T": self.subcomponent}
        mark = re.escape(self.escape)
        return re.sub(f"{mark}([A-Z]){mark}", lambda m: known.get(m[1], m[0]), text)


@dataclass(frozen=True, slots=True)
class Segment:
    """One segment. Numbers are those of the standard: ``component(3, 1)`` is OBX-3.1."""

    name: str
    fields: tuple[str, ...]  # fields[0] is field 1, raw
    separators: Separators

    def raw(self, number: int) -> str:
        """A field as it was sent, "" when absent."""
        return self.fields[number - 1] if 0 < number <= len(self.fields) else ""

    def text(self, number: int) -> str:
        """A field that has no parts."""
        return self.separators.undo(self.raw(number)).strip()

    def repetitions(self, number: int) -> tuple[str, ...]:
        """The repetitions of a field, raw; none when it is empty."""
        return tuple(self.raw(number).split(self.separators.repetition)) if self.raw(number) else ()

    def component(self, number: int, part: int, repetition: int = 0) -> str:
        """One component, escapes undone; the first subcomponent where there are several."""
        every = self.repetitions(number)
        if repetition >= len(every):
            return ""
        parts = every[repetition].split(self.separators.component)
        chosen = parts[part - 1] if part <= len(parts) else ""
        return self.separators.undo(chosen.split(self.separators.subcomponent)[0]).strip()


@dataclass(frozen=True, slots=True)
class Header:
    """What MSH says, as far as an answer needs it."""

    separators: Separators = Separators()
    application: str = ""
    facility: str = ""
    receiver: str = ""
    receiver_facility: str = ""
    sent: str = ""
    kind: str = ""
    control_id: str = ""
    processing: str = ""
    version: str = ""
    accept: str = ""  # MSH-15, when an accept acknowledgement is wanted
    answer: str = ""  # MSH-16, when an application acknowledgement is wanted


@dataclass(frozen=True, slots=True)
class Message:
    """A header and the segments after it, in order."""

    header: Header
    segments: tuple[Segment, ...]

    def all(self, name: str) -> Iterator[Segment]:
        """The segments of one name."""
        return (s for s in self.segments if s.name == name)

    def first(self, name: str) -> Segment | None:
        """The first of a name."""
        return next(self.all(name), None)


def read_message(data: bytes) -> Message:
    """The message of one frame. Raises Hl7Error in one sentence."""
    text = _decode(data)
    lines = [line for line in re.split(r"\r\n|\r|\n", text) if line.strip()]
    if not lines:
        raise Hl7Error("The message is empty.", "100")
    if len(lines) > MOST_SEGMENTS:
        raise Hl7Error(f"The message has more than {MOST_SEGMENTS} segments.", "100")
    separators = _separators(lines[0])
    head = _segment(lines[0], separators)
    rest = tuple(_segment(line, separators) for line in lines[1:])
    if any(s.name == "MSH" for s in rest):
        raise Hl7Error("The frame holds more than one message: send each in its own frame.", "100")
    return Message(_header(head), rest)


def read_header(data: bytes) -> Header:
    """What can be read of the header of a message that could not be taken, for its answer; empty when nothing can."""
    line = re.split(rb"\r|\n", data.removeprefix(b"\xef\xbb\xbf"))[0].decode("latin-1")
    try:
        return _header(_segment(line, _separators(line)))
    except Hl7Error:
        return Header()


def _decode(data: bytes) -> str:
    data = data.removeprefix(b"\xef\xbb\xbf")
    named = read_header(data[:4096]) if b"MSH" in data[:8] else None
    charset = CHARSETS["8859/1"] if named and _charset(data) == "8859/1" else "utf-8"
    try:
        text = data.decode(charset)
    except UnicodeDecodeError as error:
        raise Hl7Error("The message is not in the character set it names: send UTF-8.", "102") from error
    if "\0" in text:
        raise Hl7Error("The message holds NUL characters.", "102")
    return text


def _charset(data: bytes) -> str:
    line = re.split(rb"\r|\n", data)[0].decode("latin-1")
    fields = line.split(line[3:4] or "|")
    said = fields[17].split("~")[0].strip().upper() if len(fields) > 17 else ""
    if said not in CHARSETS:
        raise Hl7Error(f"The character set {said[:20]!r} is not read here: send UNICODE UTF-8.", "103")
    return said


def _separators(line: str) -> Separators:
    if not line.startswith("MSH"):
        raise Hl7Error("The message does not begin with MSH.", "100")
    signs = line[3:4] + line[4:].split(line[3:4] or "|", 1)[0]
    if len(signs) not in (5, 6) or len(set(signs)) != len(signs) or any(c.isalnum() or c.isspace() for c in signs):
        raise Hl7Error("MSH does not name five different separators.", "101")
    return Separators(*signs[:5])


def _segment(line: str, separators: Separators) -> Segment:
    name, _, rest = line.partition(separators.field)
    if not _NAME.fullmatch(name):
        raise Hl7Error("A line of the message is no segment.", "100")
    fields = rest.split(separators.field) if rest else []
    return Segment(name, (separators.field, *fields) if name == "MSH" else tuple(fields), separators)


def _header(segment: Segment) -> Header:
    kind = "^".join(p for p in (segment.component(9, 1), segment.component(9, 2)) if p)
    return Header(
        separators=segment.separators,
        application=segment.component(3, 1)[:80],
        facility=segment.component(4, 1)[:80],
        receiver=segment.component(5, 1)[:80],
        receiver_facility=segment.component(6, 1)[:80],
        sent=segment.component(7, 1)[:30],
        kind=kind[:20],
        control_id=segment.text(10)[:199],
        processing=segment.component(11, 1)[:3],
        version=segment.component(12, 1)[:10],
        accept=segment.text(15)[:2],
        answer=segment.text(16)[:2],
    )
