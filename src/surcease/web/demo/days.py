"""The diary of a demo person: sixty to eighty percent of days and falling, flares, late and offline entries."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from datetime import timedelta
from uuid import UUID

from surcease.web.demo.stage import Stage
from surcease.web.diary.models import EntryRow
from surcease.web.patients.models import Patient

NOTES = ("bad night", "walked further than planned", "physio today", "weather turned", "forgot the evening tablet")
NOTES_ES = ("mala noche", "caminé más de lo previsto", "hoy fisioterapia", "cambió el tiempo")


def keep_diary(
    stage: Stage, patient: Patient, *, first: int, last: int, level: Callable[[int], float], spanish: bool = False
) -> None:
    """Evening entries from day ``first`` to ``last`` (offsets from today) around ``level(day)``."""
    rng, span = stage.rng, max(1, last - first)
    rows = []
    for day in range(first, last + 1):
        share = 0.8 - 0.2 * (day - first) / span
        if rng.random() > share:
            continue
        flare = 1.6 if rng.random() < 0.06 else 0.0
        pain = min(10.0, max(0.0, level(day) + flare + rng.gauss(0, 0.7)))
        rows.append(_entry(stage, patient, day, round(pain), spanish))
    EntryRow.objects.bulk_create(rows)


def _entry(stage: Stage, patient: Patient, day: int, pain: int, spanish: bool) -> EntryRow:
    rng = stage.rng
    late = rng.random() < 0.06
    at = stage.clock.on(day, 21 if not late else 23, rng.randrange(60))
    offset = at.utcoffset() or timedelta(0)
    offset_min = int(offset.total_seconds() // 60)
    offline = timedelta(hours=rng.randrange(2, 15)) if rng.random() < 0.1 else timedelta(seconds=2)
    note = rng.choice(NOTES_ES if spanish else NOTES) if rng.random() < 0.08 else ""
    values = {
        name: {"kind": "number", "value": str(rng.randrange(low, high))}
        for name, low, high in (
            ("sleep", 2, 8),
            ("mood", 3, 8),
            ("bother", max(0, pain - 2), min(10, pain + 2) + 1),
        )
        if rng.random() < 0.45
    }
    entry_id = UUID(int=rng.getrandbits(128), version=4)
    content = json.dumps({"id": str(entry_id), "kind": "average", "pain": str(pain), "at": at.isoformat(), "v": 1})
    return EntryRow(
        entry_id=entry_id,
        patient=patient,
        kind="average",
        at=at,
        utc_offset_min=offset_min,
        local_date=stage.clock.on(day).date() - timedelta(days=1 if late and rng.random() < 0.5 else 0),
        received_at=at + offline,
        pain=pain,
        values=values,
        note=note,
        late=late,
        sent_hash=hashlib.sha256(content.encode()).hexdigest(),
        content=content,
    )
