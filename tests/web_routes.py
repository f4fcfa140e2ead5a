"""Every route of the URL conf and the sample addresses of all apps: what the tests over all pages walk through."""

from __future__ import annotations

import importlib.util
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.urls import URLPattern, URLResolver, get_resolver

SAMPLES = Path(__file__).parent / "integration" / "samples"


def routes(resolver: URLResolver | None = None, spaces: tuple[str, ...] = ()) -> Iterator[tuple[str, bool]]:
    """Every route's full name, and whether its address has parts to fill in."""
    for entry in (resolver or get_resolver()).url_patterns:
        if isinstance(entry, URLResolver):
            inner = (*spaces, entry.namespace) if entry.namespace else spaces
            for name, filled in routes(entry, inner):
                yield name, filled or bool(entry.pattern.converters)
        elif isinstance(entry, URLPattern):
            yield ":".join((*spaces, entry.name or f"<unnamed {entry.pattern}>")), bool(entry.pattern.regex.groups)


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
