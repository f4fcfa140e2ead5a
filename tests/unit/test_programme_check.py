"""The second calculation by itself: its own reading, its arithmetic by hand, and what each slip is called."""

from decimal import Decimal as D
from fractions import Fraction as F

import pytest

from surcease.care.programme_check import Disagreement, Entries, check, disagreements, pump_doubt, recompute

ORDER = "0.35 mg/kg/h for 4 h iv"
FIRST = Entries("62", "50 mg/mL", "100 mL")


def test_by_hand():
    """62 kg × 0.35 = 21.7 mg/h; × 4 h = 86.8 mg; ÷ 50 = 1.736 mL; 100 mL in 4 h = 25 mL/h."""
    figures = recompute(ORDER, FIRST)
    assert figures["mg_per_h"] == F("21.7")
    assert figures["total_mg"] == F("86.8")
    assert figures["draw_ml"] == figures["withdraw_ml"] == F("1.74")
    assert figures["ml_per_h_1"] == 25
    assert figures["mg_per_ml"] == F("0.868")
    assert figures["mcg_per_kg_min"] == F(35, 6)  # 5.8333


def test_steps_up_and_down():
    figures = recompute("5 to 20 mg/h by 5 every 2 h for 10 h iv", FIRST, concentration="1 mg/mL")
    assert figures["total_mg"] == 5 * 2 + 10 * 2 + 15 * 2 + 20 * 4
    assert [figures[f"ml_per_h_{n}"] for n in (1, 2, 3, 4)] == [5, 10, 15, 20]
    down = recompute("20 to 10 mg/h by 6 mg/h every 1 h for 2.5 h iv", FIRST)
    assert down["total_mg"] == 20 + 14 + 5


def test_a_sequence_and_grams_and_litres():
    figures = recompute("0.02 g over 1 h iv then 10 mcg/kg/min for 30 min iv", Entries("60 kg", "0.05 g/mL", "0.1 L"))
    assert figures["total_mg"] == 20 + 18
    assert figures["hours"] == F(3, 2)


def test_bags():
    assert recompute(ORDER, FIRST, concentration="1 mg/mL")["bags"] == 1
    assert recompute("30 mg/h for 10 h iv", FIRST, concentration="1 mg/mL")["bags"] == 3
    added = recompute(ORDER, FIRST, preparation="add", overfill_ml="7")
    assert (added["final_ml"], added["withdraw_ml"], added["diluent_ml"]) == (F("108.736"), 0, 107)
    empty = recompute(ORDER, FIRST, preparation="empty")
    assert (empty["withdraw_ml"], empty["diluent_ml"]) == (0, F("98.26"))


def test_hours_in_full_and_hydrochloride():
    assert recompute("20 mg/hr for 2 hours iv", FIRST)["total_mg"] == 40
    assert recompute("100 mg over 1 day sc racemic as hcl", FIRST)["total_mg"] == F("86.7")


@pytest.mark.parametrize(
    "order",
    ["half a vial iv", "35 mg iv", "0.35 mg/kg/h for 4 h max 25 mg/h iv", "0.35 mg/kg/h iv", "10 stone for 4 h iv"],
)
def test_an_order_it_cannot_read_is_refused(order):
    with pytest.raises(ValueError, match="second calculation cannot read|not a unit|not a number"):
        recompute(order, FIRST)


def test_the_same_values_in_other_words_agree():
    for again in (Entries("62.0 kg", "0.05 g/mL", "0.1 L"), Entries("62.3", "50000 mcg/mL", "100")):
        assert check(ORDER, first=FIRST, again=again) == ()
    assert check(ORDER, first=FIRST, again=Entries("62", "50", "100", "25.0 mL/h")) == ()


