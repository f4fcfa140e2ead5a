"""A person's record as the resources the API serves: ids that say whose they are, references that fit."""

from __future__ import annotations

from uuid import UUID

from surcease.fhir.elements import Json
from surcease.fhir.write import write_bundle
from surcease.web.patients.models import Patient
from surcease.web.patients.record import make_record


def resources_of(patient: Patient) -> list[Json]:
    """Every resource of one person. The id of each begins with the person's, so that it alone finds it again."""
    entries = [entry["resource"] for entry in write_bundle(make_record(patient))["entry"]]
    return [r if r["resourceType"] in ("Patient", "Questionnaire") else r | {"id": api_id(patient, r)} for r in entries]


def api_id(patient: Patient, resource: Json) -> str:
    """64 characters: the person's id without dashes, and the content's."""
    return f"{patient.pk.hex}.{str(resource['id']).replace('-', '')[:31]}"


def person_of(resource_id: str) -> UUID | None:
    """Whose resource an id names, None for an id that is not ours."""
    head, dot, tail = resource_id.partition(".")
    try:
        return UUID(hex=head) if dot and tail and len(head) == 32 else None
    except ValueError:
        return None
