"""Conditions, allergies and medicines from R4: statuses honoured, codings kept, nothing invented."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from surcease.care.partial import PartialDate
from surcease.care.record import Code, Dose
from surcease.fhir.bundle import Entry, World
from surcease.fhir.condition import allergy, condition
from surcease.fhir.dosage import dose
from surcease.fhir.elements import ShapeError, codes
from surcease.fhir.medication import medication
from surcease.fhir.origin import LeftOut, origin_of

ICD = "http://hl7.org/fhir/sid/icd-10-cm"
SNOMED = "http://snomed.info/sct"
RXNORM = "http://www.nlm.nih.gov/research/umls/rxnorm"


def concept(code, system=SNOMED, **more):
    return {"coding": [{"system": system, "code": code, "display": code.title()}], **more}


def status(code):
    return {"coding": [{"code": code}]}


def _condition(**fields):
    return condition({"resourceType": "Condition", "code": concept("82423001"), **fields}, None)


@pytest.mark.parametrize(
    ("clinical", "ours"),
    [("active", "active"), ("relapse", "active"), ("recurrence", "active"), ("remission", "inactive"),
     ("inactive", "inactive"), ("resolved", "resolved"), ("maybe", "unknown")],
)  # fmt: skip
def test_clinical_status(clinical, ours):
    assert _condition(clinicalStatus=status(clinical)).status == ours


def test_no_status_is_unknown_and_an_end_makes_it_resolved():
    assert _condition().status == "unknown"
    assert _condition(abatementDateTime="2016-08-17").status == "resolved"


@pytest.mark.parametrize(("verification", "verified"), [("confirmed", True), ("refuted", False), ("provisional", None)])
def test_a_refuted_condition_is_kept_and_says_so(verification, verified):
    assert _condition(verificationStatus=status(verification)).verified is verified


def test_entered_in_error_does_not_count():
    with pytest.raises(LeftOut, match="entered in error"):
        _condition(verificationStatus=status("entered-in-error"))


def test_every_coding_is_kept_and_an_undotted_icd_code_gains_its_dot():
    both = {"coding": [{"system": ICD, "code": "G90511", "display": "CRPS"}, {"system": SNOMED, "code": "128200000"}]}
    assert codes(both) == (Code(ICD, "G90511", "CRPS"), Code(ICD, "G90.511", "CRPS"), Code(SNOMED, "128200000"))


@pytest.mark.parametrize(
    ("read", "kept"),
    [("G9050", ["G9050", "G90.50"]), ("g9050", ["g9050", "G90.50"]), ("G90.50", ["G90.50"]), ("I10", ["I10"]),
     ("M797", ["M797", "M79.7"]), ("S14109S", ["S14109S", "S14.109S"]), ("U071", ["U071"]), ("9050", ["9050"])],
)  # fmt: skip
def test_icd_codes_as_read_and_dotted(read, kept):
    # CMS files (and eCQM value sets) leave the dot out: G9050 is G90.50.
    assert [c.code for c in codes(concept(read, ICD))] == kept


def test_onset_in_every_form():
    assert _condition(onsetDateTime="2010").onset == PartialDate.of("2010")
    assert _condition(onsetPeriod={"start": "2010-02-01", "end": "2011"}).onset == date(2010, 2, 1)
    assert _condition(onsetAge={"value": 52, "unit": "years"}).note == "onset: at age 52 years"
    assert _condition(onsetString="as a child", note=[{"text": "mild"}]).note == "mild; onset: as a child"


def test_a_time_without_an_offset_is_only_its_day():
    assert _condition(onsetDateTime="2010-02-01T10:00:00").onset == date(2010, 2, 1)
    assert _condition(onsetDateTime="2010-02-01T10:00:00Z").onset == datetime(2010, 2, 1, 10, tzinfo=UTC)


def test_a_condition_in_words_only_is_read_and_an_empty_one_is_not():
    assert _condition(code={"text": "burning hand"}).text == "burning hand"
    with pytest.raises(ShapeError, match="names no condition"):
        _condition(code={})


def _allergy(**fields):
    return allergy({"resourceType": "AllergyIntolerance", "code": concept("111088007"), **fields}, None)


def test_allergy_with_its_reactions():
    reactions = [{"manifestation": [concept("rash"), {"text": "wheeze"}]}, {"manifestation": [concept("rash")]}]
    assert _allergy(reaction=reactions).reaction == "Rash; wheeze"


@pytest.mark.parametrize(
    ("code", "none_known"), [("716186003", True), ("409137002", True), ("429625007", False), ("111088007", False)]
)
def test_no_known_drug_allergy_is_an_answer_and_no_known_food_allergy_is_not_this_one(code, none_known):
    assert _allergy(code=concept(code)).none_known is none_known


def test_a_refuted_allergy_says_so_and_not_asked_is_no_answer():
    assert _allergy(verificationStatus=status("refuted")).status == "refuted"
    assert not _allergy(code=concept("716186003"), verificationStatus=status("refuted")).none_known
    with pytest.raises(LeftOut, match="not asked"):
        _allergy(code=concept("1631000175102"))


def _medication(kind="MedicationRequest", **fields):
    resource = {"resourceType": kind, "medicationCodeableConcept": concept("7804", RXNORM), **fields}
    return medication(resource, None, World("x", "0"))


@pytest.mark.parametrize(
    ("kind", "said", "ours"),
    [("MedicationRequest", "active", "active"), ("MedicationRequest", "cancelled", "stopped"),
     ("MedicationRequest", "draft", "intended"), ("MedicationStatement", "not-taken", "stopped"),
     ("MedicationStatement", "active", "active"), ("MedicationDispense", "completed", "unknown"),
     ("MedicationRequest", "", "unknown")],
)  # fmt: skip
def test_status_of_a_medicine(kind, said, ours):
    assert _medication(kind, status=said).status == ours


def test_a_plan_is_intended_unless_the_person_reports_taking_it():
    assert _medication(status="active", intent="plan").status == "intended"
    assert _medication(status="active", intent="plan", reportedBoolean=True).status == "active"


def test_do_not_perform_and_entered_in_error_are_left_out():
    with pytest.raises(LeftOut, match="not to be given"):
        _medication(status="active", doNotPerform=True)
    with pytest.raises(LeftOut, match="entered in error"):
        _medication(status="entered-in-error")


def test_a_medicine_by_reference_contained_or_beside_it():
    med = {"resourceType": "Medication", "id": "m1", "code": concept("7804", RXNORM, text="oxycodone")}
    world = World("x", "0")
    world.add(Entry(med))
    asked = {"resourceType": "MedicationRequest", "medicationReference": {"reference": "Medication/m1"}}
    assert medication(asked, None, world).text == "oxycodone"
    inside = {**asked, "medicationReference": {"reference": "#m1"}, "contained": [med]}
    assert medication(inside, None, World("x", "0")).codes == (Code(RXNORM, "7804", "7804"),)
    named = {**asked, "medicationReference": {"reference": "Medication/gone", "display": "oxycodone 5 mg"}}
    assert medication(named, None, World("x", "0")).text == "oxycodone 5 mg"
    with pytest.raises(ShapeError, match="names no medicine"):
        medication({**asked, "medicationReference": {"reference": "Medication/gone"}}, None, World("x", "0"))


def test_an_order_without_a_dosage_has_no_dose_and_keeps_its_words():
    bare = _medication(status="active", dosageInstruction=[{"text": "Take as needed.", "asNeededBoolean": True}])
    assert (bare.dose, bare.directions) == (None, "Take as needed.")
    assert _medication(status="active").dose is None


def _dosage(value=10, unit="mg", repeat=None, **fields):
    quantity = {"value": Decimal(str(value)), "unit": unit, "code": unit, "system": "http://unitsofmeasure.org"}
    timing = {"timing": {"repeat": repeat}} if repeat else {}
    return {"doseAndRate": [{"doseQuantity": quantity}], **timing, **fields}


@pytest.mark.parametrize(
    ("repeat", "per_day"),
    [
        ({"frequency": 2, "period": 1, "periodUnit": "d"}, "2"),
        ({"frequency": 1, "period": 8, "periodUnit": "h"}, "3"),
        ({"frequency": 1, "period": 4, "periodMax": 6, "periodUnit": "h"}, "6"),
        ({"frequency": 1, "frequencyMax": 2, "period": 1, "periodUnit": "d"}, "2"),
        ({"period": 12, "periodUnit": "h"}, "2"),
        ({"frequency": 2, "period": 1, "periodUnit": "wk"}, "0.285714285714286"),
        ({"when": ["MORN", "HS"]}, "2"),
        ({"frequency": 1}, None),
        ({"frequency": 1, "period": 0, "periodUnit": "d"}, None),
        ({"frequency": 1, "period": 1, "periodUnit": "fortnight"}, None),
    ],
)
def test_takes_per_day(repeat, per_day):
    found = dose([_dosage(repeat=repeat)])
    assert found.per_day == (None if per_day is None else Decimal(per_day))


def test_a_route_by_code_or_by_name_is_said_in_our_word():
    assert dose([_dosage(route=concept("26643006"))]).route == "po"
    assert dose([_dosage(route={"text": "Oral route"})]).route == "po"
    assert dose([_dosage(route={"text": "Through the ear"})]).route == "Through the ear"


def test_timing_codes():
    coded = {"timing": {"code": {"coding": [{"code": "BID"}]}}}
    assert dose([_dosage() | coded]).per_day == 2


def test_as_needed_keeps_its_maximum():
    most = {"numerator": {"value": 40, "unit": "mg"}, "denominator": {"value": 1, "unit": "d"}}
    found = dose([_dosage(10, asNeededBoolean=True, maxDosePerPeriod=most)])
    assert (found.as_needed, found.per_day) == (True, Decimal(4))
    grams = {"numerator": {"value": 4, "unit": "g"}, "denominator": {"value": 24, "unit": "h"}}
    assert dose([_dosage(500, asNeededBoolean=True, maxDosePerPeriod=grams)]).per_day == 8
    assert dose([_dosage(10, asNeededCodeableConcept={"text": "pain"})]).per_day is None
    tablets = {"numerator": {"value": 4, "unit": "tablet"}, "denominator": {"value": 1, "unit": "d"}}
    assert dose([_dosage(10, asNeededBoolean=True, maxDosePerPeriod=tablets)]).per_day is None


def test_a_range_keeps_its_upper_end_and_says_so():
    part = {"doseRange": {"low": {"value": 5, "unit": "mg"}, "high": {"value": 10, "unit": "mg"}}}
    assert dose([{"doseAndRate": [part]}]) == Dose(Decimal(10), "mg", None, False, "", "5–10 mg")
    assert dose([{"doseAndRate": [{"doseRange": {"low": {"value": 5, "unit": "mg"}}}]}]) is None


def test_rates():
    patch = {"rateQuantity": {"value": 75, "code": "ug/h"}}
    assert dose([{"doseAndRate": [patch]}]) == Dose(Decimal(75), "ug/h")
    ratio = {"rateRatio": {"numerator": {"value": 5, "unit": "mL"}, "denominator": {"value": 2, "unit": "h"}}}
    assert dose([{"doseAndRate": [ratio]}]) == Dose(Decimal("2.5"), "mL/h")
    nothing = {"rateRatio": {"numerator": {"value": 5}, "denominator": {"value": 0}}}
    assert dose([{"doseAndRate": [nothing]}]) is None


def test_morning_and_night_add_up_and_a_titration_does_not():
    once = {"frequency": 1, "period": 1, "periodUnit": "d"}
    assert dose([_dosage(10, repeat=once), _dosage(20, repeat=once)]) == Dose(Decimal(30), "mg", Decimal(1))
    steps = [_dosage(10, repeat=once, sequence=1), _dosage(20, repeat=once, sequence=2)]
    assert dose(steps) is None
    assert dose([_dosage(10, repeat=once), _dosage(20, "mL", repeat=once)]) is None
    assert dose([_dosage(10, repeat=once), {"text": "and one at night"}]) is None


def test_a_number_of_tablets_stays_a_number_of_tablets():
    # Synthea writes doseQuantity {value: 1} without a unit: one of something, not one milligram.
    found = dose([{"doseAndRate": [{"doseQuantity": {"value": 1}}]}])
    assert (found.amount, found.unit) == (Decimal(1), "")


def test_no_dose_from_nothing_negative_or_misshapen():
    assert dose([]) is None
    assert dose([_dosage(-5)]) is None
    with pytest.raises(ShapeError):
        dose([{"doseAndRate": [{"doseQuantity": {"value": "10"}}]}])


def test_started_and_stopped():
    period = {"effectivePeriod": {"start": "2020", "end": "2021-03"}}
    found = _medication("MedicationStatement", status="completed", **period)
    assert (str(found.started), str(found.stopped)) == ("2020", "2021-03")
    assert _medication(authoredOn="2020-01-02").started == date(2020, 1, 2)
    assert _medication("MedicationDispense", whenHandedOver="2020-01-02").started == date(2020, 1, 2)


def test_origin_names_the_patient_only_as_patient():
    mine = {"performer": [{"reference": "Patient/ann", "display": "Ann Lee"}], "issued": "2020-01-02T03:04:05Z"}
    assert origin_of(mine, "Observation/1").by == "patient"
    assert origin_of(mine, "Observation/1").at == datetime(2020, 1, 2, 3, 4, 5, tzinfo=UTC)
    theirs = {"recorder": {"reference": "Practitioner/1", "display": "Dr Bone"}}
    assert origin_of(theirs, "Condition/1").by == "Dr Bone"
