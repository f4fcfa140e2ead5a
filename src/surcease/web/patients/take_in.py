"""Taking in a record that was read elsewhere: what is new is added, what changed is struck and replaced, once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Q, QuerySet

from surcease.care import record as care
from surcease.web.accounts.models import User
from surcease.web.audit import trail
from surcease.web.clinic.models import Site
from surcease.web.patients import actions
from surcease.web.patients.models import ClinicalRow, Patient, folded
from surcease.web.patients.rows import row_of
from surcease.web.signing.canonical import canonical, sha256

_NOT_CONTENT = {"id", "patient_id", "created_by_id", "created_at", "struck_by_id", "struck_at", "struck_reason"}


@dataclass(frozen=True, slots=True)
class TakenIn:
    """What taking in did. Taking the same record in again adds and replaces nothing."""

    patient: Patient
    registered: bool
    added: int
    replaced: int
    unchanged: int


@transaction.atomic
def take_in(
    *,
    by: User | str,
    now: datetime,
    record: care.Record,
    site: Site | None,
    into: Patient | None = None,
    source: str = "",
) -> TakenIn:
    """Keep a read record: as the person it names by identifier, as ``into``, or as a new person.

    ``source`` names the system or file the record's references belong to. All or nothing. Never merges two people;
    a row that a person here struck through stays struck.
    """
    patient = into or same_person(record.person)
    registered = patient is None
    if patient is None:
        patient = _register(by, now, record.person, site)
    counts = _rows(by, now, patient, _things(record), source)
    details = {"source": source[:200], **counts}
    if registered or counts["added"] or counts["replaced"]:
        trail.write("take in", by=by, patient=patient, details=details)
    return TakenIn(patient, registered, counts["added"], counts["replaced"], counts["unchanged"])


def same_person(person: care.Person) -> Patient | None:
    """The person who has one of these identifiers, or whose own id it is (our export come home). Never by name: two
    people may share one.

    Raises ValueError when the identifiers belong to different people here.
    """
    wanted = Q(pk=person.id) if _is_uuid(person.id) else Q()
    for system, value in person.identifiers:
        wanted |= Q(identifiers__system=system, identifiers__value=value, identifiers__ended_at__isnull=True)
    if not wanted:
        return None
    found = list(Patient.objects.filter(wanted).distinct()[:2])
    if len(found) > 1:
        raise ValueError("Its identifiers belong to two different people here: correct them before importing.")
    return found[0] if found else None


def _is_uuid(text: str) -> bool:
    try:
        return str(UUID(text)) == text
    except ValueError:
        return False


def look_alikes(person: care.Person) -> QuerySet[Patient]:
    """People of the same birth date and name: for a preview to ask about, never to decide."""
    name = folded(f"{person.given} {person.family}")
    return Patient.objects.filter(search_name=name, born=person.born, merged_into__isnull=True)


def _register(by: User | str, now: datetime, person: care.Person, site: Site | None) -> Patient:
    return actions.register_patient(
        by=by, now=now, family=person.family[:120] or "?", given=person.given[:120], born=person.born,
        sex=str(person.sex), deceased=person.deceased, died=person.died, zone=person.zone[:64],
        language=person.language[:16], phone=person.phone[:40], email=person.email, site=site,
        identifiers=[(system[:200], value[:120]) for system, value in person.identifiers],
    )  # fmt: skip


def _things(record: care.Record) -> Iterable[Any]:
    yield from record.conditions
    yield from record.medications
    yield from record.allergies
    yield from record.measurements
    yield from record.answers


def _rows(by: User | str, now: datetime, patient: Patient, things: Iterable[Any], source: str) -> dict[str, int]:
    rows = _keyed([row_of(thing) for thing in things], patient, source)
    known = _known(rows, patient)
    counts = {"added": 0, "replaced": 0, "unchanged": 0}
    fresh: dict[type[ClinicalRow], list[ClinicalRow]] = {}
    for row in rows:
        earlier = known.get((type(row), row.origin_key), [])
        if any(_content(old) == _content(row) for old in earlier):
            counts["unchanged"] += 1
            continue
        for old in (old for old in earlier if old.stands):
            _replace(old, by, now)
        counts["replaced" if earlier else "added"] += 1
        row.created_by, row.created_at = by if isinstance(by, User) else None, now
        fresh.setdefault(type(row), []).append(row)
    for model, some in fresh.items():
        model._default_manager.bulk_create(some, batch_size=500)
    return counts


def _keyed(rows: list[ClinicalRow], patient: Patient, source: str) -> list[ClinicalRow]:
    """Give every row the key of the item it was read from; several rows of one item are numbered."""
    seen: Counter[tuple[type, str]] = Counter()
    for row in rows:
        row.patient = patient
        ref = row.origin.get("ref") or "sha256:" + sha256(_content(row))
        seen[type(row), ref] += 1
        row.origin_key = f"{source[:80]}|{ref[:200]}#{seen[type(row), ref]}"
    return rows


def _known(rows: list[ClinicalRow], patient: Patient) -> dict[tuple[type, str], list[ClinicalRow]]:
    """Rows of this person with the same keys, struck ones too: one query a table."""
    known: dict[tuple[type, str], list[ClinicalRow]] = {}
    for model in {type(row) for row in rows}:
        for old in model.objects.filter(patient=patient).exclude(origin_key=""):
            known.setdefault((model, old.origin_key), []).append(old)
    return known


def _content(row: ClinicalRow) -> str:
    """What a row says, without who kept it when."""
    said = {f.attname: getattr(row, f.attname) for f in row._meta.concrete_fields if f.attname not in _NOT_CONTENT}
    said.pop("origin_key")
    return canonical(said)


def _replace(old: ClinicalRow, by: User | str, now: datetime) -> None:
    """Strike the earlier reading of an item that its own system has changed."""
    old.strike_as_replaced(by=by if isinstance(by, User) else None, now=now)
