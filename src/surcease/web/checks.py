"""What start-up insists on: a SQLite that cannot lose an acknowledged commit; and a warning of its known bug."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from typing import Any

from django.core.checks import CheckMessage, Error, Tags, Warning, register
from django.db import connections

# value each PRAGMA must answer with, and its name in words
_WANTED = {"journal_mode": ("wal", "WAL"), "synchronous": (2, "FULL"), "foreign_keys": (1, "ON")}


@register(Tags.database)
def sqlite_is_safe(databases: Sequence[str] | None = None, **kwargs: Any) -> list[CheckMessage]:
    """Ask each SQLite database how it is really set."""
    found: list[CheckMessage] = []
    for alias in databases or []:
        connection = connections[alias]
        if connection.vendor != "sqlite" or connection.is_in_memory_db():  # type: ignore[attr-defined]
            continue
        with connection.cursor() as cursor:
            for pragma, (wanted, words) in _WANTED.items():
                cursor.execute(f"PRAGMA {pragma}")
                answer = cursor.fetchone()[0]
                if answer != wanted:
                    found.append(_unsafe(alias, pragma, words, answer))
        if connection.settings_dict["OPTIONS"].get("transaction_mode") != "IMMEDIATE":
            found.append(_unsafe(alias, "transaction_mode", "IMMEDIATE", "DEFERRED"))
        if reset_bug(sqlite3.sqlite_version_info):
            found.append(_reset_bug_warning())
    return found


def _unsafe(alias: str, what: str, wanted: str, answer: Any) -> Error:
    return Error(
        f"The SQLite database {alias!r} has {what}={answer}, not {wanted}: it could lose what it said was saved.",
        hint="Start it through `surcease run`, on a local disk, with its own settings.",
        id=f"surcease.E-{what}",
    )


def _reset_bug_warning() -> Warning:
    return Warning(
        f"SQLite {sqlite3.sqlite_version} has a rare bug that can damage a WAL database that several processes write "
        "(fixed in 3.51.3, 3.50.7 and 3.44.6).",
        hint="Run one Surcease process on it, keep the backups on, or use PostgreSQL (DATABASE_URL).",
        id="surcease.W-wal-reset",
    )


def reset_bug(version: tuple[int, ...]) -> bool:
    """Whether a SQLite version has the WAL-reset bug: 3.7.0 to 3.51.2, but for the branches where it was mended.

    >>> reset_bug((3, 40, 1)), reset_bug((3, 50, 7)), reset_bug((3, 51, 3))
    (True, False, False)
    """
    if version[:2] in ((3, 44), (3, 50)):
        return version < ((3, 44, 6) if version[1] == 44 else (3, 50, 7))
    return (3, 7, 0) <= version < (3, 51, 3)
