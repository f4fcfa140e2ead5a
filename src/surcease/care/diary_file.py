"""Read a diary from a CSV file: ``at,score[,site]``, one line an entry; blank is missing, never 0.

``at`` is ISO: a date (the person's local day) or a time with its offset. ``score`` is 0–10. The person's own download
has more columns; of these ``kind`` (a number of now is no average), ``day`` and ``note`` are read too.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

from surcease.care.record import DiaryEntry
from surcease.units import read_number

KINDS = ("average", "now", "pulse", "bad_day")


class DiaryFileError(ValueError):
    """A line of a diary file that cannot be read, with its number and what is allowed."""


def read_diary(path: Path) -> tuple[DiaryEntry, ...]:
    """The entries of a diary file, in time order; entries without a score keep their day with pain None.

    Raises DiaryFileError naming the line, FileNotFoundError when there is no such file.
    """
    if not path.is_file():
        raise FileNotFoundError(f"There is no file {path.name}: give the path of a diary with the columns at,score.")
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise DiaryFileError(f"{path.name} is not UTF-8 text: save it as CSV in UTF-8.") from error
    rows = csv.DictReader(io.StringIO(text, newline=""))
    columns = [c.strip() for c in rows.fieldnames or ()]
    if not {"at", "score"} <= set(columns):
        raise DiaryFileError(
            f"{path.name} has the columns {', '.join(columns) or 'none'}: it needs at and score (site is optional), "
            "for example at,score / 2026-03-02,7."
        )
    return tuple(sorted(_entries(path.name, rows), key=lambda e: (e.at, e.entry_id)))


def _entries(name: str, rows: csv.DictReader[str]) -> Iterator[DiaryEntry]:
    for row in rows:
        number = rows.line_num
        cells = {
            k.strip(): (v or "").strip() for k, v in row.items() if isinstance(k, str) and isinstance(v, str | None)
        }
        if not any(cells.values()):
            continue
        at, day = _moment(name, number, cells.get("at", ""))
        if cells.get("day"):
            _at, day = _moment(name, number, cells["day"])
        offset = at.utcoffset()
        yield DiaryEntry(
            entry_id=f"{name}:{number}",
            kind=_kind(name, number, cells.get("kind", "")),
            at=at,
            local_date=day,
            utc_offset_min=int(offset.total_seconds() // 60) if offset else 0,
            received_at=at,
            pain=_score(name, number, cells.get("score", "")),
            site=cells.get("site", ""),
            note=cells.get("note", ""),
        )


def _kind(name: str, line: int, text: str) -> str:
    if text and text not in KINDS:
        raise DiaryFileError(f"{name} line {line}: the kind {text!r} is not known: use {', '.join(KINDS)}.")
    return text or "average"


def _moment(name: str, line: int, text: str) -> tuple[datetime, date]:
    try:
        if len(text) == 10:
            day = date.fromisoformat(text)
            return datetime(day.year, day.month, day.day, 21, tzinfo=UTC), day
        at = datetime.fromisoformat(text)
    except ValueError:
        at = None
    if at is None or at.tzinfo is None:
        raise DiaryFileError(
            f"{name} line {line}: {text!r} is not a day or a time with its offset; "
            "write 2026-03-02 or 2026-03-02T21:00+01:00."
        )
    return at, at.date()


def _score(name: str, line: int, text: str) -> Decimal | None:
    if not text:
        return None
    try:
        value = read_number(text)
    except ValueError:
        value = None
    if value is None or value > 10:
        raise DiaryFileError(
            f"{name} line {line}: the score {text!r} is not a number from 0 to 10; leave it blank when it is missing."
        )
    return value
