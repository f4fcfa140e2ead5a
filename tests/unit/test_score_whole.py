"""Scores as a whole: every part of what comes out, ties by hand, and what a blank does to each part."""

from datetime import date
from decimal import Decimal as D

import pytest

from surcease.knowledge.answers import enabled, positional
from surcease.knowledge.catalogue import catalogue, with_text
from surcease.knowledge.instrument import Band, EnableWhen, Instrument, Item, Licence, Scale
from surcease.knowledge.scales import ScaleScore, band_of
from surcease.knowledge.score import score

KNOWN = catalogue()


def of(instrument, **answers):
    return score(KNOWN[instrument], {k.removeprefix("q").replace("_", "-"): v for k, v in answers.items()})


def test_a_score_names_its_instrument_and_version():
    result = of("peg", pain=5, enjoyment=5, activity=5)
    assert (result.instrument, result.version) == ("peg", KNOWN["peg"].version)


def test_c_ssrs_whole():
    """The scale carries no number, whether the level is settled or not."""
    settled = of("c-ssrs", q1=True, q2=False, q6=False)
    assert [(s.id, s.title, s.value, s.low, s.high) for s in settled.scales] == [("risk", "Risk level", None, 0, 3)]
    assert settled.status == "Risk level by the answers; there is no number."
    open_ = of("c-ssrs", q1=True, q2=True, q4=False, q5=False, q6=False)
    assert open_.missing == ("3",)
    assert open_.status == "Not settled: 3 unanswered; so far at least low."
    assert [s.id for s in open_.scales] == ["risk"]


def test_c_ssrs_a_blank_two_could_hide_intent_and_a_blank_six_recent_behaviour():
    """Question 2 blank: 4 was not put, and would be high. Question 6 blank: so would 6 within three months."""
    two = of("c-ssrs", q1=True, q3=True, q6=False)
    assert (two.band, two.missing) == (None, ("2",))
    assert two.status == (
        "Not settled: 2 unanswered; so far at least moderate. An answer contradicts an earlier no: ask again."
    )
    six = of("c-ssrs", q1=True, q2=True, q3=True, q4=False, q5=False)
    assert (six.band, six.missing, six.status) == (
        None, ("6",), "Not settled: 6 unanswered; so far at least moderate.",
    )  # fmt: skip


def fm(**more):
    sites = [i.link_id for i in KNOWN["fm-2016"].item("sites").items]
    there = ("shoulder-left", "shoulder-right", "hip-left", "hip-right", "neck", "lower-back", "upper-back")
    answers = {site: site in there for site in sites}
    answers |= {"fatigue": 2, "unrefreshed": 2, "cognition": 1, "headaches": False, "abdominal": False,
                "depression": False, "three-months": True, "all-sites-asked": True}  # fmt: skip
    return score(KNOWN["fm-2016"], answers | more)


def test_fm_each_part_is_known_or_not_for_itself():
    """WPI 7, regions 5 (both sides up and down, and the axis); a blank severity leaves only the severity open."""
    whole = fm()
    assert [(s.id, s.title, s.value, s.missing) for s in whole.scales] == [
        ("wpi", "Widespread pain index", 7, ()), ("sss", "Symptom severity scale", 5, ()),
        ("regions", "Pain regions", 5, ()),
    ]  # fmt: skip
    blank = fm(fatigue=None)  # SSS 3 to 6: 5 would do, 3 would not
    assert (blank.met, blank.value, blank.missing) == (None, None, ("fatigue",))
    assert [(s.value, s.missing) for s in blank.scales] == [(7, ()), (None, ("fatigue",)), (5, ())]


def test_fm_a_blank_severity_counts_to_its_most_and_its_least():
    """Blank fatigue adds 0 to 3: 2 + 2 = 4 is not enough by itself, 7 would be; 1 + 0 + 3 = 4 never is."""
    assert fm(fatigue=None, cognition=2).met is None
    assert fm(fatigue=None, unrefreshed=1, cognition=0).met is False


def test_fm_a_blank_region_leaves_the_regions_open():
    sites = dict.fromkeys((i.link_id for i in KNOWN["fm-2016"].item("sites").items), False)
    found = fm(**sites, **{"all-sites-asked": False})
    assert found.scale("regions").value == 0
    open_ = fm(**(sites | {"shoulder-left": None, "all-sites-asked": False}))
    assert open_.scale("regions").value is None
    assert open_.scale("wpi").missing == ("shoulder-left",)


def crps(symptom, sign, **more):
    kinds = ("sensory", "vasomotor", "sudomotor", "motor")
    answers = {"disproportionate": True, "no-better-diagnosis": True}
    answers |= {f"symptom-{k}": v for k, v in zip(kinds, symptom, strict=True)}
    answers |= {f"sign-{k}": v for k, v in zip(kinds, sign, strict=True)}
    return score(KNOWN["crps-budapest"], answers | more)


def test_crps_parts_have_names_and_an_open_sign_leaves_it_open():
    result = crps((True, True, True, False), (True, None, False, False))
    assert result.met is None  # one sign is seen, two are needed, one was not looked for
    assert [(s.id, s.title, s.value) for s in result.scales] == [
        ("symptoms", "Symptom categories", 3), ("signs", "Sign categories", None), ("research", "Research criteria", 0),
    ]  # fmt: skip


