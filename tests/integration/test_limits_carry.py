"""T-506: who set a limit and when is on the trail; it ends; it reaches nobody else; an impossible one is refused."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from tests.web_fixtures import World

from surcease.care.event import Reading
from surcease.web.audit.models import AuditRow
from surcease.web.limits.actions import sign_limit
from surcease.web.limits.models import SignedLimit
from surcease.web.limits.queries import limits_for
from surcease.web.patients.actions import register_patient
from surcease.web.signing.models import Signature
from surcease.web.treatment import actions as treatment
from surcease.web.treatment.queries import sheet_of

pytestmark = pytest.mark.django_db
LOW = {"rule": "ALM-SPO2a", "threshold": "spo2_amber", "value": Decimal(90)}


def own(world: World, **more: Any) -> SignedLimit:
    """A physician's lower limit for this person's saturation, for a week."""
    given = {"reason": "lives at 91 %", "expires": world.now.date() + timedelta(days=7)} | LOW | more
    return sign_limit(by=world.users.physician, now=world.now, method="password", patient=world.patient, **given)


def other(world: World) -> Any:
    """The next person at the same site."""
    return register_patient(
        by=world.users.front_desk, now=world.now, family="Osei", given="Kwame", born=date(1970, 1, 2), sex="male",
        site=world.site, zone="Europe/Berlin", identifiers=[("urn:mrn", "MRN-7")],
    )  # fmt: skip


def test_who_set_it_and_when_is_signed_and_on_the_trail(world: World) -> None:
    row = own(world)
    audited = AuditRow.objects.get(action="sign limit", object_id=str(row.pk))
    assert (audited.who, audited.patient, audited.why) == (
        world.users.physician.pk,
        world.patient.pk,
        "lives at 91 %",
    )
    signature = Signature.objects.get(record_kind="limit", record_id=str(row.pk))
    assert (signature.signer, signature.at) == (world.users.physician, world.now)


def test_it_marks_this_person_by_their_own_limit_and_the_next_by_the_clinics(world: World) -> None:
    """SpO₂ 91 for two minutes: amber below 94 for everybody, not for the one whose limit is 90."""
    from tests.integration.samples.steps import treated

    session = treated(world)
    for seconds in (0, 90):
        at = world.now + timedelta(seconds=seconds)
        treatment.add_event(by=world.users.nurse, now=at, session=session, payload=Reading(spo2=Decimal(91)), at=at)
    later = world.now + timedelta(seconds=91)
    assert "ALM-SPO2a" in {m.mark.rule for m in sheet_of(session, at=later).watch.marks}
    own(world)
    assert "ALM-SPO2a" not in {m.mark.rule for m in sheet_of(session, at=later).watch.marks}
    assert limits_for(other(world), world.site, now=world.now) == ()


def test_it_ends_on_its_day(world: World) -> None:
    own(world)
    assert len(limits_for(world.patient, world.site, now=world.now)) == 1
    assert limits_for(world.patient, world.site, now=world.now + timedelta(days=9)) == ()


@pytest.mark.parametrize(
    "wrong",
    [
        {"value": Decimal(70)}, {"value": Decimal(99)}, {"reason": " "}, {"expires": None},
        {"rule": "ALM-SEDb", "threshold": "moaas_red"}, {"threshold": "off"}, {"rule": "ALM-RRb", "threshold": "x"},
    ],
)  # fmt: skip
def test_an_impossible_limit_is_refused_in_a_sentence_and_nothing_is_off(world: World, wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"\.$"):
        own(world, **wrong)
    assert not SignedLimit.objects.exists()
    assert not AuditRow.objects.filter(action="sign limit").exists()
