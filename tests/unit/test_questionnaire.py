"""FHIR R4 Questionnaires: out, in, and what is refused by name."""

import json
from copy import deepcopy
from decimal import Decimal
from pathlib import Path

import pytest

from surcease.knowledge.catalogue import catalogue
from surcease.knowledge.library import canonical
from surcease.knowledge.questionnaire import QuestionnaireError, add_scale, from_fhir, to_fhir
from surcease.knowledge.score import positional, score

SHARED = Path(__file__).parents[2].parent / "shared" / "data"
KNOWN = catalogue()
needs_shared = pytest.mark.skipif(not SHARED.is_dir(), reason="the shared test data is not beside the repository")


def over_the_wire(resource):
    """As another system would send it back: through JSON text."""
    return json.loads(canonical(resource), parse_float=Decimal)


@pytest.mark.parametrize("instrument", KNOWN.values(), ids=list(KNOWN))
def test_round_trip(instrument):
    sent = over_the_wire(to_fhir(instrument))
    back = from_fhir(sent)
    assert back.items == instrument.items
    assert (back.id, back.title, back.version, back.code, back.stem) == (
        instrument.id, instrument.title, instrument.version, instrument.code, instrument.stem,
    )  # fmt: skip
    plain = [(s.id, s.method, s.items, s.low, s.high, s.multiply, s.cap, s.allowed_missing) for s in back.scales]
    assert plain == [
        (s.id, s.method, s.items, s.low, s.high, s.multiply, s.cap, s.allowed_missing) for s in instrument.scales
    ]
    assert over_the_wire(to_fhir(back)) | {"copyright": ""} == sent | {"copyright": ""}


def test_phq9_as_fhir():
    q = to_fhir(KNOWN["phq-9"])
    assert q["code"] == [{"system": "http://loinc.org", "code": "44249-1"}]
    first = q["item"][0]
    assert first["type"] == "choice"
    assert first["code"] == [{"system": "http://loinc.org", "code": "44250-9"}]
    assert first["answerOption"][3] == {
        "extension": [{"url": "http://hl7.org/fhir/StructureDefinition/ordinalValue", "valueDecimal": Decimal(3)}],
        "valueCoding": {"system": "http://loinc.org", "code": "LA6571-9", "display": "Nearly every day"},
    }


@needs_shared
def test_lhc_forms_phq9():
    """Its total item, computed as the sum of the nine ordinal scores, becomes the scale."""
    q = json.loads((SHARED / "06-proms/lhcforms_phq9_questionnaire.r4.json").read_text(), parse_float=Decimal)
    phq = from_fhir(q)
    ours = KNOWN["phq-9"]
    assert [i.code for i in phq.questions] == [i.code for i in ours.questions]
    assert [[(o.code, o.points) for o in i.options] for i in phq.questions] == [
        [(o.code, o.points) for o in i.options] for i in ours.questions
    ]
    assert [i.scored for i in phq.questions] == [i.scored for i in ours.questions]
    (scale,) = phq.scales
    assert (scale.method, scale.low, scale.high, scale.code, len(scale.items)) == ("sum", 0, 27, "44261-6", 9)
    answers = ["2", "2", "2", "2", "1", "1", "2", "0", "0"]
    assert score(phq, positional(phq, answers)).value == score(ours, positional(ours, answers)).value == 12
    assert score(phq, positional(phq, [*answers[:8], ""])).value is None  # there a blank counts 0, here it is missing


@needs_shared
@pytest.mark.parametrize("name", ["phq-9-example", "AUDIT-C", "TAPS"])
def test_us_core_questionnaires_come_without_a_score(name):
    q = json.loads((SHARED / f"04-fhir/us-core-examples/Questionnaire-{name}.json").read_text(), parse_float=Decimal)
    assert from_fhir(q).scales == ()


