"""Weights: the worked numbers of the case series, and slips between pounds and kilograms."""

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal as D

import pytest

from surcease.care.record import Sex
from surcease.care.weight import (
    Body,
    Weighing,
    adjusted_weight_kg,
    body_mass_index,
    change_percent,
    dosing_weight,
    doubt_weight,
    ideal_weight_kg,
    is_stale,
)  # fmt: skip

NOW = datetime(2026, 6, 15, 9, tzinfo=UTC)


def test_ideal_adjusted_and_index_of_the_worked_case():
    """46-year-old woman, 96 kg, 163 cm: index 36.1, ideal 55.1, adjusted 71.5 (Devine by hand: 45.5 + 2.3 × 4.173)."""
    w = dosing_weight(Body(D(96), Sex.FEMALE, D(163)))
    assert (w.bmi, w.ideal_kg, w.adjusted_kg) == (D("36.1"), D("55.1"), D("71.5"))
    assert (w.basis, w.kg, w.actual_kg, w.apart_percent) == ("ideal", D("55.1"), D(96), D(74))


def test_below_30_the_actual_weight_doses_and_the_ideal_is_still_shown():
    w = dosing_weight(Body(D(62), Sex.FEMALE, D(168)))
    assert (w.basis, w.kg, w.bmi) == ("actual", D(62), D("22.0"))
    assert w.ideal_kg == D("59.6")  # 45.5 + 2.3 × (66.1417 − 60)
    assert w.apart_percent == 0


def test_the_edge_is_30_as_shown():
    assert dosing_weight(Body(D("86.7"), Sex.MALE, D(170))).basis == "ideal"  # 30.0
    assert dosing_weight(Body(D("86.5"), Sex.MALE, D(170))).basis == "actual"  # 29.9


def test_men_start_from_50():
    assert ideal_weight_kg(Sex.MALE, D("152.4")) == D("50.0")  # 60 inches exactly
    assert ideal_weight_kg(Sex.FEMALE, D("152.4")) == D("45.5")
    assert adjusted_weight_kg(D(100), D(50)) == D("70.0")
    assert body_mass_index(D(62), D(168)) == D("22.0")


def test_an_unknown_sex_takes_the_lower_formula_and_says_so():
    w = dosing_weight(Body(D(120), Sex.UNKNOWN, D(170)))
    assert w.kg == ideal_weight_kg(Sex.FEMALE, D(170))
    assert w.missing == ("sex",)
    assert "lower of the two" in w.why


def test_an_unknown_height_is_missing_and_not_normal():
    w = dosing_weight(Body(D(62)))
    assert (w.basis, w.ideal_kg, w.bmi, w.missing) == ("actual", None, None, ("height_cm",))


@pytest.mark.parametrize(
    ("weight", "height", "part"),
    [
        (D("1.9"), None, "2 to 500 kg"),
        (D("500.1"), None, "2 to 500 kg"),
        (D(70), D("49.9"), "50 to 250 cm"),
        (D(70), D("250.1"), "50 to 250 cm"),
    ],
)
def test_what_cannot_be_a_person_is_refused_in_one_sentence(weight, height, part):
    with pytest.raises(ValueError, match=part):
        dosing_weight(Body(weight, Sex.MALE, height))


@pytest.mark.parametrize(
    ("now", "before", "kind", "likely"),
    [
        ("136.7", "62", "lb_for_kg", "62.0"),  # 62 kg is 136.7 lb
        ("28.1", "62", "kg_for_lb", "61.9"),
        ("450", "62", "tenfold", "45.0"),
        ("6.2", "62", "tenfold", "62.0"),
    ],
)
def test_a_slip_against_an_earlier_weight_is_named(now, before, kind, likely):
    doubt = doubt_weight(Body(D(now), earlier=(Weighing(D(before), date(2026, 5, 1)),)))
    assert (doubt.kind, doubt.likely_kg) == (kind, D(likely))


def test_an_ordinary_change_is_no_slip():
    assert doubt_weight(Body(D(68), earlier=(Weighing(D(62)),))) is None


@pytest.mark.parametrize(
    ("kg", "cm", "kind"),
    [
        ("136.7", "168", "lb_for_kg"),  # index 48: in pounds it would be 22
        ("28.1", "168", "kg_for_lb"),  # index 10
        ("500", "150", "tenfold"),  # index 222: a tenth of it is 22
        ("190", "168", "lb_for_kg"),  # index 67, 30 in pounds
        ("16", "150", "bmi"),  # index 7: no slip explains it
        ("112.1", "168", "lb_for_kg"),  # index 39.7, 18.0 in pounds: asked again when nothing else speaks for it
        ("111.8", "168", "either_unit"),  # index 39.6, 17.96 in pounds
        ("62", "168", None),
    ],
)
def test_a_weight_that_does_not_fit_the_height_is_asked_again(kg, cm, kind):
    doubt = doubt_weight(Body(D(kg), Sex.FEMALE, D(cm)))
    assert (doubt and doubt.kind) == kind


@pytest.mark.parametrize(("weight", "height"), [(D(2), None), (D(500), None), (D(7), D(50)), (D(120), D(250))])
def test_the_edges_of_a_person_are_taken(weight, height):
    assert dosing_weight(Body(weight, Sex.MALE, height)).actual_kg == weight


