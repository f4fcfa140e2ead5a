"""Rescue cards show steps, and doses only when a named pharmacist entered them."""

import re
from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from surcease.care.rescue import SiteDose, cards_for, refuse_dose, unset
from surcease.knowledge import load

KNOWLEDGE = load()
DOSE = SiteDose("RSC-01", "midazolam", Decimal("1.0"), "mg", "iv", "P. Harm", date(2026, 3, 1), Decimal(5), Decimal(4))


def cards(*problems, formulary=()):
    return cards_for(problems, formulary=formulary, knowledge=KNOWLEDGE)


@pytest.mark.parametrize(
    ("problem", "card"),
    [
        ("anxiety", "RSC-01"), ("hypertension", "RSC-02a"), ("vomiting", "RSC-03a"), ("sedation", "RSC-04a"),
        ("agitation", "RSC-05"), ("sialorrhoea", "RSC-06"), ("seizure", "RSC-07"), ("laryngospasm", "RSC-08"),
    ],
)  # fmt: skip
def test_each_problem_has_its_card_and_no_dose(problem, card):
    shown = cards(problem)
    assert [c.id for c in shown] == [card]
    assert shown[0].steps
    assert all(d.dose == "dose not set" and not d.is_set for d in shown[0].drugs)


def test_two_problems_two_cards():
    assert [c.id for c in cards("seizure", "nausea")] == ["RSC-03a", "RSC-07"]


def test_a_problem_without_a_card():
    with pytest.raises(ValueError, match="no rescue card for 'hiccups'"):
        cards("hiccups")


def test_the_pharmacists_newest_entry_is_shown():
    newer = replace(DOSE, amount=Decimal(2), repeat_min=None, most=None, entered_on=date(2026, 4, 1))
    drugs = {d.drug: d.dose for d in cards("anxiety", formulary=(newer, DOSE))[0].drugs}
    assert drugs == {"midazolam": "2 mg iv (entered by P. Harm, 2026-04-01)", "lorazepam": "dose not set"}
    first = cards("anxiety", formulary=(DOSE,))[0].drugs[0]
    assert first.dose == "1 mg iv, again after 5 min, at most 4 mg in a session (entered by P. Harm, 2026-03-01)"
    assert first.is_set


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({}, ""),
        ({"drug": "ketamine"}, "does not belong to card RSC-01: it lists midazolam, lorazepam"),
        ({"card": "RSC-99"}, "it lists no drug"),
        ({"amount": Decimal(0)}, "needs an amount above 0"),
        ({"unit": ""}, "needs an amount above 0, a unit"),
        ({"route": ""}, "a unit and a route"),
        ({"most": Decimal("0.5")}, "is less than one dose"),
        ({"most": None}, ""),
        ({"entered_by": " "}, "needs the name of the pharmacist"),
    ],
)
def test_which_entries_may_stand(changes, says):
    sentence = refuse_dose(replace(DOSE, **changes), knowledge=KNOWLEDGE)
    assert says in sentence if says else sentence == ""


def test_what_is_still_unset():
    everything = unset((), knowledge=KNOWLEDGE)
    assert ("RSC-04a", "naloxone") in everything
    assert set(everything) - set(unset((DOSE,), knowledge=KNOWLEDGE)) == {("RSC-01", "midazolam")}


def test_no_card_ships_a_dose():
    text = str(KNOWLEDGE.documents["limits/rescue.yaml"]["cards"])
    assert not re.search(r"\d\s*(mg|mcg|ug|mL|µg)\b", text)
    rules = [r for r in KNOWLEDGE.rules if r.topic == "rescue"]
    assert not any(re.search(r"\d\s*(mg|mcg|mL)\b", r.do) for r in rules)


def test_cards_agree_with_the_rules_and_the_drug_list():
    drugs = KNOWLEDGE.documents["codes/drugs.yaml"]["drugs"]
    for name, card in KNOWLEDGE.documents["limits/rescue.yaml"]["cards"].items():
        rule = KNOWLEDGE.rule(name)
        assert rule.kind == "card"
        assert set(rule.when.value) == set(card["problems"])
        assert set(card["drugs"]) <= set(drugs)
