"""Sample addresses of the live feed."""

from typing import Any

from surcease.web.devices import actions


def samples(world: Any) -> dict[str, dict[str, Any]]:
    """Route name → keyword arguments; the steps' samples have made the session."""
    from surcease.web.treatment.models import TreatmentSession

    device = actions.accept_device(
        by=world.users.nurse, now=world.now, site=world.site, sent_as="SAMPLE", name="Monitor"
    )
    session = TreatmentSession.objects.filter(patient=world.patient).first()
    one = {"session_id": session.pk if session else device.pk}
    return {
        "devices:retire": {"device_id": device.pk},
        **{f"devices:{name}": one for name in ("feed", "take", "pair", "unpair", "seen")},
    }
