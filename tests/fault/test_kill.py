"""``kill -9`` in mid-stream: what was acknowledged is there once, and the page is back within five seconds."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest
from bench.ward import Ward
from tests.fault.breaking import kill_and_start
from tests.fault.results import keep

BACK_S = 5


def judge(figures: dict[str, Any], least: int) -> None:
    """Nothing lost, nothing doubled, and enough of it that this means something."""
    assert figures["acknowledged"] >= least, figures
    assert (figures["lost"], figures["doubled"]) == (0, 0), figures
    assert figures["back_on_screen_s"] <= BACK_S, figures


def test_three_kills(tmp_path: Path) -> None:
    judge(asyncio.run(_kills(tmp_path, 3)), 20)


@pytest.mark.fault
def test_a_hundred_kills(tmp_path: Path) -> None:
    figures = asyncio.run(_kills(tmp_path, 100))
    keep("kill9", figures)
    judge(figures, 1000)


async def _kills(folder: Path, rounds: int) -> dict[str, Any]:
    ward = await asyncio.to_thread(Ward(folder / "home").fill, 3)
    await asyncio.to_thread(ward.start)
    try:
        return await kill_and_start(ward, rounds, seed=20)
    finally:
        ward.kill()
