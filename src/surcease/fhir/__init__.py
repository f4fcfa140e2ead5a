"""Floor 4: FHIR R4 resource dicts ↔ care.record. Pure: no network, no database, no clock."""

from surcease.fhir.read import Read, read_bundle, read_files, read_sources
from surcease.fhir.report import Report, Unmapped
from surcease.fhir.strict import FhirError

__all__ = ["FhirError", "Read", "Report", "Unmapped", "read_bundle", "read_files", "read_sources"]
