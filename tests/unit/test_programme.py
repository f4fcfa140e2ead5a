"""The pump programme and its label: worked numbers, bag rules, refusals."""

from datetime import UTC, datetime
from decimal import Decimal as D

import pytest

from surcease.care.label import NOT_ENTERED, Who, label
from surcease.care.programme import Bag, programme
from surcease.knowledge.product import load_products
from surcease.units import Quantity

VIAL = Quantity.of(50, "mg/mL")
PRODUCTS = load_products()
MADE = datetime(2026, 6, 15, 8, 40, tzinfo=UTC)
ADA = Who("Ada Example", "1988-02-03", "MRN 0017")


def make(order="0.35 mg/kg/h for 4 h iv", kg="62", bag=None, vial=VIAL, **more):
    return programme(order, weight_kg=D(kg), vial=vial, bag=bag or Bag(D(100)), **more)


def test_the_worked_programme_in_every_dialect():
    p = make()
    assert p.say == "21.7 mg/h = 0.35 mg/kg/h = 5.83 mcg/kg/min = 25 mL/h; 86.8 mg = 1.74 mL of 50 mg/mL"
    assert (p.total_mg, p.first.mg_per_h, p.first.ml_per_h, p.mix.mg_per_ml) == (D("86.8"), D("21.7"), 25, D("0.868"))
    assert p.prepare == "From a 100 mL bag withdraw 1.74 mL, then add 1.74 mL of 50 mg/mL."


def test_71_kg_shows_what_was_ordered_and_never_more():
    """0.35 × 71 = 24.85 mg/h, 99.4 mg, 1.988 mL."""
    p = make(kg="71")
    assert p.say == "24.85 mg/h = 0.35 mg/kg/h = 5.83 mcg/kg/min = 25 mL/h; 99.4 mg = 1.99 mL of 50 mg/mL"
    assert p.mix.mg_per_ml == D("0.994")


def test_the_overfilled_bag_stands_beside_it():
    """86.8 mg on top of 100 mL: 101.736 mL, 0.8532 mg/mL; 25.434 mL/h would give the same mg/h."""
    other = make().other
    assert (other.preparation, other.final_ml, other.withdraw_ml) == ("add", D("101.736"), 0)
    assert round(other.mg_per_ml, 4) == D("0.8532")
    assert make().other_stretches[0].ml_per_h == D("25.4")
    assert round(make().other_stretches[0].ml_per_h_exact, 3) == D("25.434")


def test_add_is_the_sites_choice_and_then_withdrawal_stands_beside_it():
    p = make(bag=Bag(D(100), "add"))
    assert (p.mix.final_ml, p.other.preparation, p.other.final_ml) == (D("101.736"), "withdraw", 100)
    assert p.prepare == "To a full 100 mL bag add 1.74 mL of 50 mg/mL."


def test_an_empty_bag_gets_diluent_and_drug():
    p = make(bag=Bag(D(100), "empty"))
    assert (p.mix.withdraw_ml, p.mix.diluent_ml, p.mix.final_ml) == (0, D("98.26"), 100)
    assert p.prepare == "Into an empty bag put 98.26 mL of diluent and 1.74 mL of 50 mg/mL."
    assert not any("overfill" in note for note in p.notes)


def test_overfill_and_dead_volume_are_the_sites_numbers():
    p = make(bag=Bag(D(100), "withdraw", overfill_ml=D(7), dead_ml=D(2)))
    assert p.mix.withdraw_ml == D("8.74")  # the drug's volume and the overfill
    assert p.mix.final_ml == 100
    assert p.left_in_line_mg == D("1.736")
    assert p.notes == ()
    bare = make()
    assert bare.left_in_line_mg is None
    assert [note.split(" is not")[0] for note in bare.notes] == ["The bag's overfill", "The line's dead volume"]
    assert make(bag=Bag(D(100), "add", overfill_ml=D(7))).mix.final_ml == D("108.736")


