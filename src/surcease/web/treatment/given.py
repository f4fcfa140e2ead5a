"""The ketamine given in each session, from the logs, as care.record keeps it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from decimal import Decimal

from surcease.care.record import Given
from surcease.care.treatment import fold
from surcease.knowledge.product import load_products
from surcease.web.patients.models import Patient
from surcease.web.treatment.models import SessionEvent, TreatmentSession
from surcease.web.treatment.record import events_of, order_from

ALMOST_ALL = Decimal("0.95")  # of the ordered amount: the session counts as completed
_LATER = timedelta(days=30)  # a closed log's state long after its end


def ketamine_given(patient: Patient) -> Iterator[Given]:
    """One entry for each session in which something was given."""
    sessions = TreatmentSession.objects.filter(patient=patient).order_by("arrived_at")
    logs: dict[object, list[SessionEvent]] = {session.pk: [] for session in sessions}
    for row in SessionEvent.objects.filter(session__in=sessions).order_by("seq"):
        logs[row.session_id].append(row)
    for session in sessions:
        rows = logs[session.pk]
        if not rows:
            continue
        until: datetime = session.closed_at or max(row.at for row in rows)
        state = fold(events_of(rows), at=until + (_LATER if session.closed_at else timedelta(0)))
        if state.started_at is None or not state.given_mg:
            continue
        order = order_from(session)
        yield Given(
            substance=load_products()[order.product].substance,
            route=order.route,
            amount_mg=state.given_mg,
            started=state.started_at,
            ended=state.drug_ended_at,
            session=str(session.pk),
            completed=state.given_mg >= order.total_mg * ALMOST_ALL,
        )
