"""A person's lifetime exposure: our sessions by each route of their logs, and what others reported."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta

from surcease.care.lifetime import Exposure, by_route, lifetime
from surcease.care.record import Given
from surcease.care.treatment import fold
from surcease.web.patients.models import Patient
from surcease.web.patients.record import make_record
from surcease.web.treatment.models import SessionEvent
from surcease.web.treatment.record import events_of

_LATER = timedelta(days=30)  # a closed log's state long after its end


def lifetime_of(patient: Patient, *, now: datetime) -> tuple[Exposure, ...]:
    """mg by substance and route, ever. Derived from administrations, never typed."""
    return lifetime(_given(patient, now))


def _given(patient: Patient, now: datetime) -> Iterator[Given]:
    logs: dict[str, list[SessionEvent]] = {}
    rows = SessionEvent.objects.filter(session__patient=patient).select_related("session").order_by("seq")
    for row in rows:
        logs.setdefault(str(row.session_id), []).append(row)
    for one in make_record(patient, without=("diary", "answers")).given:
        events = logs.get(one.session)
        if events is None:
            yield one
            continue
        closed = events[0].session.closed_at
        state = fold(events_of(events), at=closed + _LATER if closed else now)
        for route, amount in by_route(state).items():
            yield replace(one, route=route, amount_mg=amount)
