"""Typed numbers, double submits, and two people at one record."""

from __future__ import annotations

import threading
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from django import forms
from django.db import connections
from django.test import Client
from django.urls import reverse
from tests.web_fixtures import World

from surcease.web.clinic.models import FormSent
from surcease.web.forms import NumberField, VersionedForm, new_token, once
from surcease.web.patients.models import LimbRestriction, Patient


class Dose(forms.Form):
    """A dose field as pages have it."""

    dose = NumberField(unit="mg/h", least=Decimal("0.1"), most=400)
    extra = NumberField(required=False)


@pytest.mark.parametrize(
    ("typed", "read"),
    [("10", 10), ("0.35", Decimal("0.35")), (" 5 ", 5), ("21.7", Decimal("21.7")), ("399.999", Decimal("399.999"))],
)
def test_numbers_that_are_read(typed: str, read: Any) -> None:
    form = Dose({"dose": typed})
    assert form.is_valid(), form.errors
    assert form.cleaned_data == {"dose": read, "extra": None}


@pytest.mark.parametrize(
    "typed",
    ["１０", "٥", "1,5", "1.5.0", "0x10", "1e3", "+5", ".5", "5.", "−5", "-5", "5 mg", "1 000", "NaN", "Infinity",
     "1.2345", "1234567", "0", "401", "", "½", "1_0", "5\n6"],
)  # fmt: skip
def test_everything_else_gives_a_sentence_and_keeps_what_was_typed(typed: str) -> None:
    form = Dose({"dose": typed})
    assert not form.is_valid()
    assert form["dose"].value() == typed
    assert str(form.errors["dose"])


def test_blank_is_not_zero() -> None:
    form = Dose({"dose": "1", "extra": ""})
    assert form.is_valid()
    assert form.cleaned_data["extra"] is None


def test_an_amount_is_shown_as_it_is_typed() -> None:
    assert 'value="21.70"' in str(Dose(initial={"dose": Decimal("21.70")})["dose"])
    assert 'inputmode="decimal"' in str(Dose()["dose"])
    assert "mg/h" in Dose()["dose"].as_field_group()


class Note(VersionedForm):
    """A form with a version."""

    text = forms.CharField()
    other = forms.CharField(required=False)


def test_a_stale_form_shows_both_sides_and_lets_the_person_choose() -> None:
    form = Note({"version": "1", "text": "mine", "other": "same"})
    assert form.is_valid()
    form.meet(2, {"text": "theirs", "other": "same"})
    assert [(d.name, d.theirs, d.mine) for d in form.differences] == [("text", "theirs", "mine")]
    assert form["version"].value() == "2"
    assert form["text"].value() == "mine"
    kept = Note({"version": "2", "text": "mine", "keep": "theirs"})
    assert kept.is_valid()
    assert (kept.gives_way, kept.base_version) == (True, 2)


@pytest.mark.django_db
def test_two_people_at_one_record_in_the_browser(world: World, client_as: Callable[[str], Client]) -> None:
    address = reverse("patients:particulars", kwargs={"patient_id": world.patient.pk})
    base = {"version": "1", "family": "Lindqvist", "given": "Mara", "born": "1988-03-24", "sex": "female",
            "zone": "Europe/Berlin"}  # fmt: skip
    nurse, desk = client_as("nurse"), client_as("front_desk")
    assert desk.post(address, base | {"phone": "111"}).status_code == 302
    response = nurse.post(address, base | {"phone": "222"})
    page = response.content.decode()
    assert response.status_code == 200
    assert "Someone else saved this meanwhile" in page
    assert "111" in page
    assert 'value="222"' in page
    assert Patient.objects.get(pk=world.patient.pk).phone == "111"  # nothing overwritten
    assert nurse.post(address, base | {"phone": "222", "version": "2", "keep": "mine"}).status_code == 302
    assert Patient.objects.get(pk=world.patient.pk).phone == "222"


@pytest.mark.django_db
def test_bad_input_keeps_what_was_typed(world: World, client_as: Callable[[str], Client]) -> None:
    page = client_as("front_desk").post(reverse("patients:register"), {
        "form_token": new_token(), "family": "O'Brien", "born": "24/03/1988", "sex": "female", "site": world.site.pk,
    }).content.decode()  # fmt: skip
    assert "year, month, day" in page
    assert "O&#x27;Brien" in page
    assert "24/03/1988" in page


@pytest.mark.django_db
def test_a_double_submit_makes_one_record(world: World, client_as: Callable[[str], Client]) -> None:
    client, token = client_as("front_desk"), new_token()
    given = {"form_token": token, "family": "Twice", "sex": "unknown", "site": world.site.pk}
    first, second = (client.post(reverse("patients:register"), given) for _n in range(2))
    assert first["Location"] == second["Location"]
    assert Patient.objects.filter(family="Twice").count() == 1


@pytest.mark.django_db
def test_a_refused_form_may_be_sent_again(world: World, client_as: Callable[[str], Client]) -> None:
    client, token = client_as("nurse"), new_token()
    address = reverse("patients:limbs", kwargs={"patient_id": world.patient.pk})
    assert client.post(address, {"form_token": token, "limb": "left_arm"}).status_code == 200
    assert client.post(address, {"form_token": token, "limb": "left_arm", "no_cuff": "on"}).status_code == 302
    assert LimbRestriction.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_ten_submits_at_the_same_instant_make_one_record() -> None:
    token, results, start = new_token(), [], threading.Barrier(10)

    def send() -> None:
        start.wait()
        try:
            with once(token, by=None) as ticket:
                if ticket.first:
                    ticket.result = "/made/"
                results.append((ticket.first, ticket.result))
        finally:
            connections.close_all()

    threads = [threading.Thread(target=send) for _n in range(10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(results) == [(False, "/made/")] * 9 + [(True, "/made/")]
    assert FormSent.objects.count() == 1


@pytest.mark.django_db
def test_a_failed_act_leaves_its_token_free(db: None) -> None:
    token = new_token()
    with pytest.raises(ZeroDivisionError), once(token, by=None):
        _ = 1 / 0
    with once(token, by=None) as ticket:
        assert ticket.first