PLAIN = {
    "resourceType": "Questionnaire", "title": "Two things", "status": "active",
    "item": [
        {"linkId": "g", "type": "group", "text": "Together", "item": [
            {"linkId": "1", "type": "choice", "text": "How often?", "answerOption": [
                {"valueCoding": {"code": "never", "display": "Never"},
                 "extension": [{"url": "http://hl7.org/fhir/StructureDefinition/itemWeight", "valueDecimal": 0}]},
                {"valueCoding": {"code": "often", "display": "Often", "extension": [
                    {"url": "http://hl7.org/fhir/StructureDefinition/ordinalValue", "valueDecimal": 2}]}},
            ]},
            {"linkId": "2", "type": "boolean", "text": "Still?", "prefix": "2.",
             "enableWhen": [{"question": "1", "operator": "=", "answerCoding": {"code": "often"}}]},
        ]},
        {"linkId": "n", "type": "integer", "text": "How much?", "extension": [
            {"url": "http://hl7.org/fhir/StructureDefinition/minValue", "valueInteger": 0},
            {"url": "http://hl7.org/fhir/StructureDefinition/maxValue", "valueInteger": 4}]},
        {"linkId": "d", "type": "date", "text": "Since when?",
         "enableWhen": [{"question": "n", "operator": ">", "answerInteger": 2},
                        {"question": "2", "operator": "exists", "answerBoolean": True}], "enableBehavior": "any"},
        {"linkId": "t", "type": "text", "text": "Anything else?"},
        {"linkId": "x", "type": "display", "text": "Thank you"},
        {"linkId": "w", "type": "choice", "text": "Which?", "answerOption": [{"valueInteger": 1}, {"valueInteger": 2}]},
        {"linkId": "v", "type": "choice", "text": "Where?", "answerOption": [{"valueString": "here"}]},
    ],
}  # fmt: skip


def test_a_foreign_questionnaire():
    made = from_fhir(PLAIN)
    assert made.id == "two-things"
    assert made.licence.kind == "site_text"
    assert [o.points for o in made.item("1").options] == [0, 2]
    assert made.item("2").text == "2. Still?"
    assert made.item("d").enable_any
    assert [o.code for o in made.item("w").options] == ["1", "2"]
    assert made.item("v").options[0].points is None
    assert from_fhir(over_the_wire(to_fhir(made))).items == made.items


def test_a_clinic_lead_gives_it_a_score():
    made = add_scale(from_fhir(PLAIN), "sum", ("1", "2", "n"))
    assert (made.scales[0].low, made.scales[0].high) == (0, 7)
    assert score(made, {"1": "often", "2": True, "n": 4}).value == 7
    assert score(made, {"1": "never", "n": 4}).value == 4  # 2 is not asked then
    mean = add_scale(from_fhir(PLAIN), "mean", ("1", "n"))
    assert (mean.scales[0].low, mean.scales[0].high) == (0, 4)
    assert score(mean, {"1": "often", "n": 3}).value == Decimal("2.5")


def test_what_has_no_points_cannot_be_counted():
    with pytest.raises(ValueError, match="v: it cannot be counted"):
        add_scale(from_fhir(PLAIN), "sum", ("v",))


def changed(path, value):
    resource = deepcopy(PLAIN)
    at = resource
    for step in path[:-1]:
        at = at[step]
    at[path[-1]] = value
    return resource


MANY = [{"linkId": str(n), "type": "boolean"} for n in range(501)]


def nest(depth):
    item = {"linkId": str(depth), "type": "group", "text": "g"}
    return item if depth == 7 else item | {"item": [nest(depth + 1)]}


