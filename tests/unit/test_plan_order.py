"""An order in numbers, and what is wrong in a plan file said by name."""

from decimal import Decimal as D

import pytest

from surcease.care.order_figures import figures, tidy
from surcease.care.plan_check import order_rules, say_order
from surcease.care.plan_order import SessionOrder, read_plan, split_sessions
from surcease.knowledge import load
from surcease.knowledge.protocol import load_protocols
from surcease.knowledge.yaml import loads
from surcease.units import Quantity

# --- orders in numbers ---------------------------------------------------------------------------------------------


def test_figures_of_an_order():
    f = figures(
        "5 to 20 mg/h by 5 every 2 h for 10 h iv racemic then 10 mg/h for 1 h iv", dose_kg=D(50), limit_kg=D(40)
    )
    assert (f.session_mg, f.session_h, f.infusion_h, f.wean_h) == (150, 11, 11, 1)
    assert (f.rate_mg_per_h, f.rate_mg_per_kg_h, f.first_rate_mg_per_h) == (20, D("0.5"), 5)
    assert (f.least_step_h, f.largest_rise_mg_per_h) == (2, 5)


def test_a_break_makes_two_infusions():
    f = figures("10 mg/h for 4 h iv then after 2 h 10 mg/h for 3 h iv", dose_kg=D(70), limit_kg=D(70))
    assert (f.infusion_h, f.session_h) == (4, 9)


def test_a_ramp_down_is_weaning():
    assert figures("10 mg/h for 4 h iv then 10 to 2 mg/h for 3 h iv", dose_kg=D(70), limit_kg=D(70)).wean_h == 3


def test_the_most_in_a_day():
    assert figures("20 mg po every 8 h x 6", dose_kg=D(70), limit_kg=D(70)).day_mg == 60
    assert figures("2 mg/h for 48 h sc", dose_kg=D(70), limit_kg=D(70)).day_mg == 48


def test_tidy_never_loses_what_lies_above_a_limit():
    assert tidy(D("2.00001")) > 2
    assert tidy(D(2)) == 2
    assert tidy(D(1) / 3 * 3) == 1


def test_an_order_without_a_rate_is_said_by_its_amount():
    f = figures("25 mg sl", dose_kg=D(70), limit_kg=D(70))
    assert say_order(f, D(70)) == "25 mg sl: 25 mg"


# --- reading a plan ------------------------------------------------------------------------------------------------


def test_repeated_sessions_are_counted():
    assert split_sessions("35 mg over 40 min iv weekdays x 10") == (SessionOrder("35 mg over 40 min iv", 10), D(24))
    assert split_sessions("35 mg over 40 min iv every 3 d x 4") == (SessionOrder("35 mg over 40 min iv", 4), D(72))
    assert split_sessions("10 mg po every 8 h x 3") == (SessionOrder("10 mg po every 8 h x 3"), None)


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("[1, 2]", "part named plan"),
        ("plan: {}", "has no order"),
        ("{plan: {dose: 1 mg iv}, extra: 1}", "key 'extra'"),
        ("plan: {dose: 1 mg iv, drug: x}", "key 'drug'"),
        ("plan: {orders: []}", "has no order"),
        ("plan: {orders: [{sessions: 2}]}", "needs a text"),
        ("plan: {orders: [{text: 1 mg iv, sessions: 500}]}", "between 1 and 400"),
        ("plan: {orders: [3]}", "not a mapping"),
        ("plan: {dose: 1 mg iv}", "weight_kg is missing"),
        ("{plan: {dose: 1 mg iv}, person: {weight_kg: 70 kg}}", "without a unit"),
        ("{plan: {dose: 1 mg iv}, person: {weight_kg: true}}", "without a unit"),
        ("{plan: {dose: 1 mg iv}, person: {weight_kg: 70, sex: f}}", "sex is 'f'"),
        ("{plan: {dose: 1 mg iv}, person: {weight_kg: 70, weighed_on: today}}", "write a date"),
        ("{plan: {dose: 1 mg iv}, person: {weight_kg: 70, earlier_weights: 71}}", "newest first"),
        ("{plan: {dose: 1 mg iv}, person: {weight_kg: 70, earlier_weights: [{at: 2026-01-31}]}}", "needs kg"),
        ("{plan: {dose: 1 mg iv, protocol: P99}, person: {weight_kg: 70}}", "protocol is 'P99'"),
        ("{plan: {dose: 1 mg iv, product: gin}, person: {weight_kg: 70}}", "product is 'gin'"),
        ("{plan: {dose: 1 mg iv, every: often}, person: {weight_kg: 70}}", "every is 'often'"),
        ("{plan: {dose: 1 mg iv, bolus_function: maybe}, person: {weight_kg: 70}}", "write true or false"),
        ("{plan: {dose: 1 mg iv, programme: {vial: 50}}, person: {weight_kg: 70}}", "vial is"),
        ("{plan: {dose: 1 mg iv, programme: {bag: 0 mL}}, person: {weight_kg: 70}}", "more than 0"),
    ],
)
def test_what_is_wrong_in_a_plan_file_is_named(text, part):
    with pytest.raises(ValueError, match=part):
        read_plan(loads(text))


def test_a_plan_file_in_full():
    read = read_plan(loads("""
        plan: {orders: [1 mg iv, {text: 2 mg iv, sessions: 3}], every: 84 h, sprays: {per_day: 4, per_week: 8},
               programme: {vial: 50 mg/mL}, continuing: true}
        person: {weight_kg: 70, earlier_weights: [{kg: 69, at: 2026-05-01}]}
    """))  # fmt: skip
    assert (read.sessions, read.every_h, read.sprays_per_week, read.continuing) == (4, 84, 8, True)
    assert read.programme.vial == Quantity(D(50), "mg/mL")
    assert read.course([D(1), D(2)]) == 7
    assert read.joined().orders[0].text == "1 mg iv then 2 mg iv then 2 mg iv then 2 mg iv"


# --- what knowledge says of the order -----------------------------------------------------------------------------


def test_trap_11_no_dose_is_carried_over_from_the_vein_to_the_mouth():
    for name in ("P15", "P16"):
        note = load_protocols()[name].note
        assert all(part in note for part in ("none is computed", "30 to 40 %", "1:1"))


def test_only_rules_that_judge_the_order_are_asked():
    ids = {rule.id for rule in order_rules(load())}
    assert {"DOS-01", "DOS-18b", "SET-04a", "SET-08a"} <= ids
    assert not {i for i in ids if i.startswith(("ELG", "CIN", "DDI"))}
