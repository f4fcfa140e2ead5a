"""Diary entries and sessions of another clinic: kept as R4, read back as the record's own types."""

from __future__ import annotations

from collections.abc import Iterator

from surcease.care.record import DiaryEntry, Given
from surcease.fhir.read_own import diary_entry, given
from surcease.fhir.strict import parse
from surcease.fhir.write import dumps
from surcease.fhir.write_said import diary_entry as write_diary_entry
from surcease.fhir.write_said import given as write_given
from surcease.web.interop.models import ElsewhereRow
from surcease.web.patients.models import Patient
from surcease.web.signing.canonical import sha256


def row_of(thing: DiaryEntry | Given, patient: Patient) -> ElsewhereRow:
    """The unsaved row. Its key is its content: the same entry twice is one."""
    subject = {"reference": f"Patient/{patient.pk}"}
    if isinstance(thing, DiaryEntry):
        resource, kind, at = write_diary_entry(thing, subject), ElsewhereRow.Kind.DIARY, thing.at
    else:
        resource, kind, at = write_given(thing, subject), ElsewhereRow.Kind.GIVEN, thing.started
    text = dumps(resource)
    return ElsewhereRow(kind=kind, resource=text, at=at, origin_key=f"{kind}|{sha256(text)}")


def diary_elsewhere(patient: Patient) -> Iterator[DiaryEntry]:
    """Diary entries that came with an import, oldest first."""
    for row in _standing(patient, ElsewhereRow.Kind.DIARY):
        entry = diary_entry(parse(row.resource, "a kept diary entry"))
        if entry is not None:
            yield entry


def given_elsewhere(patient: Patient) -> Iterator[Given]:
    """Sessions that came with an import, oldest first."""
    for row in _standing(patient, ElsewhereRow.Kind.GIVEN):
        session = given(parse(row.resource, "a kept session"))
        if session is not None:
            yield session


def _standing(patient: Patient, kind: str) -> list[ElsewhereRow]:
    return list(ElsewhereRow.objects.standing().filter(patient=patient, kind=kind).order_by("at", "origin_key"))
