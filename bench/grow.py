"""Make a clinic larger by copying its people: what page budgets and query counts are measured on.

Every row that belongs to a person (reached from ``patients.Patient`` by foreign keys) is copied under new keys and
earlier dates, so that the copies look like the clinic's past: closed sessions, ended to-dos, no sign-in of their own.
Never part of the product; only for databases that a benchmark or a test made itself.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any
from uuid import UUID, uuid4

from django.apps import apps
from django.db import connection, models, transaction

LONGEST = 30_000  # rows of a diary that are held at once
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
    models_ = owned_models()
    owned = {pk for m in models_ for pk in m._base_manager.values_list("pk", flat=True) if isinstance(pk, UUID)}
    tables = [_table(m, _past(m), owned, same_person=False) for m in models_]
    for k in range(1, times):
        with transaction.atomic():
            _write(tables, back=k)
        told(k)
    return int(apps.get_model("patients", "Patient")._base_manager.count())


def _past(model: type[models.Model]) -> Any:
    """The rows to copy: of sessions only the closed ones, an infusion without its end would run for ever."""
    rows = model._base_manager.all()
    if model._meta.label == "treatment.TreatmentSession":
        return rows.exclude(closed_at=None)
    of_a_session = any(f.name == "session" and f.related_model is not None for f in _relations(model))
    return rows.exclude(session__closed_at=None) if of_a_session else rows


def longer_diaries(total: int, *, told: Callable[[int], None] = lambda done: None) -> int:
    """Copy entries to earlier days until the clinic holds ``total``; returns how many there are then.

    Raises ValueError when nobody has an entry to copy.
    """
    entry = apps.get_model("diary", "EntryRow")
    found = entry._base_manager.all()
    have, back = found.count(), 0
    if not have:
        raise ValueError("Nobody has a diary entry to copy: enter one first.")
    table = _table(entry, found[: min(total, LONGEST)], set(found.values_list("pk", flat=True)), same_person=True)
    while have < total:
        back += 60
        part = replace(table, rows=table.rows[: total - have])
        with transaction.atomic():
            _write([part], back=back)
        have += len(part.rows)
        told(have)
    return have


def repeat(model: type[models.Model], times: int, **of: Any) -> None:
    """Copy the rows of ``model`` that match ``of`` on the same person, ``times`` - 1 times."""
    rows = model._base_manager.filter(**of)
    owned = {pk for pk in rows.values_list("pk", flat=True) if isinstance(pk, UUID)}
    table = _table(model, rows, owned, same_person=True)
    for k in range(1, times):
        _write([table], back=k)


@dataclass(frozen=True, slots=True)
class Row:
    """One row as the database takes it, and its cells that differ in each copy: place, field, kind, value."""

    values: tuple[Any, ...]
    differing: tuple[tuple[int, Any, str, Any], ...]


@dataclass(frozen=True, slots=True)
class Table:
    """The rows of one model that are copied."""

    statement: str
    rows: tuple[Row, ...]


def _table(model: type[models.Model], found: Any, owned: set[UUID], *, same_person: bool) -> Table:
    """Read the rows once: what is the same in every copy is prepared here."""
    fields = [f for f in model._meta.concrete_fields if not (f.primary_key and isinstance(f, models.AutoField))]
    names = ", ".join(connection.ops.quote_name(str(f.column)) for f in fields)
    statement = (
        f"INSERT INTO {connection.ops.quote_name(model._meta.db_table)} ({names}) "
        f"VALUES ({', '.join(['%s'] * len(fields))})"
    )
    rows = []
    for row in found:
        _in_the_past(row, same_person)
        values = [getattr(row, f.attname) for f in fields]
        differing = tuple(
            (i, f, kind, value)
            for i, (f, value) in enumerate(zip(fields, values, strict=True))
            if (kind := _kind(f, value, owned))
        )
        ready = tuple(f.get_db_prep_save(v, connection) for f, v in zip(fields, values, strict=True))
        rows.append(Row(ready, differing))
    return Table(statement, tuple(rows))


def _kind(field: Any, value: Any, owned: set[UUID]) -> str:
    """How a cell differs from copy to copy; empty for the same in all."""
    if isinstance(value, UUID):
        return "key" if value in owned else ""
    if isinstance(value, date):
        return "" if field.name == "born" else "day"
    if isinstance(value, str) and value:
        if WRITTEN_KEY.fullmatch(value):
            return "written"
        return "unique" if field.unique or field.name in SUFFIXED else ""
    return ""


def _write(tables: Sequence[Table], *, back: int) -> None:
    """One copy of all, ``back`` days earlier."""
    space = uuid4().int
    with connection.cursor() as cursor:
        for table in tables:
            if table.rows:
                cursor.executemany(table.statement, [_copy(row, space, back) for row in table.rows])


def _copy(row: Row, space: int, back: int) -> list[Any]:
    values = list(row.values)
    for i, field, kind, value in row.differing:
        values[i] = field.get_db_prep_save(_changed(field, kind, value, space, back), connection)
    return values


def _changed(field: Any, kind: str, value: Any, space: int, back: int) -> Any:
    """The cell in the copy: keys are shifted alike wherever they stand, so that what belonged together still does."""
    if kind == "key":
        return UUID(int=value.int ^ space)
    if kind == "written":
        return str(UUID(int=UUID(value).int ^ space))
    if kind == "day":
        return value - timedelta(days=back)
    mark = f"~{uuid4().hex[:12]}"
    return value[: (field.max_length or 10_000) - len(mark)] + mark


def _in_the_past(copy: Any, same_person: bool) -> None:
    """What is unique or open among the living: a copy has no sign-in, no chair, nothing that still waits."""
    name = copy._meta.label
    if name == "patients.Patient" and not same_person:
        copy.user_id = None
    elif name == "treatment.TreatmentSession":
        copy.chair_id = None
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
