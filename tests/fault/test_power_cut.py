"""A power cut after any write of SQLite leaves every acknowledged row; the replay itself is seen to find a loss."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest
from bench.ward import Ward
from tests.fault import power_cut
from tests.fault.results import keep

needs_strace = pytest.mark.skipif(shutil.which("strace") is None, reason="recording writes needs Debian's strace")


def cut(folder: Path, *, writes: int, moments: int) -> dict[str, Any]:
    """Record and replay."""
    Ward(folder / "home").fill(1)
    base = dict(power_cut.files_of(folder / "home"))
    lines = power_cut.record(folder / "home", writes, folder / "trace")
    scratch = folder / "scratch"
    scratch.mkdir()
    return power_cut.replay(lines, base, moments, scratch, seed=20)


@needs_strace
def test_a_short_recording(tmp_path: Path) -> None:
    found = cut(tmp_path, writes=25, moments=100)
    assert found["states"] >= 300, found
    assert found["acknowledged"] == 25, found
    assert (found["lost"], found["corrupt"], found["doubled"]) == (0, 0, 0), found


@needs_strace
@pytest.mark.fault
def test_five_thousand_states(tmp_path: Path) -> None:
    found = cut(tmp_path, writes=250, moments=1300)
    keep("power_cut", found)
    assert found["states"] >= 5000, found
    assert (found["lost"], found["corrupt"], found["doubled"]) == (0, 0, 0), found


def test_what_is_acknowledged_before_its_sync_is_seen_to_be_lost(tmp_path: Path) -> None:
    """The replay itself must be able to fail: an acknowledgement that comes before the sync of its row."""
    import sqlite3
    from contextlib import closing

    base = tmp_path / "db.sqlite3"
    with closing(sqlite3.connect(base)) as connection:
        connection.execute("CREATE TABLE treatment_sessionevent (event_id TEXT)")
        connection.commit()
    empty = base.read_bytes()
    with closing(sqlite3.connect(base)) as connection:
        connection.execute("INSERT INTO treatment_sessionevent VALUES ('aa')")
        connection.commit()
    full = base.read_bytes()
    hexed = "".join(f"\\x{byte:02x}" for byte in full)
    said = "".join(f"\\x{byte:02x}" for byte in b"aa\n")
    write = f'pwrite64(3<{base}>, "{hexed}", {len(full)}, 0) = {len(full)}'
    lines = [f'write(4</x/acknowledged>, "{said}", 3) = 3', write, f"fdatasync(3<{base}>) = 0"]
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    disk = {base: empty, tmp_path / "db.sqlite3-wal": b""}
    early = power_cut.replay(lines, disk, 10, scratch, seed=1)
    assert early["lost"] >= 1, early
    right = power_cut.replay([*lines[1:], lines[0]], disk, 10, scratch, seed=1)
    assert right["lost"] == 0, right
