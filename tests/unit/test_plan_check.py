"""Plans checked before they are signed: the mutation rows of the dose rules, the data traps, reading a plan file."""

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal as D
from pathlib import Path

import pytest

from surcease.care.plan_check import check_plan
from surcease.care.plan_order import PlanOrder, ProgrammeEntry, SessionOrder, read_plan
from surcease.care.record import Sex
from surcease.care.weight import Body, Weighing
from surcease.knowledge import load
from surcease.knowledge.fact import Fact, Facts
from surcease.knowledge.finding import Outcome
from surcease.knowledge.yaml import load as load_yaml
from surcease.units import Quantity

NOW = datetime(2026, 6, 15, 9, tzinfo=UTC)
EXAMPLES = Path(__file__).parents[2] / "examples" / "plans"
KNOWLEDGE = load()
BODY = Body(D(62), Sex.FEMALE, D(168), date(2026, 6, 15), "scale", (Weighing(D(62), date(2026, 5, 15)),))
KNOWN = {"liver_moderate": False, "med_classes": ["opioid"], "long_course_before": False, "sessions_12_months": D(10),
         "long_courses_12_months": D(0)}  # fmt: skip


def plan(*texts, protocol="P01", product="racemic_injection", setting="outpatient", body=BODY, age=D(38), **more):
    orders = tuple(SessionOrder(text) if isinstance(text, str) else SessionOrder(*text) for text in texts)
    return PlanOrder(orders, body, age, protocol, product, setting, facts=KNOWN, bolus_function=False, **more)


def check(*args, **more):
    return check_plan(plan(*args, **more), knowledge=KNOWLEDGE, now=NOW)


def fired(result):
    return {f.id: f.outcome for f in result.findings if f.fired and f.counts}


def value(result, name):
    return result.worked.facts.value(name)


# --- the worked cases -------------------------------------------------------------------------------------------


def test_the_example_of_ten_days_may_be_signed():
    result = check_plan(read_plan(load_yaml(EXAMPLES / "crps_ten_days.yaml")), knowledge=KNOWLEDGE, now=NOW)
    assert result.may_be_signed
    assert result.missing == ()
    assert fired(result)["DOS-05a"] is Outcome.INFO  # 80 mg or more over more than 2 h
    assert value(result, "planned_session_mg") == D("86.8")
    assert value(result, "rate_to_protocol_cap") == 1


def test_the_example_on_ideal_weight_shows_the_other_weight():
    result = check_plan(read_plan(load_yaml(EXAMPLES / "fibromyalgia_ideal_weight.yaml")), knowledge=KNOWLEDGE, now=NOW)
    assert result.may_be_signed
    assert fired(result)["DOS-08b"] is Outcome.CAUTION
    assert value(result, "dose_weight_apart_percent") == 74
    assert "DOS-05a" not in fired(result)


def test_the_example_with_a_lost_decimal_point_is_stopped():
    result = check_plan(read_plan(load_yaml(EXAMPLES / "lost_decimal_point.yaml")), knowledge=KNOWLEDGE, now=NOW)
    assert {"DOS-03", "DOS-11a", "DOS-18b"} <= set(result.stopped_by)
    assert not result.may_be_signed


def test_ten_times_the_ordered_rate_is_not_above_two():
    """80 kg, 16 mg/h ordered, 160 typed: exactly 2.0 mg/kg/h. DOS-04 and DOS-18 see it, DOS-03 does not."""
    body = Body(D(80), Sex.MALE, D(180), date(2026, 6, 15))
    result = check("160 mg/h for 5 h iv racemic", protocol="P04", body=body, age=D(55))
    assert value(result, "planned_rate_mg_per_kg_h") == 2
    assert "DOS-03" not in fired(result)
    assert fired(result)["DOS-18b"] is Outcome.STOP
    right = check("80 mg over 5 h iv racemic", protocol="P04", body=body, age=D(55))
    assert value(right, "planned_rate_mg_per_kg_h") == D("0.2")
    assert right.may_be_signed


