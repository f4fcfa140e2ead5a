"""Branching scores: C-SSRS triage, the two diagnostic screens, sex-weighted ORT, T-scores, EQ-5D."""

from decimal import Decimal
from itertools import product

import pytest

from surcease.knowledge.catalogue import catalogue, with_text
from surcease.knowledge.score import positional, score

KNOWN = catalogue()


def c_ssrs(**answers):
    return score(KNOWN["c-ssrs"], {k.removeprefix("q").replace("_", "-"): v for k, v in answers.items()})


NONE = {"q1": False, "q2": False, "q6": False}


@pytest.mark.parametrize(
    ("answers", "level"),
    [
        (NONE, "none"),
        ({**NONE, "q1": True}, "low"),
        ({**NONE, "q2": True, "q3": False, "q4": False, "q5": False}, "low"),
        ({**NONE, "q2": True, "q3": True, "q4": False, "q5": False}, "moderate"),
        ({**NONE, "q6": True, "q6_recent": False}, "moderate"),
        ({**NONE, "q6": True, "q6_recent": True}, "high"),
        ({**NONE, "q2": True, "q3": False, "q4": True, "q5": False}, "high"),  # question 4 alone: the stricter reading
        ({**NONE, "q2": True, "q3": False, "q4": False, "q5": True}, "high"),
    ],
)
def test_c_ssrs_levels(answers, level):
    """Low 1 or 2; moderate 3, or behaviour before 3 months; high 4, 5, or behaviour within 3 months."""
    result = c_ssrs(**answers)
    assert result.band.label == level
    assert result.value is None
    assert not result.prorated


def test_c_ssrs_is_yes_or_no_not_a_frequency():
    """It has been built elsewhere as six questions of 0 to 5 that are added up; such an answer is refused."""
    with pytest.raises(ValueError, match="item 1: 3 is not allowed: answer yes or no"):
        c_ssrs(q1=3)
    assert all(item.type == "boolean" for item in KNOWN["c-ssrs"].questions)


def test_c_ssrs_ships_without_wording_that_could_be_altered():
    assert not KNOWN["c-ssrs"].has_text
    assert not any(item.text for item in KNOWN["c-ssrs"].flat())
    assert KNOWN["c-ssrs"].licence.kind == "conditional"


def test_c_ssrs_a_blank_that_could_raise_the_level_leaves_it_open():
    result = c_ssrs(q1=True, q2=True, q3=True, q6=False)
    assert result.band is None
    assert result.missing == ("4", "5")
    assert result.status == "Not settled: 4, 5 unanswered; so far at least moderate."


def test_c_ssrs_triggers_are_open_only_where_the_question_was_put():
    assert [t.item for t in c_ssrs(q2=True).unsettled] == ["4", "5"]
    assert c_ssrs(**NONE).unsettled == ()
    assert [t.item for t in c_ssrs(q2=True, q4=True, q5=False).unsettled] == []


def test_c_ssrs_a_blank_that_could_not_raise_the_level_leaves_it_settled():
    result = c_ssrs(q2=True, q3=False, q4=False, q5=False, q6=False)
    assert (result.band.label, result.missing) == ("low", ("1",))


def test_c_ssrs_a_blank_question_two_or_six_may_hide_the_worst():
    assert c_ssrs(q1=False, q6=False).band is None
    assert c_ssrs(q1=False, q2=False).band is None
    assert c_ssrs(q1=False, q2=False, q6=True).band is None


def test_c_ssrs_high_stands_at_once_whatever_is_blank():
    result = c_ssrs(q4=True)
    assert result.band.label == "high"
    assert [t.then for t in result.triggers] == ["psychiatry_today"]
    assert "contradicts an earlier no" in result.status


def test_c_ssrs_question_three_counts_even_after_a_no():
    result = c_ssrs(**NONE, q3=True)
    assert result.band.label == "moderate"
    assert "ask again" in result.status


def test_c_ssrs_never_falls_when_an_answer_becomes_yes():
    """Over all 2^7 complete forms, and every single no turned to yes."""
    keys = ["1", "2", "3", "4", "5", "6", "6-recent"]
    levels = {}
    for values in product((False, True), repeat=7):
        levels[values] = score(KNOWN["c-ssrs"], dict(zip(keys, values, strict=True))).band.at_least
    for values, level in levels.items():
        for i in range(7):
            if not values[i]:
                assert levels[values[:i] + (True,) + values[i + 1 :]] >= level


def fm(sites, sss=(0, 0, 0), rest=(False, False, False), three_months=True, asked=True):
    answers = dict.fromkeys(sites, True)
    answers |= dict(zip(("fatigue", "unrefreshed", "cognition"), sss, strict=True))
    answers |= dict(zip(("headaches", "abdominal", "depression"), rest, strict=True))
    return score(KNOWN["fm-2016"], {**answers, "three-months": three_months, "all-sites-asked": asked})


