"""One text for one content: what is hashed must not depend on key order, spacing or how a number was held."""

from __future__ import annotations

import hashlib
import json
import unicodedata
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from enum import Enum
from typing import Any
from uuid import UUID


def canonical(content: Any) -> str:
    """Canonical JSON: sorted keys, no spaces, NFC text, amounts as their exact digits, instants in UTC.

    Raises TypeError for a float, whose digits depend on who prints it.

    >>> canonical({"b": Decimal("21.70"), "a": None})
    '{"a":null,"b":"21.70"}'
    """
    return json.dumps(_plain(content), sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def sha256(text: str) -> str:
    """Hex SHA-256 of a text in UTF-8."""
    return hashlib.sha256(text.encode()).hexdigest()


def _plain(value: Any) -> Any:
    if value is None or isinstance(value, bool | int):
        return value
    if isinstance(value, float):
        raise TypeError("Signed content holds no floats: give amounts as Decimal.")
    if isinstance(value, Enum):
        return _plain(value.value)
    if isinstance(value, str):
        return unicodedata.normalize("NFC", value)
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, datetime):
        return _instant(value)
    if isinstance(value, date | UUID):
        return value.isoformat() if isinstance(value, date) else str(value)
    if isinstance(value, Mapping):
        return {unicodedata.normalize("NFC", str(k)): _plain(v) for k, v in value.items()}
    if is_dataclass(value) and not isinstance(value, type):
        return {f.name: _plain(getattr(value, f.name)) for f in fields(value)}
    if isinstance(value, list | tuple):
        return [_plain(v) for v in value]
    raise TypeError(
        f"Signed content cannot hold a {type(value).__name__}: give text, numbers, days, lists or mappings."
    )


def _instant(value: datetime) -> str:
    if value.tzinfo is None:
        raise TypeError("Signed content needs instants with their offset.")
    return value.astimezone(UTC).isoformat()