@pytest.mark.parametrize(
    ("again", "field", "slip"),
    [
        (Entries("620", "50", "100"), "weight", "decimal"),
        (Entries("6.2", "50", "100"), "weight", "decimal"),
        (Entries("136.7", "50", "100"), "weight", "pounds"),
        (Entries("28.1", "50", "100"), "weight", "pounds"),
        (Entries("62 lb", "50", "100"), "weight", "pounds"),
        (Entries("26", "50", "100"), "weight", "swapped digits"),
        (Entries("662", "50", "100"), "weight", "doubled digit"),
        (Entries("73", "50", "100"), "weight", "another value"),
        (Entries("0", "50", "100"), "weight", "not possible"),
        (Entries("sixty", "50", "100"), "weight", "not readable"),
        (Entries("62", "10", "100"), "vial", "other vial"),
        (Entries("62", "5", "100"), "vial", "decimal"),
        (Entries("62", "50 mcg/mL", "100"), "vial", "unit"),
        (Entries("62", "50 mL", "100"), "vial", "not readable"),
        (Entries("62", "62", "100"), "vial", "other box"),
        (Entries("62", "0.868", "100"), "vial", "other box"),
        (Entries("62", "50", "86.8"), "bag", "mg in the mL box"),
        (Entries("62", "50", "250"), "bag", "another value"),
        (Entries("62", "50", "1000"), "bag", "decimal"),
        (Entries("62", "50", "100 kg"), "bag", "not readable"),
        (Entries("62", "50", "100", "21.7"), "pump", "mg in the mL box"),
        (Entries("62", "50", "100", "250"), "pump", "decimal"),
        (Entries("62", "50", "100", "0.42"), "pump", "minutes"),
        (Entries("62", "50", "100", "1500"), "pump", "minutes"),
        (Entries("62", "50", "100", "52"), "pump", "swapped digits"),
        (Entries("62", "50", "100", "quick"), "pump", "not readable"),
    ],
)
def test_a_disagreement_names_the_field_and_the_slip(again, field, slip):
    (said,) = check(ORDER, first=FIRST, again=again)
    assert (said.field, said.slip) == (field, slip)
    assert said.say.startswith(field.capitalize())
    assert said.say.endswith("Both look again.")
    assert said.say_blind == said.say.replace(f"{said.first} and {said.second} differ;", f"{said.second} differs;")


def test_a_first_entry_that_cannot_be_is_caught_as_well():
    (said,) = check(ORDER, first=Entries("0", "50", "100"), again=Entries("62", "50", "100"))
    assert (said.field, said.slip) == ("weight", "not possible")


def test_the_bag_box_holding_the_rate_of_a_fixed_concentration():
    (said,) = check(ORDER, first=FIRST, again=Entries("62", "50", "21.7"), concentration="1 mg/mL")
    assert said.slip == "mg in the mL box"


def test_two_fields_are_two_disagreements():
    said = check(ORDER, first=FIRST, again=Entries("26", "10", "100"))
    assert [d.field for d in said] == ["weight", "vial"]


def test_every_wrong_or_lacking_figure_is_a_disagreement():
    second = {"total_mg": F("86.8"), "ml_per_h_1": F(25)}
    assert disagreements({"total_mg": D("86.8"), "ml_per_h_1": D(25)}, second) == ()
    (said,) = disagreements({"total_mg": D("86.8"), "ml_per_h_1": D("25.1")}, second)
    assert said == Disagreement("ml_per_h_1", "25.1", "25", "calculation")
    assert "another value" in said.say
    (said,) = disagreements({"total_mg": D("86.8")}, second)
    assert (said.field, said.first) == ("ml_per_h_1", "nothing")
    (said,) = disagreements({"total_mg": D("86.8"), "ml_per_h_1": D(25), "bags": D(1)}, second)
    assert (said.field, said.second) == ("bags", "nothing")


def test_the_pump_by_itself():
    assert pump_doubt("25", recompute(ORDER, FIRST)) is None
    assert pump_doubt("33", recompute(ORDER, FIRST)).slip == "another value"
