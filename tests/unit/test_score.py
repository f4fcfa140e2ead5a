"""Scores: ranges and bands from the papers' tables, blanks, prorating, what is refused."""

import csv
import json
from decimal import Decimal
from pathlib import Path

import pytest

from surcease.knowledge.answers import positional, read_answer
from surcease.knowledge.catalogue import catalogue
from surcease.knowledge.instrument import EnableWhen, Instrument, Item, Licence, Option, Scale, sittings
from surcease.knowledge.score import score

SHARED = Path(__file__).parents[2].parent / "shared" / "data"
KNOWN = catalogue()
needs_shared = pytest.mark.skipif(not SHARED.is_dir(), reason="the shared test data is not beside the repository")


def total(instrument: str, text: str):
    return score(KNOWN[instrument], positional(KNOWN[instrument], text.split(",")))


@pytest.mark.parametrize(
    ("instrument", "answers", "value", "band"),
    [
        ("phq-9", "2,2,2,2,1,1,2,0,0", 12, "moderate"),
        ("phq-9", "0,0,0,0,0,0,0,0,0", 0, "minimal"),
        ("phq-9", "1,1,1,1,0,0,0,0,0", 4, "minimal"),
        ("phq-9", "1,1,1,1,1,0,0,0,0", 5, "mild"),
        ("phq-9", "3,3,3,0,0,0,0,0,0", 9, "mild"),
        ("phq-9", "3,3,3,1,0,0,0,0,0", 10, "moderate"),
        ("phq-9", "3,3,3,3,2,0,0,0,0", 14, "moderate"),
        ("phq-9", "3,3,3,3,3,0,0,0,0", 15, "moderately severe"),
        ("phq-9", "3,3,3,3,3,3,1,0,0", 19, "moderately severe"),
        ("phq-9", "3,3,3,3,3,3,2,0,0", 20, "severe"),
        ("phq-9", "3,3,3,3,3,3,3,3,3", 27, "severe"),
        ("phq-2", "1,1", 2, "negative"),
        ("phq-2", "2,1", 3, "positive"),
        ("gad-7", "2,2,0,0,0,0,0", 4, "minimal"),
        ("gad-7", "3,2,0,0,0,0,0", 5, "mild"),
        ("gad-7", "3,3,3,0,0,0,0", 9, "mild"),
        ("gad-7", "3,3,3,1,0,0,0", 10, "moderate"),
        ("gad-7", "3,3,3,3,2,0,0", 14, "moderate"),
        ("gad-7", "3,3,3,3,3,0,0", 15, "severe"),
        ("gad-2", "1,2", 3, "positive"),
        ("peg", "8,7,8", Decimal("7.67"), None),
        ("nrs", "0", 0, "none"),
        ("nrs", "3", 3, "mild"),
        ("nrs", "6", 6, "moderate"),
        ("nrs", "6.5", Decimal("6.5"), "moderate"),
        ("nrs", "7", 7, "severe"),
        ("pgic", "2", 2, "responder (very much or much improved)"),
        ("pgic", "3", 3, "minimally improved"),
        ("pgic", "4", 4, "no change"),
        ("pgic", "6", 6, "worse"),
        ("wellbeing", "7", 7, None),
        ("padss", "2,2,2,2,1", 9, "reaches the discharge total"),
        ("padss", "2,2,2,1,1", 8, "below the discharge total"),
        ("aldrete", "2,2,2,2,1", 9, "9 or more, may leave phase 1"),
        ("aldrete", "2,2,2,1,1", 8, "below 9, stays in phase 1"),
        ("moaa-s", "5", 5, None),
        ("ort-oud", "y,n,n,n,n,n,y,n,n", 2, "low"),
        ("ort-oud", "y,n,n,n,n,n,y,n,y", 3, "high"),
        ("dast-10", "n,n,y,n,n,n,n,n,n,n", 0, "no problems reported"),
        ("dast-10", "y,n,y,n,n,n,n,n,n,y", 2, "low"),
        ("dast-10", "y,y,n,n,n,n,n,n,n,n", 3, "moderate"),
        ("dast-10", "y,y,n,y,y,y,n,n,n,n", 6, "substantial"),
        ("dast-10", "y,y,n,y,y,y,y,y,y,n", 9, "severe"),
        ("audit-c", "2,0,0", 2, "negative"),
        ("audit-c", "3,0,0", 3, "positive for women, negative for men"),
        ("audit-c", "4,0,0", 4, "positive"),
        ("audit-c", "4,4,1", 9, "positive, high"),
        ("isi", "1,1,1,1,1,1,1", 7, "no clinically significant insomnia"),
        ("isi", "2,1,1,1,1,1,1", 8, "subthreshold insomnia"),
        ("isi", "3,2,2,2,2,2,2", 15, "moderate insomnia"),
        ("isi", "4,3,3,3,3,3,3", 22, "severe insomnia"),
        ("midas", "1,1,1,1,1", 5, "grade I, little or none"),
        ("midas", "2,1,1,1,1", 6, "grade II, mild"),
        ("midas", "10,1,0,0,0", 11, "grade III, moderate"),
        ("midas", "20,1,0,0,0", 21, "grade IV, severe"),
        ("hit-6", "6,6,6,6,6,6", 36, "little or no impact"),
        ("hit-6", "10,8,8,8,8,8", 50, "some impact"),
        ("hit-6", "10,10,10,10,8,8", 56, "substantial impact"),
        ("hit-6", "10,10,10,10,10,10", 60, "severe impact"),
        ("hit-6", "13,13,13,13,13,13", 78, "severe impact"),
        ("moca", "25,up-to-12", 26, "normal"),
        ("moca", "25,more-than-12", 25, "below normal"),
        ("moca", "30,up-to-12", 30, "normal"),
        ("stop-bang", "y,y,n,n,n,n,n,n", 2, "low risk"),
        ("stop-bang", "y,y,y,n,n,n,n,n", 3, "intermediate risk"),
        ("stop-bang", "y,y,y,y,y,n,n,n", 5, "high risk"),
        ("who-5", "2,2,3,3,2", 48, "low well-being, ask about depression"),
        ("who-5", "3,3,3,2,2", 52, "not low"),
        ("paindetect", "5,5,5,5,5,5,5,attacks,y", 38, "neuropathic component likely"),
        ("paindetect", "0,0,0,0,0,0,0,steady-attacks,n", -1, "neuropathic component unlikely"),
        ("paindetect", "5,5,2,0,0,0,0,steady,n", 12, "neuropathic component unlikely"),
        ("paindetect", "5,5,3,0,0,0,0,steady,n", 13, "uncertain"),
        ("paindetect", "5,5,5,4,0,0,0,steady,n", 19, "neuropathic component likely"),
        ("dn4", "y,y,y,n,n,n,n,n,n,n", 3, "neuropathic pain unlikely"),
        ("dn4", "y,y,y,n,n,n,n,y,n,n", 4, "neuropathic pain likely"),
        ("bpic-ss", "2,2,2,2,2,2,2,5", 19, "at or above the cut"),
        ("bpic-ss", "2,2,2,2,2,2,2,4", 18, "below the cut"),
        ("cadss-6", "4,3,2,0,0,0", 9, None),
        ("bpi", "8,4,6,6,7,6,5,6,4,7,7", Decimal("6"), None),
    ],
)
def test_score_and_band(instrument, answers, value, band):
    result = total(instrument, answers)
    assert result.value == value
    assert (result.band.label if result.band else None) == band
    assert not result.missing
    assert not result.prorated


