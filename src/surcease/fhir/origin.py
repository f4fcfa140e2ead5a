"""Where an imported statement came from, and the statements that their own authors took back."""

from __future__ import annotations

from datetime import datetime

from surcease.care.record import Origin
from surcease.fhir.elements import Json, day, display, objs, reference
from surcease.fhir.own import has_origin, origin_from

_WRITTEN = ("recordedDate", "authoredOn", "dateAsserted", "issued", "authored", "whenHandedOver")


class LeftOut(ValueError):  # noqa: N818 - nothing is wrong with the file: the statement must not count
    """A resource that must not count, with the reason."""


def origin_of(resource: Json, ref: str) -> Origin | None:
    """Our own account of it where there is one; else its address, who said it ("patient" when the person themself
    did), and when it was written down."""
    if has_origin(resource):
        return origin_from(resource)
    written = next((d for name in _WRITTEN if (d := day(resource, name)) is not None), None)
    return Origin("import", ref, _by(resource), written if isinstance(written, datetime) else None)


def _by(resource: Json) -> str:
    if isinstance(resource.get("performer"), list):
        actors = objs(resource, "performer")
        if actors and all("Patient/" in str(a.get("reference", "")) for a in actors):
            return "patient"
        return next((str(a["display"]) for a in actors if isinstance(a.get("display"), str)), "")
    for name in ("recorder", "asserter", "requester", "informationSource", "author", "source"):
        if isinstance(resource.get(name), dict):
            return "patient" if "Patient/" in reference(resource, name) else display(resource, name)
    return ""
