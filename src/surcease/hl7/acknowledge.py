"""The answer to a message: accepted, wrong, or refused, in the mode that the sender asked for.

Original mode (MSH-15 and MSH-16 empty): one answer, AA, AE or AR. Enhanced mode: an accept acknowledgement (CA, CE,
CR) when MSH-15 wants one, an application acknowledgement (AA, AE, AR) when MSH-16 does, in that order.

AA: everything in it that could be kept is kept, and committed. AE: something in the message itself is wrong, nothing
of it is kept, sending it again does not help. AR: it is refused for another reason, nothing of it is kept.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from surcease.hl7.instant import write_instant
from surcease.hl7.message import Header, Separators

APPLICATION, FACILITY = "SURCEASE", ""
WANTS = {  # table 0155: when an answer is wanted
    "AL": (True, True), "NE": (False, False), "SU": (True, False), "ER": (False, True),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Verdict:
    """``A`` accepted, ``E`` wrong in itself, ``R`` refused; with table 0357's code and one sentence."""

    letter: str = "A"
    code: str = "0"
    said: str = ""


ACCEPTED = Verdict()


def acknowledgements(header: Header, verdict: Verdict, *, now: datetime, own_id: str) -> tuple[bytes, ...]:
    """The answers to send, none when the sender wants none. ``own_id`` is unique among our messages."""
    if not header.accept and not header.answer:
        return (_answer(header, "A" + verdict.letter, verdict, now, own_id),)
    good = verdict.letter == "A"
    found = []
    if _wanted(header.accept, good):
        found.append(_answer(header, "C" + verdict.letter, verdict, now, own_id + "C"))
    if _wanted(header.answer, good):
        found.append(_answer(header, "A" + verdict.letter, verdict, now, own_id))
    return tuple(found)


def _wanted(code: str, good: bool) -> bool:
    """An empty field beside a filled one means never; a word we do not know means always."""
    return bool(code) and WANTS.get(code.upper(), (True, True))[0 if good else 1]


def _answer(header: Header, letters: str, verdict: Verdict, now: datetime, own_id: str) -> bytes:
    s = header.separators
    signs = s.component + s.repetition + s.escape + s.subcomponent
    event = header.kind.partition("^")[2]
    kind = s.component.join(("ACK", event, "ACK")) if event else "ACK"
    said = escape(verdict.said, s)
    msh = ["MSH", signs, APPLICATION, escape(header.receiver_facility or FACILITY, s), escape(header.application, s),
           escape(header.facility, s), write_instant(now), "", kind, own_id[:20], escape(header.processing, s) or "P",
           escape(header.version, s) or "2.5", "", "", "", "", "", "UNICODE UTF-8"]  # fmt: skip
    msa = ["MSA", letters, escape(header.control_id, s), said if len(said) <= 80 else ""]
    lines = [s.field.join(msh), s.field.join(msa).rstrip(s.field)]
    if verdict.letter != "A":
        place = s.component.join((verdict.code, "", "HL70357"))
        lines.append(s.field.join(["ERR", "", "", place, "E", "", "", "", said]))
    return ("\r".join(lines) + "\r").encode()


def escape(text: str, s: Separators) -> str:
    """Text in which no separator and no line end is left.

    >>> escape("a|b", Separators())
    'a\\\\F\\\\b'
    """
    found = text.replace(s.escape, f"{s.escape}E{s.escape}")
    for sign, letter in ((s.field, "F"), (s.component, "S"), (s.repetition, "R"), (s.subcomponent, "T")):
        found = found.replace(sign, f"{s.escape}{letter}{s.escape}")
    return " ".join(found.split())
