"""What was answered, entered in the diary, stated at intake and given in sessions → R4."""

from __future__ import annotations

from datetime import timedelta, timezone
from decimal import Decimal
from typing import Any

from surcease.care.record import Answers, DiaryEntry, Given
from surcease.fhir.elements import LOINC, RXNORM, Json
from surcease.fhir.own import (
    DIARY,
    DIARY_ENTRY,
    DIARY_VALUE,
    FACT,
    QUESTIONNAIRE,
    SESSION,
    SUBSTANCE,
    added,
    concept,
    extension,
    iso,
    origin_extension,
    quantity,
    value_of,
)
from surcease.knowledge.catalogue import catalogue
from surcease.knowledge.fact import Fact
from surcease.knowledge.instrument import Item

SCORE = "/score"
#: RxNorm ingredients of what is given; racemic ketamine and its S-form have their own
_RXNORM = {"racemic": ("6130", "ketamine"), "s_ketamine": ("2119365", "esketamine")}


def response(a: Answers, subject: Json) -> Json:
    """A QuestionnaireResponse: link ids are our item ids; a skipped item stands without an answer."""
    version = f"|{a.version}" if a.version else ""
    made: Json = {"resourceType": "QuestionnaireResponse", "extension": [origin_extension(a.origin)]}
    made |= {"questionnaire": f"{QUESTIONNAIRE}{a.instrument}{version}", "status": "completed", "subject": subject}
    if a.at is not None:
        made["authored"] = iso(a.at)
    known = catalogue().get(a.instrument)
    items = {i.link_id: i for i in known.questions} if known else {}
    listed = [_item(link, value, items.get(link)) for link, value in a.items.items()]
    if a.score is not None:
        listed.append({"linkId": SCORE, "text": "Score", "answer": [{"valueDecimal": a.score}]})
    return made | ({"item": listed} if listed else {})


def _item(link: str, value: Any, item: Item | None) -> Json:
    made: Json = {"linkId": link} | ({"text": item.text} if item and item.text else {})
    if value is None:
        return made
    values = value if isinstance(value, tuple) else (value,)
    if isinstance(value, tuple):
        made["extension"] = [extension("several", valueBoolean=True)]
    return made | ({"answer": [_answer(v, item) for v in values]} if values else {})


def _answer(value: Any, item: Item | None) -> Json:
    """An option's code as a coding with its words; a number or a truth as such."""
    if isinstance(value, bool):
        return {"valueBoolean": value}
    if isinstance(value, Decimal):
        return {"valueDecimal": value}
    option = next((o for o in item.options if o.code == value), None) if item else None
    if option:
        return {"valueCoding": {"system": option.system, "code": option.code, "display": option.text}
                if option.system else {"code": option.code, "display": option.shown}}  # fmt: skip
    return {"valueString": str(value)}


def diary_entry(d: DiaryEntry, subject: Json) -> Json:
    """An Observation of the pain number, with everything else the person said as components."""
    offset = timezone(timedelta(minutes=d.utc_offset_min))
    said = [extension("local-date", valueDate=iso(d.local_date))]
    said += [extension("late", valueBoolean=True)] if d.late else []
    made: Json = {"resourceType": "Observation", "extension": said}
    made["identifier"] = [{"system": DIARY_ENTRY, "value": d.entry_id}]
    loinc = [added(LOINC, "72514-3")] if d.pain is not None else []
    made |= {"status": "final", "code": concept((), "", added(DIARY, d.kind), *loinc), "subject": subject}
    made |= {"effectiveDateTime": iso(d.at.astimezone(offset)), "issued": iso(d.received_at)}
    if d.pain is not None:
        made["valueQuantity"] = quantity(d.pain, "{score}")
    if d.site:
        made["bodySite"] = {"text": d.site}
    if d.note:
        made["note"] = [{"text": d.note}]
    parts = [_component(name, value) for name, value in d.values.items()]
    return made | ({"component": parts} if parts else {})


def _component(name: str, value: Any) -> Json:
    made: Json = {"code": concept((), "", added(DIARY_VALUE, name))}
    if value is None:
        return made | {"dataAbsentReason": {"text": "not answered"}}
    return made | value_of(value)


def given(g: Given, subject: Json) -> Json:
    """A MedicationAdministration. An unknown total is left out, never 0."""
    code, name = _RXNORM.get(g.substance, ("", ""))
    coded = [added(RXNORM, code, name)] if code else []
    made: Json = {"resourceType": "MedicationAdministration", "extension": [origin_extension(g.origin)]}
    if g.session:
        made["identifier"] = [{"system": SESSION, "value": g.session}]
    made |= {"status": "completed" if g.completed else "stopped", "subject": subject}
    made["medicationCodeableConcept"] = concept((), name, added(SUBSTANCE, g.substance), *coded)
    made["effectivePeriod"] = {"start": iso(g.started)} | ({"end": iso(g.ended)} if g.ended else {})
    if g.amount_mg is not None:
        made["dosage"] = {"route": {"text": g.route}, "dose": quantity(g.amount_mg, "mg")}
    elif g.route:
        made["extension"].append(extension("route", valueString=g.route))
    return made | ({"note": [{"text": g.note}]} if g.note else {})


def statement(name: str, fact: Fact, subject: Json) -> Json:
    """An Observation of one answered fact, by its name in the dictionary."""
    made: Json = {"resourceType": "Observation", "status": "final", "code": concept((), "", added(FACT, name))}
    made["subject"] = subject
    if fact.at is not None:
        made["effectiveDateTime"] = iso(fact.at)
    if fact.source:
        made["performer"] = [{"display": fact.source}]
    return made | value_of(fact.value, fact.unit)
