"""Writes of an import: keep the files, decide, and take each person in; all or nothing per person, once."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date, datetime
from typing import Any

from django.db import transaction

from surcease.care.derive_body import moment
from surcease.care.record import DiaryEntry, Given, Person, Record
from surcease.fhir import Read
from surcease.fhir.report import Report
from surcease.fhir.strict import Source
from surcease.knowledge.fact import Fact
from surcease.web.accounts.models import User
from surcease.web.audit import trail
from surcease.web.clinic.models import Site
from surcease.web.interop.elsewhere import row_of
from surcease.web.interop.models import ElsewhereRow, ImportBatch, ImportedPerson, ImportFile
from surcease.web.papers.actions import keep
from surcease.web.patients import actions as patients
from surcease.web.patients.access import relation_of
from surcease.web.patients.models import Patient, folded
from surcease.web.patients.record import make_record
from surcease.web.patients.take_in import same_person, take_in

Actor = User | str
#: the identifier system of a person whose own system gives none: the logical id of its Patient
FHIR_ID = "urn:surcease:fhir-patient-id"
_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


class NotTakenIn(ValueError):
    """One person of a file that is left alone, with one sentence that says why."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one person. ``patient`` is None when nothing was taken in, and ``refused`` says why."""

    patient: Patient | None
    registered: bool = False
    added: int = 0
    replaced: int = 0
    unchanged: int = 0
    refused: str = ""

    @property
    def word(self) -> str:
        """new | updated | unchanged | refused."""
        if self.patient is None:
            return "refused"
        if self.registered:
            return "new"
        return "updated" if self.added or self.replaced else "unchanged"


@transaction.atomic
def keep_batch(*, by: Actor, now: datetime, site: Site | None, sources: Iterable[Source]) -> ImportBatch:
    """Keep the files of one upload as they came; nothing of them enters a record yet."""
    user = by if isinstance(by, User) else None
    batch = ImportBatch.objects.create(site=site, made_by=user, made_at=now)
    for number, source in enumerate(sources):
        packed = source.packed[:2] == b"\x1f\x8b"
        media = "application/gzip" if packed else "application/fhir+json"
        document = keep(
            by=by, now=now, title=source.name, kind="import", content=source.packed, media_type=media, source=batch
        )
        ImportFile(batch=batch, document=document, number=number).save()
    trail.write("receive import", by=by, about=batch, details={"files": batch.files.count()})
    return batch


@transaction.atomic
def accept(*, by: Actor, now: datetime, batch: ImportBatch, reads: Sequence[Read]) -> list[Outcome]:
    """Take these people of a waiting batch in. A person who is refused leaves the others as they are.

    Raises ValueError when the batch was decided before.
    """
    _decide(batch, ImportBatch.State.ACCEPTED, by, now)
    outcomes = []
    for read in reads:
        try:
            outcome = import_record(read.record, read.report, by=by, now=now, site=batch.site, named=read.named)
        except ValueError as refused:
            outcome = Outcome(None, refused=str(refused))
        outcomes.append(outcome)
        _account(batch, read, outcome, now)
    return outcomes


@transaction.atomic
def discard(*, by: Actor, now: datetime, batch: ImportBatch) -> None:
    """Leave a waiting batch alone: its files stay, nothing of them enters a record."""
    _decide(batch, ImportBatch.State.DISCARDED, by, now)


def _decide(batch: ImportBatch, state: str, by: Actor, now: datetime) -> None:
    row = ImportBatch.objects.select_for_update().get(pk=batch.pk)
    if row.state != ImportBatch.State.WAITING:
        raise ValueError("This import has been decided before: nothing was changed.")
    row.state, row.decided_at = state, now
    row.decided_by = by if isinstance(by, User) else None
    row.save(update_fields=["state", "decided_by", "decided_at"])
    batch.state = row.state
    trail.write(f"import {state}", by=by, about=row)


@transaction.atomic
def import_record(
    record: Record, report: Report, *, by: Actor, now: datetime, site: Site | None, named: bool = True
) -> Outcome:
    """One person's record into the database. The same record again changes nothing.

    Raises NotTakenIn (a ValueError) for a person without a Patient, one whose record was merged into another, one
    whose identifier belongs to somebody else here, and one who is not in the care of ``by``.
    """
    patient = match(record, report, named=named)
    if isinstance(by, User) and patient is not None and relation_of(by, patient, now) is None:
        raise NotTakenIn("The person is here already, in the care of another site: ask that site to import it.")
    known = make_record(patient) if patient is not None else None
    fresh, unchanged = _without(record, known)
    fresh = replace(fresh, person=identified(record.person))
    taken = take_in(by=by, now=now, record=fresh, site=site, into=patient, source=_source(fresh.person, patient))
    _complete(by, now, taken.patient, record.person, registered=taken.registered)
    stated = _state(by, now, taken.patient, fresh.statements)
    elsewhere = _elsewhere(by, now, taken.patient, fresh)
    return Outcome(
        taken.patient,
        taken.registered,
        taken.added + stated + elsewhere,
        taken.replaced,
        taken.unchanged + unchanged,
    )


