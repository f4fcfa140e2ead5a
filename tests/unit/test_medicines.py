"""Medicines: what matched on what, what is only asked, what is not recognised; classes against CDC's product lists."""

import csv
import gzip
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from surcease.care.medicines import medicine_facts, recognise, taken
from surcease.care.record import Code, Medication
from surcease.knowledge import load
from surcease.knowledge.formulary import RXNORM, formulary, words_of
from surcease.knowledge.yaml import KnowledgeError

SHARED = Path(__file__).parents[2].parent / "shared" / "data"
needs_shared = pytest.mark.skipif(not SHARED.is_dir(), reason="the shared test data is not beside the repository")
DRUGS = formulary()
TODAY = date(2026, 3, 2)


def of(text, *codes, **more):
    return Medication(tuple(Code(RXNORM, c) for c in codes), text, **more)


def found(text, *codes):
    return recognise(of(text, *codes), DRUGS)


@pytest.mark.parametrize(
    ("text", "drugs"),
    [
        ("Percocet 5-325 prn", {"oxycodone"}),
        ("oxyCODONE HCl 10 MG 12HR Extended Release Oral Tablet", {"oxycodone"}),
        ("Acetaminophen 325 MG / Oxycodone Hydrochloride 5 MG Oral Tablet", {"acetaminophen", "oxycodone"}),
        ("Tylenol PM Pill", {"acetaminophen", "diphenhydramine"}),
        ("Tylenol", {"acetaminophen"}),
        ("dihydrocodeine 30 mg", {"dihydrocodeine"}),  # not codeine
        ("apomorphine", set()),  # not morphine
        ("esketamine nasal spray", {"esketamine"}),  # not ketamine
        ("S(+)-ketamine", {"esketamine"}),
        ("norketamine", set()),
        ("St. John's wort", {"st john's wort"}),
        ("st john’s wort tea", {"st john's wort"}),
        ("co-codamol 30/500", {"codeine"}),
        ("Theo-24 300 mg", {"theophylline"}),
        ("takes morphine.", {"morphine"}),
        ("(lorazepam)", {"lorazepam"}),
        ("Nuedexta", {"dextromethorphan", "quinidine"}),
        ("melatonin", {"melatonin"}),
        ("Vitamin B 12", {"cyanocobalamin"}),
        ("", set()),
    ],
)
def test_names_match_as_whole_words(text, drugs):
    assert set(found(text).drugs) == drugs


def test_what_matched_on_what_is_shown():
    by_code = found("tablet", "6470").matches
    assert [(m.drug, m.on, m.matched, m.confidence) for m in by_code] == [("lorazepam", "code", "RxNorm 6470", "sure")]
    assert [(m.on, m.matched) for m in found("Xanax 1 mg").matches] == [("name", "xanax")]
    assert [(m.on, m.matched) for m in found("night: Xanax").matches] == [("word", "xanax")]


def test_a_code_from_memory_is_shown_as_unverified():
    assert DRUGS.drugs["esketamine"].grade == "assumption"
    assert found("spray", "2119365").matches[0].confidence == "unverified"


@pytest.mark.parametrize(
    ("code", "drug", "mistaken"),
    [
        ("6960", "midazolam", "melatonin"),
        ("17128", None, "lamotrigine"),  # it is lansoprazole's
        ("69120", None, "dexmedetomidine"),  # it is tiotropium's
        ("37617", None, "ondansetron"),
        ("4471", None, "flumazenil"),
    ],
)
def test_codes_that_hand_made_lists_invented_do_not_match_their_drug(code, drug, mistaken):
    """RxNorm numbers in hand-made lists contradicted each other; two independent tables settle which is which."""
    assert mistaken not in found("tablet", code).drugs
    assert drug is None or drug in found("tablet", code).drugs


def test_when_code_and_words_disagree_both_count_and_a_person_is_asked():
    both = found("Lamotrigine 100 mg", "6470")
    assert both.drugs == ("lamotrigine", "lorazepam")
    assert both.doubt == "The code says lorazepam, the words say lamotrigine: which is right?"


@pytest.mark.parametrize(
    ("text", "asked"),
    [("Simvistatin 10 MG", "simvastatin"), ("lorazepma", "lorazepam"), ("tramadoll", "tramadol"),
     ("oxycodon", "oxycodone"), ("hydroxizine", "hydroxyzine")],
)  # fmt: skip
def test_a_near_spelling_only_asks(text, asked):
    near = found(text)
    assert near.drugs == near.classes == ()
    assert not near.known
    assert [(m.drug, m.on, m.confidence) for m in near.matches] == [(asked, "spelling", "ask")]
    assert near.doubt.endswith(f"is it {asked}?")


def test_short_or_far_words_are_not_guessed():
    assert found("Xanas").matches == ()
    assert found("zyxodone").matches == ()
    assert found("zyxodone").doubt == "Not recognised: what is it?"


