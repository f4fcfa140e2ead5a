"""Doses computed from protocols: the worked numbers of the case series, caps, half starts, rounding."""

from dataclasses import replace
from decimal import Decimal as D

import pytest
from hypothesis import given
from hypothesis import strategies as st

from surcease.care.course import course_text, session_offsets_h, session_texts
from surcease.care.dose import compute, for_other_weight, half_start_reasons, nearest, round_down
from surcease.care.dose_words import rate_in_every_unit, say_amount, say_rate
from surcease.care.record import Sex
from surcease.care.weight import Body
from surcease.knowledge.protocol import load_protocols
from surcease.pkpd.regimen import parse
from surcease.units import Quantity

P = load_protocols()
CASE_A = Body(D(62), Sex.FEMALE, D(168))
CASE_C = Body(D(96), Sex.FEMALE, D(163))
CASE_F = Body(D(58), Sex.FEMALE)
CASE_G = Body(D(54), Sex.FEMALE, D(155))


def mg(quantity):
    return quantity.value


def test_crps_ten_days_at_62_kg():
    """Cap min(0.35 × 62 = 21.7, 25) mg/h, 86.8 mg a session, 868 mg in ten."""
    dose = compute(P["P01"], CASE_A)
    assert dose.rate_cap.most == Quantity(D("21.7"), "mg/h")
    assert dose.rate_cap.says == "min(0.35 mg/kg/h × 62 kg = 21.7 mg/h, 25 mg/h) = 21.7 mg/h"
    assert mg(dose.highest.order) == D("21.7")
    assert mg(dose.session_mg) == D("86.8")
    assert mg(dose.full_course_mg) == D(868)


def test_crps_first_sessions_are_lower_and_marked_as_assumption():
    dose = compute(P["P01"], CASE_A)
    assert [mg(dose.order_for(n).order) for n in (1, 2, 3, 10)] == [D("10.8"), D("16.2"), D("21.7"), D("21.7")]
    assert P["P01"].grade_of("steps") == "assumption"


def test_crps_at_80_kg_is_held_by_the_mg_per_hour_cap():
    dose = compute(P["P01"], Body(D(80), Sex.MALE, D(180)))
    assert mg(dose.highest.order) == D(25)  # 0.35 × 80 would be 28
    assert mg(dose.session_mg) == D(100)
    assert "cap" in dose.highest.why


def test_fibromyalgia_with_obesity_doses_by_ideal_weight_and_shows_the_other():
    """27.5 mg on the ideal weight, 48.0 on the actual, 74 % apart; 41.3 mg/h and 0.75 mg/kg/h."""
    dose = compute(P["P09"], CASE_C)
    assert mg(dose.first.order) == D("27.5")
    basis, kg, other = for_other_weight(dose)
    assert (basis, kg, mg(other.order)) == ("actual", D(96), D("48.0"))
    assert dose.weight.apart_percent == 74
    exact_rate = (dose.first.exact / dose.first.duration).to("mg/h")
    assert nearest(exact_rate.value) == D("41.3")
    assert nearest(dose.first.rate.value) == D("41.3")
    assert exact_rate.value / dose.weight.kg == D("0.75")


def test_migraine_start_and_cap_at_58_kg():
    dose = compute(P["P06"], CASE_F)
    assert mg(dose.first.order) == D("5.8")
    assert mg(dose.rate_cap.most) == D(58)


def test_older_adult_with_two_reasons_is_halved_once():
    reasons = half_start_reasons(route="iv", age_years=D(72), child_pugh="B", strong_inhibitor=True)
    assert reasons == ("age 65 or more", "Child-Pugh B")  # into a vein an inhibitor changes little
    plain, halved = compute(P["P11"], CASE_G), compute(P["P11"], CASE_G, halve=reasons)
    assert (mg(plain.first.order), mg(halved.first.order)) == (D("2.7"), D("1.35"))
    assert mg(halved.rate_cap.most) == D(27)
    assert mg(halved.levels[1].order) == D("2.7")  # the protocol's own start follows


def test_an_inhibitor_halves_what_is_swallowed():
    assert half_start_reasons(route="po", strong_inhibitor=True) == ("strong CYP3A4 or CYP2B6 inhibitor",)
    assert half_start_reasons(route="po", age_years=D(64), child_pugh="A") == ()
    assert half_start_reasons(route="po") == ()


def test_a_spray_cannot_be_halved():
    dose = compute(P["P18"], CASE_A, halve=("age 65 or more",))
    assert mg(dose.first.order) == D(10)
    assert "least" in dose.first.why
    assert mg(compute(P["P21"], CASE_A, halve=("age 65 or more",)).first.order) == D(28)


def test_a_single_session_is_halved_and_nothing_follows():
    dose = compute(P["P07"], CASE_A, halve=("age 65 or more",))
    assert [mg(level.order) for level in dose.levels] == [D("15.5")]


