"""Foreign JSON, read strictly: exact decimals, no duplicate keys, no NaN, bounded size and depth.

Whatever is wrong becomes one :class:`FhirError` sentence that names the file and never its content.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any, NoReturn

MAX_FILE = 25_000_000  # as it lies on disk
MAX_BYTES = 64_000_000  # unpacked; a whole Synthea life is about 3 MB
MAX_DEPTH = 60  # R4 resources nest about 20 deep
MAX_DIGITS = 32  # written out, with the point: what the record keeps of a number
_NOT_TEXT = re.compile("[\x00\ud800-\udfff]")


class FhirError(ValueError):
    """A file that is not imported, with one sentence that says why and what to do."""


@dataclass(frozen=True, slots=True)
class Source:
    """One file as read: its name, the SHA-256 of its bytes, its unpacked text, and the bytes themselves."""

    name: str
    sha256: str
    text: str
    packed: bytes = field(default=b"", repr=False)


def read_source(path: Path) -> Source:
    """Read a plain or gzip file of at most :data:`MAX_FILE` bytes, :data:`MAX_BYTES` unpacked, as UTF-8."""
    if path.is_dir():
        raise FhirError(f"{path.name} is a folder: name the files in it.")
    try:
        with path.open("rb") as file:
            packed = file.read(MAX_FILE + 1)
    except OSError as error:
        raise FhirError(f"{path.name} cannot be read: {error.strerror or error}.") from None
    return source_of(packed, path.name)


def source_of(packed: bytes, name: str) -> Source:
    """The same from bytes already in hand (an upload)."""
    if len(packed) > MAX_FILE:
        _oversize(name, MAX_FILE)
    raw = _unpack(packed, name) if packed[:2] == b"\x1f\x8b" else packed
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise FhirError(f"{name} is not UTF-8 text (byte {error.start}): nothing was imported.") from None
    return Source(name, hashlib.sha256(packed).hexdigest(), text, packed)


def _unpack(packed: bytes, name: str) -> bytes:
    """Unpack without ever holding more than the limit (a small file can unpack to gigabytes)."""
    out, rest = b"", packed
    try:
        while rest:
            machine = zlib.decompressobj(wbits=31)
            out += machine.decompress(rest, MAX_BYTES + 1 - len(out))
            if machine.unconsumed_tail or len(out) > MAX_BYTES:
                _oversize(name, MAX_BYTES, " unpacked")
            if not machine.eof:
                raise EOFError
            rest = machine.unused_data.lstrip(b"\0")
    except (zlib.error, EOFError, gzip.BadGzipFile):
        raise FhirError(f"{name} is a damaged gzip file: nothing was imported; fetch it again.") from None
    return out


def _oversize(name: str, limit: int, how: str = "") -> NoReturn:
    raise FhirError(
        f"{name} is larger than {limit // 1_000_000} MB{how}: nothing was imported; split it per patient or pack it."
    )


def parse(text: str, name: str) -> Any:
    """Parse one JSON value; decimals stay exact :class:`~decimal.Decimal`.

    >>> parse('{"value": 72.50}', "x.json")
    {'value': Decimal('72.50')}
    >>> parse('{"a": 1, "a": 2}', "x.json")
    Traceback (most recent call last):
    surcease.fhir.strict.FhirError: x.json gives 'a' twice in one object: nothing was imported.
    """

    def refuse(why: str) -> NoReturn:
        raise FhirError(f"{name} {why}: nothing was imported.")

    def pairs(items: list[tuple[str, Any]]) -> dict[str, Any]:
        made = dict(items)
        if len(made) != len(items):
            keys = [key for key, _ in items]
            refuse(f"gives {next(k for k in keys if keys.count(k) > 1)[:40]!r} twice in one object")
        return made

    def number(digits: str) -> Decimal:
        value = Decimal(digits)
        if abs(value.adjusted()) > MAX_DIGITS or len(f"{value:f}") > MAX_DIGITS:
            refuse("holds a number no measurement needs")
        return value

    def whole(digits: str) -> int:
        return int(number(digits))

    def constant(word: str) -> NoReturn:
        refuse(f"holds {word}, which is not a JSON number")

    try:
        value = json.loads(text, parse_float=number, parse_int=whole, parse_constant=constant, object_pairs_hook=pairs)
    except json.JSONDecodeError as error:
        refuse(f"is not valid JSON (line {error.lineno}, column {error.colno}: {error.msg})")
    except RecursionError:
        refuse(f"nests deeper than {MAX_DEPTH} levels")
    _check(value, refuse)
    return value


def _check(value: Any, refuse: Any) -> None:
    """Depth, and characters no database or printer can hold."""
    waiting: list[tuple[Any, int]] = [(value, 1)]
    while waiting:
        item, depth = waiting.pop()
        if depth > MAX_DEPTH:
            refuse(f"nests deeper than {MAX_DEPTH} levels")
        if isinstance(item, str):
            if _NOT_TEXT.search(item):
                refuse("holds a character that is not text")
        elif isinstance(item, dict):
            waiting += [(part, depth + 1) for pair in item.items() for part in pair]
        elif isinstance(item, list):
            waiting += [(part, depth + 1) for part in item]


def values(source: Source) -> Iterator[Any]:
    """The JSON values of a file: one, or one per line (NDJSON)."""
    lines = [line for line in source.text.split("\n") if line.strip()] if _is_ndjson(source) else [source.text]
    if not source.text.strip():
        raise FhirError(f"{source.name} is empty: nothing was imported.")
    for line in lines:
        yield parse(line, source.name)


def _is_ndjson(source: Source) -> bool:
    """Told by its name, or by a first line that is a whole object with another below it."""
    if ".ndjson" in source.name.lower() or ".jsonl" in source.name.lower():
        return True
    head, _, rest = source.text.strip().partition("\n")
    return head.startswith("{") and head.rstrip().endswith("}") and rest.lstrip().startswith("{")
