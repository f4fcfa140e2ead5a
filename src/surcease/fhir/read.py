"""FHIR R4 files → records: one :class:`Read` per person, with an account of every resource."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from surcease.care.record import Person, Record
from surcease.fhir.book import book
from surcease.fhir.bundle import Entry, World, identity, worlds
from surcease.fhir.elements import ShapeError
from surcease.fhir.gather import Gathered
from surcease.fhir.person import person, replaced_by
from surcease.fhir.remarks import remarks
from surcease.fhir.report import Report, Tally
from surcease.fhir.strict import Source, read_source


@dataclass(frozen=True, slots=True)
class Read:
    """One person as read. ``named`` is False when the file only refers to the person, without a Patient."""

    record: Record
    report: Report
    named: bool = True


def read_bundle(path: Path | str) -> list[Read]:
    """Everyone in one file: a Bundle, a single resource or NDJSON, plain or .gz.

    Raises :class:`~surcease.fhir.strict.FhirError` (a ValueError, one sentence) for a file that is broken,
    too large or not FHIR.
    """
    return read_sources([read_source(Path(path))])


def read_files(paths: Iterable[Path | str]) -> list[Read]:
    """Everyone in several files: NDJSON files and single resources are one set, each Bundle stands alone."""
    return read_sources([read_source(Path(path)) for path in paths])


def read_sources(sources: Iterable[Source]) -> list[Read]:
    """The same from sources already in hand (an upload)."""
    return [read for world in worlds(sources) for read in of_world(world)]


def of_world(world: World) -> list[Read]:
    """Everyone in one set of resources that may refer to each other."""
    people: dict[str, list[Entry]] = {e.ref: [] for e in world.entries if e.kind == "Patient"}
    shared: list[Entry] = []
    for entry in world.entries:
        whose = _whose(world, entry)
        if whose is None:
            shared.append(entry)
        else:
            people.setdefault(whose, []).append(entry)
    return [_read(world, whose, own, shared if len(people) == 1 else []) for whose, own in people.items()]


def _whose(world: World, entry: Entry) -> str | None:
    try:
        return world.patient_of(entry)
    except ShapeError:
        return None


def _read(world: World, whose: str, own: list[Entry], shared: list[Entry]) -> Read:
    tally = Tally()
    patient = next((e for e in own if e.kind == "Patient"), None)
    who = _person(patient, whose, tally)
    for note in world.notes:
        tally.note(note)
    gathered = Gathered(world, book(), tally)
    for entry in [*own, *shared]:
        if entry is not patient:
            gathered.take(entry)
    record = gathered.record(who)
    for note in remarks(record):
        tally.note(note)
    return Read(record, tally.report(world.name, world.sha256), patient is not None)


def _person(patient: Entry | None, whose: str, tally: Tally) -> Person:
    blank = Person(id=whose.rpartition("/")[2], family="", given="", born=None)
    if patient is None:
        tally.note(f"The file refers to {whose[:80]} but holds no Patient: who it is stays unknown.")
        return blank
    try:
        who = person(patient.resource, identity(patient))
        tally.replaced_by = replaced_by(patient.resource)
    except ShapeError as error:
        tally.unmapped("Patient", "", str(error))
        return blank
    tally.mapped("Patient")
    if tally.replaced_by:
        tally.note(f"Its own system has merged this person into {tally.replaced_by[:80]}: use that record.")
    return who