# --- one change each, and the edge that must not fire --------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "rule", "fires"),
    [
        ("0.36 mg/kg over 5 min iv racemic", "DOS-01", True),
        ("0.35 mg/kg over 5 min iv racemic", "DOS-01", False),
        ("2.1 mg/kg/h for 1 h iv racemic", "DOS-03", True),
        ("2 mg/kg/h for 1 h iv racemic", "DOS-03", False),
        ("1.1 mg/kg/h for 1 h iv racemic", "DOS-04", True),
        ("1 mg/kg/h for 1 h iv racemic", "DOS-04", False),
        ("0.34 mg/kg over 59 s iv racemic", "DOS-06a", True),
        ("0.34 mg/kg over 60 s iv racemic", "DOS-06a", False),
        ("160 mg po racemic", "DOS-13a", True),
        ("150 mg po racemic", "DOS-13a", False),
        ("50 mg po racemic every 8 h x 3", "DOS-13a", False),
        ("3.1 mg/kg po racemic", "DOS-13b", True),
        ("3 mg/kg po racemic", "DOS-13b", False),
        ("801 mg po racemic", "DOS-13c", True),
        ("800 mg po racemic", "DOS-13c", False),
    ],
)
def test_limits_at_their_edges(text, rule, fires):
    product = "racemic_oral" if " po " in text else "racemic_injection"
    assert (rule in fired(check(text, protocol="", product=product))) is fires


def test_a_push_answers_to_the_bolus_rules_and_not_to_the_hourly_cap():
    """0.3 mg/kg over 10 min is 1.8 mg/kg/h: not an hourly rate above 1."""
    drawn = ProgrammeEntry(vial=Quantity(D(10), "mg/mL"), draw=Quantity(D("1.86"), "mL"))
    result = check("18.6 mg over 10 min iv racemic", protocol="P08", programme=drawn)
    assert value(result, "planned_rate_mg_per_kg_h") == 0
    assert value(result, "planned_push_mg_per_kg_min") == D("0.03")
    assert not {"DOS-03", "DOS-04"} & set(fired(result))
    assert result.may_be_signed


def test_a_bolus_without_a_time_is_asked_how_long():
    result = check("0.2 mg/kg bolus iv racemic", protocol="")
    finding = next(f for f in result.findings if f.id == "DOS-06a")
    assert (finding.fired, finding.outcome) == (None, Outcome.DEFER)
    assert "planned_push_seconds" in finding.missing


def test_undiluted_concentrate_is_not_pushed():
    entry = {"vial": "100 mg/mL"}
    raw = {"plan": {"dose": "12.4 mg over 5 min iv racemic", "programme": entry}, "person": {"weight_kg": D(62)}}
    assert "DOS-06b" in fired(check_plan(read_plan(raw), knowledge=KNOWLEDGE, now=NOW))
    mixed = {"vial": "100 mg/mL", "draw": "1 mL", "bag": "20 mL"}
    raw["plan"]["programme"] = mixed
    assert "DOS-06b" not in fired(check_plan(read_plan(raw), knowledge=KNOWLEDGE, now=NOW))


def test_below_the_guidelines_range_is_never_blocked():
    body = Body(D(54), Sex.FEMALE, D(155), date(2026, 6, 15))
    text = "1.35 mg/h for 12 h iv racemic then 2.7 mg/h for 84 h iv racemic then 1.35 mg/h for 12 h iv racemic"
    result = check(text, protocol="P11", setting="inpatient", body=body, age=D(72))
    assert fired(result)["DOS-02a"] is Outcome.INFO
    assert fired(result)["DOS-09a"] is Outcome.CAUTION
    assert value(result, "start_to_protocol_start") == D("0.5")
    assert "DOS-09b" not in fired(result)
    assert result.may_be_signed


def test_a_start_that_should_be_halved_and_is_not():
    result = check("21.7 mg/h for 4 h iv racemic", age=D(72))
    assert fired(result)["DOS-09b"] is Outcome.REVIEW


def test_a_wean_that_is_missing_or_too_short():
    body = Body(D(54), Sex.FEMALE, D(155), date(2026, 6, 15))
    stay = "2.7 to 27 mg/h by 2.7 every 12 h for 96 h iv racemic"
    assert "DOS-20" in fired(check(stay, protocol="P11", setting="inpatient", body=body))
    weaned = check(stay, "18 mg/h for 6 h iv racemic", "9 mg/h for 6 h iv racemic", protocol="P11", setting="inpatient",
                   body=body)  # fmt: skip
    assert value(weaned, "planned_wean_hours") == 12
    assert weaned.may_be_signed
    hasty = check(stay + " then 9 mg/h for 1 h iv racemic", protocol="P11", setting="inpatient", body=body)
    assert "DOS-18b" in fired(hasty)


