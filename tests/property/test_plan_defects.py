"""Seeded defects: clean plans made from protocols for invented people, each spoiled in one way.

A defect is *hard* when it crosses a STOP or contradicts another entered field: every one must be stopped. Pounds for
kilograms is hard with an earlier weight or a height to contradict; without either it is only asked about. A spoiled
plan counts as stopped when a rule says STOP or the entry is refused before it can be judged; a clean one counts as
stopped when it may not be signed, by STOP or by DEFER. People: 18 to 84 years, body mass index 18 to 45 (normal, mean
28, SD 5.5), an earlier weight within 7 % in four of five.
"""

import random
import re
from collections import Counter
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal as D
from itertools import groupby

from surcease.care.course import session_texts
from surcease.care.dose import compute, half_start_reasons
from surcease.care.plan_check import check_plan
from surcease.care.plan_order import PlanOrder, ProgrammeEntry, SessionOrder
from surcease.care.programme import Bag, programme
from surcease.care.record import Sex
from surcease.care.weight import Body, Weighing
from surcease.knowledge import load
from surcease.knowledge.finding import Outcome
from surcease.knowledge.product import load_products
from surcease.knowledge.protocol import load_protocols
from surcease.units import Quantity

NOW = datetime(2026, 6, 15, 9, tzinfo=UTC)
KNOWLEDGE, PROTOCOLS, PRODUCTS = load(), load_protocols(), load_products()
TREATING = [p for p in PROTOCOLS.values() if p.purpose in ("treatment", "test")]


def tenth(value):
    return D(f"{value:.1f}")


def a_person(rng):
    sex = rng.choice((Sex.FEMALE, Sex.MALE))
    height = tenth(rng.gauss(164 if sex is Sex.FEMALE else 177, 7))
    index = min(max(rng.gauss(28, 5.5), 18.01), 45)
    kg = tenth(index * (float(height) / 100) ** 2)
    earlier = (Weighing(tenth(float(kg) * rng.uniform(0.93, 1.07)), date(2026, 5, 15)),) if rng.random() < 0.8 else ()
    return Body(kg, sex, height, date(2026, 6, 15), "scale", earlier), D(rng.randint(18, 84))


def clean(rng, protocol=None):
    """A plan as the protocol gives it, written as some prescriber would, with its programme."""
    protocol = protocol or rng.choice(TREATING)
    body, age = a_person(rng)
    route = rng.choice(protocol.route)
    liver, inhibitor = rng.random() < 0.05, rng.random() < 0.05
    reasons = half_start_reasons(
        route=route, age_years=age, child_pugh="B" if liver else "", strong_inhibitor=inhibitor
    )
    dose = compute(protocol, body, route=route, halve=reasons)
    texts = session_texts(dose)
    orders = tuple(SessionOrder(text, len(list(same))) for text, same in groupby(texts))
    if protocol.purpose == "treatment" and not reasons and dose.weight.basis == "actual" and rng.random() < 0.5:
        orders = tuple(replace(order, text=per_kg(order.text, dose)) for order in orders)
    if not protocol.is_continuous and rng.random() < 0.15:  # a prescriber who gives a little less
        orders = tuple(replace(order, text=times(order.text, D("0.85"))) for order in orders)
    product = PRODUCTS[protocol.product]
    return PlanOrder(
        orders, body, age, protocol.id, protocol.product, protocol.setting, dose.weight.basis,
        every_h=protocol.sessions.every.to("h").value if protocol.sessions.every else None,
        programme=a_programme(rng, product, orders[0], dose) if protocol.programme else None,
        bolus_function=False, sprays_per_day=D(4), sprays_per_week=D(8),
        facts={"liver_moderate": liver, "med_classes": ["cyp3a4_inhibitor_strong"] if inhibitor else ["opioid"],
               "long_course_before": False, "sessions_12_months": D(10), "long_courses_12_months": D(1)},
    )  # fmt: skip


def times(text, factor):
    return re.sub(r"^[\d.]+", lambda m: f"{(D(m[0]) * factor).normalize():f}", text)


def per_kg(text, dose):
    """The same order as the protocol words it, per kilogram, where it is not lowered by a cap."""
    level = next((v for v in dose.levels if v.text(dose.route, dose.substance) == text and not v.why), None)
    if level is None or not level.source.per_kg or level.source.takes or level.duration is None:
        return text
    word = "for" if level.source.is_rate else "over"
    return f"{level.source.amount} {word} {level.duration} {dose.route} {dose.substance}"


def a_programme(rng, product, order, dose):
    """What the first programme would be, entered as it was computed."""
    vial = rng.choice([s.strength for s in product.strengths if s.strength.same_kind("mg/mL")])
    text = order.text.split(" then ")[0]
    concentration = Quantity.of(1, "mg/mL") if dose.protocol.is_continuous else None
    made = None
    for volume in (D(100), D(250), D(500), D(1000)):
        try:
            made = programme(text, weight_kg=dose.weight.kg, vial=vial, bag=Bag(volume), concentration=concentration)
            break
        except ValueError:
            continue
    if made is None or made.first.ml_per_h < 2:
        return None
    stated = Quantity(round(made.mix.mg_per_ml, 3), "mg/mL")
    return ProgrammeEntry(
        vial, Quantity(made.bag.volume_ml, "mL"), Quantity(made.mix.draw_ml, "mL"), stated,
        Quantity(made.first.ml_per_h, "mL/h"),
    )  # fmt: skip