def test_ort_whole():
    """A woman with 3 and 6: 4 + 5 = 9, high (Webster 2005)."""
    result = score(KNOWN["ort"], {"sex": "female", **{str(n): n in (3, 6) for n in range(1, 11)}})
    scale = KNOWN["ort"].scales[0]
    assert result.scales == (ScaleScore("total", "Total", D(9), scale.bands[2], D(0), D(26)),)
    assert (result.value, result.band.label, result.status) == (9, "high", "Itemised: it has no total.")
    blank = score(KNOWN["ort"], {"sex": "male", "1": True})
    missing = tuple(str(n) for n in range(2, 11))
    assert blank.scales == (ScaleScore("total", "Total", None, None, D(0), D(26), missing),)
    assert (blank.missing, blank.status) == (missing, "Itemised: it has no total.")
    nothing = score(KNOWN["ort"], {"sex": "male", **{str(n): False for n in range(1, 11)}})
    assert (nothing.value, nothing.band.label) == (0, "low")


def worded(instrument, **more):
    known = KNOWN[instrument]
    words = {"instrument": instrument, "permission": "test", "options": dict.fromkeys("12345", "w"),
             "items": {i.link_id: "w" for i in known.questions}, **more}  # fmt: skip
    return with_text(words, KNOWN, name="x")


def test_a_t_score_whole():
    """Raw 12 is T 61.2 in the published table of the four-item pain interference form."""
    loaded = worded("promis-pain-interference-4a", parameters={"t_scores": {"12": D("61.2")}})
    result = score(loaded, positional(loaded, ["3", "3", "3", "3"]))
    raw, t = result.scales
    assert (raw.value, t.id, t.title) == (12, loaded.scales[1].id, loaded.scales[1].title)
    assert (t.value, t.low, t.high) == (D("61.2"), loaded.scales[1].low, loaded.scales[1].high)
    assert result.status == "All 4 items answered."
    bare = KNOWN["promis-pain-interference-4a"]
    without = score(bare, positional(bare, ["3", "3", "3", "3"]))
    assert [s.value for s in without.scales] == [12, None]
    blank = score(bare, positional(bare, ["3", "3", "3", ""]))
    assert (blank.missing, [s.value for s in blank.scales]) == (("4",), [None, None])


def test_eq_5d_whole():
    eq = KNOWN["eq-5d-5l"]
    answers = positional(eq, ["2", "1", "2", "3", "2", "70"])
    blank = score(eq, {"mobility": 2})
    assert blank.missing == ("self-care", "activities", "pain", "mood")
    dimensions = ("mobility", "self-care", "activities", "pain", "mood")
    assert [s.id for s in blank.scales] == [s.id for s in eq.scales]
    table = {f"{d}-{level}": D(level - 1) / 10 for d in dimensions for level in range(1, 6)}
    found = score(worded("eq-5d-5l", parameters={"decrements": table}), answers)
    assert found.status == "Profile 21232."
    assert found.scale("vas").value == 70


def scale(method, count, **more):
    items = tuple(Item(str(n), "integer", low=D(0), high=D(9)) for n in range(1, count + 1))
    one = Scale("one", "One", method, tuple(i.link_id for i in items), D(0), D(9 * count), **more)
    return Instrument("t", "T", 1, items, Licence("free"), scales=(one,))


@pytest.mark.parametrize(("first", "second", "total"), [(1, 0, 2), (3, 0, 5), (2, 1, 5)])
def test_a_prorated_half_is_rounded_up(first, second, total):
    """Two of three answered, 1 + 0: 1.5 becomes 2; 3 + 0: 4.5 becomes 5, not 4."""
    found = score(scale("sum", 3, allowed_missing=1), {"1": first, "2": second})
    assert (found.value, found.prorated, found.scales[0].title) == (total, True, "One")


def test_half_a_hundredth_of_a_mean_is_rounded_up():
    """1 in eight answers: 0.125 becomes 0.13, not 0.12."""
    found = score(scale("mean", 8), {"1": 1, **{str(n): 0 for n in range(2, 9)}})
    assert str(found.value) == "0.13"


def test_only_a_capped_scale_is_held_at_its_top():
    for cap, value in ((True, 18), (False, 36)):
        found = score(scale("sum", 2, multiply=D(2), cap=cap), {"1": 9, "2": 9})
        assert found.value == value


def test_a_score_that_is_not_there_has_no_band():
    banded = Scale("b", "B", "sum", ("1",), D(0), D(9), bands=(Band(D(0), "low"), Band(D(5), "high")))
    assert band_of(banded, None) is None
    assert [band_of(banded, D(n)).label for n in (0, 4, 5)] == ["low", "low", "high"]
    blank = score(scale("sum", 2), {"1": 1})
    assert blank.scales[0] == ScaleScore("one", "One", None, None, D(0), D(18), ("2",))


def test_the_wrong_number_of_answers_is_refused_whole():
    with pytest.raises(ValueError, match="^PEG has 3 scored items, 2 answers were given: give one for each, in order, "
                       "and leave a blank between two commas for a missing one.$"):  # fmt: skip
        positional(KNOWN["peg"], ["1", "2"])


def asked_after(operator, answer, given, kind="date"):
    first = Item("1", kind, "When?")
    second = Item("2", "text", "And?", enable_when=(EnableWhen("1", operator, answer),))
    return "2" in enabled(Instrument("t", "T", 1, (first, second), Licence("free")), {"1": given})


def test_dates_are_compared_as_days():
    day = date(2026, 1, 1).isoformat()
    assert asked_after("<", day, "2025-12-31")
    assert not asked_after("<", day, "2026-01-01")
    assert asked_after(">", day, "2026-01-02")


def test_a_number_is_compared_with_a_worded_number_as_text():
    assert asked_after(">", "4", D(5), "integer")


class Word:
    """Something that says yes and is no answer."""

    def __str__(self):
        return "yes"


def test_only_an_answer_is_an_answer():
    with pytest.raises(ValueError, match="answer yes or no"):
        of("c-ssrs", q1=Word())