def test_every_instrument_reaches_both_ends_of_its_range():
    """The published range of each scale, from every item at its lowest and its highest points."""
    for instrument in KNOWN.values():
        for scale in instrument.scales:
            if scale.method == "none" or instrument.function in ("t_score", "eq_5d", "fm_2016"):
                continue
            for pick, end in ((min, scale.low), (max, scale.high)):
                answers = {}
                for item in instrument.scored:
                    answers[item.link_id] = _end(item, pick)
                found = score(instrument, answers).scale(scale.id)
                assert found.value == end, (instrument.id, scale.id)


def _end(item: Item, pick):
    if item.type == "choice":
        return pick(item.options, key=lambda o: o.points).code
    if item.type == "boolean":
        return pick((True, False), key=lambda v: item.points_yes if v else item.points_no)
    return pick(item.low, item.high)


@needs_shared
def test_ranges_and_bands_agree_with_the_independent_table():
    rows = {r["instrument"]: r for r in csv.DictReader((SHARED / "06-proms/instrument_scoring_rules.csv").open())}
    for name, instrument in (("PHQ-9", "phq-9"), ("GAD-7", "gad-7")):
        scale = KNOWN[instrument].scales[0]
        assert KNOWN[instrument].code == rows[name]["loinc_panel"]
        assert scale.code == rows[name]["loinc_total"]
        assert f"{scale.low}-{scale.high}" == rows[name]["total_range"]
        edges = [f"{b.at_least}" for b in scale.bands]
        assert edges == [part.strip().split("-")[0] for part in rows[name]["bands"].split(";")]
        assert [b.label for b in scale.bands] == [p.strip().split(" ", 1)[1] for p in rows[name]["bands"].split(";")]
    assert rows["PEG"]["loinc_total"] == KNOWN["peg"].scales[0].code
    assert "MEAN" in rows["PEG"]["notes"]
    assert KNOWN["peg"].scales[0].method == "mean"


