"""The seam the other way: ``care.record`` → rows not yet saved."""

from __future__ import annotations

from functools import singledispatch
from typing import Any

from surcease.care import record as care
from surcease.knowledge.fact import Fact
from surcease.web.patients.models import (
    AllergyRow,
    AnswersRow,
    ClinicalRow,
    ConditionRow,
    MeasurementRow,
    MedicationRow,
    StatementRow,
)
from surcease.web.patients.record import value_to


@singledispatch
def row_of(thing: Any) -> ClinicalRow:
    """The unsaved row of a condition, medication, allergy, measurement or answers; set its patient before saving."""
    raise TypeError(f"A {type(thing).__name__} has no table of its own.")


@row_of.register
def _condition(thing: care.Condition) -> ClinicalRow:
    return ConditionRow(
        codes=codes(thing.codes), text=thing.text[:300], status=thing.status, onset=thing.onset, ended=thing.ended,
        verified=thing.verified, note=thing.note, origin=origin(thing.origin),
    )  # fmt: skip


@row_of.register
def _medication(thing: care.Medication) -> ClinicalRow:
    row = MedicationRow(
        codes=codes(thing.codes), text=thing.text[:300], status=thing.status, started=thing.started,
        stopped=thing.stopped, changed=thing.changed, directions=thing.directions, origin=origin(thing.origin),
    )  # fmt: skip
    if thing.dose is not None:
        row.amount, row.unit, row.per_day = thing.dose.amount, thing.dose.unit, thing.dose.per_day
        row.as_needed, row.route, row.dose_text = thing.dose.as_needed, thing.dose.route, thing.dose.text[:300]
    return row


@row_of.register
def _allergy(thing: care.Allergy) -> ClinicalRow:
    return AllergyRow(
        codes=codes(thing.codes), text=thing.text[:300], status=thing.status, reaction=thing.reaction[:300],
        none_known=thing.none_known, origin=origin(thing.origin),
    )  # fmt: skip


@row_of.register
def _measurement(thing: care.Measurement) -> ClinicalRow:
    return MeasurementRow(
        name=thing.name, value=thing.value, unit=thing.unit, at=thing.at, codes=codes(thing.codes),
        text=thing.text[:300], absent=thing.absent[:120], upper_normal=thing.upper_normal,
        result=codes(thing.result), origin=origin(thing.origin),
    )  # fmt: skip


@row_of.register
def _answers(thing: care.Answers) -> ClinicalRow:
    items = {item: value_to(value) for item, value in thing.items.items()}
    return AnswersRow(
        instrument=thing.instrument, instrument_version=thing.version, items=items, at=thing.at, score=thing.score,
        origin=origin(thing.origin),
    )  # fmt: skip


def statement_row(name: str, fact: Fact | None) -> StatementRow:
    """The unsaved statement of a fact; None states that it is not known (any more)."""
    if fact is None:
        return StatementRow(name=name, value={"kind": "text", "value": None})
    return StatementRow(name=name, value=value_to(fact.value), unit=fact.unit, at=fact.at, source=fact.source[:200])


def codes(given: tuple[care.Code, ...]) -> list[dict[str, str]]:
    """Codings as JSON."""
    return [{"system": c.system, "code": c.code, "display": c.display} for c in given]


def origin(given: care.Origin | None) -> dict[str, Any]:
    """Where it came from, as JSON; {} for what is entered here."""
    if given is None:
        return {}
    at = given.at.isoformat() if given.at else None
    return {"kind": given.kind, "ref": given.ref, "by": given.by, "at": at}
