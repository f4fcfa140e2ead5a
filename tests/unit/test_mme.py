"""MME by both editions, line by line; what cannot be calculated says why and is never 0."""

import csv
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from surcease.care.mme import mme, mme_facts
from surcease.care.record import Code, Dose, Medication
from surcease.knowledge import load
from surcease.knowledge.formulary import RXNORM, formulary
from surcease.knowledge.mme_table import mme_table

SHARED = Path(__file__).parents[2].parent / "shared" / "data"
needs_shared = pytest.mark.skipif(not SHARED.is_dir(), reason="the shared test data is not beside the repository")
TODAY = date(2026, 3, 2)


def med(text, amount=None, unit="mg", per_day=None, route="", prn=False, status="active", **more):
    dose = None
    if amount is not None:
        dose = Dose(Decimal(amount), unit, None if per_day is None else Decimal(per_day), prn, route)
    return Medication(more.pop("codes", ()), text, status, dose, **more)


def of(*meds, edition="cdc_2022", **more):
    return mme(meds, today=TODAY, edition=edition, **more)


ORAL = {
    # drug: (2016, 2022) for 10 mg a day by mouth, from the two published tables
    "codeine": ("1.5", "1.5"),
    "hydrocodone": ("10", "10"),
    "hydromorphone": ("40", "50"),
    "methadone": ("40", "47"),
    "morphine": ("10", "10"),
    "oxycodone": ("15", "15"),
    "oxymorphone": ("30", "30"),
    "tapentadol": ("4", "4"),
    "tramadol": ("1", "2"),
}


@pytest.mark.parametrize("drug", ORAL)
def test_ten_milligrams_by_mouth(drug):
    """Old CDC-derived content still carries 2016: hydromorphone 4, methadone by tier, tramadol 0.1."""
    for edition, value in zip(("2016", "2022"), ORAL[drug], strict=True):
        result = of(med(drug, 10, "mg", 1, "oral"), edition=edition)
        assert result.total == Decimal(value)
        assert result.edition == f"cdc_{edition}"


def test_the_edition_of_2022_is_the_default_and_is_stored():
    result = mme([med("hydromorphone", 8, "mg", 1, "oral")], today=TODAY)
    assert (result.edition, result.total) == ("cdc_2022", 40)
    assert "2022" in result.title
    with pytest.raises(ValueError, match="There is no MME edition '1999': choose one of cdc_2016, cdc_2022"):
        of(edition="1999")


@needs_shared
def test_both_editions_agree_with_the_compiled_table():
    with (SHARED / "05-terminology/cdc_mme_factors_by_edition.csv").open(encoding="utf-8") as file:
        rows = {r["opioid"]: r for r in csv.DictReader(file)}
    for year in ("2016", "2022"):
        factors = mme_table(year).factors
        for (drug, route), factor in factors.items():
            row = rows[drug if route == "oral" else f"{drug} {route}"]
            if len(factor.tiers) == 1:
                assert factor.tiers[0][1] == Decimal(row[f"cdc_{year}_guideline_factor"])
        named = {d if r == "oral" else f"{d} {r}" for d, r in factors}
        assert named == set(rows) - {"buprenorphine"}
    assert rows["methadone"]["cdc_2016_guideline_factor"] == "4 (1-20 mg); 8 (21-40); 10 (41-60); 12 (>=61)"


@pytest.mark.parametrize(
    ("daily", "factor"), [("20", 4), ("20.5", 8), ("40", 8), ("41", 10), ("60", 10), ("61", 12), ("100", 12)]
)
def test_methadone_tiers_of_2016(daily, factor):
    assert of(med("methadone", daily, "mg", 1, "oral"), edition="2016").lines[0].factor == factor


def test_methadone_tiers_go_by_the_whole_day():
    """15 mg in the morning and 10 mg at night are 25 mg a day: factor 8, not 4."""
    two = of(med("methadone", 15, "mg", 1, "oral"), med("methadone tablet", 10, "mg", 1, "oral"), edition="2016")
    assert [line.factor for line in two.lines] == [8, 8]
    assert two.total == 200


