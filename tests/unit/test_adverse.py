"""Grades by CTCAE v5: edges of the numbers, signs, and what is judged apart from the grade."""

from decimal import Decimal
from pathlib import Path

import pytest

from surcease.care.adverse import Graded, Judgement, grade, records_hypertension, refuse_judgement
from surcease.knowledge import load

KNOWLEDGE = load()
TERMS = KNOWLEDGE.documents["codes/ctcae.yaml"]["terms"]
SHARED = Path(__file__).parents[2].parent / "shared" / "data"


def graded(term, signs=(), **numbers):
    return grade(term, knowledge=KNOWLEDGE, numbers={k: Decimal(str(v)) for k, v in numbers.items()}, signs=signs).grade


@pytest.mark.parametrize(
    ("term", "numbers", "expected"),
    [
        ("hypertension", {"systolic": 119, "diastolic": 79}, 0),
        ("hypertension", {"systolic": 120}, 1),
        ("hypertension", {"diastolic": 80}, 1),
        ("hypertension", {"systolic": 139, "diastolic": 90}, 2),
        ("hypertension", {"systolic": 160, "diastolic": 85}, 3),
        ("hypertension", {"systolic": 130, "diastolic": 100}, 3),
        ("hypoxia", {"spo2": 88}, 0),
        ("hypoxia", {"spo2": 86}, 3),
        ("depressed_consciousness", {"moaas": 5}, 0),
        ("depressed_consciousness", {"moaas": 4}, 1),
        ("depressed_consciousness", {"moaas": 3}, 2),
        ("depressed_consciousness", {"moaas": 1}, 3),
        ("depressed_consciousness", {"moaas": 0}, 4),
        ("alt_increased", {"times_upper_limit": 1}, 0),
        ("alt_increased", {"times_upper_limit": 3}, 1),
        ("alt_increased", {"times_upper_limit": 4}, 2),
        ("alt_increased", {"times_upper_limit": "5.1"}, 3),
        ("ast_increased", {"times_upper_limit": "20.1"}, 4),
        ("ast_increased", {"times_abnormal_baseline": "1.5"}, 1),
        ("alp_increased", {"times_upper_limit": "2.5"}, 1),
        ("ggt_increased", {"times_upper_limit": "2.6"}, 2),
        ("bilirubin_increased", {"times_upper_limit": "3.1"}, 3),
    ],
)
def test_numbers(term, numbers, expected):
    assert graded(term, **numbers) == expected


@pytest.mark.parametrize(
    ("term", "signs", "expected"),
    [
        ("cystitis", ["microscopic_haematuria", "moderate_symptoms"], 2),
        ("cystitis", ["visible_haematuria"], 3),
        ("dizziness", ["limits_instrumental_adl"], 2),
        ("dissociation", ["noticed"], 1),
        ("suicidal_ideation", ["plan_with_intent"], 4),
        ("hypoxia", ["death"], 5),
        ("nausea", ["hospital"], 3),
    ],
)
def test_signs(term, signs, expected):
    assert graded(term, signs) == expected


def test_the_higher_of_number_and_sign_decides():
    found = grade(
        "hypertension", knowledge=KNOWLEDGE, numbers={"systolic": Decimal(150)}, signs=["hypertensive_crisis"]
    )
    assert (found.grade, found.because) == (4, ("hypertensive crisis",))
    assert found.words == "crisis, neurological signs"


def test_nothing_given_is_not_graded():
    assert grade("headache", knowledge=KNOWLEDGE) == Graded("Headache", None, "not graded yet")


def test_death_and_normal_have_words():
    assert grade("seizure", knowledge=KNOWLEDGE, signs=["death"]).words == "death"
    assert grade("hypoxia", knowledge=KNOWLEDGE, numbers={"spo2": Decimal(98)}).words == "normal"


@pytest.mark.parametrize(
    ("term", "signs", "numbers", "says"),
    [
        ("tiredness", [], {}, "'tiredness' is not a term"),
        ("headache", [], {"systolic": 1}, "not a measure of Headache: use none"),
        ("headache", ["stupor"], {}, "not a sign of Headache"),
        ("headache", ["life_threatening"], {}, "Headache has no grade 4, which 'life threatening'"),
    ],
)
def test_misuse_is_refused(term, signs, numbers, says):
    with pytest.raises(ValueError, match=says):
        graded(term, signs, **numbers)


@pytest.mark.parametrize(
    ("treated", "minutes", "red", "expected"),
    [(False, 29, False, False), (False, 30, False, True), (True, 1, False, True), (False, 1, True, True)],
)
def test_a_short_rise_of_pressure_is_expected(treated, minutes, red, expected):
    assert records_hypertension(treated=treated, lasted_min=Decimal(minutes), red=red, knowledge=KNOWLEDGE) is expected


@pytest.mark.parametrize(
    ("judgement", "level", "says"),
    [
        (Judgement((), "possible", "recovered"), 3, ""),
        (Judgement(("hospital",), "possible", "recovered"), 2, ""),
        (Judgement(("scary",), "possible", "recovered"), 2, "not a criterion of seriousness"),
        (Judgement((), "perhaps", "recovered"), 2, "Relatedness cannot be 'perhaps'"),
        (Judgement((), "possible", ""), 2, "The outcome cannot be ''"),
        (Judgement(("hospital",), "possible", "recovered"), 4, "Grade 4 is serious: life threatening is missing"),
        (Judgement(("death",), "possible", "fatal"), 5, ""),
        (Judgement((), "possible", "unknown"), None, ""),
    ],
)
def test_judgement_stands_beside_the_grade(judgement, level, says):
    sentence = refuse_judgement(judgement, Graded("Seizure", level, ""), knowledge=KNOWLEDGE)
    assert says in sentence if says else sentence == ""


def test_terms_have_words_for_their_grades_and_no_foreign_codes():
    for entry in TERMS.values():
        assert set(entry["grades"]) <= {"1", "2", "3", "4"}
        steps = [g for steps in entry.get("numbers", {}).values() for g in steps]
        assert {*steps, *(str(int(g)) for g in entry.get("signs", {}).values())} <= set(entry["grades"])
        assert not any("meddra" in key.lower() for key in entry)


@pytest.mark.skipif(not SHARED.exists(), reason="the real inputs are not on this machine")
def test_lab_cuts_against_the_published_table():
    import csv

    rows = csv.DictReader((SHARED / "05-terminology" / "ctcae_v5_lab_grades.csv").open(encoding="utf-8"))
    table = {row["term"]: row for row in rows}
    for entry in TERMS.values():
        if "times_upper_limit" in entry.get("numbers", {}):
            cuts = entry["numbers"]["times_upper_limit"]
            second, third = (f">{cuts[g]['above']:.1f}" for g in "23")
            assert table[entry["term"]]["grade2"].startswith(second)
            assert table[entry["term"]]["grade3"].startswith(third)