@needs_shared
def test_us_core_phq9_response_is_12_and_asks_for_nothing():
    response = json.loads((SHARED / "04-fhir/us-core-examples/QuestionnaireResponse-phq-9-example.json").read_text())
    answers = {
        i["linkId"]: i["answer"][0]["valueCoding"]["code"] for i in response["item"] if "valueCoding" in i["answer"][0]
    }
    result = score(KNOWN["phq-9"], answers)  # linkIds are LOINC codes with a slash, answers LOINC answer codes
    assert result.value == 12
    assert result.triggers == ()
    reported = next(i for i in response["item"] if i["linkId"] == "/44261-6")
    assert reported["answer"][0]["valueDecimal"] == result.value


def test_item_nine_asks_for_the_suicide_screener_whatever_the_total():
    result = total("phq-9", "0,0,0,0,0,0,0,0,1")
    assert result.band.label == "minimal"
    assert [t.then for t in result.triggers] == ["c-ssrs"]


def test_a_blank_item_nine_is_an_open_question_not_a_no():
    result = total("phq-9", "1,1,1,1,1,1,1,1,")
    assert result.triggers == ()
    assert [t.item for t in result.unsettled] == ["9"]


def test_one_missing_item_is_prorated_and_says_so():
    """8 items come to 12, so nine to 13.5, rounded half up to 14 (mean imputation within the person)."""
    result = total("phq-9", "2,2,2,2,1,1,2,0,")
    assert (result.value, result.prorated, result.missing) == (14, True, ("9",))
    assert result.status == "8 of 9 items answered; prorated for 9."


def test_two_missing_items_leave_no_total():
    result = total("phq-9", "2,2,2,2,1,1,2,,")
    assert (result.value, result.band, result.prorated) == (None, None, False)
    assert not result.scale("total").prorated
    assert result.status == "No score: 2 of 9 items are missing (8, 9); at most 1 may be."


def test_peg_needs_all_three():
    assert total("peg", "8,,8").status == "No score: 1 of 3 items is missing (enjoyment); all are needed."


def test_an_empty_form_has_no_score_and_no_zero():
    for instrument in KNOWN.values():
        result = score(instrument, {})
        assert result.value is None, instrument.id
        assert result.band is None, instrument.id
        assert result.met is None, instrument.id


def test_the_mean_of_answered_items_stands_where_the_scale_allows_it():
    result = total("bpi", "8,4,6,6,8,8,8,8,,,")
    assert result.value == 8
    assert result.prorated
    assert result.scale("severity").value == 6