FOUR_REGIONS = ["shoulder-left", "shoulder-right", "hip-left", "hip-right"]
SEVEN = [*FOUR_REGIONS, "neck", "lower-back", "upper-back"]


def test_fm_needs_seven_sites_with_severity_five():
    assert fm(SEVEN, (2, 2, 1)).met is True
    assert fm(SEVEN, (2, 2, 0)).met is False
    assert fm(SEVEN[:6], (2, 2, 1)).met is False


def test_fm_four_to_six_sites_need_severity_nine():
    """The 2016 revision: 4 to 6. Three sites with severity 9 met the older 2010 and 2011 criteria, not these."""
    assert fm(FOUR_REGIONS, (3, 3, 3)).met is True
    assert fm(FOUR_REGIONS, (3, 3, 2)).met is False
    assert fm(FOUR_REGIONS[:3], (3, 3, 3)).met is False


def test_fm_needs_four_regions_where_jaw_chest_and_abdomen_do_not_count():
    left_only = [
        "shoulder-left",
        "upper-arm-left",
        "lower-arm-left",
        "hip-left",
        "upper-leg-left",
        "lower-leg-left",
        "neck",
    ]
    assert fm(left_only, (3, 3, 3)).met is False
    assert fm([*left_only, "jaw-right", "chest", "abdomen"], (3, 3, 3)).met is False
    assert fm([*left_only, "hip-right"], (3, 3, 3)).met is True


def test_fm_a_blank_site_that_may_be_the_fourth_region_leaves_it_open():
    """Seven sites in three regions; only the right shoulder was not asked."""
    three = [
        "shoulder-left",
        "upper-arm-left",
        "lower-arm-left",
        "hip-left",
        "upper-leg-left",
        "lower-leg-left",
        "neck",
    ]
    sites = [i.link_id for i in KNOWN["fm-2016"].item("sites").items]
    answers = {site: site in three for site in sites} | {"fatigue": 3, "unrefreshed": 3, "cognition": 3}
    answers |= dict.fromkeys(("headaches", "abdominal", "depression"), False) | {"three-months": True}
    assert score(KNOWN["fm-2016"], {**answers, "shoulder-right": None}).met is None
    assert score(KNOWN["fm-2016"], {**answers, "shoulder-right": True}).met is True
    assert score(KNOWN["fm-2016"], answers).met is False


def test_fm_case_of_the_obese_woman():
    """WPI 12, SSS 9, five regions: criteria met; severity 21."""
    sites = [*SEVEN, "upper-arm-left", "upper-leg-right", "jaw-left", "chest", "abdomen"]
    result = fm(sites, (3, 2, 2), (True, False, True))
    assert {s.id: s.value for s in result.scales} == {"wpi": 12, "sss": 9, "regions": 5}
    assert {s.id: (s.low, s.high, s.missing) for s in result.scales} == {
        "wpi": (0, 19, ()), "sss": (0, 12, ()), "regions": (0, 5, ()),
    }  # fmt: skip
    assert (result.value, result.met, result.band.label) == (21, True, "criteria met")
    assert (result.status, result.missing) == ("Criteria met.", ())


def test_fm_needs_three_months():
    assert fm(SEVEN, (3, 3, 3), three_months=False).met is False
    assert fm(SEVEN, (3, 3, 3), three_months=None).met is None


def test_fm_blank_sites_are_unknown_until_the_whole_list_was_asked():
    result = fm(FOUR_REGIONS, (3, 3, 2), asked=False)
    assert result.met is None
    assert result.value is None
    assert result.status.startswith("Cannot be said yet: 15 answers are missing")
    assert result.scale("wpi").missing == result.missing
    assert result.scale("sss").value == 8
    assert fm(FOUR_REGIONS, (3, 3, 3), asked=False).met is True  # no blank could undo it
    assert fm([], (0, 0, 0), asked=False).met is False  # no blank could make it


def crps(symptoms, signs, disproportionate=True, no_better=True):
    categories = ("sensory", "vasomotor", "sudomotor", "motor")
    answers = {"disproportionate": disproportionate, "no-better-diagnosis": no_better}
    answers |= {f"symptom-{c}": v for c, v in zip(categories, symptoms, strict=True)}
    answers |= {f"sign-{c}": v for c, v in zip(categories, signs, strict=True)}
    return score(KNOWN["crps-budapest"], answers)


def yes(n):
    return tuple(i < n for i in range(4))