def test_titration_faster_or_in_larger_steps_than_the_protocol():
    body = Body(D(54), Sex.FEMALE, D(155), date(2026, 6, 15))
    hasty = check(
        "5.4 to 54 mg/h by 2.7 every 6 min for 115 h iv racemic", protocol="P06", setting="inpatient", body=body
    )
    large = check("5.4 to 54 mg/h by 27 every 6 h for 115 h iv racemic", protocol="P06", setting="inpatient", body=body)
    right = check(
        "5.4 to 54 mg/h by 2.7 every 6 h for 115 h iv racemic", protocol="P06", setting="inpatient", body=body
    )
    assert "DOS-18b" in fired(hasty)
    assert "DOS-18b" in fired(large)
    assert right.may_be_signed


def test_more_sessions_than_the_protocol_has():
    result = check(("31 mg over 40 min iv racemic", 15), protocol="P09")
    assert value(result, "order_to_protocol") == 3
    assert "DOS-18b" in fired(result)
    assert check(("31 mg over 40 min iv racemic", 3), protocol="P09", every_h=D(24)).may_be_signed


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("28 mg over 40 min iv racemic", None),
        ("40.3 mg over 40 min iv racemic", "DOS-11a"),  # 0.65 mg/kg: above the session's own cap
        ("22 mg over 40 min iv racemic", "DOS-18a"),  # 0.71 of it
        ("10.3 mg over 40 min iv racemic", "DOS-18b"),  # a third
        ("31 mg over 60 min iv racemic", None),  # the protocol's span is 40 to 60 min
        ("31 mg over 90 min iv racemic", "DOS-18a"),
        ("31 mg iv racemic", "DOS-18b"),  # no time at all
        ("31 mg over 40 h iv racemic", "DOS-18b"),
    ],
)
def test_the_order_against_the_protocols_own_value(text, rule):
    result = check(text, protocol="P09")
    if rule is None:
        assert result.may_be_signed
        assert not {"DOS-18a", "DOS-18b"} & set(fired(result))
    else:
        assert rule in fired(result)


def test_a_titration_that_goes_on_may_be_anywhere_up_to_the_cap():
    first = check("62 mg po racemic every 8 h x 3", protocol="P14", product="racemic_oral", setting="home")
    assert "DOS-18b" in fired(first)  # 186 mg a day where the start is 31
    later = check(
        "62 mg po racemic every 8 h x 3", protocol="P14", product="racemic_oral", setting="home", continuing=True
    )
    assert not {"DOS-18a", "DOS-18b"} & set(fired(later))


def test_sprays_are_counted():
    more = {"protocol": "P19", "product": "racemic_spray", "setting": "home"}
    assert "DOS-14" in fired(check("10 mg in racemic", sprays_per_day=D(21), sprays_per_week=D(21), **more))
    assert "DOS-14" in fired(check("10 mg in racemic", sprays_per_day=D(20), sprays_per_week=D(41), **more))
    assert "DOS-14" not in fired(check("10 mg in racemic", sprays_per_day=D(20), sprays_per_week=D(40), **more))
    assert "DOS-11a" in fired(check("100 mg in racemic", sprays_per_day=D(4), sprays_per_week=D(8), **more))
    counted = check("10 mg in racemic every 15 min x 3", sprays_per_week=D(8), **more)
    assert value(counted, "planned_sprays_per_day") == 3


def test_session_and_course_caps():
    body = Body(D(80), Sex.MALE, D(180), date(2026, 6, 15))
    over = check("100.1 mg over 4 h iv racemic", body=body)
    assert "DOS-11a" in fired(over)
    at_cap = check("100 mg over 4 h iv racemic", body=body)
    assert not {"DOS-11a", "DOS-11b"} & set(fired(at_cap))
    assert "DOS-11c" in fired(check(("100 mg over 4 h iv racemic", 11), body=body))


def test_reference_and_intensive_care_protocols_are_never_chosen_in_a_clinic():
    result = check("434 mg/h for 120 h iv racemic", protocol="P22")
    assert {"DOS-03", "DOS-23"} <= set(result.stopped_by)
    assert "DOS-23" in fired(check("56 mg in esketamine", protocol="P21", product="esketamine_spray"))


