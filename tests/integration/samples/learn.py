"""Sample addresses of the pages to learn from."""

from typing import Any


def samples(world: Any) -> dict[str, dict[str, Any]]:
    """Route name → keyword arguments."""
    return {"diary:learn_page": {"page_id": "how"}}
