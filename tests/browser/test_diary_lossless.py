"""Nothing lost, nothing doubled, nothing silently overwritten: 500 entries here, 10⁴ in test-long, 10⁵ in fault."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest
from tests.browser.lossless import Run
from tests.browser.served import small_clinic

pytestmark = pytest.mark.browser
SIZES = [
    pytest.param(500, id="500"),
    pytest.param(10_000, marks=pytest.mark.long, id="10000"),
    pytest.param(100_000, marks=pytest.mark.fault, id="100000"),
]


@pytest.mark.parametrize("entries", SIZES)
def test_every_entry_arrives_once(entries: int, chromium: Any, tmp_path: Path) -> None:
    served = small_clinic(tmp_path / "home")
    served.start()
    try:
        found = Run(served, chromium, entries, seed=entries)()
    finally:
        served.stop()
    if place := os.environ.get("SURCEASE_LOSSLESS_FIGURES"):  # make bench-lossless
        Path(place).write_text(json.dumps(found.as_json()), encoding="utf-8")
    assert (found.lost, found.doubled, found.overridden, found.wrong_time) == (0, 0, 0, 0)
    assert found.restarts >= 1
    assert found.conflicts > 0
    assert found.refused_honestly > 0  # the full phone said so
    assert set(found.faults) >= {"refused", "half request", "answer lost", "half answer", "twice", "late again"}