def test_spinal_cord_injury_is_a_fixed_dose():
    """80 mg over 5 h is 16 mg/h, 0.20 mg/kg/h at 80 kg."""
    dose = compute(P["P04"], Body(D(80), Sex.MALE, D(180)))
    assert (mg(dose.first.order), mg(dose.first.rate)) == (D(80), D(16))
    assert rate_in_every_unit(dose.first.rate, D(80))["mg_per_kg_h"].value == D("0.2")
    assert for_other_weight(dose) is None


def test_oral_day_total_is_divided_and_capped():
    dose = compute(P["P14"], CASE_A)
    assert mg(dose.first.order) == D("10.3")  # 0.5 × 62 / 3
    assert mg(dose.session_mg) == D("30.9")
    caps = {cap.name: cap for cap in dose.caps}
    assert mg(caps["day"].most) == D(186)
    assert caps["day"].says == "min(3 mg/kg × 62 kg = 186 mg, 800 mg) = 186 mg"


def capped(name, kg, **caps):
    """The protocol with other caps, computed: what each kind of cap does to each kind of order."""
    units = {"rate": "mg/h", "session": "mg", "day": "mg"}
    limits = {f"{n}_mg_per_h" if n == "rate" else f"{n}_mg": Quantity(D(v), units[n]) for n, v in caps.items()}
    return compute(replace(P[name], caps=limits), Body(D(kg))).first


def test_each_cap_lowers_what_it_speaks_to():
    assert mg(capped("P09", 60, rate=30).order) == 20  # 30 mg/h for 40 min
    assert mg(capped("P09", 60, session=25).order) == 25
    assert mg(capped("P01", 60, session=20).order) == 5  # 20 mg in 4 h
    assert mg(capped("P16", 60, day=60).order) == 20  # in three takes
    assert mg(capped("P16", 60, rate=1).order) == 30  # swallowed: no rate to cap
    assert mg(capped("P06", 60, session=1).order) == 6  # runs on: no session to cap
    assert mg(capped("P09", 60, day=20).order) == 20


def test_an_order_at_its_cap_was_not_lowered():
    assert compute(P["P01"], CASE_A).highest.why == ""
    assert capped("P09", 60, session=30).why == ""


def test_sixty_five_is_the_edge():
    assert half_start_reasons(route="iv", age_years=D(65)) == ("age 65 or more",)


def test_the_half_step_comes_one_session_before_the_scheme():
    dose = compute(P["P01"], CASE_A, halve=("age 65 or more",))
    assert [level.from_session for level in dose.levels] == [1, 2, 3, 4]
    assert "least" not in compute(P["P21"], CASE_A, halve=("age 65 or more",)).first.why  # one device is half of two


def test_a_cap_for_a_day_lowers_a_take():
    heavy = compute(P["P16"], Body(D(400)))  # 0.5 × 400 = 200 mg, three times; the day's cap is 800
    assert mg(heavy.first.order) == D(200)
    heavier = compute(P["P16"], Body(D(500), Sex.MALE, None))
    assert mg(heavier.session_mg) == D(750)
    p15 = compute(P["P15"], CASE_A)
    assert p15.rate_cap is None
    assert [cap.says for cap in p15.caps] == ["800 mg"]


def test_s_ketamine_trials_are_not_racemic():
    assert "esketamine" in course_text(compute(P["P02"], CASE_A))
    assert compute(P["P07"], CASE_A).substance == "esketamine"


def test_the_other_weight_is_unknown_without_a_height():
    assert for_other_weight(compute(P["P09"], Body(D(70)))) is None
    assert for_other_weight(compute(P["P09"], CASE_A))[0] == "ideal"


def test_a_route_the_protocol_does_not_know_is_refused():
    with pytest.raises(ValueError, match="P01 is given iv, not po"):
        compute(P["P01"], CASE_A, route="po")
    assert compute(P["P11"], CASE_A, route="sc").route == "sc"


def test_every_protocol_gives_text_that_the_parser_reads():
    for protocol in P.values():
        for halve in ((), ("age 65 or more",)):
            dose = compute(protocol, CASE_C, halve=halve)
            regimen = parse(course_text(dose))
            assert regimen.total_mg() > 0
            if dose.full_course_mg is not None and protocol.increment is None:
                assert regimen.total_mg() <= mg(dose.full_course_mg)


def test_weekdays_are_counted_from_a_monday():
    dose = compute(P["P01"], CASE_A)
    assert session_offsets_h(dose, 6) == (0, 24, 48, 72, 96, 168)
    assert len(session_texts(dose)) == 10
    assert parse(course_text(dose)).total_mg() == D("802.4")  # 43.2 + 64.8 + 8 × 86.8


def test_the_stay_rises_step_by_step_and_is_weaned():
    text = course_text(compute(P["P11"], CASE_G))
    assert text == (
        "2.7 to 27 mg/h by 2.7 every 12 h for 96 h iv racemic "
        "then 18 mg/h for 6 h iv racemic then 9 mg/h for 6 h iv racemic"
    )