# --- one way to spoil a plan each; None where it cannot be spoiled so ----------------------------------------------


def change_order(rng, plan, change):
    spoilable = [n for n, order in enumerate(plan.orders) if change(order.text) not in (None, order.text)]
    if not spoilable:
        return None
    n = rng.choice(spoilable)
    orders = [replace(o, text=change(o.text)) if i == n else o for i, o in enumerate(plan.orders)]
    return replace(plan, orders=tuple(orders))


def tenfold(rng, plan):
    factor = rng.choice((10, D("0.1")))
    return change_order(rng, plan, lambda text: times(text, factor))


def mg_for_mg_per_kg(rng, plan):
    def swap(text):
        head, _, tail = text.partition(" then ")
        new = head.replace("mg/kg", "mg", 1) if "mg/kg" in head else re.sub(r" mg(?=[ /])", " mg/kg", head, count=2)
        return new + (" then " + tail if tail else "")

    return change_order(rng, plan, swap)


def wrong_product(rng, plan):
    others = [p.id for p in PRODUCTS.values() if p.form != PRODUCTS[plan.product].form]
    if rng.random() < 0.5:
        return replace(plan, product=rng.choice(others))
    word = "racemic" if "esketamine" in plan.orders[0].text else "esketamine"
    return change_order(rng, plan, lambda text: re.sub("racemic|esketamine", word, text))


def wrong_concentration(rng, plan):
    if plan.programme is None:
        return None
    entry = plan.programme
    strengths = {s.strength for s in PRODUCTS[plan.product].strengths if s.strength.same_kind("mg/mL")} - {entry.vial}
    if rng.random() < 0.5:
        return replace(plan, programme=replace(entry, vial=rng.choice(sorted(strengths, key=str))))
    return replace(
        plan, programme=replace(entry, concentration=entry.concentration * rng.choice((D(10), D("0.1"), D(2))))
    )


def min_for_h(rng, plan):
    def swap(text):
        if (found := re.search(r"(for|over) ([\d.]+) (h|min)\b", text)) is None:
            return None
        other = "min" if found[3] == "h" else "h"
        return text[: found.start()] + f"{found[1]} {found[2]} {other}" + text[found.end() :]

    return change_order(rng, plan, swap)


def missing_taper(rng, plan):
    return change_order(rng, plan, lambda text: text.split(" then ")[0]) if plan.protocol == "P11" else None


def lb_for_kg(rng, plan):
    pounds = tenth(float(plan.body.weight_kg) / 0.45359237)
    keep_height = rng.random() < 0.5
    if keep_height:
        return replace(plan, body=replace(plan.body, weight_kg=pounds, earlier=()), weight_basis="")
    earlier = plan.body.earlier or (Weighing(plan.body.weight_kg, date(2026, 5, 15)),)
    return replace(plan, body=replace(plan.body, weight_kg=pounds, earlier=earlier), weight_basis="")


DEFECTS = (tenfold, mg_for_mg_per_kg, wrong_product, wrong_concentration, min_for_h, missing_taper, lb_for_kg)


def stopped(plan):
    try:
        return check_plan(plan, knowledge=KNOWLEDGE, now=NOW).outcome is Outcome.STOP
    except ValueError:
        return True  # refused before it could be judged


def test_clean_plans_are_not_stopped():
    rng = random.Random(20)
    plans = [clean(rng) for _ in range(500)]
    wrongly = Counter()
    assert sum(plan.programme is not None for plan in plans) >= 200  # pump programmes are judged with them
    for plan in plans:
        check = check_plan(plan, knowledge=KNOWLEDGE, now=NOW)
        if not check.may_be_signed:
            wrongly[f"{plan.protocol} {check.stopped_by} {check.missing if not check.stopped_by else ''}"] += 1
    assert sum(wrongly.values()) <= 0.02 * len(plans), wrongly
    assert len({plan.protocol for plan in plans}) == len(TREATING)


def test_every_hard_defect_is_stopped():
    rng = random.Random(21)
    made, missed = Counter(), []
    for protocol in TREATING:
        for defect in DEFECTS:
            for _ in range(12 if defect is missing_taper else 4):
                spoiled = defect(rng, clean(rng, protocol))
                if spoiled is None:
                    continue
                made[defect.__name__] += 1
                if not stopped(spoiled):
                    missed.append((defect.__name__, protocol.id, [o.text for o in spoiled.orders], spoiled))
    assert sum(made.values()) >= 200
    assert {defect.__name__ for defect in DEFECTS} == set(made)  # no way to spoil a plan has fallen away
    assert min(made.values()) >= 10
    assert not missed, [m[:3] for m in missed]


def test_pounds_without_a_height_or_an_earlier_weight_cannot_be_known():
    rng = random.Random(22)
    plan = clean(rng, PROTOCOLS["P04"])
    bare = replace(plan, body=Body(D("136.7"), Sex.FEMALE, None, date(2026, 6, 15)), weight_basis="actual")
    assert "DOS-19a" not in check_plan(bare, knowledge=KNOWLEDGE, now=NOW).stopped_by
