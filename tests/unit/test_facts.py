"""Facts from a record: units converted, trends taken, codes proved; what the record does not say stays absent."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from surcease.care.facts import age_years, derive, read_facts_file
from surcease.care.partial import PartialDate
from surcease.care.record import (
    Allergy,
    Answers,
    Code,
    Condition,
    DiaryEntry,
    Given,
    Measurement,
    Origin,
    Person,
    Record,
    Sex,
)
from surcease.knowledge import load
from surcease.knowledge.fact import Fact

NOW = datetime(2026, 3, 2, 10, tzinfo=UTC)
ANN = Person("ann", "Lee", "Ann", date(1988, 2, 3), Sex.FEMALE)
SNOMED, ICD = "http://snomed.info/sct", "http://hl7.org/fhir/sid/icd-10-cm"


def ago(days, hour=9):
    return NOW.replace(hour=hour) - timedelta(days=days)


def facts(**parts):
    return derive(Record(ANN, **parts), now=NOW)


def measured(name, value, unit, at=None, **more):
    return Measurement(name, None if value is None else Decimal(value), unit, at or ago(1), **more)


def problem(code, status="active", *, system=ICD, **more):
    return Condition((Code(system, code),), text=code, status=status, **more)


def test_only_what_the_record_says_is_known():
    assert set(derive(Record(Person("x", "", "", None)), now=NOW)) == set()
    assert set(facts()) == {"age_years", "sex"}
    assert facts().value("age_years") == 38


def test_every_derived_fact_is_in_the_dictionary_in_its_unit():
    specs = load().facts
    for name, fact in facts(**_full()).items():
        assert name in specs
        assert fact.unit in ("", specs[name].unit), name


def _full():
    return {
        "measurements": (
            measured("weight", "62", "kg"), measured("weight", "64", "kg", ago(30)), measured("height", "168", "cm"),
            measured("systolic", "118", "mm[Hg]"), measured("systolic", "122", "mm[Hg]", ago(9)),
            measured("diastolic", "74", "mm[Hg]"), measured("diastolic", "76", "mm[Hg]", ago(9)),
            measured("alt", "80", "U/L", upper_normal=Decimal(40)),
        ),
        "conditions": (problem("G90.511", onset=date(2025, 1, 2)), problem("I10")),
        "answers": (Answers("peg", "1", dict.fromkeys(("pain", "enjoyment", "activity"), Decimal(8)), ago(2)),),
        "given": (Given("racemic", "iv", Decimal("86.8"), ago(3)),),
    }  # fmt: skip


@pytest.mark.parametrize(
    ("born", "today", "age"),
    [
        (date(2008, 3, 2), date(2026, 3, 2), 18),
        (date(2008, 3, 3), date(2026, 3, 2), 17),
        (PartialDate.of("1988"), date(2026, 3, 2), None),
        (PartialDate.of("1988"), date(2026, 12, 31), 38),
        (PartialDate.of("1988-02"), date(2026, 3, 2), 38),
        (PartialDate.of("1988-03"), date(2026, 3, 2), None),
        (date(2027, 1, 1), date(2026, 3, 2), None),
        (None, date(2026, 3, 2), None),
    ],
)
def test_age(born, today, age):
    assert age_years(born, today) == age


def test_weight_in_kilograms_whatever_it_came_in_and_the_newest_wins():
    found = facts(measurements=(measured("weight", "150", "[lb_av]", ago(40)), measured("weight", "62.0", "kg")))
    assert (found.value("weight_kg"), found["weight_kg"].at) == (Decimal("62.0"), ago(1))
    assert facts(measurements=(measured("weight", "100", "[lb_av]"),)).value("weight_kg") == Decimal("45.359237")


@pytest.mark.parametrize("unit", ["", "stone", "cm"])
def test_a_weight_without_a_unit_we_can_read_is_unknown(unit):
    assert "weight_kg" not in facts(measurements=(measured("weight", "62", unit),))


def test_what_is_dated_in_the_future_or_empty_is_no_fact():
    assert "weight_kg" not in facts(measurements=(measured("weight", "62", "kg", NOW + timedelta(days=3)),))
    assert "weight_kg" not in facts(measurements=(measured("weight", None, "kg"),))


def test_body_mass_index_and_change_of_weight():
    found = facts(**_full())
    assert found.value("bmi_kg_per_m2") == Decimal("22.0")  # 62 / 1.68²
    assert found.value("weight_change_percent") == Decimal("3.1")  # 62 / 64
    same_day = (measured("weight", "62", "kg"), measured("weight", "64", "kg", ago(1, hour=8)))
    assert "weight_change_percent" not in facts(measurements=same_day)


def _pressures(*readings, by=""):
    return tuple(
        measured("systolic", value, "mm[Hg]", at, origin=Origin("import", by=by) if by else None)
        for value, at in readings
    )


@pytest.mark.parametrize(
    ("readings", "mean"),
    [
        ([("168", ago(1)), ("166", ago(8))], "167"),
        ([("168", ago(1)), ("166", ago(8)), ("120", ago(20))], "167"),  # the last two days only
        ([("170", ago(1)), ("160", ago(1, 8)), ("150", ago(8))], "157.5"),  # the mean of 165 and 150
        ([("170", ago(1)), ("160", ago(1, 8))], "165"),
        ([("170", ago(1)), ("160", ago(1, 8)), ("150", ago(200))], "165"),
        ([("170", ago(1))], None),
        ([("170", ago(1)), ("150", ago(200))], None),
    ],
)
def test_clinic_pressure_is_the_mean_of_the_last_two_or_more_readings(readings, mean):
    found = facts(measurements=_pressures(*readings)).value("systolic_clinic_mean")
    assert found == (None if mean is None else Decimal(mean))


def test_home_readings_are_not_clinic_readings():
    home = _pressures(("170", ago(1)), ("160", ago(2)), by="patient")
    assert "systolic_clinic_mean" not in facts(measurements=home)


def test_liver_tests_against_the_limit_that_came_with_them():
    assert facts(**_full()).value("alt_uln") == 2
    assert "alt_uln" not in facts(measurements=(measured("alt", "80", "U/L"),))
    old_limit = (measured("alt", "80", "U/L", ago(9), upper_normal=Decimal(40)), measured("alt", "90", "U/L"))
    assert "alt_uln" not in facts(measurements=old_limit)


def test_a_code_proves_and_never_disproves():
    found = facts(conditions=(problem("I10"), problem("F20.0", "resolved"), problem("H40.11X0")))
    assert (found.value("hypertension"), found.value("schizophrenia_history"), found.value("glaucoma")) == (True,) * 3
    assert "unstable_angina" not in found


@pytest.mark.parametrize(
    ("condition", "fact"),
    [
        (problem("I10", verified=False), "hypertension"),
        (problem("F23", "resolved"), "psychosis_active"),
        (problem("72892002", "resolved", system=SNOMED), "pregnant"),
        (problem("F11.21"), "substance_misuse_active"),
    ],
)
def test_what_does_not_prove(condition, fact):
    assert fact not in facts(conditions=(condition,))


def test_misuse_in_remission_is_past_misuse():
    assert facts(conditions=(problem("F11.21"),)).value("substance_misuse_past") is True
    assert facts(conditions=(problem("F11.20", "resolved"),)).value("substance_misuse_past") is True
    assert facts(conditions=(problem("F11.20"),)).value("substance_misuse_active") is True


@pytest.mark.parametrize(
    ("onset", "recent"),
    [
        (date(2026, 1, 2), True),
        (date(2025, 11, 1), None),
        (PartialDate.of("2025"), True),
        (PartialDate.of("2024"), None),
    ],
)
def test_a_recent_infarction_is_told_by_its_onset(onset, recent):
    assert facts(conditions=(problem("I21.4", onset=onset),)).value("mi_last_3_months") is recent


def test_one_painful_condition_is_the_indication_and_two_are_a_question():
    crps = problem("G90511", onset=date(2025, 1, 2))
    one = facts(conditions=(crps, problem("I10")))
    assert (one.value("indication"), one.value("pain_weeks")) == ("crps", Decimal("60.6"))  # 424 days
    two = facts(conditions=(crps, problem("M79.7", onset=date(2020, 1, 1))))
    assert "indication" not in two
    assert "pain_weeks" not in two


def test_a_partial_onset_counts_from_its_latest_day():
    chronic = problem("82423001", system=SNOMED, onset=PartialDate.of("2025"))
    assert facts(conditions=(chronic,)).value("pain_weeks") == Decimal("8.7")  # 61 days from 31 December 2025


@pytest.mark.parametrize(
    ("name", "code", "fact", "value"),
    [
        ("pregnancy_status", "77386006", "pregnant", True),
        ("pregnancy_status", "60001007", "pregnant", False),
        ("hcg_urine", "10828004", "hcg_positive", True),
        ("smoking", "8517006", "smoker", False),
        ("smoking", "449868002", "smoker", True),
        ("smoking", "unknown", "smoker", None),
    ],
)
def test_coded_answers(name, code, fact, value):
    coded = measured(name, None, "", result=(Code(SNOMED, code),))
    assert facts(measurements=(coded,)).value(fact) is value


def test_ketamine_in_the_allergy_list():
    ketamine = Code("http://www.nlm.nih.gov/research/umls/rxnorm", "6130")
    assert facts(allergies=(Allergy((ketamine,), "ketamine"),)).value("ketamine_hypersensitivity") is True
    refuted = facts(allergies=(Allergy((ketamine,), "ketamine", status="refuted"),))
    assert "ketamine_hypersensitivity" not in refuted
    none = facts(allergies=(Allergy((), "none", none_known=True),))
    assert (none.value("allergy_list_done"), none.value("ketamine_hypersensitivity")) == (True, False)
    assert "ketamine_hypersensitivity" not in facts(allergies=(Allergy((), "latex"),))


def sitting(instrument, at=None, score=None, **items):
    return Answers(instrument, "1", items, at or ago(2), None if score is None else Decimal(score))


def test_scores_come_from_the_newest_sitting():
    old, new = sitting("phq-9", ago(30), 18), sitting("phq-9", ago(2), 8)
    found = facts(answers=(new, old))
    assert (found.value("phq9_score"), found["phq9_score"].at) == (8, ago(2))
    assert "phq9_item9" not in found  # only totals came


def test_a_reported_score_stands_and_items_are_scored_where_none_was_reported():
    peg = {"pain": Decimal(7), "enjoyment": Decimal(5), "activity": Decimal(4)}
    assert facts(answers=(sitting("peg", score=5, **peg),)).value("peg_score") == 5
    assert facts(answers=(sitting("peg", **peg),)).value("peg_score") == Decimal("5.33")
    assert facts(answers=(sitting("peg", **peg),)).value("nrs_average") == 7
    assert "peg_score" not in facts(answers=(sitting("peg", pain=Decimal(7)),))


def test_the_ninth_item_of_the_newest_phq9():
    items = {str(n): Decimal(1) for n in range(1, 9)}
    newest = sitting("phq-9", **items, **{"9": Decimal(2)})
    assert facts(answers=(newest, sitting("phq-9", ago(20), **{"9": Decimal(0)}))).value("phq9_item9") == 2
    assert "phq9_item9" not in facts(
        answers=(sitting("phq-9", **items), sitting("phq-9", ago(20), **{"9": Decimal(0)}))
    )


def test_answers_that_do_not_fit_their_instrument_are_no_score():
    assert "peg_score" not in facts(answers=(sitting("peg", pain=Decimal(70)),))
    assert set(facts(answers=(sitting("unheard-of", x=Decimal(1)),))) == {"age_years", "sex"}


def test_what_was_stated_later_wins_and_what_was_stated_earlier_does_not():
    recorded = problem("I10", origin=Origin("import", at=ago(10)))
    later, earlier = Fact(False, at=ago(1)), Fact(False, at=ago(20))
    assert facts(conditions=(recorded,), statements={"hypertension": later}).value("hypertension") is False
    assert facts(conditions=(recorded,), statements={"hypertension": earlier}).value("hypertension") is True


def _diary(days):
    return tuple(
        DiaryEntry(f"e{n}", "average", ago(n), ago(n).date(), 0, ago(n), pain=Decimal(pain)) for n, pain in days
    )


def test_average_pain_from_four_diary_days_of_seven():
    assert facts(diary=_diary([(0, 6), (1, 7), (2, 8), (5, 7)])).value("nrs_average") == 7
    assert "nrs_average" not in facts(diary=_diary([(0, 6), (1, 7), (2, 8), (9, 7)]))


def given(days, **more):
    return Given("racemic", "iv", Decimal(50), ago(days), **more)


def test_sessions_are_counted_by_series_and_by_year():
    found = facts(given=(given(400), given(60), given(5), given(4), given(3)))
    assert found.value("sessions_in_course") == 3
    assert found.value("sessions_12_months") == 5  # four given, and the planned one
    assert found.value("first_session_of_series") is False
    assert found.value("weeks_on_ketamine") == 1
    assert facts(given=(given(40),)).value("first_session_of_series") is True
    assert "sessions_12_months" not in facts()


def test_a_long_course_is_remembered():
    found = facts(given=(given(20, ended=ago(16)),))
    assert (found.value("long_course_before"), found.value("days_since_long_course")) == (True, 16)
    assert "long_course_before" not in facts(given=(given(20, ended=ago(19)),))


def test_change_of_peg_and_of_moca():
    series = (given(10), given(9))
    peg = (sitting("peg", ago(12), 8), sitting("peg", ago(2), 5))
    assert facts(given=series, answers=peg).value("peg_change") == -3
    assert "peg_change" not in facts(given=series, answers=peg[:1])
    moca = (sitting("moca", ago(300), 27), sitting("moca", ago(2), 23))
    assert facts(answers=moca).value("moca_fall") == 4


def test_fall_of_pain_by_the_diary():
    days = [(n, 8) for n in range(31, 38)] + [(n, 5) for n in range(16, 23)]
    found = facts(given=(given(30),), diary=_diary(days))
    assert found.value("pain_fall_percent") == Decimal("37.5")


def test_a_facts_file(tmp_path):
    path = tmp_path / "facts.yaml"
    path.write_text("age_years: 38\nweight_kg: {value: 136.7, unit: '[lb_av]', at: 2026-03-01}\nsmoker: null\n")
    found = read_facts_file(path, now=NOW)
    assert (found.value("age_years"), found["weight_kg"].unit, found.value("smoker")) == (38, "[lb_av]", None)
    assert found["age_years"].source == "facts.yaml"
    path.write_text("")
    assert not read_facts_file(path, now=NOW)


@pytest.mark.parametrize("text", ["- age_years\n", "age: 38\n", "age_years: old\n", "age_years: 38\nage_years: 39\n"])
def test_a_facts_file_that_cannot_be_read(tmp_path, text):
    path = tmp_path / "facts.yaml"
    path.write_text(text)
    with pytest.raises(ValueError):
        read_facts_file(path, now=NOW)


def _responder():
    """CASE-A of the worked cases: 8 before, 5 after, 7 for the last eight days; two methods agree."""
    days = [(n, 8) for n in range(71, 78)] + [(n, 5) for n in range(8, 65)] + [(n, 7) for n in range(8)]
    peg = (sitting("peg", ago(72), "7.67"), sitting("peg", ago(50), "5.0"), sitting("peg", ago(1), "6.5"))
    pgic = (sitting("pgic", ago(50), 2),)
    return facts(given=(given(70), given(66)), diary=_diary(days), answers=peg + pgic)


def test_a_response_and_its_decline():
    found = _responder()
    expected = {
        "pain_fall_percent": Decimal("37.5"), "response_methods_agreeing": 3, "peg_change": Decimal("-1.17"),
        "peg_rise_from_best": Decimal("1.5"), "nrs_rise_from_best": 2, "decline_days": 8, "pgic": 2,
        "best_pain_fall_percent": Decimal("37.5"), "response_held_weeks": 9,
    }  # fmt: skip
    assert {name: found.value(name) for name in expected} == expected


def test_no_response_is_said_where_the_windows_are_empty():
    found = facts(given=(given(30),), diary=_diary([(n, 8) for n in range(31, 34)]))
    assert not {"pain_fall_percent", "response_held_weeks", "nrs_rise_from_best"} & set(found)
    flat = facts(given=(given(30),), diary=_diary([(n, 8) for n in range(16, 38)]))
    assert (flat.value("pain_fall_percent"), flat.value("response_methods_agreeing")) == (0, 0)
    assert "response_held_weeks" not in flat


@pytest.mark.parametrize(
    ("said", "value"), [("LA6570-1", 2), ("LA6568-5", 0), ("nonsense", None), (True, None), (None, None)]
)
def test_the_ninth_item_by_option_code(said, value):
    assert facts(answers=(sitting("phq-9", **{"9": said}),)).value("phq9_item9") == value


def test_a_suicide_screen_gives_its_risk():
    quiet = {"1": False, "2": False, "6": False}
    assert facts(answers=(sitting("c-ssrs", **quiet),)).value("c_ssrs_risk") == "none"
    intent = {"1": True, "2": True, "3": True, "4": True, "5": False, "6": False}
    assert facts(answers=(sitting("c-ssrs", **intent),)).value("c_ssrs_risk") == "high"


def test_answers_dated_in_the_future_do_not_count():
    assert "peg_score" not in facts(answers=(sitting("peg", NOW + timedelta(days=3), 5),))


def test_a_partial_date_is_told_from_a_whole_one_and_survives_a_pickle():
    import pickle

    month = PartialDate.of("2010-05")
    assert month != date(2010, 5, 1)
    assert pickle.loads(pickle.dumps(month)) == month
    assert {month: 1}[PartialDate.of("2010-05")] == 1
    assert repr(month) == "PartialDate('2010-05')"
    assert sorted([date(2010, 6, 1), month, date(2010, 4, 30)])[1] is month
    for wrong in ("10", "2010-5", "2010-13", "٢٠١٠"):
        with pytest.raises(ValueError):
            PartialDate.of(wrong)
