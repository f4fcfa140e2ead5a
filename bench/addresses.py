"""Every route of the URL conf: what the matrix test and the pages' benchmark walk through."""

from __future__ import annotations

from collections.abc import Iterator

from django.urls import URLPattern, URLResolver, get_resolver


def routes(resolver: URLResolver | None = None, spaces: tuple[str, ...] = ()) -> Iterator[tuple[str, bool]]:
    """Every route's full name, and whether its address has parts to fill in."""
    for entry in (resolver or get_resolver()).url_patterns:
        if isinstance(entry, URLResolver):
            inner = (*spaces, entry.namespace) if entry.namespace else spaces
            for name, filled in routes(entry, inner):
                yield name, filled or bool(entry.pattern.converters)
        elif isinstance(entry, URLPattern):
            yield ":".join((*spaces, entry.name or f"<unnamed {entry.pattern}>")), bool(entry.pattern.regex.groups)
