"""The seam: rows of the log → care.event, the order's JSON → care.order."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict
from decimal import Decimal
from typing import Any

from surcease.care.event import Event, from_json
from surcease.care.order import Order, OrderStep
from surcease.web.treatment.models import SessionEvent, TreatmentSession


def event_of(row: SessionEvent) -> Event:
    """One line of the log as the fold reads it."""
    return Event(
        event_id=str(row.event_id),
        session=str(row.session_id),
        payload=from_json(row.kind, row.payload),
        at=row.at,
        utc_offset_min=row.utc_offset_min,
        received_at=row.received_at,
        seq=row.seq,
        by=row.by_name,
        source=row.source,
        corrects=str(row.corrects) if row.corrects else "",
    )


def events_of(rows: Iterable[SessionEvent]) -> tuple[Event, ...]:
    """A log."""
    return tuple(event_of(row) for row in rows)


def order_json(order: Order) -> dict[str, Any]:
    """An order as JSON; amounts are text, so that no digit is lost."""
    return _texts(asdict(order))


def order_from(session: TreatmentSession) -> Order:
    """The order a session runs under."""
    body = dict(session.order)
    steps = tuple(OrderStep(**{k: Decimal(v) for k, v in step.items()}) for step in body.pop("steps"))
    amounts = {k: _amount(body.pop(k)) for k in ("rate_cap_mg_per_h", "session_cap_mg")}
    return Order(**body | amounts | {"weight_kg": Decimal(body["weight_kg"]), "steps": steps})


def _amount(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)


def _texts(value: Any) -> Any:
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, dict):
        return {k: _texts(v) for k, v in value.items()}
    return [_texts(v) for v in value] if isinstance(value, list | tuple) else value
