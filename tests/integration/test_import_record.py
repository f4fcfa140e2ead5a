"""Imports into the database: once, whole per person, nobody merged, our own export come home changes nothing."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from surcease.care.record import (
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
from surcease.fhir import read_bundle, read_sources
from surcease.fhir.report import Report
from surcease.fhir.strict import source_of
from surcease.fhir.write import dumps, write_bundle
from surcease.knowledge.fact import Fact
from surcease.web.interop.actions import FHIR_ID, NotTakenIn, accept, discard, import_record, keep_batch, match
from surcease.web.interop.models import ImportBatch
from surcease.web.patients import actions as patients
from surcease.web.patients.models import ConditionRow, MeasurementRow, MedicationRow, Patient
from surcease.web.patients.record import make_record
from surcease.web.patients.rows import row_of

DATA = Path(__file__).parents[2].parent / "shared" / "data" / "04-fhir"
PEOPLE = Path(__file__).parents[2] / "examples" / "people"
pytestmark = pytest.mark.django_db
REPORT = Report("x.json", "0")
MORNING = datetime(2026, 3, 2, 9, tzinfo=UTC)
ANN = Person("p1", "Lee", "Ann", date(1988, 2, 3), Sex.FEMALE, identifiers=(("http://h.example/mrn", "12"),))


def origin(ref):
    return Origin("import", ref, "Dr Bone", MORNING)


RECORD = Record(
    ANN,
    (Condition((Code("http://snomed.info/sct", "82423001"),), "pain", "active", MORNING.date(), origin=origin("C/1")),),
    (Medication((), "oxycodone", "active", Dose(Decimal("5.0"), "mg", Decimal(2)), MORNING, origin=origin("M/1")),),
    measurements=(
        Measurement("systolic", Decimal(120), "mm[Hg]", MORNING, origin=origin("O/1")),
        Measurement("diastolic", Decimal(80), "mm[Hg]", MORNING, origin=origin("O/1")),
    ),
    answers=(Answers("peg", "1", {"pain": Decimal(7)}, MORNING, Decimal(5), origin("Q/1")),),
    diary=(DiaryEntry("e1", "average", MORNING, MORNING.date(), 0, MORNING, Decimal(6), values={"sleep": Decimal(3)}),),
    given=(Given("racemic", "iv", Decimal("35.0"), MORNING),),
    statements={"smoker": Fact(False, at=MORNING, source="intake")},
)


@pytest.fixture
def take(clinic, now):
    def _take(record=RECORD, report=REPORT, by="import", named=True):
        return import_record(record, report, by=by, now=now, site=clinic, named=named)

    return _take


def whole(patient):
    """The record without what only this database knows."""
    return replace(make_record(patient), person=RECORD.person)


def test_a_record_goes_in_whole_and_a_second_time_changes_nothing(take):
    first, second = take(), take()
    assert (first.word, second.word, second.patient) == ("new", "unchanged", first.patient)
    assert (second.added, second.replaced) == (0, 0)
    assert whole(first.patient) == RECORD
    assert Patient.objects.count() == 1


def test_what_its_own_system_changed_is_struck_and_replaced(take):
    patient = take().patient
    systolic, diastolic = RECORD.measurements
    changed = replace(RECORD, measurements=(systolic, replace(diastolic, value=Decimal(90))))
    outcome = take(changed)
    assert (outcome.word, outcome.added, outcome.replaced) == ("updated", 0, 1)
    assert whole(patient) == changed
    assert MeasurementRow.objects.filter(patient=patient).count() == 3  # the old reading stays, struck through
    assert take(changed).word == "unchanged"


def test_a_row_struck_here_stays_struck(take, users, now):
    patient = take().patient
    row = ConditionRow.objects.get(patient=patient)
    patients.strike(by=users.nurse, now=now, row=row, reason="Not this person's.")
    assert take().word == "unchanged"
    assert not make_record(patient).conditions


def test_an_opioid_without_a_dose_stays_without(take):
    bare = replace(RECORD, medications=(Medication((), "oxycodone", "active", origin=origin("M/1")),))
    row = MedicationRow.objects.get(patient=take(bare).patient)
    assert row.amount is None
    assert make_record(row.patient).medications[0].dose is None


def test_our_own_export_come_home_changes_nothing(take, users, now):
    patient = take().patient
    mine = Condition((), "burning hand", "active")
    patients.enter(by=users.nurse, now=now, patient=patient, rows=[row_of(mine)])
    patients.state(by=users.nurse, now=now, patient=patient, facts={"diabetes": Fact(False, at=now)})
    before = make_record(patient)
    text = dumps(write_bundle(before, now=now))
    (read,) = read_sources([source_of(text.encode(), "export.json")])
    assert read.record == before
    outcome = import_record(read.record, read.report, by="import", now=now, site=None)
    assert (outcome.patient, outcome.word) == (patient, "unchanged")
    assert make_record(patient) == before


def test_an_export_moves_to_another_clinic(take):
    moved = replace(RECORD, person=replace(ANN, id="5a1f6a0e-2b0e-4a65-9a6e-0b5f2d3c4e5f", identifiers=()))
    patient = take(moved).patient
    assert whole(patient) == RECORD
    assert patient.identifiers.get().system == FHIR_ID
    assert take(moved).word == "unchanged"


def test_identifiers_in_another_order_are_the_same_system(take):
    two = (("http://h.example/mrn", "12"), ("http://h.example/insurance", "77"))
    patient = take(replace(RECORD, person=replace(ANN, identifiers=two))).patient
    again = take(replace(RECORD, person=replace(ANN, identifiers=two[::-1])))
    assert (again.patient, again.word) == (patient, "unchanged")


def test_a_system_that_later_gives_a_number_is_still_known_by_its_id(take):
    bare = replace(ANN, id="7d0a4f4e-0f5e-4f0e-8f55-6f6f2d3c4e5f", identifiers=())
    patient = take(replace(RECORD, person=bare)).patient
    numbered = replace(bare, identifiers=(("http://h.example/mrn", "99"),))
    assert take(replace(RECORD, person=numbered)).patient == patient


def test_a_statement_made_here_later_stands(take, users, now):
    patient = take().patient
    later = {"smoker": Fact(True, at=MORNING + timedelta(days=1))}
    patients.state(by=users.nurse, now=now + timedelta(minutes=1), patient=patient, facts=later)
    assert take().word == "unchanged"
    assert make_record(patient).statements["smoker"].value is True
    younger = {"smoker": Fact(False, at=MORNING + timedelta(days=2))}
    assert take(replace(RECORD, statements=younger)).added == 1


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"born": date(1990, 1, 1)}, "another name or birth date"),
        ({"family": "Moss", "given": "Ben", "born": None}, "another name or birth date"),
        ({"family": "", "given": ""}, "no name"),
    ],
)
def test_who_it_is_must_fit(take, change, says):
    take()
    with pytest.raises(NotTakenIn, match=says):
        take(replace(RECORD, person=replace(ANN, **change)))
    assert Patient.objects.count() == 1


def test_a_new_family_name_with_the_same_birth_date_is_the_same_person(take):
    patient = take().patient
    assert take(replace(RECORD, person=replace(ANN, family="Lee-Moss"))).patient == patient


def test_nobody_is_merged_by_name(take):
    twin = replace(RECORD, person=replace(ANN, id="p2", identifiers=(("http://h.example/mrn", "13"),)))
    assert take().patient != take(twin).patient


def test_identifiers_of_two_people_are_refused(take):
    take()
    take(replace(RECORD, person=replace(ANN, id="p2", identifiers=(("http://h.example/mrn", "13"),))))
    both = (("http://h.example/mrn", "12"), ("http://h.example/mrn", "13"))
    with pytest.raises(NotTakenIn, match="two different people"):
        take(replace(RECORD, person=replace(ANN, identifiers=both)))


def test_a_person_without_a_patient_and_one_merged_elsewhere_are_left_alone(take):
    with pytest.raises(NotTakenIn, match="holds no Patient"):
        take(named=False)
    with pytest.raises(NotTakenIn, match="merged it into another"):
        take(report=replace(REPORT, replaced_by="Patient/9"))
    assert not Patient.objects.exists()


def test_another_sites_person_is_not_written_to(take, users, now):
    from surcease.web.clinic.models import Site

    take()
    users.nurse.sites.set([Site.objects.create(name="South", zone="UTC")])
    with pytest.raises(NotTakenIn, match="another site"):
        take(by=users.nurse)


def test_blanks_are_filled_and_nothing_is_overwritten(take):
    patient = take().patient
    more = replace(ANN, phone="020 7946 0000", sex=Sex.MALE, deceased=True, died=date(2026, 3, 1))
    take(replace(RECORD, person=more))
    patient.refresh_from_db()
    assert (patient.phone, patient.sex, patient.deceased, patient.died) == (
        "020 7946 0000", "female", True, date(2026, 3, 1),
    )  # fmt: skip
    take(replace(RECORD, person=replace(more, phone="other")))
    patient.refresh_from_db()
    assert patient.phone == "020 7946 0000"


def sources():
    text = dumps(write_bundle(RECORD))
    return [source_of(text.encode(), "ann.json")]


def test_a_batch_waits_until_it_is_accepted_once(clinic, users, now):
    batch = keep_batch(by=users.nurse, now=now, site=clinic, sources=sources())
    assert not Patient.objects.exists()
    reads = read_sources(sources())
    (outcome,) = accept(by=users.nurse, now=now, batch=batch, reads=reads)
    assert outcome.word == "new"
    person = batch.people.get()
    assert (person.patient, person.added, person.report["mapped"]["Condition"]) == (outcome.patient, outcome.added, 1)
    with pytest.raises(ValueError, match="decided before"):
        accept(by=users.nurse, now=now, batch=batch, reads=reads)
    with pytest.raises(ValueError, match="decided before"):
        discard(by=users.nurse, now=now, batch=batch)


def test_a_discarded_batch_leaves_nothing(clinic, users, now):
    batch = keep_batch(by=users.nurse, now=now, site=clinic, sources=sources())
    discard(by=users.nurse, now=now, batch=batch)
    assert (batch.state, Patient.objects.count()) == (ImportBatch.State.DISCARDED, 0)


def test_one_refused_person_leaves_the_others(clinic, now):
    reads = [*read_sources(sources()), replace(read_sources(sources())[0], named=False)]
    batch = keep_batch(by="import", now=now, site=clinic, sources=sources())
    assert [o.word for o in accept(by="import", now=now, batch=batch, reads=reads)] == ["new", "refused"]
    assert batch.people.filter(patient=None).get().refused


@pytest.mark.skipif(not DATA.is_dir(), reason="the public FHIR samples are not beside the checkout")
def test_real_records_twice(clinic, now):
    brenda = DATA / "pain-management-summary" / "brenda_jackson.r4.json"
    for path in [*sorted((DATA / "synthea-r4").glob("S*.json.gz")), brenda]:
        (read,) = read_bundle(path)
        first = import_record(read.record, read.report, by="import", now=now, site=clinic)
        again = import_record(read.record, read.report, by="import", now=now, site=clinic)
        assert (first.word, again.word, again.added, again.replaced) == ("new", "unchanged", 0, 0)
        kept = make_record(first.patient)
        assert len(kept.medications) == len(read.record.medications)
        assert len(kept.measurements) == len(read.record.measurements)
        assert match(read.record, read.report) == first.patient