def test_subscales_stand_beside_the_total():
    result = total("pcs", "1,1,1,1,1,2,2,3,3,3,3,1,2")
    assert {s.id: s.value for s in result.scales} == {
        "total": 24, "rumination": 12, "magnification": 6, "helplessness": 6,
    }  # fmt: skip
    assert {s.id: s.band.label for s in total("hads", "3,0,3,0,3,1,2,1,0,1,0,2,0,3").scales} == {
        "anxiety": "case", "depression": "borderline",
    }  # fmt: skip


def test_padss_carries_its_lowest_item():
    result = total("padss", "2,2,2,2,0")
    assert result.scale("lowest").value == 0
    assert result.scale("lowest").band.label == "an item is 0"


def test_the_four_item_padss_is_never_compared_with_nine():
    """The modified form reaches 8 at most; its total has no band at all."""
    assert total("padss-4", "2,2,2,2").value == 8
    assert total("padss-4", "2,2,2,2").band is None


def test_checklists_are_itemised():
    result = score(KNOWN["side-effects"], {"nausea": 2, "chest": 1})
    assert result.value is None
    assert result.status == "A checklist: it has no score."
    assert [t.then for t in result.triggers] == ["clinician_now"]
    assert "vomiting" in result.missing
    assert "nausea" not in result.missing
    assert "new-medicine-name" not in score(KNOWN["go-no-go"], {"new-medicine": False}).missing
    assert "new-medicine-name" in score(KNOWN["go-no-go"], {"new-medicine": True}).missing


def test_a_scale_without_method_says_so():
    item = Item("a", "boolean")
    scale = Scale("all", "All", "none", ("a",), Decimal(0), Decimal(1))
    result = score(Instrument("x", "X", 1, (item,), Licence("free"), scales=(scale,)), {"a": True})
    assert (result.value, result.status) == (None, "Itemised: it has no total.")


def test_a_single_question_is_simply_answered():
    assert total("nrs", "6").status == "Answered."
    assert total("phq-2", "1,1").status == "All 2 items answered."


@pytest.mark.parametrize(
    ("instrument", "answers", "sentence"),
    [
        ("phq-9", {"1": 4}, "item 1: 4 is not allowed: it is one of 0, 1, 2, 3."),
        ("phq-9", {"1": Decimal("1.5")}, "item 1: Decimal('1.5') is not allowed: it is one of 0, 1, 2, 3."),
        ("phq-9", {"1": True}, "item 1: True is not allowed: it is one of 0, 1, 2, 3."),
        ("phq-9", {"10": 1}, "PHQ-9 has no item '10': its items are 1, 2, 3, 4, 5, 6, 7, 8, 9, difficulty."),
        ("peg", {"pain": 11}, "item pain: 11 is out of range: it is at least 0 and at most 10."),
        ("peg", {"pain": "7.5"}, "item pain: '7.5' is not allowed: it is a whole number."),
        ("nrs", {"average": "much"}, "item average: 'much' is not allowed: it is a number."),
        ("nrs", {"average": -1}, "item average: -1 is out of range: it is at least 0 and at most 10."),
        ("dast-10", {"1": "perhaps"}, "item 1: 'perhaps' is not allowed: answer yes or no."),
        ("dast-10", {"1": 0.0}, "item 1: 0.0 is not allowed: answer yes or no."),
        ("fm-2016", {"sites": True}, "item sites: it is a group, it takes no answer."),
        ("side-effects", {"other": 3}, "item other: 3 is not allowed: it is a text."),
    ],
)
def test_out_of_range_is_refused_by_item(instrument, answers, sentence):
    with pytest.raises(ValueError) as error:
        score(KNOWN[instrument], answers)
    assert str(error.value) == sentence


def test_positional_answers_must_be_as_many_as_the_items():
    with pytest.raises(ValueError, match="PHQ-9 has 9 scored items, 2 answers were given"):
        positional(KNOWN["phq-9"], ["1", "2"])


