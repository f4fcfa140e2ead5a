"""Every write and sync of SQLite, recorded, and the disk rebuilt as a power cut after any of them would leave it.

A file system may keep, lose or tear what was written and not yet synced. So after each recorded step the files are
made in four ways: all that was not synced is dropped, all is kept, the last write is torn in half, a random part is
kept. In each the database is opened, checked, and asked for every row that had been acknowledged by then.
"""

from __future__ import annotations

import random
import re
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

WRITE = re.compile(r'pwrite64\(\d+<([^>]+)>, "((?:\\x..)*)", (\d+), (\d+)\)\s+= (\d+)')
SAID = re.compile(r'^write\(\d+<([^>]+)>, "((?:\\x..)*)"')
SYNC = re.compile(r"f(?:data)?sync\(\d+<([^>]+)>\)\s+= 0")
CUT = re.compile(r"ftruncate\(\d+<([^>]+)>, (\d+)\)\s+= 0")
WAYS = ("dropped", "kept", "torn", "random")


@dataclass
class OnDisk:
    """One file: what is surely there, and what was written since the last sync."""

    synced: bytearray
    since: list[tuple[int, bytes]] = field(default_factory=list)  # offset, bytes; a cut has offset -length-1

    def sync(self) -> None:
        """What was written is there now."""
        self.synced = self.after(self.since)
        self.since = []

    def after(self, ops: list[tuple[int, bytes]]) -> bytearray:
        """The file after some of the writes."""
        found = bytearray(self.synced)
        for offset, data in ops:
            if offset < 0:
                del found[-offset - 1 :]
                continue
            if len(found) < offset:
                found.extend(bytes(offset - len(found)))
            found[offset : offset + len(data)] = data
        return found

    def left(self, way: str, rng: random.Random) -> bytearray:
        """The file as one way of losing power leaves it."""
        if way == "dropped" or not self.since:
            return bytearray(self.synced)
        if way == "kept":
            return self.after(self.since)
        if way == "torn":
            offset, data = self.since[-1]
            return self.after([*self.since[:-1], (offset, data[: len(data) // 2])])
        return self.after([op for op in self.since if rng.random() < 0.5])


def record(home: Path, writes: int, out: Path) -> list[str]:
    """Run the scripted acts under strace; the trace's lines."""
    script = Path(__file__).with_name("scripted_acts.py")
    trace = [
        "strace",
        "-y",
        "-xx",
        "-s",
        "1000000",
        "-o",
        str(out),
        "-e",
        "trace=pwrite64,write,fsync,fdatasync,ftruncate",
    ]
    subprocess.run([*trace, sys.executable, str(script), str(home), str(writes)], check=True, capture_output=True)
    return out.read_text("latin-1").splitlines()


def replay(lines: list[str], base: dict[Path, bytes], most: int, scratch: Path, seed: int) -> dict[str, Any]:
    """Rebuild and judge at most ``most`` moments, evenly spread; how many states, and what was lost in them."""
    rng, disk = random.Random(seed), {path: OnDisk(bytearray(data)) for path, data in base.items()}
    acknowledged: list[str] = []
    moments = [n for n, line in enumerate(lines) if any(p.search(line) for p in (WRITE, SYNC, CUT))]
    chosen = set(moments[:: max(1, len(moments) // most)])
    figures: dict[str, Any] = {"states": 0, "lost": 0, "corrupt": 0, "doubled": 0}
    for n, line in enumerate(lines):
        _step(line, disk, acknowledged)
        if n in chosen:
            for way in WAYS:
                files = {path.name: file.left(way, rng) for path, file in disk.items()}
                _judge(files, acknowledged, scratch, figures)
    return figures | {"acknowledged": len(acknowledged)}


def _step(line: str, disk: dict[Path, OnDisk], acknowledged: list[str]) -> None:
    if found := WRITE.search(line):
        path = _path(found[1])
        if path in disk:
            disk[path].since.append((int(found[4]), _bytes(found[2])[: int(found[5])]))
    elif found := SYNC.search(line):
        if (path := _path(found[1])) in disk:
            disk[path].sync()
    elif found := CUT.search(line):
        if (path := _path(found[1])) in disk:
            disk[path].since.append((-int(found[2]) - 1, b""))
    elif (found := SAID.search(line)) and _path(found[1]).name == "acknowledged":
        acknowledged += _bytes(found[2]).decode().split()


def _path(text: str) -> Path:
    """The file behind a descriptor; with -xx strace writes its name in hexadecimal as well."""
    return Path(_bytes(text).decode() if text.startswith("\\x") else text)


def _bytes(text: str) -> bytes:
    return bytes.fromhex(text.replace("\\x", ""))


def _judge(files: dict[str, bytearray], acknowledged: list[str], scratch: Path, figures: dict[str, Any]) -> None:
    for name in ("db.sqlite3", "db.sqlite3-wal"):
        (scratch / name).write_bytes(files[name])
    (scratch / "db.sqlite3-shm").unlink(missing_ok=True)
    figures["states"] += 1
    try:
        with closing(sqlite3.connect(scratch / "db.sqlite3")) as connection:
            sound = connection.execute("PRAGMA quick_check").fetchone()[0] == "ok"
            rows = [row[0] for row in connection.execute("SELECT event_id FROM treatment_sessionevent")]
    except sqlite3.DatabaseError:
        figures["corrupt"] += 1
        return
    figures["corrupt"] += not sound
    figures["lost"] += len(set(acknowledged) - set(rows))
    figures["doubled"] += len(rows) - len(set(rows))


def files_of(home: Path) -> Iterator[tuple[Path, bytes]]:
    """The database and its log as they lie there before the acts."""
    for name in ("db.sqlite3", "db.sqlite3-wal"):
        path = home / name
        yield path, path.read_bytes() if path.exists() else b""