def test_a_spelling_near_to_two_drugs_is_not_guessed():
    """One letter from temazepam and one from tetrazepam: neither is proposed."""
    assert found("tetazepam").matches == ()


@pytest.mark.parametrize(
    "text", ["stopped lorazepam last year", "no ibuprofen", "allergic to codeine", "tramadol - on hold"]
)
def test_words_that_deny_it_are_pointed_out_and_it_still_counts(text):
    assert found(text).known
    assert "is it taken?" in found(text).doubt


def test_directions_are_read_for_doubt_too():
    assert "'stopped'" in recognise(of("tramadol", directions="stopped in May"), DRUGS).doubt
    assert recognise(of("tramadol", directions="one at night"), DRUGS).doubt == ""


@pytest.mark.parametrize(
    ("text", "long_acting"),
    [("Morphine ER 30 mg", True), ("MS Contin", True), ("methadone", True), ("fentanyl patch", True),
     ("12 HR Oxycodone Hydrochloride 10 MG Extended Release Oral Tablet", True), ("oxycodone 5 mg", False)],
)  # fmt: skip
def test_long_acting(text, long_acting):
    assert found(text).long_acting is long_acting


def test_only_what_is_taken_today_counts():
    assert taken(of("a", status="active"), TODAY)
    assert taken(of("a"), TODAY)
    assert not taken(of("a", status="stopped"), TODAY)
    assert not taken(of("a", status="on-hold"), TODAY)
    assert not taken(of("a", status="active", stopped=date(2026, 3, 1)), TODAY)
    assert taken(of("a", status="active", stopped=datetime(2026, 3, 9, 8, tzinfo=UTC)), TODAY)


def test_the_facts_of_a_list():
    facts = medicine_facts(
        (of("Oxycodone"), of("methadone"), of("Lorazepam"), of("Narcan nasal spray"), of("zyx"),
         of("phenelzine", status="stopped")),
        DRUGS, today=TODAY,
    )  # fmt: skip
    assert {name: f.value for name, f in facts.items()} == {
        "med_classes": ("benzodiazepine", "naloxone", "opioid", "opioid_long_acting", "qt_drug"),
        "med_drugs": ("lorazepam", "methadone", "naloxone", "oxycodone"),
        "med_unrecognised_count": 1,
        "opioid_count": 2,
        "opioid_long_acting_count": 1,
        "naloxone_on_list": True,
    }
    assert set(facts) <= set(load().facts)


def test_no_list_is_not_an_empty_list():
    assert medicine_facts((), DRUGS, today=TODAY) == {}
    said = medicine_facts((), DRUGS, today=TODAY, none_taken=True)
    assert said["med_classes"].value == ()
    assert said["opioid_count"].value == 0


def test_naloxone_within_suboxone_is_no_rescue():
    facts = medicine_facts((of("Buprenorphine 8 MG / Naloxone 2 MG Sublingual Film"),), DRUGS, today=TODAY)
    assert facts["naloxone_on_list"].value is False


CLASSES = (
    "benzodiazepine", "z_drug", "opioid", "gabapentinoid", "sedating_antihistamine", "phenothiazine", "muscle_relaxant",
    "theophylline", "sympathomimetic", "vasopressin", "ergot", "stimulant", "maoi", "thyroid_hormone",
    "cyp3a4_inhibitor_strong", "cyp2b6_inhibitor", "inducer", "lamotrigine", "nmda_antagonist", "antihypertensive",
    "antipsychotic", "lithium", "barbiturate", "volatile_anaesthetic", "neuromuscular_blocker", "seizure_threshold",
    "qt_drug", "naltrexone", "ketamine", "antidepressant_tricyclic", "naloxone", "buprenorphine",
)  # fmt: skip


@pytest.mark.parametrize("text", ["albuterol inhaler", "Serevent", "cabergoline", "desmopressin spray"])
def test_relatives_without_a_pressor_effect_are_not_of_the_pressor_classes(text):
    """A person with an asthma inhaler is not put off for a pressor medicine."""
    assert found(text).known
    assert not {"sympathomimetic", "ergot", "vasopressin"} & set(found(text).classes)


