"""PostgreSQL goes away and comes back; the disk fills up and has room again; two nurses write at once."""

from __future__ import annotations

import asyncio
import os
import random
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from bench import wire
from bench.ward import Ward, durable_postgresql
from tests.fault.breaking import Ledger, Writers, back_on_screen, compare
from tests.fault.results import keep

ROOM_MB = 24


def restart(address: str) -> None:
    """Stop the server without farewell and start it again."""
    folder = Path(address.partition("host=")[2])
    binaries = sorted(Path("/usr/lib/postgresql").glob("*/bin/pg_ctl"))
    if not binaries or not (folder / "data").is_dir():
        pytest.skip("restarting PostgreSQL needs Debian's postgresql package")
    user = ["runuser", "-u", "postgres", "--"] if os.getuid() == 0 else []
    options = f"-c max_connections=100 -c listen_addresses='' -c unix_socket_directories={folder}"
    command = [*user, binaries[-1], "-D", folder / "data", "-m", "immediate", "-w", "-l", folder / "log", "-o", options]
    subprocess.run([*command, "restart"], check=True, stdout=subprocess.DEVNULL, cwd="/")


async def restarts(folder: Path, address: str, rounds: int) -> dict[str, Any]:
    """So many restarts in mid-stream."""
    rng, ledger, screens = random.Random(20), Ledger(), []
    ward = await asyncio.to_thread(Ward(folder / "home", address).fill, 3)
    await asyncio.to_thread(ward.start)
    try:
        writers = Writers(ward, ledger)
        writers.start()
        for _round in range(rounds):
            await asyncio.sleep(rng.uniform(0.5, 2))
            await asyncio.to_thread(restart, address)
            screens.append(await back_on_screen(ward))
        await asyncio.sleep(2)
        before = ledger.acknowledged
        await asyncio.sleep(3)
        assert ledger.acknowledged > before, "nothing is written after the restarts"
        await writers.stop()
    finally:
        await asyncio.to_thread(ward.stop)
    found = compare(ward, ledger)
    return {
        "acknowledged": ledger.acknowledged, "lost": found.lost, "doubled": found.doubled, "rounds": rounds,
        "back_on_screen_s": round(max(screens), 2),
    }  # fmt: skip


@pytest.mark.parametrize(
    ("rounds", "least"), [(2, 20), pytest.param(30, 500, marks=pytest.mark.fault)], ids=["short", "thirty"]
)
def test_postgresql_restarts(tmp_path: Path, rounds: int, least: int) -> None:
    with durable_postgresql() as address:
        figures = asyncio.run(restarts(tmp_path, address, rounds))
    if rounds == 30:
        keep("postgresql_restart", figures)
    assert figures["acknowledged"] >= least, figures
    assert (figures["lost"], figures["doubled"]) == (0, 0), figures


@contextmanager
def small_disk(folder: Path) -> Iterator[Path]:
    """A file system of a few megabytes; skips where none may be mounted."""
    folder.mkdir()
    made = subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={ROOM_MB}m", "tmpfs", folder], check=False)
    if made.returncode:
        pytest.skip("a small file system cannot be mounted here: it needs root")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "-l", folder], check=True)


async def fill_the_disk(ward: Ward, disk: Path) -> dict[str, Any]:
    """Write, fill the disk, write on, make room, write on."""
    ledger, client, n = Ledger(), wire.Wire(ward.ports[0], ward.facts["nurse"]), 0
    address = f"/treatment/{ward.facts['sessions'][0]['id']}/events/"

    async def send(body: dict[str, Any], text: str) -> tuple[int, bytes]:
        status, said = await client.post(address, body)
        if status == 201:
            ledger.texts.add(text)
        return status, said

    for n in range(20):
        await send(wire.event("note", {"text": f"entry {n}"}), f"entry {n}")
    _ballast(disk)
    waiting, sentences = [], set()
    for n in range(20, 40):
        text, body = f"entry {n}", wire.event("note", {"text": f"entry {n}" + "x" * 20_000 * (n == 20)})
        status, said = await send(body, text)
        if status != 201:
            waiting.append((body, text))
            sentences.add((status, said.decode()))
    assert waiting, "the disk was never full"
    read, _page = await client.get(f"/treatment/{ward.facts['sessions'][0]['id']}/log/")
    (disk / "ballast").unlink()
    for body, text in waiting:
        status, _said = await send(body, text)
        assert status == 201, status
    return {"ledger": ledger, "sentences": sentences, "refused": len(waiting), "read": read}


