"""`surcease score` and `surcease mme` as a person runs them."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from surcease.cli.main import build

SHARED = Path(__file__).parents[2].parent / "shared" / "data"
needs_shared = pytest.mark.skipif(not SHARED.is_dir(), reason="the shared test data is not beside the repository")


def run(*words):
    return CliRunner().invoke(build(list(words)), list(words))


def as_json(*words):
    result = run(*words, "--json")
    assert result.exit_code == 0, result.stderr
    return json.loads(result.stdout)


def refused(*words):
    result = run(*words)
    assert result.exit_code == 2
    assert result.stdout == ""
    assert result.stderr.count("\n") == 1
    return result.stderr.strip()


def saved(tmp_path, value, name="in.json"):
    path = tmp_path / name
    path.write_text(value if isinstance(value, str) else json.dumps(value), encoding="utf-8")
    return str(path)


def test_score_in_one_line():
    found = as_json("score", "phq-9", "2,2,2,2,1,1,2,0,0")
    assert list(found)[:2] == ["schema", "surcease"]
    assert (found["schema"], found["score"], found["band"], found["triggers"]) == ("score/1", 12, "moderate", [])


def test_score_in_words():
    result = run("score", "phq-9", "2,2,2,2,1,1,2,0,1")
    assert result.stdout.splitlines() == [
        "PHQ-9: 13, moderate",
        "All 9 items answered.",
        "! Item 9 is above 0: ask the suicide screener (C-SSRS) now, whatever the total.",
    ]
    assert run("score", "eq-5d-5l", "1,1,1,1,1,90").stdout.startswith("EQ-5D-5L: no number\nProfile 11111")


@pytest.mark.parametrize(
    ("content", "name", "score"),
    [
        ({"pain": 7, "enjoyment": 7, "activity": 7}, "a.json", 7),
        ({"answers": {"pain": 7, "enjoyment": 7, "activity": 7}}, "a.json", 7),
        ([7, 7, 7], "a.json", 7),
        ([7, None, 7], "a.json", None),
        ("pain: 7\nenjoyment: 7\nactivity: 7\n", "a.yaml", 7),
    ],
)
def test_score_from_a_file(tmp_path, content, name, score):
    assert as_json("score", "peg", saved(tmp_path, content, name))["score"] == score


@needs_shared
def test_score_a_questionnaire_response():
    path = SHARED / "04-fhir/us-core-examples/QuestionnaireResponse-phq-9-example.json"
    assert as_json("score", "phq-9", str(path))["score"] == 12
    assert "answers phq-9, not gad-7" in refused("score", "gad-7", str(path))


def test_a_response_that_is_not_finished_is_refused(tmp_path):
    path = saved(tmp_path, {"resourceType": "QuestionnaireResponse", "status": "in-progress"})
    assert "cannot be scored" in refused("score", "phq-9", path)


def test_the_list():
    assert len(as_json("score", "--list")["instruments"]) >= 44
    assert "[text to be loaded by the site]" in run("score", "--list").stdout


def test_a_sites_pack(tmp_path):
    words = dict.fromkeys("12345", "word")
    table = {"4": 41.6, "20": 75.6}
    pack = {"instrument": "promis-pain-interference-4a", "permission": "for this test", "options": words,
            "items": dict.fromkeys("1234", "word"), "parameters": {"t_scores": table}}  # fmt: skip
    saved(tmp_path, pack, "pack.yaml")
    found = as_json("score", "promis-pain-interference-4a", "5,5,5,5", "--pack", str(tmp_path))
    assert (found["score"], found["band"]) == (75.6, "severe")
    assert "no text pack here" in refused("score", "peg", "1,1,1", "--pack", str(tmp_path / "none"))


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("score", "phq-10", "1"), "There is no instrument 'phq-10': `surcease score --list` names them."),
        (("score", "phq-9"), "No answers were given"),
        (("score", "phq-9", "1,2"), "PHQ-9 has 9 scored items, 2 answers were given"),
        (("score", "peg", "1,2,11"), "item activity: 11 is out of range: it is at least 0 and at most 10."),
        (("score", "peg", "none.json"), "There is no file 'none.json'"),
        (("mme", "none.json"), "none.json cannot be read"),
    ],
)
def test_bad_input_is_one_sentence_and_exit_2(words, sentence):
    assert sentence in refused(*words)


def test_answers_that_are_no_list(tmp_path):
    assert "is not a list or a mapping of answers" in refused("score", "peg", saved(tmp_path, "7"))
    assert "is not valid JSON" in refused("score", "peg", saved(tmp_path, "{"))


OXYCODONE = {"text": "Oxycodone", "dose": 10, "unit": "mg", "per_day": 4, "route": "oral"}


def test_mme_of_a_plain_list(tmp_path):
    path = saved(tmp_path, [OXYCODONE, {"text": "lorazepam"}])
    found = as_json("mme", path)
    assert list(found)[:2] == ["schema", "surcease"]
    assert (found["schema"], found["mme"], found["edition"], found["calculable"]) == ("mme/1", 60, "cdc_2022", True)
    assert found["lines"][0] == {
        "medicine": "Oxycodone", "drug": "oxycodone", "route": "oral", "daily": {"value": 40, "unit": "mg/d"},
        "factor": 1.5, "mme": 60, "why": None, "notes": [],
    }  # fmt: skip
    assert found["opioid_with_benzodiazepine"] is True
    assert found["naloxone"]["advised"] is True


def test_mme_never_prints_a_zero_for_what_it_cannot_calculate(tmp_path):
    film = {"rxcui": "1819", "dose": 8, "unit": "mg", "per_day": 1, "route": "sublingual"}
    found = as_json("mme", saved(tmp_path, {"medicines": [film]}))
    assert (found["mme"], found["at_least"], found["lines"][0]["mme"]) == (None, None, None)
    assert found["lines"][0]["why"].startswith("not calculable")


def test_mme_editions(tmp_path):
    path = saved(tmp_path, [{"text": "hydromorphone", "dose": 8, "unit": "mg/d", "route": "oral"}])
    assert as_json("mme", path)["mme"] == 40
    assert as_json("mme", path, "--edition", "2016")["mme"] == 32
    assert "choose one of cdc_2016, cdc_2022" in refused("mme", path, "--edition", "2030")


def test_mme_in_words(tmp_path):
    path = saved(tmp_path, [OXYCODONE | {"route": ""}, {"text": "Butrans", "dose": 10, "unit": "mcg/h"}])
    lines = run("mme", path, "--on", "2026-03-02").stdout.splitlines()
    assert lines[0] == "Oxycodone: 40 mg/d × 1.5 = 60 MME (route not stated, read as oral)"
    assert lines[1] == "Butrans: not calculable: buprenorphine is a partial agonist and has no factor"
    assert lines[-1].startswith("Naloxone: advised. ")


def request(text, **dosage):
    resource = {"resourceType": "MedicationRequest", "status": "active", "intent": "order",
                "medicationCodeableConcept": {"text": text}}  # fmt: skip
    return resource | ({"dosageInstruction": [dosage]} if dosage else {})


FOUR_A_DAY = {
    "timing": {"repeat": {"frequency": 4, "period": 1, "periodUnit": "d"}},
    "route": {"text": "oral"},
    "doseAndRate": [{"doseQuantity": {"value": 10, "unit": "mg"}}],
}


def test_mme_of_fhir_orders(tmp_path):
    orders = [request("Oxycodone", **FOUR_A_DAY), request("Ibuprofen 600 MG Oral Tablet")]
    assert as_json("mme", saved(tmp_path, orders))["mme"] == 60
    assert as_json("mme", saved(tmp_path, orders[0]))["mme"] == 60
    bundle = {"resourceType": "Bundle", "type": "collection", "entry": [{"resource": r} for r in orders]}
    assert as_json("mme", saved(tmp_path, bundle))["mme"] == 60
    assert as_json("mme", saved(tmp_path, [request("Oxycodone")]))["mme"] is None


def test_an_order_that_cannot_be_read_is_not_passed_over(tmp_path):
    nameless = {"resourceType": "MedicationRequest", "status": "active", "intent": "order"}
    found = as_json("mme", saved(tmp_path, [nameless]))
    assert found["mme"] is None
    assert "could not be read" in found["unrecognised"][0]
    wrong = request("Oxycodone", **FOUR_A_DAY) | {"status": "entered-in-error"}
    assert as_json("mme", saved(tmp_path, [wrong, request("Ibuprofen")]))["unrecognised"] == []


def test_two_people_are_not_one_list(tmp_path):
    orders = [request("Oxycodone") | {"subject": {"reference": f"Patient/{n}"}} for n in (1, 2)]
    assert "holds the medicines of 2 people" in refused("mme", saved(tmp_path, orders))


@needs_shared
def test_brenda_jacksons_orders_have_no_dosage():
    found = as_json("mme", str(SHARED / "04-fhir/pain-management-summary/brenda_jackson.r4.json"))
    assert (found["mme"], found["at_least"], found["calculable"]) == (None, None, False)
    assert found["opioid_with_benzodiazepine"] is True
    assert all(line["why"] == "not calculable: the dose is not known" for line in found["lines"])


@needs_shared
def test_a_sites_products(tmp_path):
    products = str(SHARED / "05-terminology/rxnorm_opioid_ingredients_2020-10-20.csv")
    path = saved(tmp_path, [{"rxcui": "1049502", "dose": 10, "unit": "mg", "per_day": 2, "route": "oral"}])
    assert as_json("mme", path, "--products", products)["mme"] == 30
    assert as_json("mme", path)["mme"] is None


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        ([1], "is not a list of medicines"),
        ([{"dose": 1}], "medicine 1: give its text, its rxcui, or both."),
        ([{"text": "a", "strength": 1}], "medicine 1: the key 'strength' is not known"),
        ([{"text": "a", "dose": "ten"}], "medicine 1: dose: 'ten' is not a number"),
        ([{"text": "a", "dose": True}], "medicine 1: dose: True is not a number"),
        ([{"text": "a", "dose": -1}], "medicine 1: dose: -1 is not an amount"),
        ([{"text": "a", "per_day": "nan"}], "per_day: nan is not an amount"),
        ("{", "is not valid JSON"),
    ],
)
def test_bad_lists(tmp_path, content, sentence):
    assert sentence in refused("mme", saved(tmp_path, content))


def test_a_bad_day(tmp_path):
    assert "The day '2.3.26' is not a date" in refused("mme", saved(tmp_path, []), "--on", "2.3.26")


def test_help_states_the_accepted_shapes():
    assert "per_day" in run("mme", "--help").stdout
    assert "QuestionnaireResponse" in " ".join(run("score", "--help").stdout.split())
