"""Sample addresses of the clinic's own questionnaires."""

from typing import Any

from surcease.knowledge.instrument_built import Row, build
from surcease.web.instruments.actions import keep_instrument


def samples(world: Any) -> dict[str, dict[str, Any]]:
    """Route name → keyword arguments."""
    made = build("Sample list", (Row("Do you sleep?", "boolean"),))
    kept = {"head": {"title": "Sample list", "permission": "our own"}, "rows": [{"text": "Do you sleep?"}]}
    row = keep_instrument(by=world.users.lead, now=world.now, instrument=made, how="built", made_from=kept)
    return {f"instruments:{name}": {"key": row.key} for name in ("look", "change", "end", "fhir")}
