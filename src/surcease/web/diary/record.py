"""The seam: diary rows → care.record.DiaryEntry. An entry that was replaced does not count; it stays."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from surcease.care.burden import SIDE_EFFECTS
from surcease.care.record import DiaryEntry
from surcease.web.diary.arrival import ANSWERS
from surcease.web.diary.models import EntryRow
from surcease.web.patients.models import Patient
from surcease.web.patients.record import value_from

FIELDS = (
    "entry_id", "kind", "at", "local_date", "utc_offset_min", "received_at", "pain", "site", "values", "late", "note",
    "replaces",
)  # fmt: skip


def diary_of(patient: Patient) -> Iterator[DiaryEntry]:
    """Every entry that counts, in time order. A questionnaire that came the diary's way is in the record's answers."""
    kept = EntryRow.objects.filter(patient=patient).exclude(kind=ANSWERS).order_by("at", "entry_id")
    rows = list(kept.values_list(*FIELDS, named=True))  # two years are thousands: no row object for each
    replaced = {row.replaces for row in rows if row.replaces}
    yield from (entry_of(row) for row in rows if row.entry_id not in replaced)


def entry_of(row: Any) -> DiaryEntry:
    """One entry (a row, or its :data:`FIELDS`) as the pure floors read it. Several side effects are one text."""
    values = {name: value_from(kept) for name, kept in row.values.items()}
    named = values.get(SIDE_EFFECTS)
    if isinstance(named, tuple):
        values[SIDE_EFFECTS] = ", ".join(named)
    return DiaryEntry(
        entry_id=str(row.entry_id),
        kind=row.kind,
        at=row.at,
        local_date=row.local_date,
        utc_offset_min=row.utc_offset_min,
        received_at=row.received_at,
        pain=row.pain,
        site=row.site,
        values={k: v for k, v in values.items() if not isinstance(v, tuple)},  # type: ignore[misc]
        late=row.late,
        note=row.note,
    )