def test_an_unstated_product_defers():
    result = check("31 mg over 40 min iv", product="", protocol="P09")
    assert fired(result)["DOS-25"] is Outcome.DEFER
    assert next(f for f in result.findings if f.id == "DOS-07").outcome is Outcome.DEFER
    worded = check("31 mg over 40 min iv racemic", product="", protocol="P09")
    assert "DOS-25" not in fired(worded)
    assert value(worded, "planned_form") == "racemic"


# --- the data traps ------------------------------------------------------------------------------------------------


def trap(text, concentration, again=""):
    entry = {
        "vial": "50 mg/mL",
        "bag": "100 mL",
        "concentration": f"{concentration} mg/mL",
        "draw": "1 mL",
        "pump": "1 mL/h",
    }
    raw = {"plan": {"dose": text, "programme": entry, "rate_again": again, "setting": "outpatient"},
           "person": {"weight_kg": D(80)}}  # fmt: skip
    return check_plan(read_plan(raw), knowledge=KNOWLEDGE, now=NOW)


def test_trap_03_a_case_report_whose_rate_is_the_bags_concentration():
    """4.8 mg/kg/h from a bag of 4.8 mg/mL: 768 mg in 2 h at 80 kg. Stopped, and named for what it is."""
    result = trap("4.8 mg/kg/h for 2 h iv racemic", "4.8")
    assert value(result, "planned_session_mg") == 768
    assert {"DOS-03", "DOS-10b"} <= set(result.stopped_by)


def test_trap_03_below_the_cap_the_rate_is_entered_again_and_not_refused():
    asked = trap("0.5 mg/kg/h for 2 h iv racemic", "0.5")
    assert fired(asked)["DOS-10a"] is Outcome.DEFER
    again = trap("0.5 mg/kg/h for 2 h iv racemic", "0.5", again="0.50 mg/kg/h")
    assert "DOS-10a" not in fired(again)
    for wrong in ("0.5 mg/mL", "0.6 mg/kg/h", "half mg/kg/h", ""):
        assert "DOS-10a" in fired(trap("0.5 mg/kg/h for 2 h iv racemic", "0.5", again=wrong))
    assert "DOS-10a" not in fired(trap("0.4 mg/kg/h for 2 h iv racemic", "0.5"))


def test_7_2_mcg_per_kg_per_min_is_0_432_mg_per_kg_per_h():
    result = check("7.2 mcg/kg/min for 1 h iv racemic", protocol="")
    assert value(result, "planned_rate_mg_per_kg_h") == D("0.432")


def test_trap_09_an_s_ketamine_trial_is_not_a_racemic_dose():
    """22.2 mg/h for 100 h is S-ketamine; ordered as racemic against that protocol it is stopped."""
    text = "4.46 to 22.2 mg/h by 4.46 every 8 h for 100 h iv {}"
    wrong = check(text.format("racemic"), protocol="P02", setting="inpatient")
    assert fired(wrong)["DOS-07"] is Outcome.STOP
    right = check(text.format("esketamine"), protocol="P02", product="s_ketamine_injection", setting="inpatient")
    assert right.may_be_signed
    words = check(text.format("esketamine"), protocol="P02", product="racemic_injection", setting="inpatient")
    assert "DOS-07" in fired(words)
    mixed = check("5 mg/h for 1 h iv racemic then 5 mg/h for 1 h iv esketamine", product="", protocol="")
    assert "DOS-07" in fired(mixed)
    spray = check("56 mg in esketamine", product="", protocol="P21")
    assert value(spray, "planned_form") == "esketamine_spray"
    vein = check("10 mg over 1 h iv esketamine", product="", protocol="P02")
    assert value(vein, "planned_form") == "s_ketamine"


def test_trap_11_a_dose_by_mouth_against_a_protocol_by_vein_is_stopped():
    result = check("86.8 mg po racemic", protocol="P01")
    assert fired(result)["DOS-24"] is Outcome.STOP


def test_trap_13_actual_and_ideal_weight_are_74_percent_apart():
    body = Body(D(96), Sex.FEMALE, D(163), date(2026, 6, 15))
    on_actual = check("48 mg over 40 min iv racemic", protocol="P09", body=body, weight_basis="actual")
    assert {"DOS-08a", "DOS-08b", "DOS-11a"} <= set(fired(on_actual))  # caps hold on both weights
    assert check("27.5 mg over 40 min iv racemic", protocol="P09", body=body).may_be_signed


