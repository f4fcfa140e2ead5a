"""Sample addresses of the border's routes."""

from typing import Any

from surcease.care.record import Person, Record
from surcease.fhir.strict import source_of
from surcease.fhir.write import dumps, write_bundle
from surcease.web.interop.actions import keep_batch


def samples(world: Any) -> dict[str, dict[str, Any]]:
    """Route name → keyword arguments."""
    text = dumps(write_bundle(Record(Person("p1", "Lee", "Ann", None))))
    batch = keep_batch(
        by=world.users.nurse, now=world.now, site=world.site, sources=[source_of(text.encode(), "ann.json")]
    )
    return {
        "interop:batch": {"batch_id": batch.pk},
        "interop:export": {"patient_id": world.patient.pk},
        "fhir:search": {"kind": "Condition"},
        "fhir:read": {"kind": "Patient", "resource_id": str(world.patient.pk)},
        "fhir:everything": {"patient_id": world.patient.pk},
        "cds_hooks:call": {"service": "ketamine-order"},
    }