@pytest.mark.parametrize(
    ("path", "value", "words"),
    [
        (["resourceType"], "Patient", "not a Questionnaire"),
        (["title"], "", "title and Questionnaire.item are needed"),
        (["contained"], [{}], "Questionnaire: the element 'contained' is not supported"),
        (["extension"], [{"url": "http://x/y"}], "Questionnaire: the extension 'http://x/y' is not supported"),
        (["item", 1, "type"], "quantity", "item 'n': type 'quantity' is not supported"),
        (["item", 1, "type"], "open-choice", "type 'open-choice' is not supported"),
        (["item", 1, "repeats"], True, "item 'n': the element 'repeats' is not supported"),
        (["item", 1, "readOnly"], True, "item 'n': the element 'readOnly' is not supported"),
        (["item", 1, "initial"], [{"valueInteger": 1}], "item 'n': the element 'initial' is not supported"),
        (["item", 5, "answerValueSet"], "http://x", "item 'w': the element 'answerValueSet' is not supported"),
        (["item", 5, "answerOption"], [], "item 'w': answerOption: a choice needs its answers"),
        (["item", 5, "answerOption", 0, "initialSelected"], True, "answerOption: the element 'initialSelected'"),
        (["item", 5, "answerOption", 0], {"valueDate": "2026-01-01"}, "answerOption: the element 'valueDate'"),
        (["item", 5, "answerOption", 0, "extension"], [{"url": "http://x/exclusive"}], "extension 'http://x/exclusive'"),
        (["item", 1, "extension", 0, "url"], "http://hl7.org/fhir/StructureDefinition/questionnaire-hidden", "hidden"),
        (
            ["item", 1, "extension", 0],
            {"url": "http://hl7.org/fhir/StructureDefinition/questionnaire-itemControl",
             "valueCodeableConcept": {"coding": [{"code": "gtable"}]}},
            "questionnaire-itemControl",
        ),
        (
            ["item", 1, "extension", 0],
            {"url": "http://hl7.org/fhir/uv/sdc/StructureDefinition/sdc-questionnaire-calculatedExpression",
             "valueExpression": {"language": "text/fhirpath", "expression": "1 + 1"}},
            "calculatedExpression",
        ),
        (["item", 2, "enableWhen", 0, "operator"], "in", "item 'd': enableWhen needs an operator"),
        (["item", 2, "enableWhen", 0], {"question": "n", "operator": "=", "answerTime": "9"}, "enableWhen.answerTime"),
        (["item", 2, "enableWhen", 0, "question"], "zz", "asks for 'zz', which is no item"),
        (["item", 1, "code"], [{"code": "a"}, {"code": "b"}], "item 'n': code: more than one coding"),
        (["item", 0, "item", 0, "linkId"], "n", "the id 'n' stands twice"),
        (["item"], MANY, "there are more than 500"),
        (["item"], [nest(1)], "nested deeper than 6"),
        (["item", 1], "not an object", "not in the shape of FHIR R4"),
        (["item", 1, "extension", 0, "valueInteger"], "x", "not in the shape of FHIR R4"),
    ],
)  # fmt: skip
def test_anything_else_is_refused_by_its_elements_name(path, value, words):
    with pytest.raises(ValueError, match=words) as error:
        from_fhir(changed(path, value))
    assert isinstance(error.value, QuestionnaireError) or "Questionnaire" in str(error.value)


def test_a_code_of_another_system_keeps_its_system():
    made = from_fhir(changed(["item", 1, "code"], [{"system": "http://x", "code": "c"}]))
    assert made.item("n").code == "http://x|c"
    assert to_fhir(made)["item"][1]["code"] == [{"system": "http://x", "code": "c"}]


def test_ends_units_and_help_travel():
    peg = to_fhir(KNOWN["peg"])["item"][0]["item"]
    assert [c["text"] for c in peg] == ["No pain", "Pain as bad as you can imagine"]
    helped = changed(["item", 1, "item"], [
        {"linkId": "n-help", "type": "display", "text": "Roughly", "extension": [
            {"url": "http://hl7.org/fhir/StructureDefinition/questionnaire-itemControl",
             "valueCodeableConcept": {"coding": [{"code": "help"}]}}]},
        {"linkId": "n-why", "type": "text", "text": "Why?"}])  # fmt: skip
    made = from_fhir(helped)
    assert made.item("n").help == "Roughly"
    assert made.item("n-why").asks
    url = "http://hl7.org/fhir/StructureDefinition/questionnaire-unit"
    unit = changed(["item", 1, "extension"], [{"url": url, "valueCoding": {"display": "{score}"}}])
    assert from_fhir(unit).item("n").unit == "{score}"
