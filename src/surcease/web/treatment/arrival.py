"""What a tablet sends: one event as the very text it hashed, checked before anything is kept.

The tablet hashes a text and sends that text; the server hashes the same bytes. A number is read strictly, an
instant carries its offset, an unknown field is refused by its name.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from surcease.care.event import Payload, from_json

FUTURE = timedelta(minutes=5)
CLOCK_TOLERANCE = timedelta(seconds=60)


class NotReadable(ValueError):
    """What was sent cannot be read: one sentence, nothing kept."""


@dataclass(frozen=True, slots=True)
class Arrival:
    """One event as it arrived, its instant corrected by the tablet's clock error where that is over a minute."""

    event_id: UUID
    sent_hash: str
    content: str
    payload: Payload
    at: datetime
    utc_offset_min: int
    corrects: UUID | None
    clock_error_s: int


def read_arrival(body: bytes, *, now: datetime) -> Arrival:
    """Read ``{"id", "hash", "content", "sent_at"}``; raises NotReadable."""
    outer = _json(body.decode("utf-8", "replace"))
    content = outer.get("content")
    if not isinstance(content, str) or hashlib.sha256(content.encode()).hexdigest() != outer.get("hash"):
        raise NotReadable("The text and its hash do not match: send it again.")
    inner = _json(content)
    if inner.get("id") != outer.get("id"):
        raise NotReadable("The event's id inside and outside differ: send it again.")
    error = _clock_error(outer.get("sent_at"), now)
    at = _instant(inner.get("at")) + (error if abs(error) > CLOCK_TOLERANCE else timedelta(0))
    if at > now + FUTURE:
        raise NotReadable(f"{at:%H:%M} has not come yet: the time of an event is now or earlier.")
    payload = _payload(inner)
    return Arrival(
        event_id=_uuid(inner.get("id")),
        sent_hash=str(outer["hash"]),
        content=content,
        payload=payload,
        at=at,
        utc_offset_min=_offset(inner.get("utc_offset_min", 0)),
        corrects=_uuid(inner["corrects"]) if inner.get("corrects") else None,
        clock_error_s=round(error.total_seconds()),
    )


def _json(text: str) -> dict[str, Any]:
    def pairs(items: list[tuple[str, Any]]) -> dict[str, Any]:
        found = dict(items)
        if len(found) != len(items):
            raise NotReadable("A field stands twice: send each once.")
        return found

    def refuse(text: str) -> Any:
        raise NotReadable(f"{text} is not an amount.")

    try:
        value = json.loads(text, object_pairs_hook=pairs, parse_constant=refuse, parse_float=str)
    except (json.JSONDecodeError, RecursionError) as error:
        raise NotReadable("This is not JSON: send one event as an object.") from error
    if not isinstance(value, dict):
        raise NotReadable("Send one event as an object.")
    return value


def _payload(inner: dict[str, Any]) -> Payload:
    data = inner.get("payload")
    if not isinstance(data, dict):
        raise NotReadable("The event has no payload: say what happened.")
    try:
        payload = from_json(str(inner.get("kind")), data)
    except (TypeError, ArithmeticError) as error:
        raise NotReadable(f"The {inner.get('kind')} event cannot be read: check its numbers and its fields.") from error
    except ValueError as error:
        raise NotReadable(str(error)) from error
    return payload


def _instant(text: Any) -> datetime:
    try:
        at = datetime.fromisoformat(str(text))
    except ValueError:
        at = None
    if at is None or at.tzinfo is None:
        raise NotReadable(f"{text!r} is not a time with its offset: write 2026-03-02T09:30:00+01:00.")
    return at.astimezone(UTC)


def _clock_error(sent_at: Any, now: datetime) -> timedelta:
    """How far the tablet's clock is behind ours: what must be added to its times."""
    return timedelta(0) if not sent_at else now - _instant(sent_at)


def _uuid(text: Any) -> UUID:
    try:
        return UUID(str(text))
    except ValueError as error:
        raise NotReadable(f"{text!r} is not an id: send a UUID.") from error


def _offset(value: Any) -> int:
    if not isinstance(value, int) or abs(value) > 14 * 60:
        raise NotReadable(f"{value!r} is not an offset in minutes: it lies between -840 and 840.")
    return value
