"""Our own export reads back equal, whatever is in the record."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from surcease.care.partial import PartialDate
from surcease.care.record import (
    Allergy,
    Answers,
    Code,
    Condition,
    DiaryEntry,
    Dose,
    Given,
    Measurement,
    Medication,
    Origin,
    Person,
    Record,
    Sex,
)
from surcease.fhir import read_sources
from surcease.fhir.strict import source_of
from surcease.fhir.write import dumps, write_bundle
from surcease.knowledge.fact import Fact

LETTERS = "aZ0 .,;:!?/'\"<>&%–≥µñü痛😀\\{}[]"
WORDS = st.text(LETTERS, min_size=1, max_size=8).map(lambda s: " ".join(s.split())).filter(bool)
MAYBE = st.one_of(st.just(""), WORDS)
AMOUNTS = st.integers(0, 5_000_000).map(lambda n: Decimal(n).scaleb(-3)) | st.integers(0, 500).map(Decimal)
CODES = st.sampled_from(
    [
        (),
        (Code("http://snomed.info/sct", "82423001", "Chronic pain"), Code("", "local", "a local code")),
        (Code("http://hl7.org/fhir/sid/icd-10-cm", "G90.511", "CRPS"),),
        (Code("http://loinc.org", "29463-7"),),
        (Code("http://loinc.org", "44261-6", "PHQ-9 total"),),
        (Code("http://loinc.org", "8480-6"),),
    ]
)
ZONES = st.integers(-12 * 4, 14 * 4).map(lambda q: timezone(timedelta(minutes=15 * q)))
START = datetime(1990, 1, 1, tzinfo=UTC)
INSTANTS = st.builds(
    lambda minutes, ms, zone: (START + timedelta(minutes=minutes, milliseconds=ms)).astimezone(zone),
    st.integers(0, 26_000_000),
    st.sampled_from([0, 1, 683]),
    ZONES,
)
DAYS = st.dates(date(1930, 1, 1), date(2040, 1, 1))
PARTIAL = st.sampled_from(["1988", "2010-05", "2024-12"]).map(PartialDate.of)
WHEN = st.one_of(st.none(), DAYS, INSTANTS, PARTIAL)
KINDS = st.sampled_from(["import", "staff", "patient", "device"])
ORIGINS = st.none() | st.builds(Origin, KINDS, MAYBE, MAYBE, st.none() | INSTANTS)
TRUTH = st.sampled_from([True, False, None])
DOSES = st.builds(
    Dose,
    AMOUNTS,
    st.sampled_from(["mg", "ug/h", "mL", "tablet", ""]),
    st.none() | AMOUNTS,
    st.booleans(),
    st.sampled_from(["", "po", "iv", "through the ear"]),
    MAYBE,
)
PROBLEM = st.sampled_from(["active", "inactive", "resolved", "unknown"])
CONDITIONS = st.builds(Condition, CODES, WORDS, PROBLEM, WHEN, WHEN, TRUTH, MAYBE, ORIGINS)
LISTED = st.sampled_from(["active", "stopped", "completed", "on-hold", "intended", "unknown"])
MEDICATIONS = st.builds(Medication, CODES, WORDS, LISTED, st.none() | DOSES, WHEN, WHEN, WHEN, MAYBE, ORIGINS)
STANDING = st.sampled_from(["active", "inactive", "resolved"])
ALLERGIES = st.builds(Allergy, CODES, WORDS, STANDING, MAYBE, st.booleans(), ORIGINS) | st.builds(
    Allergy, CODES, WORDS, st.just("refuted"), MAYBE, st.just(False), ORIGINS
)
NAMES = st.sampled_from(["", "weight", "systolic", "smoking", "pain_nrs", "qtc"])
UNITS = st.sampled_from(["kg", "mm[Hg]", "mmHg", "stone", "", "U/L"])
NUMBERS = st.builds(
    Measurement, NAMES, AMOUNTS, UNITS, WHEN, CODES, MAYBE, upper_normal=st.none() | AMOUNTS, origin=ORIGINS
)
CODED = st.builds(Measurement, NAMES, st.none(), st.just(""), WHEN, CODES, WORDS, result=CODES, origin=ORIGINS)
ABSENT = st.builds(Measurement, NAMES, st.none(), st.just(""), WHEN, CODES, st.just(""), WORDS, origin=ORIGINS)
SEVERAL = st.lists(WORDS, max_size=3).map(tuple)
ITEM = st.one_of(st.none(), AMOUNTS, st.booleans(), WORDS, SEVERAL, st.just("LA6570-1"))
ITEMS = st.dictionaries(st.sampled_from(["1", "2", "9", "pain", "free text"]), ITEM, max_size=4)
FORMS = st.sampled_from(["peg", "phq-9", "c-ssrs", "a-site-form"])
VERSIONS = st.sampled_from(["", "1", "2.1"])
ANSWERS = st.builds(Answers, FORMS, VERSIONS, ITEMS, WHEN, st.none() | AMOUNTS, ORIGINS)
SAID = st.one_of(st.none(), AMOUNTS, st.booleans(), WORDS)
VALUES = st.dictionaries(st.sampled_from(["sleep", "mood", "words"]), SAID, max_size=2)


@st.composite
def diaries(draw):
    at = draw(INSTANTS)
    return DiaryEntry(
        entry_id=draw(st.sampled_from("abcdef")),
        kind=draw(st.sampled_from(["average", "now", "pulse", "bad_day"])),
        at=at,
        local_date=at.date(),
        utc_offset_min=int(at.utcoffset().total_seconds() // 60),
        received_at=draw(INSTANTS),
        pain=draw(st.none() | AMOUNTS),
        site=draw(MAYBE),
        values=draw(VALUES),
        late=draw(st.booleans()),
        note=draw(MAYBE),
    )


GIVEN = st.builds(
    Given,
    st.sampled_from(["racemic", "s_ketamine"]),
    st.sampled_from(["", "iv", "po"]),
    st.none() | AMOUNTS,
    INSTANTS,
    st.none() | INSTANTS,
    st.sampled_from(["", "s-1"]),
    st.booleans(),
    MAYBE,
    ORIGINS,
)
FACTS = st.builds(Fact, st.one_of(st.booleans(), AMOUNTS, WORDS, DAYS, INSTANTS, SEVERAL), at=WHEN, source=MAYBE)
STATED = st.dictionaries(st.sampled_from(["weight_kg", "smoker", "failed_classes"]), FACTS)
PEOPLE = st.builds(
    Person,
    st.just("p1"),
    WORDS,
    MAYBE,
    st.none() | DAYS | PARTIAL,
    st.sampled_from(Sex),
    TRUTH,
    identifiers=st.lists(st.tuples(MAYBE, WORDS), max_size=2, unique=True).map(tuple),
    language=st.sampled_from(["", "es"]),
    zone=st.sampled_from(["", "Europe/London"]),
    phone=st.sampled_from(["", "020 7946 0000"]),
    email=st.sampled_from(["", "a@b.example"]),
) | st.builds(Person, st.just("p1"), WORDS, MAYBE, st.none(), deceased=st.just(True), died=DAYS | PARTIAL)


def few(strategy):
    return st.lists(strategy, max_size=2).map(tuple)


RECORDS = st.builds(
    Record,
    PEOPLE,
    few(CONDITIONS),
    few(MEDICATIONS),
    few(ALLERGIES),
    few(NUMBERS | CODED | ABSENT),
    few(ANSWERS),
    few(diaries()),
    few(GIVEN),
    STATED,
)
QUICK = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def journey(record):
    text = dumps(write_bundle(record, now=START))
    (read,) = read_sources([source_of(text.encode(), "export.json")])
    return read


@QUICK
@given(RECORDS)
def test_an_export_reads_back_equal(record):
    read = journey(record)
    assert {u.resource for u in read.report.unmapped} <= {"Questionnaire"}
    assert read.record == record
    assert _digits(read.record) == _digits(record)
    assert dumps(write_bundle(record)) == dumps(write_bundle(replace(record)))


def _digits(record):
    """72.50 is equal to 72.5 and says more."""
    return [str(m.value) for m in record.measurements] + [str(g.amount_mg) for g in record.given]
