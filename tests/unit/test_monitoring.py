"""When observations are due: the schedules MON-01 to MON-05 counted by hand, and MON-06 on its edge."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from surcease.care.event import Reading
from surcease.care.monitoring import Course, Taken, complete, context_of, due
from surcease.knowledge import load
from surcease.knowledge.evaluation import evaluate
from surcease.knowledge.fact import Fact, Facts

KNOWLEDGE = load()
NINE = datetime(2026, 3, 2, 9, tzinfo=UTC)
FULL = Reading(**{f: Decimal(1) for f in ("systolic", "heart_rate", "spo2", "resp_rate", "sedation_moaas", "pain")},
               distress=Decimal(0))  # fmt: skip


def minute(m):
    return NINE + timedelta(minutes=m)


def sets(*minutes, stable=False):
    return [Taken(minute(m), FULL, stable) for m in minutes]


def next_due(course, taken):
    return [(d.stream, (d.at - NINE) / timedelta(minutes=1)) for d in due(course, taken, knowledge=KNOWLEDGE)]


def outpatient(changes=(), ended=None):
    return Course("outpatient_infusion", NINE, tuple(minute(m) for m in changes), ended and minute(ended))


@pytest.mark.parametrize(
    ("taken", "changes", "ended", "expected"),
    [
        ([], [], None, 5),
        ([-5], [], None, 5),
        ([-5, 5], [], None, 10),
        ([-5, 5, 10, 15], [], None, 30),
        ([30], [], None, 45),
        ([13], [], None, 28),  # the first quarter of an hour is over at 15
        ([30], [37], None, 42),
        ([42], [37], None, 47),
        ([53], [37], None, 68),
        ([225], [], 240, 240),
        ([230], [], 240, 245),
        ([240], [], 240, 255),
        ([200], [], 240, 215),  # missed
    ],
)
def test_outpatient_infusion(taken, changes, ended, expected):
    assert next_due(outpatient(changes, ended), sets(*taken)) == [("vital_signs", expected)]


def test_two_stable_sets_after_the_end_are_enough():
    course = outpatient(ended=240)
    assert next_due(course, sets(240) + sets(255, stable=True)) == [("vital_signs", 270)]
    assert next_due(course, sets(255) + sets(270, 285, stable=True)) == []
    assert next_due(course, sets(255, 270, stable=True) + sets(285)) == [("vital_signs", 300)]
    assert next_due(course, sets(239, 240, stable=True)) == [("vital_signs", 255)]  # stable before the end


def test_nothing_is_due_before_the_start():
    assert next_due(Course("outpatient_infusion"), sets(-5)) == []


def test_a_set_that_lacks_a_field_does_not_count():
    part = Taken(minute(30), Reading(systolic=Decimal(120)))
    assert next_due(outpatient(), [*sets(15), part]) == [("vital_signs", 30)]
    by_rass = Reading(**{f: Decimal(1) for f in ("systolic", "heart_rate", "spo2", "resp_rate", "rass")})
    assert next_due(outpatient(), [Taken(minute(30), by_rass)]) == [("vital_signs", 45)]


@pytest.mark.parametrize(
    ("taken", "mind", "circulation"),
    [(-5, 15, 60), (45, 60, 105), (60, 90, 120), (180, 240, 240), (720, 780, 840), (1440, 1560, 1560)],
)
def test_ward_infusion(taken, mind, circulation):
    course = Course("ward_infusion", NINE)
    assert dict(next_due(course, sets(taken))) == {"breathing_and_mind": mind, "circulation": circulation}


def test_esketamine_spray_until_the_pressure_falls():
    course = Course("nasal_esketamine", NINE)

    def pressures(**by_minute):
        return [
            Taken(minute(int(k[1:])), Reading(systolic=Decimal(v), spo2=Decimal(98), resp_rate=Decimal(14),
                                              sedation_moaas=Decimal(5)))
            for k, v in by_minute.items()
        ]  # fmt: skip

    assert next_due(course, pressures(m0=120)) == [("breathing", 20), ("pressure", 40)]
    assert next_due(course, pressures(m0=120, m20=140)) == [("breathing", 40), ("pressure", 40)]
    assert next_due(course, pressures(m0=120, m20=140, m40=150)) == [("breathing", 60), ("pressure", 60)]
    assert next_due(course, pressures(m40=150, m60=141)) == [("breathing", 80)]
    assert next_due(course, pressures(m40=150, m118=141)) == []


@pytest.mark.parametrize(
    ("context", "taken", "expected"),
    [
        ("push", 0, 15), ("push", 12, 30), ("push", 11, 15), ("push", 30, 60), ("push", 60, None),
        ("home_size_dose", 0, 20), ("home_size_dose", 60, 90), ("home_size_dose", 90, 120),
        ("home_size_dose", 120, None),
    ],
)  # fmt: skip
def test_fixed_times(context, taken, expected):
    wanted = [] if expected is None else [("vital_signs", expected)]
    assert next_due(Course(context, NINE), sets(taken)) == wanted


def test_state_and_overdue_edges():
    item = due(outpatient(), sets(30), knowledge=KNOWLEDGE)[0]
    assert item.overdue_at == minute(52.5)
    states = [item.state(minute(m)) for m in (44, 45, 52, 52.5, 53)]
    assert states == ["later", "due", "due", "due", "overdue"]
    hourly = due(Course("ward_infusion", NINE), sets(180), knowledge=KNOWLEDGE)[0]
    assert hourly.overdue_at == minute(250)


@pytest.mark.parametrize(("late", "fires"), [(22, False), (22.5, False), (23, True)])
def test_a_quarter_hourly_set_is_overdue_after_22_and_a_half_minutes(late, fires):
    item = due(outpatient(), sets(30), knowledge=KNOWLEDGE)[0]
    facts = Facts({n: Fact(v) for n, v in item.facts(minute(30 + late)).items()})
    assert evaluate([KNOWLEDGE.rule("MON-06")], facts, now=NINE)[0].fired is fires
    assert (item.state(minute(30 + late)) == "overdue") is fires


def test_fresh_set_is_not_late():
    item = due(outpatient(), sets(30), knowledge=KNOWLEDGE)[0]
    assert item.facts(minute(33)) == {"set_age_over_interval": Decimal("0.2"), "set_overdue_min": Decimal(0)}


@pytest.mark.parametrize(
    ("routes", "form", "setting", "pushes", "home", "expected"),
    [
        (("iv",), "racemic", "outpatient", False, False, "outpatient_infusion"),
        (("iv",), "racemic", "inpatient", False, False, "ward_infusion"),
        (("sc",), "racemic", "inpatient", False, False, "ward_infusion"),
        (("iv",), "racemic", "emergency", True, False, "push"),
        (("im",), "racemic", "outpatient", False, False, "push"),
        (("in",), "esketamine_spray", "outpatient", False, False, "nasal_esketamine"),
        (("in",), "racemic", "outpatient", False, False, "home_size_dose"),
        (("sl", "po"), "racemic", "home", False, True, "home_size_dose"),
    ],
)
def test_context(routes, form, setting, pushes, home, expected):
    assert context_of(routes=routes, form=form, setting=setting, pushes_only=pushes, home_size=home) == expected


def test_every_schedule_has_its_rule_and_real_fields():
    document = KNOWLEDGE.documents["limits/schedules.yaml"]
    for schedule in document["schedules"].values():
        assert KNOWLEDGE.rule(schedule["rule"]).kind == "schedule"
        for stream in schedule["streams"]:
            assert not complete(Reading(), stream["fields"])
