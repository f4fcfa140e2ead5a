"""Write an instrument as a FHIR R4 Questionnaire, and read back the few extensions of our own."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from surcease.knowledge.instrument import Answer, EnableWhen, Instrument, Item, Option, Scale

URL = "https://surcease.org/fhir/Questionnaire/"
OURS = "https://surcease.org/fhir/StructureDefinition/questionnaire-"
LOINC = "http://loinc.org"
_HL7 = "http://hl7.org/fhir/StructureDefinition/"
ORDINAL, WEIGHT = f"{_HL7}ordinalValue", f"{_HL7}itemWeight"
MINIMUM, MAXIMUM, UNIT = f"{_HL7}minValue", f"{_HL7}maxValue", f"{_HL7}questionnaire-unit"
CONTROL = f"{_HL7}questionnaire-itemControl"
CONTROLS = "http://hl7.org/fhir/questionnaire-item-control"
TOP_EXTENSIONS = (f"{OURS}scale",)
ITEM_EXTENSIONS = (MINIMUM, MAXIMUM, UNIT, *(f"{OURS}{n}" for n in ("label", "not-scored", "points-yes", "points-no")))


def to_fhir(instrument: Instrument) -> dict[str, Any]:
    """The Questionnaire resource of an instrument, numbers as Decimal.

    >>> from surcease.knowledge.catalogue import catalogue
    >>> to_fhir(catalogue()["peg"])["item"][0]["linkId"]
    'pain'
    """
    whole: dict[str, Any] = {
        "resourceType": "Questionnaire",
        "url": URL + instrument.id,
        "version": str(instrument.version),
        "language": instrument.language,
        "name": instrument.id,
        "title": instrument.title,
        "status": "active",
        "subjectType": ["Patient"],
        "extension": [_scale(scale) for scale in instrument.scales],
        "description": instrument.stem,
        "copyright": " ".join(w for w in (instrument.licence.holder, instrument.licence.note) if w),
        "code": _coding(instrument.code),
        "item": [_item(item, instrument) for item in instrument.items],
    }
    return {key: value for key, value in whole.items() if value not in ("", [], None)}


def _item(item: Item, instrument: Instrument) -> dict[str, Any]:
    sides = (("lower", item.low_text), ("upper", item.high_text), ("help", item.help))
    whole: dict[str, Any] = {
        "linkId": item.link_id,
        "type": item.type,
        "text": item.text,
        "code": _coding(item.code),
        "required": item.required or None,
        "extension": _item_extensions(item),
        "enableWhen": [_condition(c, instrument.item(c.question)) for c in item.enable_when],
        "enableBehavior": ("any" if item.enable_any else "all") if len(item.enable_when) > 1 else None,
        "answerOption": [_option(option) for option in item.options],
        "item": [_side(item, control, text) for control, text in sides if text]
        + [_item(child, instrument) for child in item.items],
    }
    return {key: value for key, value in whole.items() if value not in ("", [], None)}


def _item_extensions(item: Item) -> list[dict[str, Any]]:
    kind = "valueInteger" if item.type == "integer" else "valueDecimal"
    found: list[dict[str, Any]] = [
        {"url": url, kind: int(bound) if kind == "valueInteger" else bound}
        for url, bound in ((MINIMUM, item.low), (MAXIMUM, item.high))
        if bound is not None
    ]
    if item.unit:
        found.append({"url": UNIT, "valueCoding": {"system": "http://unitsofmeasure.org", "code": item.unit}})
    if item.label:
        found.append({"url": f"{OURS}label", "valueString": item.label})
    if not item.scored:
        found.append({"url": f"{OURS}not-scored", "valueBoolean": True})
    for name, points, default in (("points-yes", item.points_yes, 1), ("points-no", item.points_no, 0)):
        if points != default:
            found.append({"url": OURS + name, "valueDecimal": points})
    return found


def read_own(raw: Mapping[str, Any]) -> dict[str, Any]:
    """What our own item extensions say, as fields of :class:`Item`."""
    found = {e["url"].removeprefix(OURS): e for e in raw.get("extension", ()) if e["url"].startswith(OURS)}
    fields: dict[str, Any] = {"scored": "not-scored" not in found}
    if "label" in found:
        fields["label"] = found["label"]["valueString"]
    for name in ("points-yes", "points-no"):
        if name in found:
            fields[name.replace("-", "_")] = Decimal(str(found[name]["valueDecimal"]))
    return fields


def _side(item: Item, control: str, text: str) -> dict[str, Any]:
    concept = {"coding": [{"system": CONTROLS, "code": control}]}
    return {
        "linkId": f"{item.link_id}-{control}",
        "type": "display",
        "text": text,
        "extension": [{"url": CONTROL, "valueCodeableConcept": concept}],
    }


def _option(option: Option) -> dict[str, Any]:
    coding = {"system": option.system, "code": option.code, "display": option.text}
    points = [] if option.points is None else [{"url": ORDINAL, "valueDecimal": option.points}]
    whole = {"extension": points, "valueCoding": {k: v for k, v in coding.items() if v}}
    return {key: value for key, value in whole.items() if value}


def _condition(condition: EnableWhen, question: Item) -> dict[str, Any]:
    return {
        "question": condition.question,
        "operator": condition.operator,
        **_answer(condition.answer, question, condition.operator),
    }


def _answer(answer: Answer, question: Item, operator: str) -> dict[str, Any]:
    if isinstance(answer, bool) or operator == "exists":
        return {"answerBoolean": answer}
    if isinstance(answer, Decimal):
        return {"answerInteger": int(answer)} if question.type == "integer" else {"answerDecimal": answer}
    if question.type == "choice":
        system = next((o.system for o in question.options if o.code == answer), "")
        return {"answerCoding": {"system": system, "code": answer} if system else {"code": answer}}
    return {"answerDate" if question.type == "date" else "answerString": answer}


def _coding(code: str) -> list[dict[str, str]]:
    if not code:
        return []
    system, _, value = code.rpartition("|")
    return [{"system": system or LOINC, "code": value}]


def _scale(scale: Scale) -> dict[str, Any]:
    parts: list[tuple[str, str, Any]] = [
        ("id", "valueString", scale.id),
        ("title", "valueString", scale.title),
        ("method", "valueCode", scale.method),
        ("better", "valueCode", scale.better),
        ("low", "valueDecimal", scale.low),
        ("high", "valueDecimal", scale.high),
        ("multiply", "valueDecimal", scale.multiply),
        ("cap", "valueBoolean", scale.cap),
        ("allowed-missing", "valueInteger", scale.allowed_missing),
        *(("item", "valueString", item) for item in scale.items),
        *([("code", "valueString", scale.code)] if scale.code else []),
    ]
    return {"url": f"{OURS}scale", "extension": [{"url": name, kind: value} for name, kind, value in parts]}


def read_scale(raw: Mapping[str, Any]) -> Scale:
    """A scale from our extension; its bands and changes do not travel."""
    parts: dict[str, Any] = {}
    items = []
    for part in raw["extension"]:
        value = next(v for k, v in part.items() if k.startswith("value"))
        if part["url"] == "item":
            items.append(str(value))
        else:
            parts[part["url"]] = value
    return Scale(
        id=parts["id"], title=parts["title"], method=parts["method"], items=tuple(items), better=parts["better"],
        low=Decimal(str(parts["low"])), high=Decimal(str(parts["high"])), multiply=Decimal(str(parts["multiply"])),
        cap=parts["cap"], allowed_missing=int(parts["allowed-missing"]), code=parts.get("code", ""),
    )  # fmt: skip