def test_explicit_daily_levels_keep_the_last():
    text = course_text(compute(P["P12"], CASE_A))
    assert parse(text).total_mg() == D(1900)  # 100 + 300 + 3 × 500


def test_twice_weekly_sessions_keep_their_interval():
    assert course_text(compute(P["P20"], Body(D(70)))) == "35 mg over 40 min iv racemic every 84 h x 6"


def test_weekdays_are_named_from_the_day_a_level_begins():
    assert course_text(compute(P["P01"], CASE_A)) == (
        "10.8 mg/h for 4 h iv racemic and after 24 h 16.2 mg/h for 4 h iv racemic "
        "and after 48 h 21.7 mg/h for 4 h iv racemic weekdays x 8 from wednesday"
    )


def test_an_oral_course_rises_at_its_fastest_pace_to_the_days_cap():
    """31 mg a day, 15 more each day, up to 3 mg/kg = 186: day 11 is 181, then the cap, 62 three times, to day 90."""
    text = course_text(compute(P["P14"], CASE_A))
    assert text.startswith(
        "10.3 mg po racemic every 8 h x 3 and after 24 h 15.3 mg po racemic every 8 h x 3 and after 48 h"
    )
    assert text.endswith("and after 264 h (62 mg po racemic every 8 h x 3) every 24 h x 79")
    halved = course_text(compute(P["P14"], CASE_A, halve=("age 65 or more",)))
    assert halved.startswith("5.16 mg po racemic every 8 h x 3 and after 24 h 10.3 mg po")
    heavy = course_text(compute(P["P16"], Body(D(110))))
    assert heavy.startswith("(55 mg po racemic every 8 h x 3) every 24 h x 2 and after 48 h (110 mg po")
    assert heavy.endswith("and after 48 h (110 mg po racemic every 8 h x 3) every 24 h x 26")  # 3 mg/kg a day
    assert "(25 mg sl racemic every 8 h x 3) every 24 h x 7" in course_text(compute(P["P17"], CASE_A))


def test_takes_are_spread_over_the_day():
    level = compute(P["P15"], CASE_A).first
    twice = replace(level, source=replace(level.source, takes=2))
    once = replace(level, source=replace(level.source, takes=1))
    assert twice.text("po", "racemic") == "10 mg po racemic every 12 h x 2"
    assert once.text("po", "racemic") == "10 mg po racemic"


def test_as_needed_sprays_are_written_at_their_most():
    assert course_text(compute(P["P18"], CASE_A)) == "10 mg in racemic prn every 90 s x 5"
    assert course_text(compute(P["P19"], CASE_A)) == "10 mg in racemic prn every 15 min x 20"


def test_a_day_without_a_cap_rises_without_one():
    dose = compute(P["P17"], CASE_A)
    assert "100 mg sl" in course_text(replace(dose, caps=()))


def test_every_dialect_of_the_worked_rate():
    line = say_rate(Quantity(D("21.7"), "mg/h"), weight_kg=D(62), ml_per_h=D(25))
    assert line == "21.7 mg/h = 0.35 mg/kg/h = 5.83 mcg/kg/min = 25 mL/h"
    assert say_amount(Quantity(D("86.8"), "mg"), Quantity.of(50, "mg/mL")) == "86.8 mg = 1.74 mL of 50 mg/mL"


@given(st.decimals("0.001", "9999", places=4))
def test_rounding_an_order_never_goes_up_and_loses_less_than_one_percent(value):
    down = round_down(value)
    assert down <= value
    assert value - down < value / 100
    assert abs(nearest(value) - value) <= value / 200


def test_rounding_of_nothing_is_nothing():
    assert round_down(D(0)) == nearest(D(0)) == 0
    assert round_down(D(1)) == nearest(D(1)) == 1
    assert nearest(D("1234.5")) == 1235


@given(
    st.sampled_from(sorted(P)),
    st.decimals("35", "220", places=1),
    st.one_of(st.none(), st.decimals("140", "200", places=0)),
    st.sampled_from(list(Sex)),
    st.booleans(),
)
def test_no_order_passes_a_cap(name, kg, cm, sex, half):
    dose = compute(P[name], Body(kg, sex, cm), halve=("age 65 or more",) if half else ())
    caps = {cap.name: cap.most.value for cap in dose.caps}
    for level in dose.levels:
        if level.rate is not None and "rate" in caps:
            assert level.rate.value <= caps["rate"] + D("1e-20")  # a division by 30 min leaves a 28th digit
        if level.total is not None:
            assert level.total.value <= min(caps.get("session", D(10**6)), caps.get("day", D(10**6)))
    if half and dose.protocol.product not in ("racemic_spray", "esketamine_spray"):
        whole = compute(P[name], Body(kg, sex, cm))
        assert dose.first.order.value * 2 <= whole.first.exact.value
