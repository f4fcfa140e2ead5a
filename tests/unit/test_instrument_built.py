"""Instruments built from rows: what comes out is what was written, and what is wrong is named by its row."""

from decimal import Decimal as D

import pytest

from surcease.knowledge import instrument_file
from surcease.knowledge.instrument_built import Row, build
from surcease.knowledge.questionnaire import from_fhir, to_fhir
from surcease.knowledge.score import score
from surcease.knowledge.yaml import KnowledgeError

FREQUENCY = "never = 0\nsometimes = 1\noften = 2"
SLEEP = (
    Row("Sleep", "group"),
    Row("Pain woke me", "choice", answers=FREQUENCY, inside=True),
    Row("Worst pain at night", "integer", low=D(0), high=D(10), low_text="none", high_text="worst", inside=True),
    Row("Do you nap?", "boolean"),
    Row("How many minutes?", "decimal", unit="min", counts=False, when_question="4", when_answer="yes"),
    Row("Since when?", "date", counts=False, when_question="3", when_operator=">=", when_answer="5"),
    Row("Anything else", "text"),
    Row("Thank you", "display"),
)


def made(**more):
    return build("Sleep & pain", SLEEP, **({"method": "sum", "bands": "0 = little\n7 = much"} | more))


def test_rows_become_items_with_their_groups_bounds_and_conditions():
    whole = made()
    assert whole.id == "sleep-pain"
    assert [i.link_id for i in whole.items] == ["1", "4", "5", "6", "7", "8"]
    assert [i.link_id for i in whole.items[0].items] == ["2", "3"]
    assert [(o.code, o.text, o.points) for o in whole.item("2").options][1] == ("1", "sometimes", D(1))
    assert (whole.item("3").low_text, whole.item("3").high) == ("none", D(10))
    assert [(c.question, c.operator, c.answer) for c in whole.item("5").enable_when] == [("4", "=", True)]
    assert [(c.question, c.operator, c.answer) for c in whole.item("6").enable_when] == [("3", ">=", D(5))]


def test_the_sum_counts_what_counts_and_its_range_is_by_hand():
    whole = made()
    assert whole.scales[0].items == ("2", "3", "4")  # texts, dates and rows marked otherwise do not count
    assert (whole.scales[0].low, whole.scales[0].high) == (D(0), D(13))  # 2 + 10 + 1
    found = score(whole, {"2": "2", "3": 4, "4": True})
    assert (found.value, found.band.label, found.band.grade) == (D(7), "much", "site_default")
    assert score(whole, {"2": "2", "3": 4}).value is None  # a blank is not 0


def test_a_mean_allows_what_it_is_told_to_allow():
    rows = tuple(Row(text, "integer", low=D(0), high=D(10)) for text in ("one", "two", "three"))
    whole = build("Three", rows, method="mean", allowed_missing=1)
    assert (whole.scales[0].low, whole.scales[0].high) == (D(0), D(10))
    assert score(whole, {"1": 4, "2": 8, "3": 6}).value == D(6)
    one_missing = score(whole, {"1": 4, "2": 8})
    assert (one_missing.value, one_missing.prorated) == (D(6), True)
    assert score(whole, {"1": 4}).value is None


def test_without_points_it_is_a_checklist():
    whole = build("List", (Row("Which?", "choice", answers="left\nright"),))
    assert [o.code for o in whole.item("1").options] == ["answer-1", "answer-2"]
    assert whole.scales == ()


def test_it_is_the_same_after_storing_and_after_fhir():
    whole = made()
    assert instrument_file.read(instrument_file.document(whole)) == whole
    again = from_fhir(to_fhir(whole))
    assert [(i.link_id, i.type, i.text) for i in again.flat()] == [(i.link_id, i.type, i.text) for i in whole.flat()]
    assert again.item("6").enable_when == whole.item("6").enable_when


@pytest.mark.parametrize(
    ("row", "said"),
    [
        (Row("Which?", "choice", answers="only one = 1"), "row 2: a choice needs at least two answers"),
        (Row("Which?", "choice", answers="a = x\nb = 2"), "row 2: answer 1: 'x' is not a number"),
        (Row("Which?", "attachment"), "row 2: needs its words and a type of group"),
        (Row(" ", "text"), "row 2: needs its words"),
        (Row("How much?", "decimal", answers="1"), "row 2: answers belong to a choice"),
        (Row("How much?", "decimal", low=D(5), high=D(5)), "row 2: the lowest number must be below"),
        (Row("Then?", "text", when_question="9", when_answer="yes"), "row 2: it can only hang on an earlier question"),
        (Row("Then?", "text", when_question="2", when_answer="yes"), "row 2: it can only hang on an earlier question"),
        (Row("Then?", "text", when_question="1", when_answer="perhaps"), "row 2: 'perhaps' is no answer of question 1"),
        (Row("Then?", "text", when_question="1", when_operator=">", when_answer="yes"), "compare it with = or !="),
        (Row("Then?", "text", inside=True), "row 2: there is no heading above it"),
    ],
)
def test_what_is_wrong_is_named_by_its_row(row, said):
    with pytest.raises(KnowledgeError, match=said.replace("(", r"\(")):
        build("Try", (Row("First?", "boolean"), row))


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"method": "none"}, "bands: there is no score"),
        ({"method": "median"}, "score: choose sum or mean"),
        ({"allowed_missing": 3}, "between 0 and 2 answers may be missing"),
        ({"bands": "7 much"}, "bands: '7 much': write the score"),
        ({"bands": "7 = much\n7 = more"}, "ascending order"),
        ({"bands": "x = much"}, "bands: 'x' is not a number"),
    ],
)
def test_a_score_that_cannot_be_is_refused(more, said):
    with pytest.raises(KnowledgeError, match=said):
        made(**more)


def test_a_question_without_points_cannot_count():
    with pytest.raises(KnowledgeError, match="score: question 1: it cannot be counted"):
        build("Try", (Row("How far?", "decimal", low=D(0)),), method="sum")
    with pytest.raises(KnowledgeError, match="at least one question that can be counted"):
        build("Try", (Row("Say", "text"),), method="sum")


def test_an_instrument_needs_a_title_and_something_to_ask():
    for title, rows in (("", SLEEP), ("Empty", ())):
        with pytest.raises(KnowledgeError, match="a title and at least one question"):
            build(title, rows)
    with pytest.raises(KnowledgeError, match="takes an answer"):
        build("Words", (Row("Read this", "display"),))
