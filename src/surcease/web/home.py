"""The clinic's home folder: everything a running clinic owns lies under it, and nothing outside it.

db.sqlite3  samples.sqlite3  files/ (by SHA-256)  secrets/ (0600)  backups/  outbox/  audit/  static/
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from platformdirs import user_data_path

FOLDERS = ("files", "secrets", "backups", "outbox", "audit/checkpoints", "static", "cache")


@dataclass(frozen=True, slots=True)
class Home:
    """One installation's folder. ``Home.at(path)`` makes what is missing."""

    path: Path

    @classmethod
    def at(cls, path: str | Path) -> Home:
        """The home at ``path``, with its folders made (0700: patient data lie in it)."""
        home = cls(Path(path).expanduser().resolve())
        home.path.mkdir(parents=True, exist_ok=True, mode=0o700)
        for name in FOLDERS:
            (home.path / name).mkdir(parents=True, exist_ok=True, mode=0o700)
        return home

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] = os.environ) -> Home:
        """SURCEASE_HOME, or the platform's user data folder."""
        return cls.at(environment.get("SURCEASE_HOME") or user_data_path("surcease"))

    def __truediv__(self, name: str) -> Path:
        return self.path / name

    @property
    def database(self) -> Path:
        """The record, on SQLite."""
        return self.path / "db.sqlite3"

    @property
    def samples(self) -> Path:
        """Device samples, in a file of their own so that they never wait for the record's lock."""
        return self.path / "samples.sqlite3"

    def secret(self, name: str) -> str:
        """A secret made on first use and kept in a file that only its owner reads."""
        return self.secret_bytes(name, lambda: secrets.token_urlsafe(50).encode()).decode()

    def secret_bytes(self, name: str, make: Callable[[], bytes]) -> bytes:
        """Like :meth:`secret`, for keys that ``make`` produces. Two processes at once agree on the first one."""
        file = self.path / "secrets" / name
        try:
            handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except FileExistsError:
            return _read_secret(file)
        with os.fdopen(handle, "wb") as out:
            out.write(make())
            out.flush()
            os.fsync(out.fileno())
        return file.read_bytes()


def _read_secret(file: Path) -> bytes:
    """The kept secret; refused when others may read it or when it is empty."""
    if file.stat().st_mode & 0o077:
        raise PermissionError(f"The secret {file.name} can be read by others: run chmod 600 on it and start again.")
    content = file.read_bytes()
    if not content:
        raise ValueError(f"The secret {file.name} is empty: restore it from a backup, or remove it to make a new one.")
    return content
