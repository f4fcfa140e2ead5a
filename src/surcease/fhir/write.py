"""A record → an R4 Bundle: our own export, which reads back equal and which other systems can read."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterable, Iterator
from datetime import datetime
from decimal import Decimal
from typing import Any

from surcease.care.record import Record
from surcease.fhir.elements import Json
from surcease.fhir.own import BASE
from surcease.fhir.write_clinical import allergy, condition, measurement, medication
from surcease.fhir.write_person import patient
from surcease.fhir.write_said import diary_entry, given, response, statement
from surcease.knowledge.catalogue import catalogue
from surcease.knowledge.instrument import Instrument
from surcease.knowledge.questionnaire import to_fhir

_NAMES = uuid.uuid5(uuid.NAMESPACE_URL, BASE)


def write_bundle(record: Record, *, now: datetime | None = None) -> Json:
    """Everything in a record as one collection. Decimals stay Decimal: use :func:`dumps` for the text."""
    bundle: Json = {"resourceType": "Bundle", "type": "collection"}
    if now is not None:
        bundle["timestamp"] = now.isoformat()
    return bundle | {"entry": [_entry(r) for r in _identified(record)]}


def resources(record: Record) -> Iterator[Json]:
    """One resource per statement of the record, the person first, and the questionnaires that were answered."""
    subject = {"reference": f"Patient/{record.person.id}"}
    yield patient(record.person)
    yield from (condition(c, subject) for c in record.conditions)
    yield from (allergy(a, subject) for a in record.allergies)
    yield from (medication(m, subject) for m in record.medications)
    yield from (measurement(m, subject) for m in record.measurements)
    yield from (response(a, subject) for a in record.answers)
    yield from (diary_entry(d, subject) for d in record.diary)
    yield from (given(g, subject) for g in record.given)
    yield from (statement(name, fact, subject) for name, fact in record.statements.items())
    answered = {a.instrument for a in record.answers}
    yield from (to_fhir(i) | {"id": key} for key, i in catalogue().items() if key in answered and may_pass_on(i))


def may_pass_on(instrument: Instrument) -> bool:
    """Whether the words of an instrument may leave the site."""
    return instrument.licence.kind in ("free", "own_words") and instrument.has_text


def _identified(record: Record) -> Iterator[Json]:
    """Ids made from the content: the same record is always the same Bundle. Twins are told apart by their count."""
    seen: dict[str, int] = {}
    for resource in resources(record):
        if "id" in resource:
            yield resource
            continue
        body = dumps(resource)
        seen[body] = seen.get(body, 0) + 1
        made = str(uuid.uuid5(_NAMES, f"{body}#{seen[body]}"))
        yield {"resourceType": resource["resourceType"], "id": made, **resource}


def _entry(resource: Json) -> Json:
    return {"fullUrl": f"{BASE}/{resource['resourceType']}/{resource['id']}", "resource": resource}


def dumps(value: Any) -> str:
    """JSON text in which a Decimal keeps every digit it came with.

    >>> dumps({"value": Decimal("72.50"), "ok": True})
    '{"value":72.50,"ok":true}'
    """
    return "".join(_pieces(value))


def _pieces(value: Any) -> Iterable[str]:
    if isinstance(value, dict):
        yield "{"
        for n, (key, part) in enumerate(value.items()):
            yield f"{',' if n else ''}{json.dumps(key, ensure_ascii=False)}:"
            yield from _pieces(part)
        yield "}"
    elif isinstance(value, list | tuple):
        yield "["
        for n, part in enumerate(value):
            yield "," if n else ""
            yield from _pieces(part)
        yield "]"
    elif isinstance(value, Decimal):
        yield format(value, "f")
    else:
        yield json.dumps(value, ensure_ascii=False)
