"""Make a clinic larger by copying its people: what page budgets and query counts are measured on.

Every row that belongs to a person (reached from ``patients.Patient`` by foreign keys) is copied under new keys and
earlier dates, so that the copies look like the clinic's past: closed sessions, ended to-dos, no sign-in of their own.
Never part of the product; only for databases that a benchmark or a test made itself.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from datetime import date, timedelta
from typing import Any
from uuid import UUID, uuid4, uuid5

from django.apps import apps
from django.db import models

BATCH = 2000
OF_A_BATCH = {"interop.ImportFile", "interop.ImportedPerson"}  # of an import of many people, nobody's own
WRITTEN_KEY = re.compile("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
SUFFIXED = {"key", "origin_key", "value", "endpoint", "record_id"}  # texts that must be unique in the whole clinic


def owned_models() -> list[type[models.Model]]:
    """Models whose rows belong to one person, parents before children."""
    patient: type[models.Model] = apps.get_model("patients", "Patient")
    ours = [m for m in apps.get_models() if m.__module__.startswith("surcease.") and m._meta.label not in OF_A_BATCH]
    found: list[type[models.Model]] = [patient]
    while more := [m for m in ours if m not in found and any(_points_at(f, found) for f in _relations(m))]:
        found += [m for m in more if all(r.related_model not in more for r in _relations(m))] or more
    return [*found, *(m for m in ours if m not in found and _names_patient(m))]


def grow(times: int, *, told: Callable[[int], None] = lambda done: None) -> int:
    """Copy everybody ``times`` - 1 times; copy k lies k days further back. Returns how many people there are then."""
    kept = [(model, list(model._base_manager.all())) for model in owned_models()]
    owned = {row.pk for _model, rows in kept for row in rows if isinstance(row.pk, UUID)}
    for k in range(1, times):
        space = uuid4()
        for model, rows in kept:
            _insert(model, (_copy(row, _renamed(owned, space), k) for row in rows))
        told(k)
    return int(apps.get_model("patients", "Patient")._base_manager.count())


def longer_diaries(total: int, *, told: Callable[[int], None] = lambda done: None) -> int:
    """Copy entries to earlier days until the clinic holds ``total``; returns how many there are then.

    Raises ValueError when nobody has an entry to copy.
    """
    entry = apps.get_model("diary", "EntryRow")
    kept = list(entry._base_manager.all())
    if not kept:
        raise ValueError("Nobody has a diary entry to copy: enter one first.")
    have, back = len(kept), 0
    while have < total:
        back += 60
        rows = kept[: total - have]
        _insert(entry, (_copy(row, _renamed({row.pk}, uuid4()), back, same_person=True) for row in rows))
        have += len(rows)
        told(have)
    return have


def repeat(model: type[models.Model], times: int, **of: Any) -> None:
    """Copy the rows of ``model`` that match ``of`` on the same person, ``times`` - 1 times."""
    rows = list(model._base_manager.filter(**of))
    for k in range(1, times):
        owned = {row.pk for row in rows if isinstance(row.pk, UUID)}
        _insert(model, (_copy(row, _renamed(owned, uuid4()), k, same_person=True) for row in rows))


def _insert(model: type[models.Model], rows: Iterator[models.Model]) -> None:
    model._base_manager.bulk_create(rows, batch_size=BATCH)


def _renamed(owned: set[UUID], space: UUID) -> Callable[[Any], Any]:
    """A key of the kept people, or one written as text → the same copy's key; any other value stays."""

    def rename(key: Any) -> Any:
        if isinstance(key, UUID):
            return uuid5(space, key.hex) if key in owned else key
        if isinstance(key, str) and WRITTEN_KEY.fullmatch(key):
            return str(uuid5(space, UUID(key).hex))
        return key

    return rename


def _copy(row: models.Model, renamed: Callable[[Any], Any], back: int, *, same_person: bool = False) -> models.Model:
    """One row of one copy."""
    values: dict[str, Any] = {}
    for column in row._meta.concrete_fields:
        value = renamed(getattr(row, column.attname))
        if column.primary_key and not isinstance(value, UUID):
            continue  # counted keys are given by the database
        if isinstance(value, date) and column.name not in {"born"}:
            value -= timedelta(days=back)
        elif isinstance(value, str) and value == getattr(row, column.attname) and _unique(column):
            mark = f"~{uuid4().hex[:12]}"
            value = value[: (column.max_length or 10_000) - len(mark)] + mark
        values[column.attname] = value
    copy = type(row)(**values)
    _in_the_past(copy, same_person)
    return copy


def _unique(column: Any) -> bool:
    return bool(column.unique or column.name in SUFFIXED)


def _in_the_past(copy: Any, same_person: bool) -> None:
    """What is unique or open among the living: a copy has no sign-in, no chair, nothing that still waits."""
    name = copy._meta.label
    if name == "patients.Patient" and not same_person:
        copy.user_id = None
    elif name == "treatment.TreatmentSession":
        copy.chair_id = None
        copy.closed_at = copy.closed_at or copy.arrived_at + timedelta(hours=5)
    elif name == "treatment.PatientCall":
        copy.answered_at = copy.answered_at or copy.called_at
    elif name == "worklist.Todo":
        copy.ended_at = copy.ended_at or copy.asked_at


def _relations(model: type[models.Model]) -> Sequence[Any]:
    return [f for f in model._meta.concrete_fields if f.is_relation]


def _points_at(field: Any, found: Sequence[type[models.Model]]) -> bool:
    """Whether the relation makes the row belong to a person."""
    return (field.related_model in found and not field.null) or field.name == "patient"


def _names_patient(model: type[models.Model]) -> bool:
    return any(isinstance(f, models.UUIDField) and f.name == "patient" for f in model._meta.concrete_fields)