@pytest.mark.parametrize(
    ("kg", "kind"),
    [("32.9", None), ("33.0", "either_unit"), ("39.6", "either_unit"), ("39.7", "lb_for_kg"), ("15.0", None),
     ("14.9", None), ("14.5", "kg_for_lb")],
)  # fmt: skip
def test_doubtful_indices_at_their_edges(kg, kind):
    """At 100 cm the index is the weight. 33.0 lb are 15.0, 39.6 lb 17.96, 39.7 lb 18.0; 14.5 converted twice was 32.0,
    and 14.9 was 32.8, which is not usual either, so nothing explains it."""
    doubt = doubt_weight(Body(D(kg), Sex.FEMALE, D(100)))
    assert (doubt and doubt.kind) == kind


@pytest.mark.parametrize(
    ("kg", "kind"),
    [("60.0", None), ("60.1", "lb_for_kg"), ("12.0", None), ("11.9", "kg_for_lb"), ("70.5", "lb_for_kg"),
     ("70.6", "bmi"), ("180", "tenfold"), ("179", "bmi"), ("320", "tenfold"), ("321", "bmi"), ("8.2", "kg_for_lb"),
     ("8.1", "bmi"), ("3.2", "tenfold"), ("3.3", "bmi")],
)  # fmt: skip
def test_impossible_indices_are_named_by_the_slip_that_makes_them_usual(kg, kind):
    """At 100 cm the index is the weight; an earlier weight close to it leaves only the impossible ones. Usual is 18 to
    32: in pounds 39.7 to 70.5, a tenth 180 to 320, converted twice 8.2 to 14.5, ten times 1.8 to 3.2."""
    body = Body(D(kg), Sex.FEMALE, D(100), earlier=(Weighing(D(kg)),))
    doubt = doubt_weight(body)
    assert (doubt and doubt.kind) == kind


def test_five_times_an_earlier_weight_is_a_decimal_point():
    def kind(now, before):
        doubt = doubt_weight(Body(D(now), earlier=(Weighing(D(before)),)))
        return doubt and doubt.kind

    assert (kind(250, 50), kind(249, 50), kind(10, 50), kind("10.1", 50)) == ("tenfold", None, "tenfold", None)


def test_an_earlier_weight_speaks_for_a_high_index():
    heavy = Body(D(130), Sex.FEMALE, D(168), earlier=(Weighing(D(128)),))
    assert doubt_weight(heavy) is None
    impossible = Body(D(180), Sex.FEMALE, D(168), earlier=(Weighing(D(178)),))  # index 63.8
    assert doubt_weight(impossible).kind == "lb_for_kg"


def test_the_question_names_pounds_and_kilograms():
    doubt = doubt_weight(Body(D("136.7"), Sex.FEMALE, D(168)))
    assert doubt.say == (
        "136.7 kg does not fit a height of 168 cm (body mass index 48.4). 136.7 lb? (62 kg)"
    )  # fmt: skip


def test_where_either_unit_fits_a_second_weighing_is_asked_and_ends_it():
    once = Body(D("105.2"), Sex.FEMALE, D(168))  # index 37.3; 47.7 kg, were it pounds
    assert doubt_weight(once).say == (
        "105.2 kg fits a height of 168 cm (body mass index 37.3), and no earlier weight speaks for it. "
        "Or were it pounds (47.7 kg)? Weigh a second time."
    )
    assert doubt_weight(replace(once, earlier=(Weighing(D(105)),))) is None


def test_pounds_against_a_height_alone_are_refused_for_everybody_from_an_index_of_18():
    """Every index from 18.0 to 45 at every height, typed in pounds (1 lb = 0.45359237 kg) and rounded as typed."""
    for height in range(145, 206, 5):
        for tenths in range(180, 451):
            kg = D(tenths) / 10 * (D(height) / 100) ** 2
            pounds = (kg / D("0.45359237")).quantize(D("0.1"))
            if pounds <= 500:
                kind = doubt_weight(Body(pounds, Sex.FEMALE, D(height))).kind
                assert kind in ("lb_for_kg", "bmi", "tenfold"), (height, tenths)


def test_ten_thousand_pound_slips_are_caught_with_an_earlier_weight():
    for n in range(10_000):
        kg = D(40) + D(n) / 100  # 40 to 140 kg
        lb = (kg / D("0.45359237")).quantize(D("0.1"))
        if lb <= 500:
            assert doubt_weight(Body(lb, earlier=(Weighing(kg * D("1.08")),))).kind == "lb_for_kg"
        assert doubt_weight(Body(kg, earlier=(Weighing(kg * D("1.08")),))) is None


def test_stale_is_by_the_day_and_unknown_stays_unknown():
    assert is_stale(date(2026, 6, 14), NOW) is True
    assert is_stale(datetime(2026, 6, 15, 0, 1, tzinfo=UTC), NOW) is False
    assert is_stale(None, NOW) is None


def test_change_in_percent():
    assert str(change_percent(Body(D("66.04"), earlier=(Weighing(D(60)),)))) == "10.1"
    assert change_percent(Body(D(66))) is None
