"""The observation clock, the criteria and the ways out, each on its edge."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from surcease.care.discharge import (
    Bedside,
    Clock,
    Dose,
    after,
    criteria,
    discharge_facts,
    missing,
    newest,
    observation,
    total,
    ways,
)
from surcease.care.event import Reading
from surcease.knowledge import load
from surcease.knowledge.site import SiteLimit

KNOWLEDGE = load()
END = datetime(2026, 3, 2, 13, tzinfo=UTC)
PADSS = {f"padss.{item}": "2" for item in ("vitals", "activity", "symptoms", "bleeding", "intake")}
SEEN = {
    "oriented": "yes", "gait_usual": "yes", "dissociated": "no", "escort_present": "yes", "cannula_out": "yes",
    "follow_up_call_booked": "yes", "drives_before_next_day": "no", "lying_systolic": "124", "standing_systolic": "118",
}  # fmt: skip


def after_min(m):
    return END + timedelta(minutes=m)


def vitals(**changes):
    numbers = {"systolic": 118, "diastolic": 74, "heart_rate": 72, "spo2": 98, "sedation_moaas": 5} | changes
    return Reading(**{k: Decimal(str(v)) for k, v in numbers.items() if v is not None})


BASELINE = vitals()


def clock_at(*doses, running=False, protocol=0):
    clock = observation(doses, running=running, knowledge=KNOWLEDGE, protocol=timedelta(minutes=protocol))
    return None if clock.at is None else (clock.at - END) / timedelta(minutes=1)


INFUSION = Dose(END, "infusion", hours=Decimal(4))


@pytest.mark.parametrize(
    ("doses", "expected"),
    [
        ([INFUSION], 60),
        ([Dose(END, "infusion", hours=Decimal(6))], 60),
        ([Dose(END, "infusion", hours=Decimal("6.1"))], 240),
        ([INFUSION, Dose(after_min(20), "rescue", "midazolam")], 80),
        ([INFUSION, Dose(after_min(10), "rescue", "naloxone")], 130),
        ([INFUSION, Dose(after_min(10), "rescue", "flumazenil")], 130),
        ([Dose(END, "dose", "esketamine_spray")], 120),
        ([Dose(END, "dose")], 60),
        ([Dose(END, "dose"), Dose(after_min(30), "dose")], 90),
        ([], None),
    ],
)
def test_observation_clock(doses, expected):
    assert clock_at(*doses) == expected


def test_clock_stands_still_while_the_drug_runs():
    assert clock_at(INFUSION, running=True) is None
    assert Clock(None).left_min(END) is None


def test_the_protocol_may_ask_for_longer():
    assert clock_at(INFUSION, protocol=1440) == 1440
    assert clock_at(INFUSION, Dose(after_min(10), "rescue", "ondansetron"), protocol=120) == 120
    clock = observation([INFUSION], running=False, knowledge=KNOWLEDGE, protocol=timedelta(hours=24))
    assert clock.because == "as the protocol asks"


@pytest.mark.parametrize(("minute", "left"), [(0, 60), (59, 1), (60, 0), (90, 0)])
def test_minutes_left(minute, left):
    assert observation([INFUSION], running=False, knowledge=KNOWLEDGE).left_min(after_min(minute)) == left


def lacking(minute=60, latest=BASELINE, checks=None, baseline=BASELINE, signed=()):
    clock = observation([INFUSION], running=False, knowledge=KNOWLEDGE)
    now = after_min(minute)
    bedside = Bedside(baseline, latest, PADSS | SEEN if checks is None else checks)
    facts = discharge_facts(clock, bedside, now=now, knowledge=KNOWLEDGE)
    return missing(criteria(facts, now=now, knowledge=KNOWLEDGE, signed=signed))


def without(*names):
    return {k: v for k, v in (PADSS | SEEN).items() if k not in names}


def test_all_criteria_met():
    assert lacking() == ()


@pytest.mark.parametrize(
    ("case", "expected"),
    [
        ({"minute": 59}, ("DIS-01a",)),
        ({"latest": vitals(sedation_moaas=4)}, ("DIS-01b",)),
        ({"latest": vitals(sedation_moaas=None)}, ("DIS-01b",)),
        ({"checks": PADSS | SEEN | {"padss.intake": "1", "padss.symptoms": "1"}}, ("DIS-02",)),  # 8
        ({"checks": PADSS | SEEN | {"padss.intake": "1"}}, ()),  # 9
        ({"checks": PADSS | SEEN | {"padss.intake": "0"}}, ("DIS-02",)),  # 8 with a zero
        ({"checks": without("padss.intake")}, ("DIS-02",)),  # the four-item form is never compared with 9
        ({"latest": vitals(systolic=160), "baseline": vitals(systolic=150)}, ("DIS-04",)),
        ({"latest": vitals(systolic=159), "baseline": vitals(systolic=150)}, ()),
        ({"latest": vitals(heart_rate=87)}, ("DIS-04",)),  # 20.8 %
        ({"latest": vitals(heart_rate=86)}, ()),  # 19.4 %
        ({"latest": vitals(spo2=93)}, ("DIS-04",)),
        ({"latest": vitals(spo2=92), "baseline": vitals(spo2=92)}, ()),
        ({"latest": vitals(diastolic=None)}, ("DIS-04",)),
        ({"latest": vitals(spo2=None)}, ("DIS-04",)),
        ({"latest": vitals(cadss6=5), "baseline": vitals(cadss6=2)}, ("DIS-05a",)),
        ({"latest": vitals(cadss6=4), "baseline": vitals(cadss6=2)}, ()),
        ({"latest": vitals(), "baseline": vitals(cadss6=2)}, ("DIS-05a",)),
        ({"latest": vitals(cadss6=3)}, ("DIS-05a",)),
        ({"checks": without("dissociated")}, ("DIS-05b",)),
        ({"checks": PADSS | SEEN | {"gait_usual": "no"}}, ("DIS-05c",)),
        ({"checks": without("oriented")}, ("DIS-05c",)),
        ({"checks": PADSS | SEEN | {"escort_present": "no"}}, ("DIS-06",)),
        ({"checks": PADSS | SEEN | {"drives_before_next_day": "yes"}}, ("DIS-07b",)),
        ({"checks": PADSS | SEEN | {"follow_up_call_booked": "no"}}, ()),  # the task stays open
        ({"checks": PADSS | SEEN | {"standing_systolic": "104"}}, ("DIS-09",)),
        ({"checks": without("standing_systolic")}, ("DIS-09",)),
        ({"checks": without("cannula_out")}, ("DIS-10",)),
    ],
)  # fmt: skip
def test_one_criterion_missing(case, expected):
    assert lacking(**case) == expected


def test_aldrete_counts_where_it_is_used():
    items = ("activity", "breathing", "circulation", "consciousness", "oxygen")
    full = {f"aldrete.{item}": "2" for item in items}
    assert lacking(checks=PADSS | SEEN | full) == ()
    assert lacking(checks=PADSS | SEEN | full | {"aldrete.oxygen": "1"}) == ()
    assert lacking(checks=PADSS | SEEN | full | {"aldrete.oxygen": "1", "aldrete.activity": "1"}) == ("DIS-03",)
    assert lacking(checks=PADSS | SEEN | {"aldrete.oxygen": "2"}) == ("DIS-03",)


def test_a_personal_limit_is_review_and_lets_go():
    latest = vitals(spo2=91)
    limit = SiteLimit("DIS-04", "Dr A", END, "COPD", "spo2_discharge", Decimal(90), person=True,
                      expires=END.date())  # fmt: skip
    assert lacking(latest=latest) == ("DIS-04",)
    assert lacking(latest=latest, signed=(limit,)) == ()


def test_five_ways_out():
    clock = observation([INFUSION], running=False, knowledge=KNOWLEDGE)
    bedside = Bedside(BASELINE, BASELINE, PADSS | SEEN | {"escort_present": "no"})
    facts = discharge_facts(clock, bedside, now=after_min(60), knowledge=KNOWLEDGE)
    found = criteria(facts, now=after_min(60), knowledge=KNOWLEDGE)
    given = {"physician": "Dr A", "reason": " ", "capacity": "yes", "advice_given": "yes", "call_booked": "15:00"}
    state = {w.name: w.missing for w in ways(found, given, knowledge=KNOWLEDGE)}
    assert state == {
        "criteria": ("DIS-06",),
        "physician": ("reason",),
        "transfer": ("destination",),
        "against_advice": (),
        "death": ("time",),
    }
    assert [w.name for w in ways(found, given, knowledge=KNOWLEDGE) if w.open] == ["against_advice"]


def test_newest_values_after_the_drug_only():
    readings = [
        (after_min(40), vitals(systolic=124, heart_rate=None)),
        (after_min(-5), vitals(systolic=160, heart_rate=88)),
        (after_min(20), vitals(systolic=140, heart_rate=80)),
        (after_min(45), Reading(spo2=Decimal(50), artefact=("spo2",))),
    ]
    merged = newest(readings, since=END)
    assert (merged.systolic, merged.heart_rate, merged.spo2) == (Decimal(124), Decimal(80), Decimal(98))
    assert newest(readings[1:2], since=END) == Reading()


def test_slip_times():
    times = after(END, knowledge=KNOWLEDGE)
    hours = {name: (at - END) / timedelta(hours=1) for name, at in times.items()}
    assert hours == {"no_driving_before": 24, "call_from": 24, "call_to": 48, "call_against_advice_by": 2}


def test_wrong_answers_are_refused():
    with pytest.raises(ValueError, match="PADSS item cannot be '3'"):
        total({"padss.vitals": "3"}, "padss", ["vitals"])
    with pytest.raises(ValueError, match="oriented cannot be 'maybe'"):
        lacking(checks=PADSS | SEEN | {"oriented": "maybe"})


def test_items_are_those_of_the_instruments():
    document = KNOWLEDGE.documents["limits/discharge.yaml"]
    for score in ("padss", "aldrete"):
        assert document[score] == [item["id"] for item in KNOWLEDGE.instruments[score]["items"]]
