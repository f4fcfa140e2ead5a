"""HL7's way of writing an instant: ``20261125174800.5+0100``, as UTC."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone, tzinfo

_SHAPE = re.compile(r"(\d{4})(\d{2})(\d{2})(\d{2})(\d{2})(?:(\d{2})(?:\.(\d{1,6}))?)?([+-]\d{4})?", re.ASCII)


def read_instant(text: str, zone: tzinfo) -> datetime | None:
    """The instant in UTC, taken in ``zone`` when it names no offset; None for anything that is no instant.

    A day without a time is no instant: nothing is filled in.

    >>> read_instant("20261125174800+0100", UTC)
    datetime.datetime(2026, 11, 25, 16, 48, tzinfo=datetime.timezone.utc)
    >>> read_instant("20261125", UTC)
    """
    found = _SHAPE.fullmatch(text.strip())
    if found is None:
        return None
    year, month, day, hour, minute, second, part, offset = found.groups()
    micro = int((part or "0").ljust(6, "0"))
    try:
        where = _offset(offset) if offset else zone
        at = datetime(int(year), int(month), int(day), int(hour), int(minute), int(second or 0), micro, tzinfo=where)
        return at.astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def write_instant(at: datetime) -> str:
    """To the millisecond, with the offset.

    >>> write_instant(datetime(2026, 11, 25, 16, 48, tzinfo=UTC))
    '20261125164800.000+0000'
    """
    return f"{at:%Y%m%d%H%M%S}.{at.microsecond // 1000:03}{at:%z}"


def _offset(text: str) -> timezone:
    size = timedelta(hours=int(text[1:3]), minutes=int(text[3:5]))
    if size > timedelta(hours=14) or int(text[3:5]) > 59:
        raise ValueError("no such offset")
    return timezone(-size if text[0] == "-" else size)
