"""An instrument → an R4 Questionnaire with ordinal scores, for those whose words may be passed on."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from surcease.fhir.elements import LOINC, Json
from surcease.fhir.own import QUESTIONNAIRE
from surcease.knowledge.instrument import EnableWhen, Instrument, Item, Option

_ORDINAL = "http://hl7.org/fhir/StructureDefinition/ordinalValue"
_MIN, _MAX = (f"http://hl7.org/fhir/StructureDefinition/{name}Value" for name in ("min", "max"))
_SCORED = "https://surcease.org/fhir/StructureDefinition/scored"
#: licences under which item text may leave the site
PASSED_ON = ("free", "own_words")


def may_pass_on(instrument: Instrument) -> bool:
    """Whether the words of an instrument may be exported."""
    return instrument.licence.kind in PASSED_ON and instrument.has_text


def questionnaire(instrument: Instrument) -> Json:
    """The Questionnaire: one item per question, options with their points."""
    made: Json = {"resourceType": "Questionnaire", "id": instrument.id, "url": f"{QUESTIONNAIRE}{instrument.id}"}
    made |= {"version": str(instrument.version), "title": instrument.title, "status": "active"}
    if instrument.licence.holder:
        made["copyright"] = instrument.licence.holder
    if instrument.code:
        made["code"] = [{"system": LOINC, "code": instrument.code}]
    return made | {"subjectType": ["Patient"], "item": [_item(i) for i in instrument.items]}


def _item(item: Item) -> Json:
    made: Json = {"linkId": item.link_id}
    if extensions := _extensions(item):
        made["extension"] = extensions
    if item.code:
        made["code"] = [{"system": LOINC, "code": item.code}]
    made |= {"text": item.shown, "type": item.type}
    if item.enable_when:
        made["enableWhen"] = [_enable(e) for e in item.enable_when]
        if len(item.enable_when) > 1:
            made["enableBehavior"] = "any" if item.enable_any else "all"
    if item.required:
        made["required"] = True
    if item.options:
        made["answerOption"] = [_option(o) for o in item.options]
    if item.items:
        made["item"] = [_item(i) for i in item.items]
    return made


def _extensions(item: Item) -> list[Json]:
    kind = "valueInteger" if item.type == "integer" else "valueDecimal"
    bounds = [(url, limit) for url, limit in ((_MIN, item.low), (_MAX, item.high)) if limit is not None]
    found: list[Json] = [{"url": url, kind: int(limit) if kind == "valueInteger" else limit} for url, limit in bounds]
    return found if item.scored or not item.asks else [*found, {"url": _SCORED, "valueBoolean": False}]


def _enable(e: EnableWhen) -> Json:
    return {"question": e.question, "operator": e.operator, **_answer(e.answer)}


def _answer(value: Any) -> Json:
    if isinstance(value, bool):
        return {"answerBoolean": value}
    return {"answerDecimal": value} if isinstance(value, Decimal) else {"answerString": str(value)}


def _option(option: Option) -> Json:
    points = [] if option.points is None else [{"url": _ORDINAL, "valueDecimal": option.points}]
    parts = (("system", option.system), ("code", option.code), ("display", option.shown))
    made: Json = {"extension": points} if points else {}
    return made | {"valueCoding": {name: value for name, value in parts if value}}
