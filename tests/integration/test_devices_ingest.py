"""Samples: kept once, on the right person only, never an event; what is not taken is counted."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from tests.monitored import later, monitored, of_person, vitals
from tests.web_fixtures import World

from surcease.hl7.vitals import Refused
from surcease.web.devices import actions, tally
from surcease.web.devices.actions import take_samples
from surcease.web.devices.models import Counted, Heard, Sample
from surcease.web.treatment.models import SessionEvent

pytestmark = pytest.mark.django_db


def counted() -> dict[str, int]:
    """Everything counted, by reason."""
    tally.write_down()
    found: dict[str, int] = {}
    for row in Counted.objects.all():
        found[row.reason] = found.get(row.reason, 0) + row.count
    return found


def test_a_value_is_kept_once_and_is_no_event(world: World) -> None:
    one = monitored(world)
    events = SessionEvent.objects.filter(session=one.session).count()
    said = vitals(one.now, spo2="97", heart_rate="72")
    first, second = (take_samples(now=one.now, arrivals=[said])[0] for _ in range(2))
    assert (first.kept, first.verdict.letter) == (2, "A")
    assert (second.kept, second.known, second.verdict.letter) == (0, 2, "A")
    assert sorted(Sample.objects.values_list("parameter", "value")) == [
        ("heart_rate", Decimal(72)),
        ("spo2", Decimal(97)),
    ]
    assert {s.session for s in Sample.objects.all()} == {one.session.pk}
    assert SessionEvent.objects.filter(session=one.session).count() == events
    assert counted() == {"repeated": 2}


def test_another_value_in_the_same_place_does_not_replace_the_first(world: World) -> None:
    one = monitored(world)
    answers = take_samples(now=one.now, arrivals=[vitals(one.now, spo2="97"), vitals(one.now, spo2="79")])
    assert [(a.kept, a.other) for a in answers] == [(1, 0), (0, 1)]
    assert Sample.objects.get().value == Decimal(97)
    assert counted() == {"other value": 1}


def test_reordered_values_are_all_kept_and_the_late_one_is_counted(world: World) -> None:
    one = monitored(world)
    moments = [later(one.now, s) for s in (0, 2, 1)]
    take_samples(now=one.now, arrivals=[vitals(at, spo2="97") for at in moments])
    assert sorted(Sample.objects.values_list("at", flat=True)) == sorted(moments)
    assert counted() == {"late": 1}


@pytest.mark.parametrize("scope", ["off"])
def test_nothing_is_taken_before_the_clinic_has_signed(world: World, scope: str) -> None:
    one = monitored(world, scope=scope)
    (answer,) = take_samples(now=one.now, arrivals=[vitals(one.now, spo2="97")])
    assert answer.verdict.letter == "R"
    assert not Sample.objects.exists()
    assert counted() == {"feed off": 1}
    actions.sign_use(
        by=world.users.lead, now=one.now, method="password", site=world.site, scope="shown", text="Beside the monitor."
    )
    assert take_samples(now=one.now, arrivals=[vitals(one.now, spo2="97")])[0].kept == 1
    off = later(one.now, 1)
    actions.sign_use(by=world.users.lead, now=off, method="password", site=world.site, scope="off", text="Off again.")
    assert take_samples(now=off, arrivals=[vitals(off, spo2="97")])[0].verdict.letter == "R"


def test_a_monitor_that_nobody_accepted_or_confirmed_is_charted_nowhere(world: World) -> None:
    one = monitored(world)
    (unknown,) = take_samples(now=one.now, arrivals=[vitals(one.now, device="MON-9", spo2="97")])
    actions.end_pairing(by=world.users.nurse, now=one.now, pairing=one.pairing)
    (nobody,) = take_samples(now=one.now, arrivals=[vitals(one.now, spo2="97")])
    assert (unknown.verdict.letter, nobody.verdict.letter) == ("R", "A")
    assert not Sample.objects.exists()
    assert counted() == {"unknown monitor": 1, "on nobody": 1}
    assert {h.sent_as: h.messages for h in Heard.objects.all()} == {"MON-1": 1, "MON-9": 1}


def test_a_message_that_names_another_person_is_refused(world: World) -> None:
    one = monitored(world)
    said = vitals(one.now, spo2="97")
    (wrong,) = take_samples(now=one.now, arrivals=[of_person(said, "MRN-2002")])
    assert (wrong.verdict.letter, Sample.objects.count()) == ("E", 0)
    (right,) = take_samples(now=one.now, arrivals=[of_person(said, "X", "MRN-1001")])
    assert (right.verdict.letter, right.kept) == ("A", 1)


def test_refused_observations_are_counted_by_their_code(world: World) -> None:
    one = monitored(world)
    said = replace(vitals(one.now, spo2="97"), refused=(Refused("no unit", "147842"), Refused("no value", "150456")))
    (answer,) = take_samples(now=one.now, arrivals=[said])
    assert (answer.verdict.letter, answer.kept) == ("A", 1)
    assert counted() == {"no unit": 1, "no value": 1}
    nothing = replace(said, observed=())
    assert take_samples(now=one.now, arrivals=[nothing])[0].verdict.letter == "E"


def test_a_closed_session_takes_nothing_more(world: World) -> None:
    one = monitored(world)
    one.session.closed_at = one.now
    one.session.save(update_fields=["closed_at"])
    (answer,) = take_samples(now=one.now, arrivals=[vitals(one.now + timedelta(seconds=1), spo2="97")])
    assert (answer.kept, Sample.objects.count()) == (0, 0)


def test_a_monitor_is_on_one_person_only(world: World) -> None:
    one = monitored(world)
    with pytest.raises(ValueError, match="still on somebody"):
        actions.pair(by=world.users.nurse, now=one.now, device=one.device, session=one.session, patient=world.patient)