def test_dates_and_texts():
    assert read_answer(Item("d", "date"), "2026-01-31") == "2026-01-31"
    assert read_answer(Item("t", "text"), "well") == "well"
    with pytest.raises(ValueError, match="item d: '31.1.26' is not a date: write 2026-01-31"):
        read_answer(Item("d", "date"), "31.1.26")


def test_choices_without_points_name_their_codes():
    item = Item("sex", "choice", options=(Option("female", "Female"), Option("male", "Male")))
    assert read_answer(item, "male") == "male"
    with pytest.raises(ValueError, match="it is one of female, male"):
        read_answer(item, "m")


def test_an_unbounded_number_is_taken_and_a_half_bounded_one_says_its_one_bound():
    assert read_answer(Item("n", "decimal"), 10**5) == 10**5
    with pytest.raises(ValueError, match="it is at least 0"):
        read_answer(Item("n", "decimal", low=Decimal(0)), -1)


@pytest.mark.parametrize(
    ("operator", "wanted", "given", "asked"),
    [
        ("=", True, True, True),
        ("=", True, False, False),
        ("=", True, None, False),
        ("!=", True, False, True),
        ("!=", True, None, True),  # FHIR R4: no answer equals it
        ("exists", True, None, False),
        ("exists", False, None, True),
        ("exists", True, True, True),
        (">", Decimal(3), Decimal(3), False),
        (">", Decimal(3), Decimal(4), True),
        (">", Decimal(9), Decimal(10), True),  # numbers, not texts
        (">=", Decimal(3), Decimal(3), True),
        ("<", Decimal(3), Decimal(3), False),
        ("<", Decimal(3), Decimal(2), True),
        ("<=", Decimal(3), Decimal(3), True),
        (">", "2026-01-01", "2026-01-02", True),
        ("<", "2026-01-01", "2026-01-02", False),
    ],
)
def test_enable_when_means_what_fhir_means(operator, wanted, given, asked):
    kind = "boolean" if isinstance(wanted, bool) else "decimal" if isinstance(wanted, Decimal) else "date"
    items = (Item("q", kind), Item("then", "integer", enable_when=(EnableWhen("q", operator, wanted),)))
    scale = Scale("t", "T", "sum", ("then",), Decimal(0), Decimal(9))
    result = score(Instrument("x", "X", 1, items, Licence("free"), scales=(scale,)), {"q": given})
    assert ("then" in result.missing) is asked


def test_any_of_several_conditions_or_all_of_them():
    def asked(any_of: bool) -> bool:
        when = (EnableWhen("a", "=", True), EnableWhen("b", "=", True))
        group = Item("g", "group", items=(Item("then", "boolean"),), enable_when=when, enable_any=any_of)
        scale = Scale("t", "T", "sum", ("then",), Decimal(0), Decimal(1))
        made = Instrument(
            "x", "X", 1, (Item("a", "boolean"), Item("b", "boolean"), group), Licence("free"), scales=(scale,)
        )
        return "then" in score(made, {"a": True, "b": False}).missing

    assert asked(True)
    assert not asked(False)


def test_an_answer_without_points_is_missing_from_a_scale():
    item = Item("t", "text")
    scale = Scale("s", "S", "sum", ("t",), Decimal(0), Decimal(1))
    made = Instrument("x", "X", 1, (item,), Licence("free"), scales=(scale,))
    assert score(made, {"t": "words"}).missing == ("t",)


def test_the_baseline_battery_fits_in_twelve_minute_sittings():
    battery = tuple(KNOWN[i] for i in ("nrs", "peg", "phq-9", "gad-7", "ort-oud", "audit-c", "dast-10", "pcs", "bpi"))
    split = sittings(battery)
    assert all(sum(i.minutes for i in s) <= 12 for s in split)
    assert [i for s in split for i in s] == list(battery)
    assert len(split) == 2
    assert sittings((KNOWN["moca"], KNOWN["peg"]), minutes=Decimal(5)) == ((KNOWN["moca"],), (KNOWN["peg"],))
