"""Marks on confirmed values, minute by minute: numbers from the session's own limits, edges on both sides."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from surcease.care.event import Reading, Symptom
from surcease.care.mark_facts import confirmed, lasting
from surcease.care.marks import Background, PumpCheck, Rate, Seen, mark, marks, overdue
from surcease.care.session_limits import SessionLimits, refuse_personal
from surcease.knowledge import load
from surcease.knowledge.site import SiteLimit

KNOWLEDGE = load()
LIMITS = SessionLimits.of(KNOWLEDGE)
NINE = datetime(2026, 3, 2, 9, tzinfo=UTC)
NORMAL = {"systolic": 118, "diastolic": 74, "heart_rate": 72, "spo2": 98, "resp_rate": 14, "sedation_moaas": 5}
BACKGROUND = Background(Reading(**{k: Decimal(v) for k, v in NORMAL.items()}, etco2=Decimal(36), pain=Decimal(7)))


def minute(m):
    return NINE + timedelta(minutes=m)


def at(m, **values):
    numbers = {k: v if isinstance(v, tuple) else Decimal(str(v)) for k, v in values.items()}
    return Seen(minute(m), Reading(**numbers))


def said(m, name, grade=1):
    return Seen(minute(m), Symptom(name, Decimal(grade)))


def fold(*seen, until=None, limits=LIMITS, background=BACKGROUND):
    return marks(seen, limits=limits, background=background, until=None if until is None else minute(until))


def levels(state):
    return {(m.rule, m.level) for m in state.open}


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({"systolic": 160}, {("ALM-SBPa", "amber")}),
        ({"systolic": 157}, set()),  # rise of 39
        ({"systolic": 158}, {("ALM-SBPa", "amber")}),  # rise of exactly 40
        ({"systolic": 89}, {("ALM-SBPb", "red")}),
        ({"systolic": 90}, set()),
        ({"diastolic": 100}, {("ALM-DBPa", "amber")}),
        ({"diastolic": 98}, set()),  # rise of 24
        ({"diastolic": 110}, {("ALM-DBPa", "amber")}),  # one reading only
        ({"heart_rate": 49}, {("ALM-HRa", "amber")}),
        ({"heart_rate": 50}, set()),
        ({"heart_rate": 39}, {("ALM-HRb", "red")}),
        ({"heart_rate": 140}, set()),  # once is not sustained
        ({"spo2": 89}, {("ALM-SPO2b", "red")}),
        ({"spo2": 93}, set()),  # once is not more than a minute
        ({"resp_rate": 9}, {("ALM-RRa", "amber")}),
        ({"resp_rate": 10}, set()),
        ({"resp_rate": 24}, set()),
        ({"resp_rate": 25}, {("ALM-RRa", "amber")}),
        ({"resp_rate": 7}, {("ALM-RRb", "red")}),
        ({"resp_rate": 31}, {("ALM-RRb", "red")}),
        ({"etco2": 51}, {("ALM-CO2a", "amber")}),
        ({"etco2": 45}, set()),
        ({"etco2": 46}, {("ALM-CO2a", "amber")}),  # rise of exactly 10
        ({"etco2": 61}, {("ALM-CO2b", "red")}),
        ({"sedation_moaas": 3}, {("ALM-SEDa", "amber")}),
        ({"sedation_moaas": 4}, set()),
        ({"sedation_moaas": 2}, {("ALM-SEDb", "red")}),
        ({"rass": -2}, {("ALM-SEDa", "amber")}),
        ({"rass": -3}, {("ALM-SEDb", "red")}),
        ({"rass": 1}, set()),
        ({"rass": 2}, {("ALM-AGIa", "amber")}),
        ({"rass": 3}, {("ALM-AGIb", "red")}),
        ({"poss": 3}, {("ALM-SEDa", "amber")}),
        ({"poss": 4}, {("ALM-SEDb", "red")}),
        ({"cadss6": 11, "distress": 4}, set()),
        ({"cadss6": 12}, {("ALM-DISa", "amber")}),
        ({"distress": 5}, {("ALM-DISa", "amber")}),
        ({"distress": 8}, {("ALM-DISb", "red")}),
        ({"nausea": 3}, set()),
        ({"nausea": 4}, {("ALM-NVa", "amber")}),
        ({"pain": 9}, set()),
        ({"pain": 10}, {("ALM-PAINb", "red")}),  # rise of 3
    ],
)
def test_one_reading(values, expected):
    assert levels(fold(at(30, **values))) == expected


@pytest.mark.parametrize(
    ("readings", "expected"),
    [
        ([(0, 182), (3, 181)], "red"),
        ([(0, 182), (1, 185)], "amber"),  # too soon to confirm
        ([(0, 182), (1, 185), (2, 183)], "red"),
        ([(0, 182), (5, 180)], "red"),
        ([(0, 182), (5, 179)], "amber"),
        ([(0, 182), (2.5, 150), (5, 183)], "red"),  # two readings within five minutes
        ([(0, 182), (7, 150), (14, 183)], "amber"),  # normal in between
        ([(0, 182), (12, 183)], "red"),  # the recheck came late and found the same
    ],
)
def test_systolic_180_needs_a_second_reading(readings, expected):
    state = fold(*(at(m, systolic=v) for m, v in readings))
    assert [m.level for m in state.open] == [expected]


def test_diastolic_110_twice_is_red():
    assert levels(fold(at(0, diastolic=110), at(3, diastolic=110))) == {("ALM-DBPb", "red")}


@pytest.mark.parametrize(
    ("readings", "expected"),
    [
        ([(0, 111), (5, 113)], {("ALM-HRa", "amber")}),
        ([(0, 110), (5, 113)], set()),
        ([(0, 113), (4, 113)], set()),  # not yet five minutes
        ([(0, 113), (3, 108), (6, 113)], set()),
        ([(0, 131), (3, 134)], {("ALM-HRb", "red")}),
        ([(0, 130), (3, 134)], set()),
    ],
)
def test_fast_heart_rate_must_last(readings, expected):
    assert levels(fold(*(at(m, heart_rate=v) for m, v in readings))) == expected


@pytest.mark.parametrize(
    ("readings", "expected"),
    [
        ([(0, 93), (1, 93)], set()),  # exactly a minute is not more than a minute
        ([(0, 93), (1.1, 92)], {("ALM-SPO2a", "amber")}),
        ([(0, 94), (2, 92)], set()),
        ([(0, 93), (2, 95), (3, 93)], set()),
    ],
)
def test_low_saturation_must_last_more_than_a_minute(readings, expected):
    assert levels(fold(*(at(m, spo2=v) for m, v in readings))) == expected


def test_a_first_reading_asks_for_a_second():
    state = fold(at(30, systolic=184, heart_rate=128, spo2=92))
    wanted = {(r.rule, (r.after - minute(30)).seconds // 60, (r.by - minute(30)).seconds // 60) for r in state.repeats}
    assert wanted == {("ALM-SBPb", 2, 5), ("ALM-HRa", 2, 5), ("ALM-SPO2a", 1, 5)}
    assert fold(at(30, systolic=184), at(33, systolic=183)).repeats == ()


def test_high_pressure_with_chest_pain_is_an_emergency():
    state = fold(at(30, systolic=182), said(31, "chest_pain"))
    assert levels(state) == {("ALM-SBPb", "red"), ("ALM-SYMb", "red"), ("ALM-EMG", "red")}
    assert state.closed_session


def test_chest_pain_with_normal_vital_signs_is_red():
    assert levels(fold(at(30, **NORMAL), said(31, "chest_pain"))) == {("ALM-SYMb", "red")}


def test_a_symptom_ends_when_it_is_charted_as_gone():
    state = fold(said(10, "headache", 3), said(20, "headache", 1))
    assert state.open == ()
    assert [(m.rule, m.since, m.ended) for m in state.all] == [("ALM-SYMa", minute(10), minute(20))]
    assert levels(fold(said(10, "headache", 2))) == set()


def test_new_arrhythmia_and_apnoea_are_red():
    assert levels(fold(said(5, "new_arrhythmia"))) == {("ALM-HRb", "red")}
    assert levels(fold(said(5, "apnoea"))) == {("ALM-RRb", "red")}


def test_a_symptom_that_goes_does_not_end_a_slow_pulse():
    state = fold(at(0, heart_rate=38), said(1, "new_arrhythmia"), said(12, "new_arrhythmia", 0))
    assert levels(state) == {("ALM-HRb", "red")}
    assert fold(at(0, heart_rate=38), at(12, heart_rate=70)).open == ()


def test_vomiting_once_is_amber_and_twice_while_sedated_is_red():
    assert levels(fold(said(10, "vomiting"))) == {("ALM-NVa", "amber")}
    state = fold(said(10, "vomiting"), at(19, sedation_moaas=3), said(20, "vomiting"))
    assert ("ALM-NVb", "red") in levels(state)
    assert ("ALM-NVb", "red") not in levels(fold(said(10, "vomiting"), at(49, sedation_moaas=3), said(50, "vomiting")))


def test_distress_and_the_wish_to_stop():
    assert levels(fold(said(10, "asks_to_stop"))) == {("ALM-DISb", "red")}
    assert levels(fold(said(10, "psychosis"))) == {("ALM-DISb", "red")}


def test_waveform_lost_is_technical_only_when_breathing_is_seen_to_be_normal():
    lost = {"lost": ("etco2",)}
    assert levels(fold(at(30, spo2=97, resp_rate=14, **lost))) == {("ALM-CO2c", "technical")}
    assert levels(fold(at(30, **lost))) == {("ALM-CO2b", "red")}
    assert ("ALM-CO2b", "red") in levels(fold(at(30, spo2=97, resp_rate=9, **lost)))
    assert ("ALM-CO2b", "red") in levels(fold(at(30, spo2=93, resp_rate=14, **lost)))
    assert fold(at(30, spo2=97, resp_rate=14, **lost), at(31, etco2=36)).open == ()
    stale = fold(at(20, spo2=97, resp_rate=14), at(30, **lost))
    assert levels(stale) == {("ALM-CO2b", "red")}  # an old value is never a current one


def test_two_ambers_within_five_minutes_are_red():
    state = fold(at(30, resp_rate=9), at(34, sedation_moaas=3))
    assert ("ALM-TWO", "red") in levels(state)
    assert ("ALM-TWO", "red") not in levels(fold(at(30, resp_rate=9), at(36, sedation_moaas=3)))


def test_systolic_and_diastolic_count_as_one():
    state = fold(at(30, systolic=162, diastolic=101))
    assert [(m.parameter, m.level) for m in state.open] == [("blood_pressure", "amber")]


def test_what_does_not_count_towards_two():
    assert ("ALM-TWO", "red") not in levels(fold(at(30, resp_rate=9, nausea=5, cadss6=13, rass=2)))


def test_two_together_stays_until_one_of_them_is_seen_normal():
    seen = [at(30, resp_rate=9, sedation_moaas=3), at(37, pain=5)]
    assert ("ALM-TWO", "red") in levels(fold(*seen))
    assert levels(fold(*seen, at(38, resp_rate=12))) == {("ALM-SEDa", "amber")}


def test_a_mark_ends_when_its_own_parameter_is_read_again():
    state = fold(at(30, systolic=160), at(33, spo2=97))
    assert levels(state) == {("ALM-SBPa", "amber")}
    state = fold(at(30, systolic=160), at(35, systolic=152))
    assert state.open == ()
    assert state.all[0].ended == minute(35)
    assert levels(fold(at(30, sedation_moaas=3), at(36, sedation_moaas=5))) == set()


def test_still_amber_at_the_recheck_halves_the_rate():
    first = fold(at(30, systolic=162)).open[0]
    assert first.recheck_due == minute(35)
    assert "Hold the titration" in first.action
    again = fold(at(30, systolic=162), at(35, systolic=161)).open[0]
    assert (again.since, again.seen_at, again.recheck_due) == (minute(30), minute(35), minute(40))
    assert again.still
    assert "halve the rate" in again.action
    assert again.card == "RSC-02a"


def test_red_covers_amber_of_the_same_parameter():
    state = fold(at(30, spo2=92), at(32, spo2=92), at(33, spo2=88))
    assert levels(state) == {("ALM-SPO2b", "red")}
    assert state.red
    assert not state.closed_session


def test_overdue_rechecks():
    state = fold(at(30, systolic=162))
    assert overdue(state, minute(35)) == ()
    assert [m.rule for m in overdue(state, minute(35.1))] == ["ALM-SBPa"]


def test_artefact_is_not_read():
    assert fold(at(30, spo2=52, artefact=("spo2",))).open == ()
    assert levels(fold(at(29, spo2=88), at(30, spo2=97, artefact=("spo2",)))) == {("ALM-SPO2b", "red")}


def test_normal_since_and_restart():
    state = fold(at(30, spo2=86), at(35, spo2=97), at(40, nausea=5))
    assert state.normal_since == minute(35)
    when, rate = LIMITS.restart(normal_since=state.normal_since, rate_before_mg_per_h=Decimal("21.7"))
    assert (when, rate) == (minute(65), Decimal("10.85"))
    assert fold(at(30, spo2=86)).normal_since is None


@pytest.mark.parametrize(
    ("pump", "expected"),
    [
        ({"rate": "16", "order": "16"}, set()),
        ({"rate": "17.6", "order": "16"}, set()),  # exactly 10 %
        ({"rate": "17.7", "order": "16"}, {("ALM-DEVa", "amber")}),
        ({"rate": "14.3", "order": "16"}, {("ALM-DEVa", "amber")}),
        ({"rate": "48", "order": "16"}, {("ALM-DEVb", "red")}),  # three times
        ({"rate": "161", "order": "150"}, {("ALM-DEVb", "red")}),  # above 2 mg/kg/h at 80 kg
        ({"rate": "160", "order": "150"}, set()),  # exactly 2 mg/kg/h, 7 % off
        ({"rate": "16", "order": "0"}, {("ALM-DEVb", "red")}),
        ({"rate": "0", "order": "0"}, set()),
        ({"rate": "16", "order": "16", "given": "10.5", "planned": "10"}, set()),  # half a milligram
        ({"rate": "16", "order": "16", "given": "42", "planned": "40"}, set()),  # exactly 5 %
        ({"rate": "16", "order": "16", "given": "42.1", "planned": "40"}, {("ALM-DEVa", "amber")}),
        ({"rate": "16", "order": "16", "charted": "42.1", "planned": "40"}, {("ALM-DEVa", "amber")}),
        ({"rate": "16", "order": "16", "given": "40", "charted": "42.2"}, {("ALM-DEVa", "amber")}),
        ({"rate": "16", "order": "16", "given": "2", "planned": "0"}, {("ALM-DEVa", "amber")}),
    ],
)
def test_pump(pump, expected):
    amount = {k: Decimal(v) for k, v in pump.items()}
    check = PumpCheck(
        amount["rate"],
        amount["order"],
        Decimal(80),
        amount.get("given"),
        amount.get("charted"),
        amount.get("planned"),
    )
    assert levels(fold(Seen(minute(22), check))) == expected


def test_pump_mark_ends_when_the_pump_is_read_right():
    wrong, right = PumpCheck(Decimal(18), Decimal(16), Decimal(80)), PumpCheck(Decimal(16), Decimal(16), Decimal(80))
    assert fold(Seen(minute(2), wrong), at(4, spo2=97), Seen(minute(9), right)).open == ()
    assert levels(fold(Seen(minute(2), wrong), at(14, spo2=97))) == {("ALM-DEVa", "amber")}


def test_no_less_pain_at_the_two_highest_steps():
    steps = Background(BACKGROUND.baseline, (Decimal(10), Decimal(20), Decimal(30)))
    seen = [
        Seen(minute(0), Rate(Decimal(20))),
        at(5, spo2=97),
        at(10, pain=7),
        Seen(minute(20), Rate(Decimal(30))),
        at(30, pain=8),
    ]
    assert levels(fold(*seen, background=steps)) == {("ALM-PAINa", "amber")}
    assert levels(fold(*seen, at(35, pain=6), background=steps)) == set()
    assert levels(fold(*seen[:2], background=steps)) == set()
    assert levels(fold(*seen, background=BACKGROUND)) == set()


def test_site_and_personal_limits():
    signed = SiteLimit("ALM-SPO2a", "Dr A", NINE, "COPD, baseline 91", "spo2_amber", Decimal(90), person=True,
                       expires=NINE.date())  # fmt: skip
    own = SessionLimits.of(KNOWLEDGE, (signed,))
    seen = [at(0, spo2=91), at(2, spo2=91)]
    assert levels(fold(*seen)) == {("ALM-SPO2a", "amber")}
    assert levels(fold(*seen, limits=own)) == set()
    expired = [at(60 * 24, spo2=91), at(60 * 24 + 2, spo2=91)]
    assert levels(fold(*expired, limits=own)) == {("ALM-SPO2a", "amber")}
    site = SiteLimit("ALM-RRa", "lead", NINE, "our choice", "resp_rate_low_amber", Decimal(12))
    assert levels(fold(at(0, resp_rate=11), limits=SessionLimits.of(KNOWLEDGE, (site,)))) == {("ALM-RRa", "amber")}


@pytest.mark.parametrize(
    ("rule", "threshold", "value", "reason", "expires", "says"),
    [
        ("DAY-02", "heart_rate_low", "44", "athlete", True, ""),
        ("DAY-02", "heart_rate_low", "20", "athlete", True, "outside 35 to 50"),
        ("DAY-02", "heart_rate_low", "44", " ", True, "needs a reason"),
        ("DAY-02", "heart_rate_low", "44", "athlete", False, "needs a reason and a day"),
        ("ALM-SEDb", "moaas_red", "1", "sleepy", True, "allowed no other"),
        ("DAY-02", "", None, "athlete", True, "allowed heart_rate_low"),
    ],
)
def test_which_personal_limits_may_be_signed(rule, threshold, value, reason, expires, says):
    number = None if value is None else Decimal(value)
    day = NINE.date() if expires else None
    limit = SiteLimit(rule, "Dr A", NINE, reason, threshold, number, day, person=True)
    sentence = refuse_personal(limit, KNOWLEDGE)
    assert sentence == "" if says == "" else says in sentence


def test_personal_ranges_name_real_thresholds():
    for rule, ranges in KNOWLEDGE.documents["limits/session.yaml"]["personal"].items():
        assert set(ranges) <= set(KNOWLEDGE.rule(rule).thresholds)


def test_later_knowledge_changes_no_earlier_minute():
    seen = [at(0, **NORMAL), at(30, systolic=182), at(33, systolic=185), at(40, systolic=120), said(41, "chest_pain")]
    for m in (0, 30, 33, 40, 41):
        known = [s for s in seen if s.at <= minute(m)]
        assert fold(*reversed(seen), until=m) == fold(*known)


def test_one_by_one_needs_order():
    state = fold(at(30, **NORMAL))
    with pytest.raises(ValueError, match="after a later one"):
        mark(state, at(20, spo2=97), limits=LIMITS, background=BACKGROUND)


def test_words_carry_the_values():
    item = fold(at(30, systolic=160)).open[0]
    assert "160 mmHg" in item.say
    assert "42 mmHg" in item.say


def test_confirmed_and_lasting_by_hand():
    two, five = timedelta(minutes=2), timedelta(minutes=5)
    series = [(minute(m), Decimal(v)) for m, v in ((0, 190), (3, 150), (4, 185), (6, 188))]
    assert confirmed(series, two, five) == Decimal(185)
    assert confirmed(series[:1], two, five) is None
    assert lasting(series, five, low=False) == Decimal(150)
    assert lasting(series[-2:], five, low=False) is None
    assert lasting(series, two, low=True) == Decimal(188)