def test_a_fixed_concentration_makes_full_bags_and_says_what_is_left_over():
    p = make("5 to 20 mg/h by 5 every 2 h for 10 h iv", kg="70", concentration=Quantity.of(1, "mg/mL"))
    assert [(s.mg_per_h, s.ml_per_h, s.hours) for s in p.stretches] == [
        (5, 5, 2),
        (10, 10, 2),
        (15, 15, 2),
        (20, 20, 4),
    ]
    assert (p.total_mg, p.bags, p.mix.drug_mg, p.left_over_mg, p.infuse_ml) == (140, 2, 100, 60, 140)
    assert p.mode == "fixed_concentration"


def test_a_whole_number_of_bags_needs_no_extra_one():
    p = make("20 mg/h for 10 h iv", concentration=Quantity.of(2, "mg/mL"))
    assert (p.bags, p.left_over_mg) == (1, 0)


def test_the_pump_is_set_down_to_a_tenth():
    """100 mL over 3 h is 33.333 mL/h; over 7 h 14.2857."""
    assert make("60 mg over 3 h iv").first.ml_per_h == D("33.3")
    assert make("60 mg over 7 h iv").first.ml_per_h == D("14.2")
    assert make("60 mg over 40 min iv", bag=Bag(D(50))).first.ml_per_h == 75


def test_spinal_cord_protocol_in_half_a_litre():
    p = make("80 mg over 5 h iv", kg="80", bag=Bag(D(500)))
    assert (p.first.ml_per_h, p.first.mg_per_h, p.mix.mg_per_ml) == (100, 16, D("0.16"))


def test_a_small_volume_is_pointed_out():
    assert any("1 mL syringe" in note for note in make("10 mg over 1 h iv", vial=Quantity.of(100, "mg/mL")).notes)


@pytest.mark.parametrize(
    ("order", "more", "part"),
    [
        ("0.3 mg/kg bolus iv", {}, "A push is not a pump programme"),
        ("35 mg po", {}, "one drug by one way, iv or sc"),
        ("10 mg over 1 h iv then 10 mg over 1 h sc", {}, "one drug by one way"),
        ("10 mg over 1 h iv racemic then 10 mg over 1 h iv esketamine", {}, "one drug by one way"),
        ("10 mg over 1 h iv every 24 h x 2", {}, "one session without a gap"),
        ("5 to 20 mg/h for 4 h iv", {}, "write the ramp in steps"),
        ("10 mg over 1 h iv", {"bag": Bag(D(100), "shake")}, "preparation 'shake' is not known"),
        ("10 mg over 1 h iv", {"bag": Bag(D("0.5"))}, "give 1 to 5000 mL"),
        ("10 mg over 1 h iv", {"vial": Quantity.of(500, "mg/mL")}, "is not ketamine"),
        ("10 mg over 1 h iv", {"concentration": Quantity.of(60, "mg/mL")}, "cannot be made from a vial"),
        ("10 mg over 1 h iv", {"concentration": Quantity.of(0, "mg/mL")}, "cannot be made from a vial"),
        ("4000 mg over 100 h iv", {"bag": Bag(D(50))}, "do not fit a bag of 50 mL"),
        ("1 mg over 24 h iv", {"concentration": Quantity.of(50, "mg/mL"), "bag": Bag(D(20))}, "under 0.1 mL/h"),
    ],
)
def test_what_a_pump_cannot_run_is_refused_in_one_sentence(order, more, part):
    with pytest.raises(ValueError, match=part):
        make(order, **more)


def test_hours_and_volumes_add_up():
    p = make("5 mg/h for 2 h iv then 10 mg/h for 30 min iv")
    assert (p.hours, p.total_mg, p.infuse_ml) == (D("2.5"), 15, 100)
    added = make(bag=Bag(D(100), "add", overfill_ml=D(7))).mix
    assert (added.diluent_ml, added.withdraw_ml) == (107, 0)