def _ballast(disk: Path) -> None:
    """Fill it to the last byte."""
    with (disk / "ballast").open("ab", buffering=0) as out:
        for size in (65536, 4096, 1):
            try:
                while out.write(b"0" * size) == size:
                    pass
            except OSError:
                continue


def test_a_full_disk_acknowledges_nothing_says_so_and_recovers(tmp_path: Path) -> None:
    made = Ward(tmp_path / "made").fill(1)
    with small_disk(tmp_path / "disk") as disk:
        shutil.copytree(tmp_path / "made", disk / "home", ignore=shutil.ignore_patterns("static", "cache"))
        ward = Ward(disk / "home", facts=made.facts)
        ward.start()
        try:
            found = asyncio.run(fill_the_disk(ward, disk))
        finally:
            ward.stop()
        after = compare_texts(ward, found["ledger"])
    figures = {
        "acknowledged": len(found["ledger"].texts), "lost": after[0], "doubled": after[1],
        "refused_while_full": found["refused"], "way": f"tmpfs of {ROOM_MB} MB",
    }  # fmt: skip
    assert after == (0, 0), figures
    assert found["read"] == 507, "a chart opens only when the trail can say so"
    assert all(status == 507 and "disk" in said and "Nothing was saved" in said for status, said in found["sentences"])
    if os.environ.get("SURCEASE_KEEP_FAULTS"):
        keep("full_disk", figures)


def compare_texts(ward: Ward, ledger: Ledger) -> tuple[int, int]:
    """Lost and doubled."""
    found = compare(ward, Ledger(texts={t for t in ledger.texts if t != "entry 20"}))
    return found.lost, found.doubled


async def both(ward: Ward, each: int) -> list[str]:
    """Two nurses on one session at once, ``each`` entries; what was acknowledged."""
    address = f"/treatment/{ward.facts['sessions'][0]['id']}/events/"

    async def one(who: str) -> list[str]:
        client, kept = wire.Wire(ward.ports[0], ward.facts[who]), []
        for n in range(each):
            status, _said = await client.post(address, wire.event("note", {"text": f"entry {who} {n}"}))
            kept += [f"entry {who} {n}"] if status == 201 else []
        return kept

    return sum(await asyncio.gather(one("nurse"), one("physician")), [])


@pytest.mark.parametrize("database", ["sqlite", "postgresql"])
def test_two_nurses_at_once_are_both_kept(tmp_path: Path, database: str) -> None:
    with durable_postgresql() if database == "postgresql" else _no_server() as address:
        ward = Ward(tmp_path / "home", address).fill(1)
        ward.start()
        try:
            kept = asyncio.run(both(ward, 40))
        finally:
            ward.stop()
        found = compare(ward, Ledger(texts=set(kept)))
        places = sorted(seq for (seq,) in ward.rows("SELECT seq FROM treatment_sessionevent"))
    assert len(kept) == 80
    assert (found.lost, found.doubled) == (0, 0)
    assert places == list(range(1, len(places) + 1))
    if os.environ.get("SURCEASE_KEEP_FAULTS"):
        keep("two_nurses", {"acknowledged": len(kept), "lost": found.lost, "doubled": found.doubled})


@contextmanager
def _no_server() -> Iterator[str]:
    yield ""
