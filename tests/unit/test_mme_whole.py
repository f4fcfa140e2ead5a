"""Every line of the equivalents whole: what was read, in which unit, and the exact sentence where nothing counts."""

from datetime import UTC, date, datetime
from decimal import Decimal as D

import pytest

from surcease.care.mme import MmeLine, mme, mme_facts
from surcease.care.record import Dose, Medication
from surcease.knowledge import Knowledge, load
from surcease.units import Quantity

TODAY = date(2026, 3, 2)


def med(text, amount=None, unit="mg", per_day=None, route="", status="active", **more):
    dose = None if amount is None else Dose(D(amount), unit, None if per_day is None else D(per_day), False, route)
    return Medication((), text, status, dose, **more)


def of(*meds, **more):
    return mme(meds, today=TODAY, **more)


def line(*given):
    (one,) = of(med(*given)).lines
    return one


def test_a_line_that_counts_whole():
    """10 mg four times: 40 mg a day × 1.5 = 60. A patch of 25 mcg/h × 2.4 = 60 (CDC 2022)."""
    assert line("Oxycodone", 10, "mg", 4, "po") == MmeLine(
        "Oxycodone", "oxycodone", Quantity.of(40, "mg/d"), "oral", D("1.5"), D(60)
    )
    patch = line("fentanyl patch", 25, "mcg/h", None, "transdermal")
    assert (patch.daily, patch.route, patch.factor, patch.mme) == (Quantity.of(25, "ug/h"), "transdermal", D("2.4"), 60)


def test_lines_that_do_not_count_whole():
    assert line("morphine", 10, "mg", 4, "iv") == MmeLine(
        "morphine", "morphine", Quantity.of(40, "mg"), "intravenous",
        why="not calculable: the table counts morphine by the oral route only, not intravenous",
    )  # fmt: skip
    assert line("oxycodone or morphine", 10, "mg", 4, "oral") == MmeLine(
        "oxycodone or morphine", "morphine or oxycodone", why="not calculable: more than one opioid in one entry"
    )
    unknown = line("oxycodone 5 mg tablet", 10, "mg", None, "oral")
    assert unknown == MmeLine(
        "oxycodone 5 mg tablet", "oxycodone", None, "oral", why="not calculable: how often a day is not known"
    )
    as_needed = of(Medication((), "oxycodone", "active", Dose(D(10), "mg", None, True, "oral"))).lines[0]
    assert (as_needed.daily, as_needed.mme, as_needed.why) == (
        None, None, "not calculable: how often a day is not known",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("given", "why"),
    [
        (("oxycodone",), "the dose is not known"),
        (("morphine", 10, "mg", 4), "the route is not stated"),
        (("oxycodone", 0, "mg", 4, "oral"), "the dose is not above zero"),
        (("oxycodone", 10, "", 4, "oral"), "the unit of the dose is not stated"),
        (("fentanyl patch", 1, "patch"), "a patch counts by its rate: give it in mcg/h"),
        (("fentanyl 25 mcg/h patch", 1, "patch", 3), "more than one patch change a day: settle how many are worn"),
        (("oxycodone 4.5 MG / oxycodone 0.38 MG Oral Tablet", 1, "tablet", 4),
         "the product's name gives more than one strength"),
    ],
)  # fmt: skip
def test_the_exact_reason_why_a_dose_cannot_be_read(given, why):
    assert line(*given).why == f"not calculable: {why}"


