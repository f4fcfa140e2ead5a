"""Our own export back: diary entries, stated facts and sessions, told by our code systems."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from surcease.care.record import DiaryEntry, Given
from surcease.fhir.elements import Json, ShapeError, boolean, day, number, obj, objs, text
from surcease.fhir.own import (
    DIARY,
    DIARY_ENTRY,
    DIARY_VALUE,
    FACT,
    SESSION,
    SUBSTANCE,
    find,
    origin_from,
    ours,
    value_from,
)
from surcease.knowledge.fact import Fact


def fact(resource: Json) -> tuple[str, Fact] | None:
    """A stated fact with its name, None when the Observation is not one."""
    name = ours(obj(resource, "code"), FACT)
    if name is None:
        return None
    value, unit = value_from(resource)
    if value is None:
        raise ShapeError("it states a fact without a value")
    by = next((text(p, "display") for p in objs(resource, "performer")), "")
    return name, Fact(value, unit, day(resource, "effectiveDateTime"), by)


def diary_entry(resource: Json) -> DiaryEntry | None:
    """A diary entry, None when the Observation is not one."""
    kind = ours(obj(resource, "code"), DIARY)
    if kind is None:
        return None
    at, received = _instant(resource, "effectiveDateTime"), _instant(resource, "issued")
    offset = at.utcoffset()
    local = day(find(resource, "local-date"), "valueDate")
    entry = [text(i, "value") for i in objs(resource, "identifier") if text(i, "system") == DIARY_ENTRY]
    if not entry or offset is None or not isinstance(local, date):
        raise ShapeError("it is a diary entry without its id or its day")
    return DiaryEntry(
        entry_id=entry[0],
        kind=kind,
        at=at,
        local_date=local,
        utc_offset_min=int(offset.total_seconds() // 60),
        received_at=received,
        pain=number(obj(resource, "valueQuantity"), "value"),
        site=text(obj(resource, "bodySite"), "text"),
        values=dict(_component(c) for c in objs(resource, "component")),
        late=boolean(find(resource, "late"), "valueBoolean") is True,
        note=next((text(n, "text") for n in objs(resource, "note")), ""),
    )


def _component(component: Json) -> tuple[str, Any]:
    name = ours(obj(component, "code"), DIARY_VALUE)
    if name is None:
        raise ShapeError("a part of the diary entry has no name")
    return name, value_from(component)[0]


def given(resource: Json) -> Given | None:
    """A session's ketamine, None when the administration is not one of ours."""
    substance = ours(obj(resource, "medicationCodeableConcept"), SUBSTANCE)
    if substance is None:
        return None
    period, dosage = obj(resource, "effectivePeriod"), obj(resource, "dosage")
    ended = day(period, "end")
    amount: Decimal | None = number(obj(dosage, "dose"), "value")
    route = text(obj(dosage, "route"), "text") or text(find(resource, "route"), "valueString")
    return Given(
        substance=substance,
        route=route,
        amount_mg=amount,
        started=_instant(period, "start"),
        ended=ended if isinstance(ended, datetime) else None,
        session=next((text(i, "value") for i in objs(resource, "identifier") if text(i, "system") == SESSION), ""),
        completed=text(resource, "status") != "stopped",
        note=next((text(n, "text") for n in objs(resource, "note")), ""),
        origin=origin_from(resource),
    )


def _instant(of: Json, name: str) -> datetime:
    moment = day(of, name)
    if not isinstance(moment, datetime):
        raise ShapeError(f"its {name} is not an instant")
    return moment