@pytest.mark.parametrize(
    ("symptoms", "signs", "met", "band"),
    [
        (4, 3, True, "clinical and research criteria met"),
        (4, 2, True, "clinical and research criteria met"),
        (3, 2, True, "clinical criteria met"),
        (3, 4, True, "clinical criteria met"),
        (2, 4, False, "criteria not met"),
        (4, 1, False, "criteria not met"),
    ],
)
def test_crps_budapest(symptoms, signs, met, band):
    result = crps(yes(symptoms), yes(signs))
    assert (result.met, result.band.label, result.value) == (met, band, None)
    found = {s.id: (s.value, s.low, s.high) for s in result.scales}
    research = symptoms == 4 and signs >= 2
    assert found == {"symptoms": (symptoms, 0, 4), "signs": (signs, 0, 4), "research": (research, 0, 1)}
    assert (result.status, result.missing) == ("Criteria met." if met else "Criteria not met.", ())


def test_crps_needs_disproportion_and_no_better_diagnosis():
    assert crps(yes(4), yes(4), disproportionate=False).met is False
    assert crps(yes(4), yes(4), no_better=False).met is False
    assert crps(yes(4), yes(4), no_better=None).met is None


def test_crps_clinical_may_be_settled_while_research_is_open():
    result = crps((True, True, True, None), yes(2))
    assert result.met is True
    assert result.band.label == "clinical criteria met"
    assert result.missing == ("symptom-motor",)
    assert result.scale("research").value is None
    assert result.scale("symptoms").value is None


def ort(sex, *numbers):
    return score(KNOWN["ort"], {"sex": sex, **{str(n): n in numbers for n in range(1, 11)}})


@pytest.mark.parametrize(
    ("number", "female", "male"),
    [(1, 1, 3), (2, 2, 3), (3, 4, 4), (4, 3, 3), (5, 4, 4), (6, 5, 5), (7, 1, 1), (8, 3, 0), (9, 2, 2), (10, 1, 1)],
)
def test_ort_weights_by_sex(number, female, male):
    """Webster 2005, as reprinted in Canadian Family Physician. A web page that counts one for each is not the ORT."""
    assert ort("female", number).value == female
    assert ort("male", number).value == male


def test_ort_totals_and_bands():
    assert (ort("female", *range(1, 11)).value, ort("male", *range(1, 11)).value) == (26, 26)
    assert [ort("female", *n).band.label for n in ((6,), (1, 2), (3,), (3, 4), (3, 5))] == [
        "moderate", "low", "moderate", "moderate", "high",
    ]  # fmt: skip


def test_ort_without_sex_has_no_score():
    result = score(KNOWN["ort"], {str(n): True for n in range(1, 11)})
    assert result.value is None
    assert "sex" in result.missing


def test_promis_without_its_table_shows_the_raw_sum_only():
    promis = KNOWN["promis-pain-interference-4a"]
    result = score(promis, positional(promis, ["3", "3", "3", "3"]))
    assert result.value is None
    assert result.status == "No T-score table is loaded: the raw sum is 12."
    assert score(promis, positional(promis, ["3", "3", "3", ""])).status.startswith("No score: 1 of 4 items is missing")


def test_promis_with_the_sites_table():
    """Raw 12 is T 61.2 in the published table of the four-item pain interference form."""
    words = {"instrument": "promis-pain-interference-4a", "permission": "test", "options": dict.fromkeys("12345", "w"),
             "items": {str(n): "w" for n in range(1, 5)},
             "parameters": {"t_scores": {"4": Decimal("41.6"), "12": Decimal("61.2")}}}  # fmt: skip
    promis = with_text(words, KNOWN, name="x")
    result = score(promis, positional(promis, ["3", "3", "3", "3"]))
    assert (result.value, result.band.label) == (Decimal("61.2"), "moderate")


def test_eq_5d_profile_and_index():
    eq = KNOWN["eq-5d-5l"]
    answers = positional(eq, ["2", "1", "2", "3", "2", "70"])
    assert score(eq, answers).status == "Profile 21232; no value set is loaded, so no index."
    assert score(eq, answers).scale("vas").value == 70
    assert score(eq, {"mobility": 2}).status.startswith("No score: 4 of 5 items are missing")
    dimensions = ("mobility", "self-care", "activities", "pain", "mood")
    decrements = {f"{d}-{level}": Decimal(level - 1) / 10 for d in dimensions for level in range(1, 6)}
    words = {"instrument": "eq-5d-5l", "permission": "test", "options": dict.fromkeys("12345", "w"),
             "items": dict.fromkeys((*dimensions, "vas"), "w"), "parameters": {"decrements": decrements}}  # fmt: skip
    loaded = with_text(words, KNOWN, name="x")
    assert score(loaded, answers).value == Decimal("0.5")  # 1 - (0.1 + 0 + 0.1 + 0.2 + 0.1)