@pytest.mark.parametrize(
    ("given", "total"),
    [
        (med("morphine", 30, "mg", 1, "oral"), 30),
        (med("Oxycodone", 10, "mg", 4, "po"), 60),
        (med("Oxycodone", 10, "MG", 4, "by mouth"), 60),
        (med("oxycodone", 40, "mg/day", None, "oral"), 60),
        (med("oxycodone", 40, "mg/d", 1, "oral"), 60),
        (med("oxycodone", "0.01", "g", 4, "oral"), 60),
        (med("tramadol", 200, "mg/d", None, "oral"), 40),
        (med("hydromorphone", 8, "mg/d", None, "oral"), 40),
        (med("oxycodone", 80, "mg/d", None, "oral"), 120),
        (med("fentanyl patch", 25, "mcg/h", None, "transdermal"), 60),
        (med("fentanyl patch", 25, "ug/h", "0.333", "td"), 60),
        (med("72 HR Fentanyl 0.075 MG/HR Transdermal System", 1, "{patch}", 1), 180),
        (med("fentanyl 12.5 mcg/hr patch", 2, "patches", "0.5"), 60),
        (med("Acetaminophen 325 MG / Oxycodone Hydrochloride 5 MG Oral Tablet", 2, "tablet", 4), 60),
        (med("Morphine Sulfate ER 15 mg tablet", 1, "tab", 2), 30),
        (med("oxycodone hydrochloride 5 MG/ML oral solution", 2, "mL", 4), 60),
        (med("oxycodone 5 mg/5 mL oral solution", 10, "mL", 4), 60),
        (med("morphine 2000 MG/L Oral Solution", 5, "mL", 3), 30),
        (med("Dilaudid tablet", 2, "mg", 4), 40),
    ],
)
def test_a_day_is_read_from_what_the_order_says(given, total):
    result = of(given)
    assert result.total == total
    assert result.status == f"{total} MME a day."


@pytest.mark.parametrize(
    ("given", "why"),
    [
        (med("buprenorphine patch", 10, "mcg/h", None, "transdermal"), "partial agonist and has no factor"),
        (med("Suboxone", 8, "mg", 2, "sublingual"), "partial agonist"),
        (med("levorphanol", 2, "mg", 3, "oral"), "levorphanol is not in the table"),
        (med("meperidine", 50, "mg", 4, "oral"), "meperidine is not in the table"),
        (med("dihydrocodeine", 30, "mg", 4, "oral"), "dihydrocodeine is not in the table"),
        (med("piritramide", 15, "mg", 4), "piritramide is not in the table"),
        (med("morphine", 10, "mg", 4, "iv"), "counts morphine by the oral route only, not intravenous"),
        (med("hydromorphone", 1, "mg", 1, "epidural"), "oral route only, not epidural"),
        (med("Morphine 10 MG/ML Injection", 1, "mL", 4), "oral route only, not injection"),
        (med("morphine 10 mg injection", 10, "mg", 4, "intravenous"), "not intravenous"),
        (med("morphine", 10, "mg", 4, "by machine"), "not by machine"),
        (med("fentanyl lozenge", 400, "ug", 4), "transdermal route only, not buccal"),
        (med("fentanyl citrate", 100, "ug", 4, "intranasal"), "not intranasal"),
        (med("Morphine suppository", 10, "mg", 4), "not rectal"),
        (med("oxycodone 5 mg sublingual tablet", 5, "mg", 4), "not sublingual"),
        (med("oxycodone"), "the dose is not known"),
        (med("morphine tablet"), "the dose is not known"),
        (med("morphine"), "the route is not stated"),
        (med("morphine", 10, "mg", 4), "the route is not stated"),
        (med("oxycodone", 10, "mg", None, "oral"), "how often a day is not known"),
        (med("oxycodone", 10, "", 4, "oral"), "the unit of the dose is not stated"),
        (med("oxycodone", 0, "mg", 4, "oral"), "the dose is not above zero"),
        (med("oxycodone", 40, "mg/day", 2, "oral"), "mg/day is already per day, yet 2 a day are given"),
        (med("oxycodone tablet", 1, "tablet", 4), "the strength of one tablet is not in the product's name"),
        (med("Percocet 5-325 tablet", 1, "tablet", 4), "the strength of one tablet is not in the product's name"),
        (med("oxycodone 5/325 mg tablet", 1, "tablet", 4), "the strength of one tablet"),
        (med("oxycodone 10 mg tablet", 1, "spoon", 4), "spoon does not fit the product's strength"),
        (med("oxycodone 5 mg/mL oral solution", 1, "tablet", 4), "tablet does not fit"),
        (med("oxycodone 5 mg tablet", 1, "tablet", 4, "iv"), "the order says intravenous, the product oral"),
        (med("fentanyl patch", 1, "patch", None), "a patch counts by its rate: give it in mcg/h"),
        (med("fentanyl patch", 25, "mg", 1), "a patch counts by its rate"),
        (med("fentanyl 25 mg patch", 1, "patch", 1), "a patch counts by its rate"),
        (med("fentanyl 25 mcg/h patch", 1, "patch", 3), "more than one patch change a day"),
        (
            med("oxycodone hydrochloride 4.5 MG / oxycodone terephthalate 0.38 MG Oral Tablet", 1, "tablet", 4),
            "more than one strength",
        ),
        (med("fentanyl 25 mcg/h patch", 1, "patch", 2), "more than one patch change a day"),
        (med("oxycodone or morphine", 10, "mg", 4, "oral"), "more than one opioid in one entry"),
    ],
)
def test_not_calculable_with_its_reason_and_never_zero(given, why):
    result = of(given)
    assert result.total is None
    assert result.at_least is None
    assert result.lines[0].mme is None
    assert result.lines[0].why.startswith("not calculable: ")
    assert why in result.lines[0].why
    assert result.status.startswith("Not calculable as a whole: ")
    assert {n: f.value for n, f in mme_facts(result, today=TODAY).items()} == {
        "mme_unconverted": (result.lines[0].drug,)
    }


