"""Every figure of a programme by hand, in both calculations; every slip with both entries; caps and half starts."""

from decimal import Decimal as D
from fractions import Fraction as F

import pytest

from surcease.care.dose import compute, digits, for_other_weight, half_start_reasons
from surcease.care.dose_words import draw_ml, say_rate, show_order
from surcease.care.programme import Bag, programme
from surcease.care.programme_check import Disagreement, Entries, check, disagreements, pump_doubt, recompute
from surcease.care.record import Sex
from surcease.care.weight import Body
from surcease.knowledge.protocol import load_protocols
from surcease.units import Quantity

ORDER = "0.35 mg/kg/h for 4 h iv"
FIRST = Entries("62", "50 mg/mL", "100 mL")
PROTOCOLS = load_protocols()


def made(order=ORDER, bag=D(100), kg=D(62), **more):
    vial = more.pop("vial", Quantity.of(50, "mg/mL"))
    return programme(order, weight_kg=kg, vial=vial, bag=Bag(bag, **more), concentration=None)


# 62 kg × 0.35 = 21.7 mg/h; × 4 h = 86.8 mg; ÷ 50 = 1.736, drawn 1.74; overfill 7 mL is withdrawn with it
BY_HAND = {
    "total_mg": F("86.8"), "hours": F(4), "bags": F(1), "infuse_ml": F(100), "drug_mg": F("86.8"),
    "draw_ml": F("1.74"), "withdraw_ml": F("8.74"), "diluent_ml": F("98.26"), "final_ml": F(100),
    "mg_per_ml": F("0.868"), "mg_per_h": F("21.7"), "mg_per_kg_h": F("0.35"), "mcg_per_kg_min": F(35, 6),
    "mg_per_h_1": F("21.7"), "hours_1": F(4), "ml_per_h_1": F(25),
}  # fmt: skip


def test_every_figure_of_both_calculations_is_the_one_by_hand():
    assert recompute(ORDER, FIRST, overfill_ml="7") == BY_HAND
    first = made(overfill_ml=D(7))
    assert {name: F(value).limit_denominator(10**9) for name, value in first.figures().items()} == BY_HAND
    assert (first.mode, first.mix.drug_ml) == ("fixed_rate", D("1.736"))


def test_a_fast_rate_shows_a_second_too_many():
    """100 mg in 6 min from 100 mL: 1000 mL/h."""
    assert recompute("100 mg over 6 min iv", FIRST)["ml_per_h_1"] == 1000


def test_the_last_hundredth_is_rounded_half_up():
    """86.7 mg ÷ 50 = 1.734; 0.25 mg ÷ 50 = 0.005."""
    assert recompute("86.7 mg over 4 h iv", FIRST)["draw_ml"] == F("1.73")
    assert recompute("86.75 mg over 4 h iv", FIRST)["draw_ml"] == F("1.74")
    assert draw_ml(Quantity.of("0.25", "mg"), Quantity.of(50, "mg/mL")) == D("0.01")


def test_steps_per_kilogram_to_the_last_second():
    """60 kg: 6 mg/h for 1 h, 12 for 1 h; and a step that lasts one second still counts."""
    steps = recompute("0.1 to 0.2 mg/kg/h by 0.1 every 1 h for 2 h iv", Entries("60", "50", "100"))
    assert steps["total_mg"] == 18
    assert recompute("5 to 10 mg/h by 5 every 60 s for 61 s iv", FIRST)["total_mg"] == F(5 * 60 + 10, 3600)
    long = recompute("5 to 10 mg/h by 5 every 1 h for 5 h iv", FIRST)
    assert "mg_per_h_3" not in long  # the top rate is one stretch
    assert long["total_mg"] == 5 + 10 * 4


def test_calculations_agree_to_fifteen_digits_and_nothing_agrees_with_nothing():
    assert disagreements({"w": D("1.0000000000000005")}, {"w": F(1)}) == ()
    assert disagreements({"w": D("1.000000000000002")}, {"w": F(1)}) != ()
    assert disagreements({"w": D(0)}, {"w": F(0)}) == ()


def slip(field, second, **entries):
    first = entries.pop("first", FIRST)
    (said,) = check(ORDER, first=first, again=Entries(**({"weight": "62", "vial": "50", "bag": "100"} | entries)))
    assert said.field == field
    return said.first, said.second, said.slip


