"""Read the items of a FHIR R4 Questionnaire; the first element that is not supported is refused by its name."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from surcease.knowledge import questionnaire_write as write
from surcease.knowledge.calculated import sum_of
from surcease.knowledge.instrument import OPERATORS, TYPES, Answer, EnableWhen, Item, Option
from surcease.knowledge.questionnaire_write import CONTROL, LOINC, MAXIMUM, MINIMUM, ORDINAL, UNIT, WEIGHT

_ITEM = {
    "linkId", "type", "text", "prefix", "code", "required", "enableWhen", "enableBehavior", "answerOption", "item",
    "extension",
}  # fmt: skip
_HARMLESS = (  # how another system lays its form out or files its answers: nothing that is asked or counted
    "http://hl7.org/fhir/StructureDefinition/artifact-versionAlgorithm",
    "http://hl7.org/fhir/StructureDefinition/questionnaire-optionPrefix",
    "http://hl7.org/fhir/StructureDefinition/questionnaire-displayCategory",
    "http://hl7.org/fhir/StructureDefinition/questionnaire-minOccurs",
    "http://hl7.org/fhir/uv/sdc/StructureDefinition/sdc-questionnaire-observationLinkPeriod",
)
_CONTROLS = {"lower", "upper", "help", "drop-down", "radio-button", "slider", "prompt", "unit", "text-box", "check-box"}
_DEEPEST, _MOST = 6, 500


class QuestionnaireError(ValueError):
    """A Questionnaire that cannot be taken over; the sentence names the element."""


class Reader:
    """Walks the items once; keeps the computed totals aside."""

    def __init__(self) -> None:
        self.totals: list[tuple[Mapping[str, Any], tuple[str, ...]]] = []
        self.count = 0

    def items(self, raw: Any, depth: int) -> tuple[Item, ...]:
        if depth > _DEEPEST:
            raise QuestionnaireError(f"item: groups are nested deeper than {_DEEPEST}: make it flatter.")
        return tuple(item for entry in raw if (item := self.item(entry, depth)) is not None)

    def item(self, raw: Mapping[str, Any], depth: int) -> Item | None:
        self.count += 1
        where = f"item {raw.get('linkId', '?')!r}"
        if self.count > _MOST:
            raise QuestionnaireError(f"item: there are more than {_MOST}: split the questionnaire.")
        if (summed := sum_of(raw)) is not None:
            self.totals.append((raw, summed))
            return None
        only(raw, _ITEM, where, also={"repeats": False, "readOnly": False})
        extensions(raw, where, write.ITEM_EXTENSIONS)
        if raw.get("type") not in TYPES or not raw.get("linkId"):
            raise QuestionnaireError(f"{where}: type {raw.get('type')!r} is not supported: use {', '.join(TYPES)}.")
        if (raw["type"] == "choice") != bool(raw.get("answerOption")):
            raise QuestionnaireError(f"{where}: answerOption: a choice needs its answers, and only a choice has them.")
        texts, below = _side_texts(raw.get("item", ()))
        prefix = f"{raw['prefix']} " if raw.get("prefix") else ""
        return Item(
            link_id=str(raw["linkId"]), type=raw["type"], text=prefix + str(raw.get("text", "")),
            options=tuple(_option(o, where) for o in raw.get("answerOption", ())),
            low=_bound(raw, MINIMUM), high=_bound(raw, MAXIMUM), unit=_unit(raw), required=raw.get("required") is True,
            code=code_of(raw.get("code"), f"{where}: code"), enable_when=_conditions(raw, where),
            enable_any=raw.get("enableBehavior") == "any", items=self.items(below, depth + 1),
            low_text=texts.get("lower", ""), high_text=texts.get("upper", ""), help=texts.get("help", ""),
            **write.read_own(raw),
        )  # fmt: skip


def only(raw: Mapping[str, Any], allowed: set[str], where: str, also: Mapping[str, Any] | None = None) -> None:
    """Refuse the first element that is not allowed; ``also`` are allowed when they have exactly that value."""
    for key, value in raw.items():
        if key not in allowed and not (also and key in also and value == also[key]):
            raise QuestionnaireError(f"{where}: the element {key!r} is not supported: take it out, or ask us for it.")


def extensions(raw: Mapping[str, Any], where: str, allowed: tuple[str, ...]) -> None:
    for extension in raw.get("extension", ()):
        url = extension.get("url", "")
        if url == CONTROL and _control(extension) in _CONTROLS:
            continue
        if url not in _HARMLESS and url not in allowed:
            raise QuestionnaireError(f"{where}: the extension {url!r} is not supported: take it out, or ask us for it.")


def _control(extension: Mapping[str, Any]) -> str:
    codings = extension.get("valueCodeableConcept", {}).get("coding", [{}])
    return str(codings[0].get("code", ""))


def _side_texts(children: Any) -> tuple[dict[str, str], list[Mapping[str, Any]]]:
    """Words for the ends of a scale and help texts are display items below a question; the rest are real items."""
    texts: dict[str, str] = {}
    rest = []
    for child in children:
        controls = {_control(e) for e in child.get("extension", ()) if e.get("url") == CONTROL}
        name = next((c for c in ("lower", "upper", "help") if c in controls), None)
        if child.get("type") == "display" and name and set(child) <= {"linkId", "type", "text", "extension"}:
            texts[name] = str(child.get("text", ""))
        else:
            rest.append(child)
    return texts, rest


def _option(raw: Mapping[str, Any], where: str) -> Option:
    only(raw, {"valueCoding", "valueInteger", "valueString", "extension"}, f"{where}: answerOption")
    coding = raw.get("valueCoding", {})
    places = [*raw.get("extension", ()), *coding.get("extension", ())]
    for extension in places:
        if extension.get("url") not in (*_HARMLESS, ORDINAL, WEIGHT):
            raise QuestionnaireError(f"{where}: answerOption: the extension {extension.get('url')!r} is not supported.")
    points = next((Decimal(str(e["valueDecimal"])) for e in places if e["url"] in (ORDINAL, WEIGHT)), None)
    if "valueInteger" in raw:
        number = Decimal(raw["valueInteger"])
        return Option(str(number), str(number), number if points is None else points)
    text = str(coding.get("display", raw.get("valueString", "")))
    return Option(str(coding.get("code") or text), text, points, str(coding.get("system", "")))


def _bound(raw: Mapping[str, Any], url: str) -> Decimal | None:
    for extension in raw.get("extension", ()):
        if extension["url"] == url:
            return Decimal(str(extension.get("valueInteger", extension.get("valueDecimal"))))
    return None


def _unit(raw: Mapping[str, Any]) -> str:
    codings = [e.get("valueCoding", {}) for e in raw.get("extension", ()) if e["url"] == UNIT]
    return str(codings[0].get("code") or codings[0].get("display") or "") if codings else ""


def code_of(raw: Any, where: str) -> str:
    if not raw:
        return ""
    if len(raw) > 1:
        raise QuestionnaireError(f"{where}: more than one coding is not supported: keep the one that is meant.")
    system, code = str(raw[0].get("system", "")), str(raw[0].get("code", ""))
    return code if system == LOINC else f"{system}|{code}"


def _conditions(raw: Mapping[str, Any], where: str) -> tuple[EnableWhen, ...]:
    return tuple(_condition(c, where) for c in raw.get("enableWhen", ()))


def _condition(raw: Mapping[str, Any], where: str) -> EnableWhen:
    values = {key: value for key, value in raw.items() if key.startswith("answer")}
    if raw.get("operator") not in OPERATORS or len(values) != 1:
        raise QuestionnaireError(f"{where}: enableWhen needs an operator of {', '.join(OPERATORS)} and one answer.")
    key, value = next(iter(values.items()))
    answer: Answer
    if key in ("answerInteger", "answerDecimal"):
        answer = Decimal(str(value))
    elif key == "answerCoding":
        answer = str(value.get("code", ""))
    elif key in ("answerBoolean", "answerString", "answerDate"):
        answer = value
    else:
        raise QuestionnaireError(
            f"{where}: enableWhen.{key} is not supported: use a truth value, number, code or date."
        )
    return EnableWhen(str(raw.get("question", "")), raw["operator"], answer)
