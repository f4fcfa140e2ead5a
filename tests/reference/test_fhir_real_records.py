"""Real R4 input: Synthea, US Core, AHRQ's Brenda Jackson, a Bulk Data export, the US Core reference server.

Expected figures come with the data (expected.json and its README, made with another program). The data are not
in this repository; without them these tests are skipped.
"""

import gzip
import json
from collections import Counter
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from surcease.fhir import read_bundle, read_files

DATA = Path(__file__).parents[2].parent / "shared" / "data" / "04-fhir"
pytestmark = pytest.mark.skipif(not DATA.is_dir(), reason="the public FHIR samples are not beside the checkout")

SYNTHEA = sorted(json.loads((DATA / "synthea-r4" / "expected.json").read_text())) if DATA.is_dir() else []


def _day(value):
    return value.date() if isinstance(value, datetime) else value


def _accounted(report):
    unmapped = Counter()
    for kept in report.unmapped:
        unmapped[kept.resource] += kept.count
    assert Counter(report.read) == Counter(report.mapped) + unmapped


@pytest.mark.parametrize("name", SYNTHEA)
def test_synthea_against_its_expected_figures(name):
    expected = json.loads((DATA / "synthea-r4" / "expected.json").read_text())[name]
    (read,) = read_bundle(DATA / "synthea-r4" / f"{name}.gz")
    record, report = read.record, read.report
    person = record.person
    assert report.read == expected["resource_counts"]
    _accounted(report)
    assert (person.name, person.born.isoformat(), str(person.sex)) == (
        expected["name"], expected["birthDate"], expected["gender"],
    )  # fmt: skip
    assert person.deceased is (True if expected["deceased"] else None)
    conditions = [[c.codes[0].code, c.text, c.status, _day(c.onset).isoformat()] for c in record.conditions]
    assert sorted(conditions) == sorted(expected["conditions"])
    assert len(record.medications) == expected["medication_requests"]
    active = [[m.codes[0].code, m.text] for m in record.medications if m.status == "active"]
    assert sorted(active) == sorted(expected["active_medications"])
    assert len(record.allergies) == len(expected["allergies"])
    _latest(record, "pain_nrs", expected["pain_72514_3"])
    _latest(record, "weight", expected["weight_29463_7"])
    _latest(record, "height", expected["height_8302_2"])
    _smoking(record, expected["smoking_72166_2"])
    _pressure(record, expected["bp"])


def _series(record, name):
    return sorted((m for m in record.measurements if m.name == name), key=lambda m: m.at)


def _latest(record, name, expected):
    found = _series(record, name)
    assert len(found) == expected["n"]
    if found:
        # expected.json rounds to two decimals; the record keeps every digit.
        assert [float(round(found[-1].value, 2)), found[-1].unit] == expected["latest"]
        assert _day(found[-1].at).isoformat() == expected["date"]


def _smoking(record, expected):
    found = _series(record, "smoking")
    assert (len(found), found[-1].text if found else None) == (expected["n"], expected["latest"])


def _pressure(record, expected):
    systolic, diastolic = _series(record, "systolic"), _series(record, "diastolic")
    assert len(systolic) == len(diastolic) == expected["n"]
    if systolic:
        latest = dict(expected["latest"])
        newest = [float(round(series[-1].value, 1)) for series in (systolic, diastolic)]
        assert newest == [latest["8480-6"], latest["8462-4"]]


def test_brenda_jackson():
    (read,) = read_bundle(DATA / "pain-management-summary" / "brenda_jackson.r4.json")
    record = read.record
    assert (record.person.name, record.person.born) == ("Brenda Jackson", date(1961, 1, 25))
    assert [c.status for c in record.conditions] == ["active"] * 4
    by_code = {c.codes[0].code for c in record.conditions}
    assert by_code == {"203082005", "M54.5", "202725007", "832007"}
    assert _scores(record, "peg") == [("2021-03-20", 8), ("2022-03-03", 7), ("2023-01-25", 5)]
    assert _scores(record, "phq-9") == [("2021-03-20", 18), ("2022-03-03", 15), ("2023-01-01", 8)]
    mme, faces = _series(record, "mme"), _series(record, "pain_faces")
    assert (mme[-1].value, mme[-1].unit, _day(mme[-1].at)) == (Decimal(220), "{MME}/d", date(2023, 8, 1))
    assert (faces[-1].value, _day(faces[-1].at)) == (Decimal(10), date(2023, 10, 1))
    opioids = [m for m in record.medications if "Oxycodone" in m.text]
    assert len(opioids) == 22
    assert {m.dose for m in opioids} == {None}
    assert any("Chlordiazepoxide" in m.text for m in record.medications)
    assert any("unknown, which is not zero" in note for note in read.report.notes)
    _accounted(read.report)