@pytest.mark.parametrize(
    ("field", "typed", "kind"),
    [
        ("weight", "sixty", "not readable"),
        ("weight", "600", "not possible"),
        ("weight", "73", "another value"),
        ("weight", "62 lb", "pounds"),
        ("vial", "50.4", "another value"),
        ("vial", "50 mL", "not readable"),
        ("bag", "100.5", "another value"),
        ("bag", "100000", "decimal"),
        ("bag", "10000", "decimal"),
        ("bag", "1", "decimal"),
        ("bag", "0.1", "decimal"),
        ("vial", "0.05", "decimal"),
        ("weight", "500", "another value"),
        ("weight", "2", "doubled digit"),
    ],
)
def test_both_entries_stand_beside_the_slip(field, typed, kind):
    shown = {"weight": "62", "vial": "50 mg/mL", "bag": "100 mL"}[field]
    assert slip(field, typed, **{field: typed}) == (shown, typed, kind)


def test_the_edges_of_what_can_be_are_possible():
    for kg in ("2", "500"):
        assert check(ORDER, first=Entries(kg, "50", "100"), again=Entries(kg, "50", "100")) == ()
    heavy = Entries("600", "50", "100")
    assert slip("weight", "600", weight="600", first=heavy) == ("600", "600", "not possible")
    low = Entries("73", "50", "100")
    assert slip("weight", "2", weight="2", first=low) == ("73", "2", "another value")


def test_a_digit_left_out_of_the_second_entry():
    found = slip("bag", "50", bag="50", first=Entries("62", "50", "250"))
    assert found == ("250", "50", "doubled digit")


def test_two_fields_of_which_one_cannot_be_read():
    for weight, vial in (("73", "fifty"), ("62 lb", "33")):
        said = check(ORDER, first=FIRST, again=Entries(weight, vial, "100"))
        assert [d.field for d in said] == ["weight", "vial"]


@pytest.mark.parametrize(
    ("typed", "kind"),
    [("quick", "not readable"), ("21.7", "mg in the mL box"), ("0.42", "minutes"), ("1475", "minutes"),
     ("1515", "minutes"), ("250", "decimal"), ("52", "swapped digits"), ("33", "another value")],
)  # fmt: skip
def test_a_pump_that_is_set_otherwise(typed, kind):
    said = Disagreement("pump", "25 mL/h", typed, kind)
    assert pump_doubt(typed, recompute(ORDER, FIRST)) == said
    assert check(ORDER, first=FIRST, again=Entries("62", "50", "100", typed)) == (said,)


def test_the_pump_follows_how_the_bag_is_made():
    """Added to 100 mL: 21.7 × 101.736 ÷ 86.8 = 25.434; with 7 mL overfill 27.184. At 1 mg/mL: 21.7 mL/h."""
    for pump, more in (
        ("25.4", {"preparation": "add"}),
        ("27.1", {"preparation": "add", "overfill_ml": "7"}),
        ("21.7", {"concentration": "1 mg/mL"}),
    ):
        assert check(ORDER, first=FIRST, again=Entries("62", "50", "100", pump), **more) == ()


@pytest.mark.parametrize(
    ("text", "entries", "said"),
    [
        (ORDER, Entries("62", "50 mL", "100"), "'50 mL' is not in mg/mL."),
        (ORDER, Entries("62", "x", "100"), "'x' is not a number with a unit, such as 50 mg/mL."),
        (ORDER, Entries("62", "50", "100 kg"), "'100 kg' is not in mL."),
    ],
)
def test_what_the_second_calculation_cannot_read(text, entries, said):
    with pytest.raises(ValueError, match=f"^{said}$"):
        recompute(text, entries)


