"""The pump programme over HTTP: entered by one, entered again blindly by another, for each bag; then the label."""

from __future__ import annotations

import pytest
from tests.integration.samples.steps import treated
from tests.web_fixtures import PASSWORD

from surcease.web.signing.actions import signatures_of
from surcease.web.treatment.models import PumpProgramme
from surcease.web.treatment.programme import KIND, kind_of, label_of, programme_state

pytestmark = pytest.mark.django_db


@pytest.fixture
def session(world):
    return treated(world)  # 62 kg, P01


def order_kg(session) -> str:
    from surcease.web.treatment.record import order_from

    return format(order_from(session).weight_kg, "f")


def first(session, **more) -> dict:
    data = {"weight": order_kg(session), "vial": "50", "bag": "100", "preparation": "withdraw", "lot": "L-1",
            "secret": PASSWORD} | more  # fmt: skip
    data.setdefault("diluent", "sodium chloride 0.9 %")
    return {f"enter-{k}": v for k, v in data.items()} | {"enter": "1"}


def again(session, **more) -> dict:
    data = {"weight": order_kg(session), "vial": "50", "bag": "100", "secret": PASSWORD} | more
    return {f"check-{k}": v for k, v in data.items()} | {"check": "1"}


def entered(client, session, **more):
    page = f"/treatment/{session.pk}/programme/"
    found = client.get(page).content.decode()
    diluent = found.split('name="enter-diluent"')[1].split('<option value="')[1].split('"')[0]
    return client.post(page, first(session, diluent=diluent, **more))


def test_the_second_person_types_without_seeing_and_agrees(client_as, world, session):
    page = f"/treatment/{session.pk}/programme/"
    nurse = client_as("nurse")
    assert entered(nurse, session).status_code == 302
    made = programme_state(session).made
    figure = made.say.split(";")[0]
    assert figure in nurse.get(page).content.decode()  # who entered it sees it
    doctor = client_as("physician")
    before = doctor.get(page).content.decode()
    assert "Second check, bag 1" in before
    assert figure not in before
    assert doctor.get(f"{page[:-1]}.pdf").status_code == 302  # nor from the label
    assert doctor.post(page, again(session)).status_code == 302
    assert programme_state(session).checked_by == world.users.physician.printed_name
    assert figure in doctor.get(page).content.decode()
    label = dict(label_of(session, world.patient, programme_state(session)).lines)
    assert (label["By"], label["Checked by"]) == (world.users.nurse.printed_name, world.users.physician.printed_name)
    pdf = doctor.get(f"{page[:-1]}.pdf")
    assert pdf.content.startswith(b"%PDF")


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"vial": "5"}, "Vial: 5 mg/mL differs; this looks like a lost or added decimal point or zero."),
        ({"weight": "136.7"}, "Weight: 136.7 differs; this looks like pounds typed as kilograms."),
        ({"bag": "250"}, "Bag: 250 mL differs; this looks like another value."),
    ],
)
def test_a_disagreement_names_the_field_and_the_slip_and_nothing_is_checked(client_as, session, typed, said):
    entered(client_as("nurse"), session)
    page = client_as("physician").post(f"/treatment/{session.pk}/programme/", again(session, **typed))
    body = page.content.decode()
    assert said in body
    assert "and 50 mg/mL" not in body  # the first one's figure stays hidden
    assert programme_state(session).checked_by == ""


def test_the_same_person_cannot_check_their_own(client_as, session):
    nurse = client_as("nurse")
    entered(nurse, session)
    body = nurse.post(f"/treatment/{session.pk}/programme/", again(session)).content.decode()
    assert "needs a second person" in body
    assert programme_state(session).checked_by == ""


def test_each_bag_is_checked_again_by_somebody_who_did_not_enter_it(client_as, world, session):
    """At 0.2 mg/mL a 100 mL bag holds 20 mg: the order takes several."""
    page = f"/treatment/{session.pk}/programme/"
    assert entered(client_as("nurse"), session, concentration="0.2").status_code == 302
    bags = programme_state(session).made.bags
    assert bags >= 2
    doctor = client_as("physician")
    doctor.post(page, again(session))
    state = programme_state(session)
    assert (state.next_bag, len(state.bag_checks)) == (2, 1)
    assert "Check bag 2" in doctor.get(page).content.decode()
    assert "Second check, bag 2" in doctor.get(f"{page}?bag=2").content.decode()
    wrong = doctor.post(f"{page}?bag=2", again(session, bag="10"))
    assert "Bag: 10 mL differs" in wrong.content.decode()
    for bag in range(2, bags + 1):
        assert programme_state(session).next_bag == bag
        assert doctor.post(f"{page}?bag={bag}", again(session)).status_code == 302
    assert programme_state(session).next_bag is None
    row = PumpProgramme.objects.get()
    assert [s.meaning for s in signatures_of(kind_of(2), session.pk, row.version)] == ["verify"]
    assert [s.meaning for s in signatures_of(KIND, session.pk, row.version)] == ["author", "verify"]
    label = dict(label_of(session, world.patient, programme_state(session), 2).lines)
    assert label["Bag"] == f"2 of {bags}"
    assert label_of(session, world.patient, programme_state(session), bags + 1) is None
    assert "Every bag of this programme is checked" in doctor.post(page, again(session)).content.decode()