# --- the programme beside the order ----------------------------------------------------------------------------------


def with_programme(**change):
    raw = load_yaml(EXAMPLES / "crps_ten_days.yaml")
    raw["plan"]["programme"] = {k: v for k, v in (raw["plan"]["programme"] | change).items() if v is not None}
    return check_plan(read_plan(raw), knowledge=KNOWLEDGE, now=NOW)


@pytest.mark.parametrize(
    ("change", "rule"),
    [
        ({"vial": "100 mg/mL"}, "DOS-21b"),
        ({"vial": "10 mg/mL"}, "DOS-21b"),
        ({"concentration": "8.68 mg/mL"}, "DOS-21a"),
        ({"pump": "21.7 mL/h"}, "DOS-21a"),
        ({"pump": "250 mL/h"}, "DOS-21a"),
        ({"draw": "17.4 mL"}, "DOS-21b"),
        ({"vial": "40 mg/mL"}, "DOS-22"),
        ({"draw": "1.74 mL", "concentration": None, "vial": "100 mg/mL"}, "DOS-21b"),
        ({"for_order": D(1)}, "DOS-21a"),
    ],
)
def test_a_programme_that_contradicts_its_order_is_stopped(change, rule):
    assert rule in with_programme(**change).stopped_by


def test_a_programme_that_lacks_a_number_names_what_is_missing():
    assert "programme_to_order" in with_programme(pump=None).missing
    assert "drug_to_order" in with_programme(draw=None).missing
    assert "programme_to_order" in with_programme(draw=None, concentration=None).missing
    assert "vial_is_stocked" in with_programme(vial=None).missing
    assert with_programme(concentration=None).may_be_signed
    with pytest.raises(ValueError, match="the plan has 3 orders"):
        with_programme(for_order=D(4))


def test_a_rate_in_mg_per_kg_with_an_unknown_bag_is_unknown():
    raw = {
        "plan": {"dose": "0.5 mg/kg/h for 1 h iv", "programme": {"vial": "50 mg/mL"}},
        "person": {"weight_kg": D(80)},
    }
    result = check_plan(read_plan(raw), knowledge=KNOWLEDGE, now=NOW)
    assert "rate_equals_bag" in result.missing


# --- weights ---------------------------------------------------------------------------------------------------------


def test_pounds_are_stopped_with_an_earlier_weight_or_a_height():
    pounds = replace(BODY, weight_kg=D("136.7"))
    assert "DOS-19a" in check("21.7 mg/h for 4 h iv racemic", body=pounds).stopped_by
    assert "DOS-19a" in check("21.7 mg/h for 4 h iv racemic", body=replace(pounds, earlier=())).stopped_by
    bare = replace(pounds, earlier=(), height_cm=None)
    assert "DOS-19a" not in check("21.7 mg/h for 4 h iv racemic", body=bare).stopped_by


def test_a_changed_weight():
    assert fired(check("21.7 mg/h for 4 h iv racemic", body=replace(BODY, weight_kg=D(75))))["DOS-19b"] is Outcome.DEFER
    assert fired(check("21.7 mg/h for 4 h iv racemic", body=replace(BODY, weight_kg=D("68.2"))))["DOS-19c"]


def test_a_weight_basis_that_needs_a_height_is_refused():
    with pytest.raises(ValueError, match="height is not known"):
        check("21.7 mg/h for 4 h iv racemic", body=Body(D(62)), weight_basis="ideal")


def test_a_liver_or_an_inhibitor_is_taken_from_the_record_too():
    record = Facts({"liver_moderate": Fact(True), "med_classes": Fact(("cyp3a4_inhibitor_strong",))})
    bare = replace(
        plan("10.3 mg po racemic every 8 h x 3", protocol="P14", product="racemic_oral", setting="home"), facts={}
    )
    result = check_plan(bare, knowledge=KNOWLEDGE, now=NOW, known=record)
    assert result.worked.computed.halved == ("Child-Pugh B", "strong CYP3A4 or CYP2B6 inhibitor")
    assert "DOS-09b" in fired(result)


def test_a_fact_that_is_not_in_the_dictionary_is_refused():
    with pytest.raises(ValueError, match="not in the dictionary"):
        check_plan(replace(plan("1 mg/h for 1 h iv"), facts={"shoe_size": D(44)}), knowledge=KNOWLEDGE, now=NOW)
