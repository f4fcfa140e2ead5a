"""What a phone sends: one entry as the very text it hashed, checked before anything is kept."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from surcease.care.diary_cards import cards, read_card
from surcease.knowledge import load
from surcease.units import read_number
from surcease.web.patients.record import value_to

ANSWERS = "answers"  # a questionnaire that came the diary's way
KINDS = ("average", "now", "pulse", "bad_day", ANSWERS)
FLAGS = ("home_dose_taken", "home_dose_extra")  # what earlier pages sent
WORDS = ("better_same_worse", "side_effects", "medicines", "pulse_of")
RED_FLAGS = ("chest_pain", "cannot_wake", "severe_headache", "weakness", "seizure", "self_harm", "blood_in_urine")
CLOCK_TOLERANCE = timedelta(seconds=60)


class NotReadable(ValueError):
    """What was sent cannot be read: one sentence, nothing kept."""


@dataclass(frozen=True, slots=True)
class Arrival:
    """One entry as it arrived."""

    entry_id: UUID
    sent_hash: str
    content: str
    kind: str
    at: datetime
    utc_offset_min: int
    local_date: date
    clock_error_s: int
    pain: Decimal | None
    site: str
    values: dict[str, Any]
    note: str
    late: bool
    replaces: UUID | None
    red_flags: tuple[str, ...]
    owner: str = ""  # whose phone it was written on, as the page said; "" when it did not
    instrument: str = ""
    items: dict[str, Any] = field(default_factory=dict)


def read_arrival(body: bytes, *, now: datetime) -> Arrival:
    """Read ``{"id", "hash", "content", "sent_at"}``; raises NotReadable with one sentence.

    Every older shape of the text stays readable: ``v`` 1 is the only one so far.
    """
    outer = _json(body.decode("utf-8", "replace"))
    content = outer.get("content")
    if not isinstance(content, str) or hashlib.sha256(content.encode()).hexdigest() != outer.get("hash"):
        raise NotReadable("The text and its hash do not match: send it again.")
    inner = _json(content)
    if inner.get("v") != 1 or inner.get("id") != outer.get("id"):
        raise NotReadable("This entry has another shape or another id than it says: send it again.")
    error = timedelta(0) if not outer.get("sent_at") else now - _instant(outer["sent_at"])
    at = _instant(inner.get("at")) + (error if abs(error) > CLOCK_TOLERANCE else timedelta(0))
    offset = timedelta(minutes=_offset(inner.get("utc_offset_min", 0)))
    written, today = (_instant(inner.get("at")) + offset).date(), (at + offset).date()
    day = _day(inner.get("day"))
    if day is None or day == written or day > today:  # "today" on a wrong clock is the right clock's day
        day = today
    return Arrival(
        entry_id=_uuid(inner.get("id")),
        sent_hash=str(outer["hash"]),
        content=content,
        kind=_one_of(inner.get("kind"), KINDS),
        at=at,
        utc_offset_min=int(offset.total_seconds() // 60),
        local_date=day,
        clock_error_s=round(error.total_seconds()),
        pain=_zero_to_ten("pain", inner.get("pain")),
        site=str(inner.get("site") or "")[:40],
        values=_values(inner),
        note=str(inner.get("note") or "")[:4000],
        late=day < today,
        replaces=_uuid(inner["replaces"]) if inner.get("replaces") else None,
        red_flags=tuple(f for f in RED_FLAGS if f in (inner.get("red_flags") or ())),
        owner=str(outer.get("owner") or ""),
        instrument=str(inner.get("instrument") or ""),
        items=inner["items"] if isinstance(inner.get("items"), dict) else {},
    )


def _json(text: str) -> dict[str, Any]:
    def pairs(items: list[tuple[str, Any]]) -> dict[str, Any]:
        if len(dict(items)) != len(items):
            raise NotReadable("A field stands twice: send each once.")
        return dict(items)

    def refuse(text: str) -> Any:
        raise NotReadable(f"{text} is not a number.")

    try:
        value = json.loads(text, object_pairs_hook=pairs, parse_constant=refuse, parse_float=str, parse_int=str)
    except (json.JSONDecodeError, RecursionError) as error:
        raise NotReadable("This is not JSON: send one entry as an object.") from error
    if not isinstance(value, dict):
        raise NotReadable("Send one entry as an object.")
    return value | ({"v": 1} if value.get("v") == "1" else {})


def _values(inner: dict[str, Any]) -> dict[str, Any]:
    """What else was said; what we do not know is kept in the text and not counted."""
    found: dict[str, Any] = {}
    for name, card in cards(load()).items():
        if inner.get(name) in (None, ""):
            continue
        try:
            found[name] = value_to(read_card(card, inner[name]))
        except ValueError as error:
            raise NotReadable(str(error)) from error
    for name in FLAGS:
        if isinstance(inner.get(name), bool):
            found[name] = {"kind": "bool", "value": inner[name]}
    for name in WORDS:
        value = inner.get(name)
        if isinstance(value, list):
            found[name] = {"kind": "codes", "value": [str(v)[:120] for v in value[:60]]}
        elif value:
            found[name] = {"kind": "text", "value": str(value)[:400]}
    return found


def _zero_to_ten(name: str, value: Any) -> Decimal | None:
    if value is None or value == "":
        return None
    try:
        number = read_number(str(value))
    except ValueError as error:
        raise NotReadable(f"{name}: {error}") from error
    if number > 10:
        raise NotReadable(f"{name} is {number}: it goes from 0 to 10.")
    return number


def _instant(text: Any) -> datetime:
    try:
        at = datetime.fromisoformat(str(text))
    except ValueError:
        at = None
    if at is None or at.tzinfo is None:
        raise NotReadable(f"{text!r} is not a time with its offset.")
    return at.astimezone(UTC)


def _day(text: Any) -> date | None:
    if not text:
        return None
    try:
        return date.fromisoformat(str(text))
    except ValueError as error:
        raise NotReadable(f"{text!r} is not a day: write 2026-03-02.") from error


def _uuid(text: Any) -> UUID:
    try:
        return UUID(str(text))
    except ValueError as error:
        raise NotReadable(f"{text!r} is not an id: send a UUID.") from error


def _offset(value: Any) -> int:
    try:
        minutes = int(value)
    except (TypeError, ValueError):
        minutes = 10_000
    if abs(minutes) > 14 * 60:
        raise NotReadable(f"{value!r} is not an offset in minutes: it lies between -840 and 840.")
    return minutes


def _one_of(value: Any, allowed: tuple[str, ...]) -> str:
    if value not in allowed:
        raise NotReadable(f"{value!r} is not a kind of entry: {', '.join(allowed)}.")
    return str(value)
