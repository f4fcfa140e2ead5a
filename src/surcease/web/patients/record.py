"""The seam: rows → ``care.record``. Everything pure above reads a person as these frozen facts."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from surcease.care import record as care
from surcease.knowledge.fact import Fact, Value
from surcease.web.fields import parse_day
from surcease.web.patients.models import (
    AllergyRow,
    AnswersRow,
    ConditionRow,
    MeasurementRow,
    MedicationRow,
    Patient,
    StatementRow,
)

Part = Callable[[Patient], Iterable[Any]]
_parts: dict[str, list[Part]] = {"diary": [], "given": [], "answers": []}


def record_part(name: str, source: Part) -> None:
    """Let a step app add to the record (from its AppConfig.ready): ``diary`` entries, ``given`` ketamine, ``answers``.

    This floor knows nothing of the steps; ``source(patient)`` yields the care.record type of that part.
    """
    if source not in _parts[name]:
        _parts[name].append(source)


def make_record(patient: Patient, *, without: Collection[str] = ()) -> care.Record:
    """Everything known of one person that stands, oldest first. ``without`` leaves parts of the steps out."""
    return care.Record(
        person=person_of(patient),
        conditions=tuple(condition_of(row) for row in _standing(ConditionRow, patient)),
        medications=tuple(medication_of(row) for row in _standing(MedicationRow, patient)),
        allergies=tuple(allergy_of(row) for row in _standing(AllergyRow, patient)),
        measurements=tuple(measurement_of(row) for row in _standing(MeasurementRow, patient)),
        answers=tuple(answers_of(row) for row in _standing(AnswersRow, patient))
        + _from_steps("answers", patient, without),
        diary=_from_steps("diary", patient, without),
        given=_from_steps("given", patient, without),
        statements=statements_of(patient),
    )


def _from_steps(name: str, patient: Patient, without: Collection[str]) -> tuple[Any, ...]:
    return () if name in without else tuple(thing for source in _parts[name] for thing in source(patient))


def _standing(model: Any, patient: Patient) -> Any:
    return model.objects.standing().filter(patient=patient).order_by("created_at", "origin_key", "pk")


def person_of(patient: Patient) -> care.Person:
    """Who it is."""
    return care.Person(
        id=str(patient.pk),
        family=patient.family,
        given=patient.given,
        born=patient.born,
        sex=care.Sex(patient.sex),
        deceased=patient.deceased,
        died=patient.died,
        identifiers=tuple((i.system, i.value) for i in patient.identifiers.all() if i.ended_at is None),
        language=patient.language,
        zone=patient.zone,
        phone=patient.phone,
        email=patient.email,
    )


def condition_of(row: ConditionRow) -> care.Condition:
    """A problem."""
    return care.Condition(
        codes_of(row.codes), row.text, row.status, row.onset, row.ended, row.verified, row.note, origin_of(row)
    )


def medication_of(row: MedicationRow) -> care.Medication:
    """A medicine; without an amount its dose is None, which is unknown."""
    dose = None
    if row.amount is not None:
        dose = care.Dose(row.amount, row.unit, row.per_day, row.as_needed, row.route, row.dose_text)
    return care.Medication(
        codes=codes_of(row.codes),
        text=row.text,
        status=row.status,
        dose=dose,
        started=row.started,
        stopped=row.stopped,
        changed=row.changed,
        directions=row.directions,
        origin=origin_of(row),
    )


def allergy_of(row: AllergyRow) -> care.Allergy:
    """An allergy, or the answer that there is none."""
    return care.Allergy(codes_of(row.codes), row.text, row.status, row.reaction, row.none_known, origin_of(row))


def measurement_of(row: MeasurementRow) -> care.Measurement:
    """A measured value with its unit as it came."""
    return care.Measurement(
        name=row.name,
        value=row.value,
        unit=row.unit,
        at=row.at,
        codes=codes_of(row.codes),
        text=row.text,
        absent=row.absent,
        upper_normal=row.upper_normal,
        result=codes_of(row.result),
        origin=origin_of(row),
    )


def answers_of(row: AnswersRow) -> care.Answers:
    """A filled-in instrument; amounts are Decimal again."""
    items: dict[str, Any] = {item: value_from(kept) for item, kept in row.items.items()}
    return care.Answers(row.instrument, row.instrument_version, items, row.at, row.score, origin_of(row))


def statements_of(patient: Patient) -> Mapping[str, Fact]:
    """The latest standing statement of each fact."""
    facts: dict[str, Fact] = {}
    for row in _standing(StatementRow, patient):
        value = value_from(row.value)
        if value is None:
            facts.pop(row.name, None)
        else:
            facts[row.name] = Fact(value, row.unit, row.at, row.source)
    return facts


def codes_of(kept: list[dict[str, str]]) -> tuple[care.Code, ...]:
    """Codings from JSON."""
    return tuple(care.Code(c["system"], c["code"], c.get("display", "")) for c in kept)


def origin_of(row: Any) -> care.Origin | None:
    """Where a row came from; a row without one was entered here by its author."""
    kept = row.origin
    if not kept:
        return care.Origin("staff", str(row.pk), str(row.created_by_id or ""), row.created_at)
    at = parse_day(kept.get("at"))
    return care.Origin(kept["kind"], kept.get("ref", ""), kept.get("by", ""), at if isinstance(at, datetime) else None)


def value_from(kept: Any) -> Value | None:
    """A value from its JSON: ``{"kind": …, "value": …}``; None is unknown.

    >>> value_from({"kind": "number", "value": "0.50"})
    Decimal('0.50')
    """
    if kept is None or kept.get("value") is None:
        return None
    kind, value = kept["kind"], kept["value"]
    if kind == "number":
        return Decimal(value)
    if kind == "codes":
        return tuple(value)
    return parse_day(value) if kind == "date" else value


def value_to(value: Value | None) -> Any:
    """The JSON of a value; exact for amounts.

    >>> value_to(Decimal("0.50"))
    {'kind': 'number', 'value': '0.50'}
    """
    if value is None:
        return None
    if isinstance(value, bool):
        return {"kind": "bool", "value": value}
    if isinstance(value, Decimal):
        return {"kind": "number", "value": format(value, "f")}
    if isinstance(value, date):
        return {"kind": "date", "value": value.isoformat()}
    if isinstance(value, tuple | list):
        return {"kind": "codes", "value": list(value)}
    return {"kind": "text", "value": value}