def test_the_classes_that_rules_ask_for_have_members():
    for name in CLASSES:
        assert DRUGS.in_class(name), name
    with pytest.raises(KeyError, match="There is no class 'poison'"):
        DRUGS.in_class("poison")


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("theophylline", "theophylline"), ("aminophylline", "theophylline"),
        ("clarithromycin", "cyp3a4_inhibitor_strong"),
        ("ketoconazole", "cyp3a4_inhibitor_strong"), ("itraconazole", "cyp3a4_inhibitor_strong"),
        ("ritonavir", "cyp3a4_inhibitor_strong"), ("ticlopidine", "cyp2b6_inhibitor"),
        ("clopidogrel", "cyp2b6_inhibitor"),
        ("rifampicin", "inducer"), ("carbamazepine", "inducer"), ("phenytoin", "inducer"), ("phenobarbital", "inducer"),
        ("phenobarbital", "barbiturate"), ("St John's wort", "inducer"), ("memantine", "nmda_antagonist"),
        ("dextromethorphan", "nmda_antagonist"), ("amantadine", "nmda_antagonist"), ("tramadol", "seizure_threshold"),
        ("bupropion", "seizure_threshold"), ("tramadol", "opioid"), ("ondansetron", "qt_drug"),
        ("levothyroxine", "thyroid_hormone"),
        ("methylphenidate", "stimulant"), ("modafinil", "stimulant"), ("tranylcypromine", "maoi"),
        ("haloperidol", "antipsychotic"),
        ("risperidone", "antipsychotic"), ("clozapine", "antipsychotic"), ("nitrazepam", "benzodiazepine"),
        ("alprazolam", "benzodiazepine"), ("baclofen", "muscle_relaxant"), ("gabapentin", "gabapentinoid"),
    ],
)  # fmt: skip
def test_the_drugs_that_the_interaction_table_names(text, name):
    assert name in found(text).classes


@needs_shared
@pytest.mark.parametrize(
    ("file", "name"),
    [("opioids", "opioid"), ("benzodiazepines", "benzodiazepine"), ("muscle_relaxants", "muscle_relaxant")],
)
def test_every_product_of_cdcs_lists_falls_in_its_class(file, name):
    """14 549 opioids, 7 816 benzodiazepines, 5 987 muscle relaxants by generic name."""
    with gzip.open(
        SHARED / f"05-terminology/cdc_2018_{file}_ndc.csv.gz", "rt", encoding="utf-8", errors="replace"
    ) as text:
        generic = {row["GENNME"] for row in csv.DictReader(text) if row.get("GENNME")}
    missed = {g for g in generic if name not in found(g).classes}
    assert not missed
    assert len(generic) > 10


@needs_shared
def test_every_opioid_product_of_rxnorm_is_known_by_its_name_and_by_its_ingredient():
    with (SHARED / "05-terminology/rxnorm_opioid_ingredients_2020-10-20.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    for row in rows:
        wanted = row["ingredient"].lower()
        assert wanted in found(row["drug_name"]).drugs, row["drug_name"]
        assert DRUGS.codes[row["ingredient_rxcui"]] == wanted
    assert len(rows) == 912


@needs_shared
def test_a_sites_product_list_knows_products_by_code():
    drugs = DRUGS.with_products(SHARED / "05-terminology/rxnorm_opioid_ingredients_2020-10-20.csv")
    known = recognise(of("", "1049502"), drugs)
    assert [(m.drug, m.on, m.matched) for m in known.matches] == [("oxycodone", "code", "RxNorm product 1049502")]


def test_a_product_list_needs_its_columns(tmp_path):
    path = tmp_path / "products.csv"
    path.write_text("code,name\n1,a\n", encoding="utf-8")
    with pytest.raises(KnowledgeError, match=r"products\.csv: a product list needs the columns"):
        DRUGS.with_products(path)
    path.write_text("rxcui,ingredient_rxcui\n9,6470\n9,6470\n9,3322\n8,1\n", encoding="utf-8")
    assert DRUGS.with_products(path).products == {"9": ("lorazepam", "diazepam")}


@needs_shared
def test_the_real_lists_name_their_problems():
    """Brenda Jackson: an opioid with a benzodiazepine; a near spelling in Synthea is asked, not guessed."""
    import json

    bundle = json.loads((SHARED / "04-fhir/pain-management-summary/brenda_jackson.r4.json").read_text())
    texts = {e["resource"]["medicationCodeableConcept"]["text"] for e in bundle["entry"]
             if e["resource"]["resourceType"] == "MedicationRequest"}  # fmt: skip
    classes = {c for t in texts for c in found(t).classes}
    assert {"opioid", "benzodiazepine", "opioid_long_acting"} <= classes
    assert all(found(t).known for t in texts)


def test_no_two_drugs_share_a_code_and_every_class_is_declared():
    raw = load().documents["codes/drugs.yaml"]
    codes = [d["rxnorm"]["code"] for d in raw["drugs"].values() if "rxnorm" in d]
    assert len(codes) == len(set(codes))
    assert {c for d in raw["drugs"].values() for c in d["classes"]} == set(raw["classes"])
    for drug in raw["drugs"].values():
        grade = drug.get("rxnorm", {}).get("grade")
        assert grade in (None, "found", "secondary", "assumption")
        sources = drug.get("rxnorm", {}).get("source", [])
        assert bool(sources) is (grade in ("found", "secondary"))
        assert set(sources) <= set(load().sources)


def test_words():
    assert words_of("Übelkeit: Paracétamol") == ("ubelkeit", "paracetamol")
    assert Decimal(len(words_of(""))) == 0
