"""Every route of the URL conf and the sample addresses of all apps: what the tests over all pages walk through."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import Any

from bench.addresses import routes

__all__ = ["SAMPLES", "all_samples", "routes"]
SAMPLES = Path(__file__).parent / "integration" / "samples"


def all_samples(world: Any) -> dict[str, dict[str, Any]]:
    """Route name → sample arguments, from ``tests/integration/samples/<app>.py`` of every app."""
    found: dict[str, dict[str, Any]] = {}
    for file in sorted(SAMPLES.glob("*.py")):
        spec = importlib.util.spec_from_file_location(f"samples_{file.stem}", file)
        assert spec is not None
        assert spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        found |= module.samples(world)
    return found