def _scores(record, instrument):
    found = sorted((a for a in record.answers if a.instrument == instrument), key=lambda a: a.at)
    return [(_day(a.at).isoformat(), a.score) for a in found]


US_CORE = sorted((DATA / "us-core-examples").glob("*.json")) if DATA.is_dir() else []


@pytest.mark.parametrize("path", US_CORE, ids=lambda p: p.stem)
def test_every_us_core_example_is_read_alone(path):
    for read in read_bundle(path):
        _accounted(read.report)


def test_there_are_72_us_core_examples():
    assert len(US_CORE) == 72


def test_the_us_core_examples_together():
    reads = {r.record.person.id: r for r in read_files(US_CORE) if r.named}  # two Bundles only refer to a person
    amy = reads["example"].record
    assert amy.person.name == "Amy V. Baxter"
    (phq9,) = [a for a in amy.answers if a.instrument == "phq-9"]
    assert [phq9.items[i] for i in list(phq9.items)[:9]] == [2, 2, 2, 2, 1, 1, 2, 0, 0]
    assert phq9.score == 12
    assert [a.score for a in amy.answers if a.instrument == "audit-c"] == [0]
    dead = reads["deceased-example"]
    assert dead.record.person.deceased is True
    assert dead.report.notes[0].startswith("The person has died")
    assert reads["child-example"].record.person.born == date(2016, 1, 15)
    pressures = [m for m in amy.measurements if m.name == "diastolic"]
    assert [(m.value, m.absent) for m in pressures if m.value is None] == [(None, "Unknown")]
    tylenol = next(m for m in amy.medications if "Tylenol" in m.text)
    assert (tylenol.status, tylenol.dose) == ("active", None)
    assert "as needed" in tylenol.directions
    axid = [m for m in amy.medications if "Nizatidine" in m.text]
    assert len(axid) == 3  # the fourth, a dispense, supplies one of them
    assert {(m.dose.amount, m.dose.unit, m.dose.per_day) for m in axid} == {(Decimal(10), "mL", Decimal(2))}
    assert [m.text for m in amy.measurements if m.name == "pregnancy_status"] == ["Pregnant"]


def test_a_bulk_export():
    folder = DATA / "bulk-10-patients"
    paths = sorted(folder.glob("*.ndjson.gz"))
    reads = read_files(paths)
    assert len(reads) == 13
    assert all(r.named for r in reads)
    lines = {p.name.split(".")[0]: gzip.decompress(p.read_bytes()).count(b"\n") for p in paths}
    for kind in ("Patient", "Condition", "MedicationRequest", "Encounter", "Procedure"):
        assert sum(r.report.read.get(kind, 0) for r in reads) == lines[kind]
    assert (lines["Condition"], lines["MedicationRequest"]) == (555, 1745)
    both = [r for r in reads if {"278860009", "1121000119107"} <= {c.codes[0].code for c in r.record.conditions}]
    assert len(both) == 2  # chronic low back pain and chronic neck pain
    for read in reads:
        _accounted(read.report)


@pytest.mark.parametrize("patient", ["355", "85", "907", "client_test"])
def test_the_us_core_reference_server(patient):
    (read,) = read_bundle(DATA / "inferno-uscore" / f"uscore_bundle_patient_{patient}.json.gz")
    assert read.named
    _accounted(read.report)


def test_no_opioid_gains_a_dose_that_nobody_wrote():
    for name in SYNTHEA:
        path = DATA / "synthea-r4" / f"{name}.gz"
        with gzip.open(path, "rt", encoding="utf-8") as file:
            bundle = json.load(file)
        requests = [e["resource"] for e in bundle["entry"] if e["resource"]["resourceType"] == "MedicationRequest"]
        stated = sum(1 for r in requests if any("doseAndRate" in d for d in r.get("dosageInstruction", [])))
        (read,) = read_bundle(path)
        assert sum(1 for m in read.record.medications if m.dose) == stated
