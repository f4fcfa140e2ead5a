"""The seam: a record goes into rows and comes back the same; rows are only added; imports change nothing twice."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.apps import apps
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from tests.web_fixtures import World

from surcease.care import record as care
from surcease.care.partial import PartialDate
from surcease.knowledge.fact import Fact
from surcease.web.append import AppendOnlyQuerySet, FixedRow, RowIsFixed
from surcease.web.audit.models import AuditRow
from surcease.web.forms import StaleVersion
from surcease.web.patients import actions
from surcease.web.patients.banner import banner, compare_weight_with, put_item
from surcease.web.patients.models import (
    AllergyRow,
    ClinicalRow,
    ConditionRow,
    LimbRestriction,
    MeasurementRow,
    Patient,
    PatientChange,
)
from surcease.web.patients.record import make_record
from surcease.web.patients.rows import row_of
from surcease.web.patients.take_in import take_in

pytestmark = pytest.mark.django_db

CRPS = care.Code("http://snomed.info/sct", "128200000", "Complex regional pain syndrome")
AT = datetime(2026, 3, 2, 8, 10, tzinfo=UTC)


def origin(ref: str) -> care.Origin:
    return care.Origin("import", ref, "Dr Elsewhere", AT)


ITEMS = {"1": Decimal(2), "2": None, "3": "often", "4": True, "5": ("a", "b")}
RECORD = care.Record(
    person=care.Person("x1", "Moreau", "Inès", date(1975, 1, 31), care.Sex.FEMALE, identifiers=(("urn:s", "77"),)),
    conditions=(
        care.Condition((CRPS,), "CRPS, left arm", "active", PartialDate.of("2021-05"), None, True, "", origin("c1")),
    ),
    medications=(
        care.Medication((), "Oxycodone", "active", None, date(2024, 1, 1), origin=origin("m1")),
        care.Medication((), "Gabapentin", "active", care.Dose(Decimal("300.0"), "mg", Decimal(3), False, "po", "tid"),
                        directions="with food", origin=origin("m2")),
    ),
    allergies=(care.Allergy((), "Penicillin", "active", "rash", False, origin("a1")),),
    measurements=(
        care.Measurement("weight", Decimal("72.50"), "kg", AT, origin=origin("w1")),
        care.Measurement("", None, "", date(2026, 1, 5), text="trace", absent="unknown", origin=origin("o1")),
    ),
    answers=(
        care.Answers("phq-9", "1", ITEMS, AT, Decimal(9), origin("q1")),
    ),
)  # fmt: skip


def by_ref(things: Any) -> dict[str, Any]:
    """Things by the item they were read from: their order within one import says nothing."""
    return {thing.origin.ref: thing for thing in things}


def test_a_record_comes_back_as_it_went_in(world: World, now: Any) -> None:
    taken = take_in(by="import", now=now, record=RECORD, site=world.site, source="clinic-a")
    back = make_record(taken.patient)
    assert back.person == replace(RECORD.person, id=str(taken.patient.pk))
    for part in ("conditions", "medications", "allergies", "measurements", "answers"):
        assert by_ref(getattr(back, part)) == by_ref(getattr(RECORD, part)), part


def test_digits_and_partial_dates_are_kept(world: World, now: Any) -> None:
    taken = take_in(by="import", now=now, record=RECORD, site=world.site)
    back = make_record(taken.patient)
    assert str(by_ref(back.measurements)["w1"].value) == "72.50"
    assert isinstance(back.conditions[0].onset, PartialDate)
    assert back.medications[0].dose is None


def test_taking_in_twice_changes_nothing(world: World, now: Any) -> None:
    first = take_in(by="import", now=now, record=RECORD, site=world.site, source="clinic-a")
    rows, trail = ConditionRow.objects.count(), AuditRow.objects.count()
    again = take_in(by="import", now=now + timedelta(days=1), record=RECORD, site=world.site, source="clinic-a")
    assert (first.registered, first.added, first.unchanged) == (True, 7, 0)
    assert (again.registered, again.added, again.replaced, again.unchanged) == (False, 0, 0, 7)
    assert again.patient == first.patient
    assert (ConditionRow.objects.count(), AuditRow.objects.count()) == (rows, trail)


def test_a_changed_item_strikes_its_earlier_reading(world: World, now: Any) -> None:
    first = take_in(by="import", now=now, record=RECORD, site=world.site, source="clinic-a")
    changed = replace(
        RECORD, measurements=(replace(RECORD.measurements[0], value=Decimal("73.1")), RECORD.measurements[1])
    )
    again = take_in(by="import", now=now, record=changed, site=world.site, source="clinic-a")
    assert (again.added, again.replaced) == (0, 1)
    assert [m.value for m in make_record(first.patient).measurements if m.name] == [Decimal("73.1")]
    struck = MeasurementRow.objects.get(struck_at__isnull=False)
    assert struck.struck_reason


def test_what_a_person_struck_stays_struck(world: World, now: Any) -> None:
    taken = take_in(by="import", now=now, record=RECORD, site=world.site, source="clinic-a")
    row = AllergyRow.objects.get()
    actions.strike(by=world.users.nurse, now=now, row=row, reason="It was a sister's allergy")
    take_in(by="import", now=now, record=RECORD, site=world.site, source="clinic-a")
    assert make_record(taken.patient).allergies == ()


def test_two_people_are_never_merged_by_an_import(world: World, now: Any) -> None:
    take_in(by="import", now=now, record=RECORD, site=world.site)
    same_name = replace(RECORD, person=replace(RECORD.person, identifiers=(("urn:s", "78"),)))
    assert take_in(by="import", now=now, record=same_name, site=world.site).registered
    both = replace(RECORD, person=replace(RECORD.person, identifiers=(("urn:s", "77"), ("urn:s", "78"))))
    with pytest.raises(ValueError, match="two different people"):
        take_in(by="import", now=now, record=both, site=world.site)


def test_statements_the_latest_holds_and_none_takes_it_back(world: World, now: Any) -> None:
    def known() -> Any:
        return make_record(world.patient).statements

    nurse = world.users.nurse
    actions.state(
        by=nurse, now=now, patient=world.patient, facts={"nrs_average": Fact(Decimal("7.0"), "{score}", AT, "said")}
    )
    actions.state(by=nurse, now=now + timedelta(minutes=1), patient=world.patient,
                  facts={"nrs_average": Fact(Decimal(6)), "escort_named": Fact(True), "sites": Fact(("arm", "hand")),
                         "since": Fact(date(2024, 5, 1)), "why": Fact("fall")})  # fmt: skip
    assert known()["nrs_average"].value == Decimal(6)
    assert known()["sites"].value == ("arm", "hand")
    assert known()["since"].value == date(2024, 5, 1)
    assert known()["escort_named"].value is True
    actions.state(by=nurse, now=now + timedelta(minutes=2), patient=world.patient, facts={"escort_named": None})
    assert "escort_named" not in known()


def every_fixed_model() -> list[Any]:
    return [m for m in apps.get_models() if issubclass(m, FixedRow)]


@pytest.mark.parametrize("model", every_fixed_model(), ids=lambda m: m.__name__)
def test_every_row_that_is_only_added_refuses_everything_else(model: Any) -> None:
    assert isinstance(model._default_manager.all(), AppendOnlyQuerySet)
    row = model()
    row._state.adding = False
    for forbidden in (row.save, row.delete, model._default_manager.all().delete):
        with pytest.raises(RowIsFixed):
            forbidden()
    with pytest.raises(RowIsFixed):
        model._default_manager.update()
    with pytest.raises(RowIsFixed):
        model._default_manager.bulk_update([], [])


def test_every_table_with_a_person_has_a_key_that_a_client_may_make() -> None:
    """Clinical rows have UUID keys."""
    for model in apps.get_models():
        if issubclass(model, ClinicalRow):
            assert model._meta.pk.get_internal_type() == "UUIDField"


def test_striking_needs_a_reason_and_happens_once(world: World, now: Any) -> None:
    row = row_of(RECORD.allergies[0])
    actions.enter(by=world.users.nurse, now=now, patient=world.patient, rows=[row])
    with pytest.raises(ValueError, match="reason"):
        actions.strike(by=world.users.nurse, now=now, row=row, reason="  ")
    actions.strike(by=world.users.nurse, now=now, row=row, reason="Wrong person")
    with pytest.raises(RowIsFixed, match="already"):
        actions.strike(by=world.users.nurse, now=now, row=row, reason="Again")
    kept = AllergyRow.objects.get()
    assert (kept.struck_by, kept.struck_reason, kept.stands) == (world.users.nurse, "Wrong person", False)


def test_a_change_of_particulars_keeps_what_stood(world: World, now: Any) -> None:
    nurse, patient = world.users.nurse, world.patient
    actions.change_particulars(by=nurse, now=now, patient=patient, version=1, changes={"family": "Lindqvist-Berg"})
    change = PatientChange.objects.get()
    assert (change.before, change.after) == ({"family": "Lindqvist"}, {"family": "Lindqvist-Berg"})
    with pytest.raises(StaleVersion) as stale:
        actions.change_particulars(by=nurse, now=now, patient=patient, version=1, changes={"given": "M"})
    assert stale.value.current.family == "Lindqvist-Berg"
    actions.change_particulars(by=nurse, now=now, patient=patient, version=2, changes={"family": "Lindqvist-Berg"})
    assert PatientChange.objects.count() == 1  # no change, no version


def test_an_unknown_particular_is_a_mistake_in_the_code(world: World, now: Any) -> None:
    with pytest.raises(TypeError, match="no particular"):
        actions.change_particulars(by=world.users.nurse, now=now, patient=world.patient, version=1, changes={"user": 1})


def test_a_birth_date_never_passes_through_a_time_zone(world: World, now: Any) -> None:
    for zone in ("Pacific/Kiritimati", "Pacific/Pago_Pago"):
        with timezone.override(zone):
            assert Patient.objects.get(pk=world.patient.pk).born == date(1988, 3, 24)


def test_the_banner_says_weight_allergies_limbs_and_items(world: World) -> None:
    now = datetime(2026, 3, 2, 9, tzinfo=UTC)
    patient, nurse = world.patient, world.users.nurse
    above = banner(patient, now=now)
    assert (above.allergies, above.weight) == (None, "")
    rows = [
        MeasurementRow(
            name="weight", value=Decimal("61.8"), unit="kg", at=datetime(2026, 3, 2, 7, 10, tzinfo=UTC), text="scale 2"
        ),
        AllergyRow(none_known=True),
        LimbRestriction(limb="left_arm", no_cuff=True, no_touch=True),
    ]
    actions.enter(by=nurse, now=now, patient=patient, rows=rows)
    put_item(patient=patient, key="plan", text="Escort lives far", now=now, level="amber")
    compare_weight_with(lambda _patient: (Decimal("62.2"), "plan"))
    above = banner(patient, now=now)
    assert above.weight == "61.8 kg, scale 2, today 08:10 (−0.4 since plan)"  # 07:10 UTC in Berlin
    assert (above.none_known, above.limbs) == (True, ("left arm: no cuff, no touch",))
    assert [item.text for item in above.items] == ["Escort lives far"]


def test_a_record_costs_the_same_queries_however_long_it_is(world: World, now: Any) -> None:
    def queries() -> int:
        with CaptureQueriesContext(
            connection,
        ) as caught:
            make_record(world.patient)
        return len(caught)

    few = queries()
    rows = [MeasurementRow(name="weight", value=Decimal(60), unit="kg", at=AT) for _n in range(100)]
    actions.enter(by=world.users.nurse, now=now, patient=world.patient, rows=rows)
    assert queries() == few
