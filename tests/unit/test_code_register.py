"""Every code the knowledge carries: check digits, the dot of ICD, codes that were mixed up elsewhere."""

import csv
import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from surcease.knowledge import load
from surcease.knowledge.catalogue import catalogue
from surcease.knowledge.check_digits import loinc, snomed
from surcease.knowledge.codes import has_any

SHARED = Path(__file__).parents[2].parent / "shared" / "data"
needs_shared = pytest.mark.skipif(not SHARED.is_dir(), reason="the shared test data is not beside the repository")
LOINC = re.compile(r"(?:LA)?[0-9]{3,7}-[0-9]")
REGISTER = ("codes/conditions.yaml", "codes/observations.yaml")


def texts(value) -> Iterator[str]:
    """Every text in a document, keys too."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield key
            yield from texts(inner)
    elif isinstance(value, list | tuple):
        for inner in value:
            yield from texts(inner)
    elif isinstance(value, str):
        yield value


ALL = {name: list(texts(document)) for name, document in load().documents.items()}


def test_every_loinc_code_has_its_check_digit():
    codes = {t for found in ALL.values() for t in found if LOINC.fullmatch(t)}
    assert len(codes) > 80
    assert {c for c in codes if not loinc(c)} == set()


def test_every_snomed_code_has_its_check_digit():
    written = {t.partition("|")[2] for found in ALL.values() for t in found if t.startswith("snomed|")}
    register = {
        c for entry in load().documents["codes/conditions.yaml"]["conditions"].values()
        for codes in entry.get("snomed", {}).values() for c in codes
    }  # fmt: skip
    assert len(written | register) > 50
    assert {c for c in written | register if not snomed(c)} == set()


@pytest.mark.parametrize(
    ("check", "good"),
    [(loinc, "2951-2"), (loinc, "72514-3"), (loinc, "LA6568-5"), (snomed, "73211009"), (snomed, "22298006")],
)
def test_a_changed_figure_or_a_swap_is_caught(check, good):
    """2951-2 (LOINC manual, sodium) and 73211009 (diabetes mellitus) are published examples."""
    assert check(good)
    for i, figure in enumerate(good):
        if figure.isdecimal():
            others = [good[:i] + str(d) + good[i + 1 :] for d in range(10) if str(d) != figure]
            assert not any(check(o) for o in others), (good, i)


@pytest.mark.parametrize("wrong", ["", "12345", "x", "7321100x", "2951", "2951-", "2951-22", "a-b", "٧٣٢١١٠٠٩"])
def test_what_is_no_code_has_no_check_digit(wrong):
    assert not loinc(wrong)
    assert not snomed(wrong)


def test_scores_carry_the_code_of_the_score_not_of_a_neighbour():
    """Mix-ups seen in public fixtures: GAD-7 with 44249-1, AUDIT-C with 75624-7, DAST-10 with its panel 82666-9."""
    known = catalogue()
    assert (known["gad-7"].code, known["gad-7"].scales[0].code) == ("69737-5", "70274-6")
    assert (known["phq-9"].code, known["phq-9"].scales[0].code) == ("44249-1", "44261-6")
    assert known["audit-c"].scales[0].code == "75626-2"
    assert (known["dast-10"].code, known["dast-10"].scales[0].code) == ("82666-9", "82667-7")
    register = load().documents["codes/observations.yaml"]["observations"]
    for entry in register.values():
        right = {c for codes in entry.get("loinc", {}).values() for c in codes}
        assert not right & set(entry.get("not", {}))


def test_no_document_uses_a_code_that_means_something_else():
    """GAD-2 has been given PHQ-15's total and PHQ-4's panel; RASS an item of the confusion assessment method."""
    for wrong in ("70273-8", "69724-3", "54628-3", "75624-7"):
        users = [name for name, found in ALL.items() if wrong in found and name not in REGISTER]
        assert users == [], wrong


def test_no_two_instruments_share_a_total():
    totals = [s.code for i in catalogue().values() for s in i.scales if s.code and i.id != "nrs"]
    assert len(totals) == len(set(totals))


@pytest.mark.parametrize(
    "held", ["icd10|G9050", "icd10|G90.50", "http://hl7.org/fhir/sid/icd-10-cm|G9050", "icd10|g90.50"]
)
def test_icd_with_and_without_its_dot_is_one_code(held):
    """Quality measures write G9050 for G90.50."""
    assert has_any([held], ["icd10|G90.5"])
    assert has_any([held], ["icd10|G905"])
    assert not has_any([held], ["icd10|G90.51"])


def test_every_registered_icd_code_has_its_dot():
    for entry in load().documents["codes/conditions.yaml"]["conditions"].values():
        for codes in entry.get("icd10", {}).values():
            for code in codes:
                assert re.fullmatch(r"[A-Z][0-9][0-9A-Z](\.[0-9A-Z]{1,4})?", code), code


@needs_shared
def test_icd_codes_called_found_are_in_the_april_2026_release():
    with (SHARED / "05-terminology/icd10cm_ketamine_pain_subset.csv").open(encoding="utf-8") as file:
        release = {row["code"] for row in csv.DictReader(file)}
    for name, entry in load().documents["codes/conditions.yaml"]["conditions"].items():
        for code in entry.get("icd10", {}).get("found", ()):
            assert code in release, (name, code)


@needs_shared
def test_codes_in_us_core_examples_mean_what_ours_say():
    folder = SHARED / "04-fhir/us-core-examples"
    shown = {}
    for path in folder.glob("*.json"):
        for system, code, display in codings(json.loads(path.read_text(encoding="utf-8"))):
            if system == "http://loinc.org":
                shown.setdefault(code, set()).add(display.lower())
    ours = {i.code: i.text for x in catalogue().values() for i in x.flat() if i.code and i.text}
    both = set(ours) & set(shown)
    assert len(both) >= 10
    for code in both:
        words = set(re.findall(r"[a-z]{4,}", ours[code].lower()))
        assert any(len(words & set(re.findall(r"[a-z]{4,}", d))) >= len(words) / 2 for d in shown[code]), code


def codings(value):
    if isinstance(value, dict):
        if "system" in value and "code" in value:
            yield value["system"], value["code"], value.get("display", "")
        for inner in value.values():
            yield from codings(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from codings(inner)


def test_grades_of_the_register_point_to_sources():
    for name in REGISTER:
        document = load().documents[name]
        entries = document.get("conditions") or document["observations"]
        used = {g for e in entries.values() for kind in ("snomed", "icd10", "loinc") for g in e.get(kind, {})}
        assert used <= set(document["grades"])
        assert {s for sources in document["grades"].values() for s in sources} <= set(load().sources)