def test_the_edges_of_what_is_taken_for_a_bag_and_a_vial():
    make("1 mg over 1 h iv", bag=Bag(D(1)))
    make("100 mg over 24 h iv", bag=Bag(D(5000)))
    make("10 mg over 1 h iv", vial=Quantity.of("0.1", "mg/mL"))
    make("100 mg over 1 h iv", vial=Quantity.of(200, "mg/mL"), concentration=Quantity.of(200, "mg/mL"))
    for bag in (D("0.99"), D(5001)):
        with pytest.raises(ValueError, match="1 to 5000 mL"):
            make("1 mg over 1 h iv", bag=Bag(bag))
    for strength in ("0.09", "201"):
        with pytest.raises(ValueError, match="is not ketamine"):
            make("1 mg over 1 h iv", vial=Quantity.of(strength, "mg/mL"))
    assert not any("1 mL syringe" in note for note in make("25 mg over 1 h iv").notes)  # 0.5 mL
    assert any("1 mL syringe" in note for note in make("24.5 mg over 1 h iv").notes)  # 0.49 mL
    assert make("5000 mg over 100 h iv").mix.diluent_ml == 0  # the bag is all drug


def test_a_parsed_regimen_is_taken_too():
    from surcease.pkpd.regimen import parse

    assert make(parse("35 mg over 40 min iv")).order == "35 mg over 40 min iv"


def test_figures_name_everything_the_second_calculation_must_find():
    figures = make().figures()
    assert figures["ml_per_h_1"] == 25
    assert figures["draw_ml"] == D("1.74")
    assert set(figures) >= {"total_mg", "mg_per_kg_h", "mcg_per_kg_min", "final_ml", "mg_per_ml", "withdraw_ml", "bags"}


# --- label --------------------------------------------------------------------------------------------------------


def paper(**more):
    given = {
        "diluent": "sodium chloride 0.9 %",
        "made": MADE,
        "by": "N. Nurse",
        "checked_by": "P. Harmacist",
        "lot": "A1",
    }
    return label(make(), PRODUCTS["racemic_injection"], ADA, **(given | more))


def test_the_label_carries_every_line():
    lines = dict(paper(keeps_hours=12).lines)
    assert lines == {
        "Name": "Ada Example", "Born": "1988-02-03", "Identifier": "MRN 0017", "Drug": "racemic ketamine",
        "Contains": "86.8 mg in 100 mL = 0.868 mg/mL", "Drawn": "1.74 mL of 50 mg/mL, lot A1",
        "Diluent": "sodium chloride 0.9 %", "Route": "IV", "Rate": "25 mL/h = 21.7 mg/h", "Bag": "1 of 1",
        "Made": "2026-06-15 08:40", "Expires": "2026-06-15 20:40", "By": "N. Nurse", "Checked by": "P. Harmacist",
    }  # fmt: skip


def test_what_is_not_known_is_said_and_not_left_blank():
    bare = paper(by="", checked_by="", lot="")
    assert (bare.line("By"), bare.line("Checked by")) == (NOT_ENTERED, NOT_ENTERED)
    assert bare.line("Drawn").endswith("lot not entered")
    assert bare.line("Expires") == "2026-06-16 08:40 (assumption, 24 h)"


def test_a_product_without_a_keeping_time_says_so():
    from dataclasses import replace

    product = replace(PRODUCTS["racemic_injection"], keeps_hours=None)
    made = label(make(), product, ADA, diluent="glucose 5 %", made=MADE)
    assert made.line("Expires") == NOT_ENTERED


@pytest.mark.parametrize(
    ("more", "part"),
    [
        ({"checked_by": "N. Nurse"}, "another person's"),
        ({"diluent": "milk"}, "is no diluent"),
    ],
)
def test_a_label_that_would_mislead_is_refused(more, part):
    with pytest.raises(ValueError, match=part):
        paper(**more)


def test_racemic_and_s_are_never_printed_for_each_other():
    with pytest.raises(ValueError, match="take the right vial"):
        label(make(), PRODUCTS["s_ketamine_injection"], ADA, diluent="glucose 5 %", made=MADE)
    s = label(make("35 mg over 40 min iv esketamine"), PRODUCTS["s_ketamine_injection"], ADA,
              diluent="glucose 5 %", made=MADE)  # fmt: skip
    assert s.line("Drug") == "S-ketamine (esketamine)"