def test_the_rest_is_what_it_is_at_least():
    result = of(med("oxycodone", 10, "mg", 4, "oral"), med("Butrans", 10, "mcg/h", None, "transdermal"))
    assert (result.total, result.at_least) == (None, 60)
    assert result.status == (
        "Not calculable as a whole: at least 60 MME a day; buprenorphine is a partial agonist and has no factor."
    )
    assert {n: f.value for n, f in mme_facts(result, today=TODAY).items()} == {
        "mme_at_least_per_day": 60,
        "mme_unconverted": ("buprenorphine",),
    }


def test_facts_of_a_whole_total():
    facts = mme_facts(of(med("oxycodone", 10, "mg", 4, "oral")), today=TODAY)
    assert {n: (f.value, f.unit, f.source) for n, f in facts.items()} == {
        "mme_per_day": (60, "mg/d", "computed, cdc_2022"),
        "mme_at_least_per_day": (60, "mg/d", "computed, cdc_2022"),
        "mme_unconverted": ((), "", "computed, cdc_2022"),
    }
    assert mme_facts(of(), today=TODAY) == {}
    assert set(facts) <= set(load().facts)


def test_how_a_dose_was_read_is_said():
    assert of(med("oxycodone", 10, "mg", 4)).lines[0].notes == ("route not stated, read as oral",)
    prn = of(med("tramadol", 50, "mg", 4, "oral", prn=True)).lines[0]
    assert (prn.mme, prn.notes) == (40, ("as needed, the most allowed is counted",))
    both = of(med("hydrocodone-acetaminophen", 10, "mg", 4, "oral")).lines[0]
    assert (both.mme, both.notes) == (40, ("a combination: the dose is read as hydrocodone",))
    assert of(med("Fentanyl 0.075 MG/HR Transdermal System", 1, "patch")).lines[0].notes == (
        "1 patch of 75 mcg/h worn at a time",
    )


def test_no_medicine_on_the_list_is_not_zero():
    assert (of().total, of().status) == (
        None, "No medicine taken is on the list: whether an opioid is taken is not known.",
    )  # fmt: skip
    assert of(med("oxycodone", 10, "mg", 4, "oral", status="stopped")).total is None


def test_no_opioid_on_a_known_list_is_zero_and_says_so():
    result = of(med("ibuprofen", 600, "mg", 3), med("pregabalin", 75, "mg", 2))
    assert (result.total, result.at_least, result.lines) == (0, 0, ())
    assert result.status == "No opioid is on the list (2 medicines)."
    assert of(med("ibuprofen")).status == "No opioid is on the list (1 medicine)."


def test_a_medicine_that_was_not_recognised_may_be_an_opioid():
    result = of(med("zyxodone", 5, "mg", 2))
    assert result.total is None
    assert result.status == "No opioid was recognised (1 medicine). Not recognised: zyxodone."
    beside = of(med("oxycodone", 10, "mg", 2, "oral"), med("zyxodone"))
    assert (beside.total, beside.status) == (30, "30 MME a day. Not recognised: zyxodone.")


