"""One process at a time writes a SQLite clinic. The lock is the kernel's: it ends with the process, however it ends."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager

from surcease.web.home import Home


class HomeIsBusy(RuntimeError):
    """Another process holds the home folder."""


@contextmanager
def held(home: Home) -> Iterator[None]:
    """Hold the home folder. Raises HomeIsBusy with one sentence when someone else does.

    On PostgreSQL the database itself serves many writers, and nothing is held.
    """
    if os.environ.get("DATABASE_URL"):
        yield
        return
    handle = os.open(home / "lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            holder = os.pread(handle, 64, 0).decode("ascii", "replace").strip()
            raise HomeIsBusy(
                f"Surcease already runs on {home.path} (process {holder or '?'}): stop it first, or use its pages."
            ) from error
        os.ftruncate(handle, 0)
        os.pwrite(handle, f"{os.getpid()}\n".encode(), 0)
        yield
    finally:
        os.close(handle)