def match(record: Record, report: Report, *, named: bool = True) -> Patient | None:
    """The person here who this record is about, None for a new one; NotTakenIn when it must be left alone."""
    if not named:
        raise NotTakenIn("It refers to a person but holds no Patient: who it is stays unknown, nothing was imported.")
    if report.replaced_by:
        raise NotTakenIn("Its own system has merged it into another record: import that one.")
    person = record.person
    if not person.family and not person.given:
        raise NotTakenIn("Its Patient has no name: nothing was imported; add a name at its source.")
    try:
        found = same_person(identified(person))
    except ValueError as several:
        raise NotTakenIn(str(several)) from None
    if found is not None and not _fits(found, person):
        raise NotTakenIn(
            "Its identifier belongs here to somebody of another name or birth date: nothing was imported; "
            "correct the identifier first."
        )
    if found is not None and found.merged_into_id is not None:
        raise NotTakenIn("The person is merged here into another record: import into that one.")
    return found


def identified(person: Person) -> Person:
    """The person with an identifier in every case: the id of their Patient, where it is unique in the world or they
    have no other."""
    if not person.id or (any(system for system, _ in person.identifiers) and not _UUID.fullmatch(person.id)):
        return person
    return replace(person, identifiers=(*person.identifiers, (FHIR_ID, person.id)))


def _fits(patient: Patient, person: Person) -> bool:
    """Not another birth date, and not both another family name and another given name."""
    if patient.born and person.born and patient.born != person.born:
        return False
    pairs = [(patient.family, person.family), (patient.given, person.given)]
    return any(not ours or not theirs or folded(ours) == folded(theirs) for ours, theirs in pairs)


def _source(person: Person, patient: Patient | None) -> str:
    """The system that the record's own references belong to: the oldest identifier here that the record shares, so
    that a system that later lists its identifiers in another order is still the same one."""
    said = [pair for pair in person.identifiers if pair[0]]
    held = patient.identifiers.order_by("pk").values_list("system", "value") if patient is not None else ()
    return next((system for system, value in held if (system, value) in said), said[0][0] if said else "")


_KEYED = ("conditions", "medications", "allergies", "measurements", "answers")


def _without(record: Record, known: Record | None) -> tuple[Record, int]:
    """What is not already said here, and how much is: our own export come home changes nothing.

    What was imported before is told by its key in ``take_in``; here it is what was written in this clinic, and
    diary entries, sessions and statements, word for word.
    """
    if known is None:
        return record, 0
    parts: dict[str, Any] = {}
    for name in _KEYED:
        written = [thing for thing in getattr(known, name) if not _imported(thing)]
        parts[name] = tuple(t for t in getattr(record, name) if _imported(t) or not _take(written, t))
    for name in ("diary", "given"):
        held = list(getattr(known, name))
        parts[name] = tuple(t for t in getattr(record, name) if not _take(held, t))
    parts["statements"] = {n: f for n, f in record.statements.items() if _is_news(f, known.statements.get(n))}
    return replace(record, **parts), sum(len(getattr(record, n)) - len(parts[n]) for n in parts)


def _imported(thing: Any) -> bool:
    return thing.origin is not None and thing.origin.kind == "import"


def _is_news(said: Fact, stands: Fact | None) -> bool:
    """A statement counts only when it is younger than the one that stands here."""
    return stands is None or (stands != said and moment(said.at) > moment(stands.at))


def _take(held: list[Any], thing: Any) -> bool:
    """Use one equal thing up, so that two equal ones need two."""
    if thing in held:
        held.remove(thing)
        return True
    return False


def _complete(by: Actor, now: datetime, patient: Patient, person: Person, *, registered: bool) -> None:
    """Fill particulars that are blank here, and say when somebody has died; nothing that stands is overwritten."""
    if registered:
        return
    said = {
        "born": person.born, "deceased": person.deceased, "died": person.died, "zone": person.zone[:64],
        "language": person.language[:16], "phone": person.phone[:40], "email": person.email,
    }  # fmt: skip
    blank = (None, "")
    changes: dict[str, date | bool | str] = {
        name: value for name, value in said.items() if value not in blank and getattr(patient, name) in blank
    }
    if person.deceased and patient.deceased is False:
        changes["deceased"] = True
    if changes:
        patients.change_particulars(
            by=by, now=now, patient=patient, version=patient.version, changes=changes, reason="import"
        )


def _state(by: Actor, now: datetime, patient: Patient, facts: Any) -> int:
    """State what was stated elsewhere, as new statements with their own dates."""
    new: dict[str, Fact | None] = dict(facts)
    if new:
        patients.state(by=by, now=now, patient=patient, facts=new, what="import statements")
    return len(new)


def _elsewhere(by: Actor, now: datetime, patient: Patient, record: Record) -> int:
    """Keep diary entries and sessions of another clinic, each once."""
    things: list[DiaryEntry | Given] = [*record.diary, *record.given]
    rows = {row.origin_key: row for row in (row_of(thing, patient) for thing in things)}
    known = set(ElsewhereRow.objects.filter(patient=patient).values_list("origin_key", flat=True))
    new = [row for key, row in rows.items() if key not in known]
    if new:
        patients.enter(by=by, now=now, patient=patient, rows=new, what="import history")
    return len(new)


def _account(batch: ImportBatch, read: Read, outcome: Outcome, now: datetime) -> None:
    """Keep what became of every resource of this person."""
    report = asdict(read.report)
    report["unmapped"] = [asdict(u) for u in read.report.unmapped]
    ImportedPerson(
        batch=batch, patient=outcome.patient, name=read.record.person.name[:260], registered=outcome.registered,
        added=outcome.added, replaced=outcome.replaced, unchanged=outcome.unchanged, refused=outcome.refused,
        report=report, at=now,
    ).save()  # fmt: skip