@pytest.mark.parametrize(
    ("order", "more", "said"),
    [
        ("20 mg iv then 5 mg/h for 1 h sc", {}, "A pump runs one drug by one way, iv or sc: write one such order for "
         "each programme."),
        ("20 mg bolus iv", {}, "A push is not a pump programme: write an amount over a time, or a rate for a time."),
        ("5 mg/h for 1 h iv then after 1 h 5 mg/h for 1 h iv", {}, "A programme is one session without a gap: write "
         "one order for each session."),
        ("1 mg over 11 h iv", {"bag": D(1)}, "The pump's rate would be under 0.1 mL/h: take a weaker bag."),
        (ORDER, {"preparation": "shake"}, "The preparation 'shake' is not known: use withdraw, add, empty."),
    ],
)  # fmt: skip
def test_a_programme_that_cannot_be_is_refused_whole(order, more, said):
    with pytest.raises(ValueError, match="^" + said.replace("(", r"\(") + "$"):
        made(order, **more)


def test_a_small_draw_is_noted():
    notes = made("10 mg over 1 h iv", overfill_ml=D(0), dead_ml=D(0)).notes
    assert notes == ("Less than 0.5 mL is drawn: use a 1 mL syringe or a weaker vial.",)


def test_an_order_is_shown_and_never_rounded_up():
    shown = [str(show_order(Quantity.of(text, "mg"))) for text in ("1.235", "1", "1.999", "0.12395", "5.0")]
    assert shown == ["1.23 mg", "1 mg", "1.99 mg", "0.123 mg", "5 mg"]


def test_a_rate_without_a_bag_has_no_millilitres():
    said = say_rate(Quantity.of("21.7", "mg/h"), weight_kg=D(62))
    assert said == "21.7 mg/h = 0.35 mg/kg/h = 5.83 mcg/kg/min"


WOMAN = Body(D(62), Sex.FEMALE, D(168))


@pytest.mark.parametrize(
    ("protocol", "caps"),
    [
        ("P04", [("rate", "16 mg/h"), ("session", "80 mg"), ("day", "80 mg"), ("course", "560 mg")]),
        ("P07", [("rate", "62 mg/h"), ("session", "31 mg")]),  # 1 mg/kg/h and 0.5 mg/kg × 62 kg
        ("P23", [("session", "18.6 mg")]),  # the lower of 0.3 × 62 and 25
    ],
)
def test_every_cap_of_a_protocol_is_there_by_name(protocol, caps):
    dose = compute(PROTOCOLS[protocol], WOMAN, route=PROTOCOLS[protocol].route[0])
    assert [(cap.name, str(cap.most)) for cap in dose.caps] == caps


def test_a_course_cap_lowers_no_session():
    """P04: 560 mg in all, 80 a session; the session's own cap is what lowers a session."""
    dose = compute(PROTOCOLS["P04"], WOMAN, route="iv")
    assert not any("course" in level.why for level in dose.levels)


@pytest.mark.parametrize("route", ["po", "sl", "in"])
def test_an_inhibitor_halves_what_passes_the_liver_first(route):
    assert half_start_reasons(route=route, strong_inhibitor=True) == ("strong CYP3A4 or CYP2B6 inhibitor",)


@pytest.mark.parametrize("route", ["iv", "im", "sc"])
def test_an_inhibitor_halves_nothing_into_the_vein(route):
    assert half_start_reasons(route=route, strong_inhibitor=True) == ()


def test_reasons_for_half_a_start_stay_with_the_dose():
    reasons = half_start_reasons(route="iv", age_years=D(70), child_pugh="B")
    dose = compute(PROTOCOLS["P01"], WOMAN, route="iv", halve=reasons)
    assert (dose.halved, len(reasons)) == (reasons, 2)
    assert dose.levels[0].why == f"half the start: {reasons[0]}, {reasons[1]}"
    assert compute(PROTOCOLS["P01"], WOMAN, route="iv").halved == ()


def test_the_other_weight_says_which_it_is():
    found = for_other_weight(compute(PROTOCOLS["P01"], WOMAN, route="iv"))
    assert found is not None
    assert found[:2] == ("ideal", D("59.6"))


def test_a_way_in_that_is_not_the_protocols_is_refused_whole():
    several = next(p for p in PROTOCOLS.values() if len(p.route) > 1)
    words = " or ".join(several.route)
    with pytest.raises(ValueError, match=f"^{several.id} is given {words}, not pr: choose another protocol."):
        compute(several, WOMAN, route="pr")


def test_dose_text_has_no_thin_space():
    assert digits(Quantity.of(1250, "mg")) == "1250 mg"
