"""Sample addresses of the signed limits."""

from typing import Any


def samples(world: Any) -> dict[str, dict[str, Any]]:
    """Route name → keyword arguments."""
    return {"limits:person": {"patient_id": world.patient.pk}}