def test_an_order_renewed_is_one_order():
    """The same words and dose with other start days are refills; without days each entry stands for itself."""
    renewed = [med("oxycodone", 10, "mg", 4, "oral", started=date(2026, m, 1)) for m in (1, 3, 2)]
    assert of(*renewed).total == 60
    assert len(of(*renewed).lines) == 1
    assert of(med("oxycodone", 10, "mg", 2, "oral"), med("oxycodone", 10, "mg", 2, "oral")).total == 60
    changed = [med("oxycodone", a, "mg", 4, "oral", started=date(2026, 1, a)) for a in (5, 10)]
    assert of(*changed).total == 90


@pytest.mark.parametrize(
    ("meds", "advised"),
    [
        ([med("oxycodone", 10, "mg", 3, "oral")], False),
        ([med("morphine", 50, "mg/d", None, "oral")], True),  # exactly at the threshold
        ([med("morphine", "49.9", "mg/d", None, "oral")], False),
        ([med("tramadol", 50, "mg", 1, "oral"), med("lorazepam")], True),
        ([med("buprenorphine", 8, "mg", 1, "sublingual"), med("diazepam")], True),
        ([med("buprenorphine", 8, "mg", 1, "sublingual")], None),
        ([med("oxycodone", 40, "mg/d", None, "oral"), med("Butrans", 5, "mcg/h")], True),
        ([med("oxycodone", 10, "mg", 1, "oral"), med("zyx")], None),
        ([med("lorazepam")], False),
        ([], None),
    ],
)
def test_naloxone_advice(meds, advised):
    result = of(*meds)
    assert result.naloxone is advised
    assert result.naloxone_why.endswith(".")


def test_naloxone_and_benzodiazepine_on_the_list_are_shown():
    result = of(med("oxycodone", 10, "mg", 4, "oral"), med("Xanax 1 mg"), med("Narcan"))
    assert result.benzodiazepines == ("Xanax 1 mg",)
    assert result.opioid_with_benzodiazepine
    assert result.naloxone_on_list
    assert not of(med("lorazepam")).opioid_with_benzodiazepine
    assert not of(med("oxycodone"), med("buprenorphine/naloxone film"), med("ibuprofen")).naloxone_on_list
    assert of(med("oxycodone or morphine")).lines[0].drug == "morphine or oxycodone"


def test_a_code_alone_is_enough_to_know_the_drug():
    result = of(
        Medication((Code(RXNORM, "7804"),), "tablet", "active", Dose(Decimal(10), "mg", Decimal(4), route="oral"))
    )
    assert result.total == 60


@needs_shared
def test_with_a_sites_product_list():
    drugs = formulary().with_products(SHARED / "05-terminology/rxnorm_opioid_ingredients_2020-10-20.csv")
    coded = Medication(
        (Code(RXNORM, "1049502"),), "tablets", "active", Dose(Decimal(10), "mg", Decimal(2), route="oral")
    )
    assert of(coded, drugs=drugs).total == 30
    assert of(coded).unrecognised == ("tablets",)


@needs_shared
def test_every_opioid_product_of_rxnorm_has_a_factor_or_a_reason():
    """912 products, one piece or one millilitre twice a day: a number by the table, or why not; never 0."""
    table = mme_table().factors
    with (SHARED / "05-terminology/rxnorm_opioid_ingredients_2020-10-20.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    counted = 0
    for row in rows:
        transdermal = row["dose_form"] == "Transdermal System"
        unit = "mL" if row["strength_unit"] == "MG/ML" else "patch" if transdermal else "tablet"
        (line,) = of(med(row["drug_name"], 1, unit, None if transdermal else 2)).lines
        drug = row["ingredient"].lower()
        assert line.drug == drug
        if line.mme is None:
            assert line.why
            continue
        counted += 1
        strength = Decimal(row["strength_value"])
        per_day = strength * 1000 if transdermal else strength * 2
        assert line.mme == per_day * table[drug, line.route].of(per_day), row["drug_name"]
        assert row["dose_form"].startswith(
            ("Oral", "Extended Release", "Disintegrating", "Effervescent", "Tablet", "Transdermal")
        )
    assert counted > 500