@pytest.mark.parametrize(
    ("given", "mg", "notes"),
    [
        (("oxycodone 5 mg tablet", 2, "tablet", 4), 40, ("5 mg in one tablet",)),
        (("oxycodone 5 mg tablet", 2, "{tablet}", 4), 40, ("5 mg in one tablet",)),
        (("oxycodone 5 mg/5 mL oral solution", 10, "mL", 4), 40, ("5 mg in 5 ml",)),
        (("morphine 2000 MG/L Oral Solution", 5, "mL", 3), 30, ("2000 mg in 1 l",)),
        (("oxycodone 5000 mcg tablet", 1, "tablet", 2), 10, ("5000 mcg in one tablet",)),
        (("oxycodone 5000 µg tablet", 1, "tablet", 2), 10, ("5000 mcg in one tablet",)),
    ],
)
def test_how_a_piece_or_a_spoonful_was_read(given, mg, notes):
    found = line(*given)
    assert found.daily == Quantity.of(mg, "mg/d")
    assert tuple(note.replace("\u2009", "") for note in found.notes) == notes


@pytest.mark.parametrize("per", ["h", "hr", "hour"])
def test_a_patch_says_its_rate_in_any_word_for_an_hour(per):
    assert line(f"fentanyl 25 mcg/{per} patch", 1, "patch", 1).mme == 60


def test_facts_carry_the_day():
    facts = mme_facts(of(med("oxycodone", 10, "mg", 4, "oral")), today=TODAY)
    assert {name: fact.at for name, fact in facts.items()} == dict.fromkeys(facts, TODAY)
    assert set(facts) == {"mme_per_day", "mme_at_least_per_day", "mme_unconverted"}


def test_what_ended_before_today_is_not_counted():
    ended = med("morphine", 30, "mg", 1, "oral", stopped=date(2026, 2, 1))
    assert of(ended, med("oxycodone", 10, "mg", 4, "oral")).total == 60


def test_the_newest_of_two_renewals_stands_whichever_way_its_start_is_written():
    """The same order written twice; the dose is the same, so one is counted whatever the day is written as."""
    days = (date(2026, 1, 5), datetime(2026, 2, 1, 8, tzinfo=UTC))
    for order in (days, days[::-1]):
        assert of(*(med("oxycodone", 10, "mg", 4, "oral", started=day) for day in order)).total == 60


def test_two_reasons_and_two_strangers_are_listed():
    found = of(med("Butrans", 10, "mcg/h", None, "transdermal"), med("oxycodone"), med("zyx"), med("abc"))
    assert found.unrecognised == ("zyx", "abc")
    assert found.status == (
        "Not calculable as a whole: buprenorphine is a partial agonist and has no factor; "
        "oxycodone, the dose is not known. Not recognised: zyx, abc."
    )
    assert of(med("oxycodone", 10, "mg", 1, "oral")).unrecognised == ()


@pytest.mark.parametrize(
    ("meds", "why"),
    [
        ((med("oxycodone", 5, "mg", 1, "oral"), med("diazepam")),
         "An opioid and a benzodiazepine are taken together."),
        ((med("oxycodone", 10, "mg", 1, "oral"), med("zyx")),
         "Cannot be said: an opioid or another medicine on the list is not settled."),
    ],
)  # fmt: skip
def test_naloxone_says_why_whole(meds, why):
    assert of(*meds).naloxone_why == why


def with_document(path, change):
    """The knowledge of another release, in which one document says something else."""
    documents = dict(load().documents)
    documents[path] = change(documents[path])
    return Knowledge(documents)


def test_the_table_of_the_release_is_used():
    """A release whose table counts oxycodone double gives double."""

    def doubled(raw):
        factors = [{**f, "factor": D(3)} if f["drug"] == "oxycodone" else f for f in raw["factors"]]
        return {**raw, "factors": factors}

    other = with_document("opioids/mme_2022.yaml", doubled)
    assert of(med("oxycodone", 10, "mg", 4, "oral"), knowledge=other).total == 120


def test_the_table_names_its_source_and_its_units():
    from surcease.knowledge.mme_table import mme_table

    table = mme_table()
    assert table.source == load().documents["opioids/mme_2022.yaml"]["source"]
    assert table.factors["fentanyl", "transdermal"].unit == "ug/h"
    assert table.factors["oxycodone", "oral"].unit == "mg/d"
