"""The front door: passwords, second factors, mailed codes, personal links, limits of tries and time, quick unlock."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from allauth.mfa.models import Authenticator
from django.contrib.auth.hashers import get_hasher
from django.core import mail
from django.core.cache import cache
from django.core.exceptions import ImproperlyConfigured, PermissionDenied
from django.test import Client, override_settings
from django.urls import reverse
from tests.web_fixtures import PASSWORD, TOTP_SECRET, World, make_user, totp

from surcease.web.accounts import first, unlock
from surcease.web.accounts.actions import change_staff
from surcease.web.accounts.demo import PASSWORD as DEMO_PASSWORD
from surcease.web.accounts.demo import SIGN_INS, make_sign_ins
from surcease.web.accounts.links import make_link, revoke_link
from surcease.web.accounts.middleware import CHAIR
from surcease.web.accounts.models import User
from surcease.web.accounts.role import LOCKED_KEY
from surcease.web.audit.models import AuditRow
from surcease.web.clinic.installation import forget, give_birth
from surcease.web.clinic.models import Installation, Site
from surcease.web.clinic.settings import put_setting, setting
from surcease.web.limits.actions import settle

pytestmark = pytest.mark.django_db
LOGIN = "/account/login/"
TODAY = "/worklist/"


@pytest.fixture(autouse=True)
def _no_counters_left() -> None:
    cache.clear()


def sign_in(client: Client, user: Any, password: str = PASSWORD) -> Any:
    """Type e-mail and password."""
    return client.post(LOGIN, {"login": user.email, "password": password})


def test_passwords_are_hashed_with_argon2(settings: Any) -> None:
    from importlib import import_module

    kept = import_module("surcease.web.settings").PASSWORD_HASHERS
    with override_settings(PASSWORD_HASHERS=kept):
        assert get_hasher().algorithm == "argon2"


def test_staff_need_password_and_code(world: World) -> None:
    client = Client()
    assert sign_in(client, world.users.nurse)["Location"] == reverse("mfa_authenticate")
    assert LOGIN in client.get(TODAY)["Location"]  # the password alone opens nothing
    assert client.post(reverse("mfa_authenticate"), {"code": totp()}).status_code == 302
    assert client.get(TODAY).status_code == 200


def test_a_code_works_once(world: World) -> None:
    code = totp()
    for expected in (302, 200):
        client = Client()
        sign_in(client, world.users.nurse)
        assert client.post(reverse("mfa_authenticate"), {"code": code}).status_code == expected


def test_second_factor_secrets_are_kept_encrypted(world: World) -> None:
    kept = Authenticator.objects.filter(user=world.users.nurse).get().data["secret"]
    assert TOTP_SECRET not in kept


def test_staff_without_a_second_factor_may_only_add_one(world: World) -> None:
    client = Client()
    client.force_login(make_user("nurse", world.site, name="New Nurse", second_factor=False))
    assert client.get(TODAY)["Location"] == reverse("mfa_index")
    assert client.get(reverse("patients:page", args=[world.patient.pk]))["Location"] == reverse("mfa_index")
    assert client.get(reverse("mfa_index")).status_code == 200
    assert client.post(reverse("account_logout")).status_code == 302


def test_in_a_demo_clinic_staff_sign_in_without_one_under_a_banner(db: None) -> None:
    give_birth(kind="demo", organisation="Demo")
    make_sign_ins()
    client = Client()
    page = client.get(LOGIN).content.decode()
    assert DEMO_PASSWORD in page
    for line in SIGN_INS[:5]:
        client = Client()
        assert client.post(LOGIN, {"login": line.email, "password": DEMO_PASSWORD}).status_code == 302
        assert (
            "everyone in it is invented" in page
            or "every person here is invented" in client.get(TODAY).content.decode()
        )


def test_demo_sign_ins_exist_only_in_a_demo_clinic(world: World) -> None:
    with pytest.raises(PermissionDenied, match="only in a demo clinic"):
        make_sign_ins()
    assert "show-me-around" not in Client().get(LOGIN).content.decode()


def test_the_sixth_wrong_password_is_stopped_for_the_account(world: World) -> None:
    client = Client()
    for _try in range(5):
        assert sign_in(client, world.users.nurse, "wrong wrong wrong").status_code == 200
    response = sign_in(client, world.users.nurse)
    assert response.status_code == 200  # even the right one, for now
    assert "Too many failed" in response.content.decode()
    assert sign_in(Client(), world.users.physician).status_code == 302  # others are not locked out


def test_nobody_signs_up(world: World) -> None:
    assert Client().get("/account/signup/").status_code == 403
    client = Client()
    client.post("/account/signup/", {"email": "x@test.example", "password1": PASSWORD, "password2": PASSWORD})
    assert not User.objects.filter(email="x@test.example").exists()


def test_a_patient_signs_in_with_a_mailed_code(world: World) -> None:
    client = Client()
    client.post(reverse("account_request_login_code"), {"email": world.users.patient.email})
    assert len(mail.outbox) == 1
    assert world.patient.family not in str(mail.outbox[0].body)
    code = re.search(r"\n([A-Z0-9-]{6,12})\n", str(mail.outbox[0].body)).group(1)  # type: ignore[union-attr]
    assert client.post(reverse("account_confirm_login_code"), {"code": code}).status_code == 302
    assert client.get(reverse("accounts:me")).status_code == 200


def test_staff_and_strangers_get_no_code_and_the_same_answer(world: World) -> None:
    answers = []
    for email in (world.users.nurse.email, "nobody@test.example"):
        response = Client().post(reverse("account_request_login_code"), {"email": email})
        answers.append((response.status_code, response.get("Location")))
    assert answers[0] == answers[1]
    assert mail.outbox == []


def test_a_personal_link_opens_the_diary_only(world: World, now: Any) -> None:
    _row, path = make_link(by=world.users.nurse, now=now, user=world.users.patient)
    client = Client()
    assert client.get(path).status_code == 302
    assert client.get(reverse("accounts:me")).status_code == 403
    assert client.get(reverse("audit:own")).status_code == 403
    assert client.get(reverse("patients:page", args=[world.patient.pk])).status_code == 403


def test_a_personal_link_expires_and_is_taken_back_at_once(world: World, now: Any) -> None:
    row, path = make_link(by=world.users.nurse, now=now, user=world.users.patient, days=1)
    client = Client()
    client.get(path)
    assert client.get("/").status_code == 302
    revoke_link(by=world.users.nurse, now=now, link=row)
    assert client.get("/")["Location"] == LOGIN  # signed out at the next page
    assert Client().get(path).status_code == 410
    _row, path = make_link(by=world.users.nurse, now=now - timedelta(days=2), user=world.users.patient, days=1)
    assert Client().get(path).status_code == 410


def test_the_link_itself_is_not_kept(world: World, now: Any) -> None:
    row, path = make_link(by=world.users.nurse, now=now, user=world.users.patient)
    assert path.split("/")[-2] not in str(vars(row))


def test_only_patients_have_links(world: World, now: Any) -> None:
    with pytest.raises(ValueError, match="Only a patient"):
        make_link(by=world.users.lead, now=now, user=world.users.nurse)


def test_no_patient_is_invited_before_there_are_crisis_numbers(
    world: World, client_as: Callable[[str], Client], now: Any
) -> None:
    address = reverse("patients:link", args=[world.patient.pk])
    client = client_as("nurse")
    assert "crisis numbers first" in client.post(address).content.decode()
    settle(by=world.users.lead, now=now, method="password", site=world.site, thing="crisis_numbers", text="988")
    page = client.post(address).content.decode()
    path = re.search(r"/accounts/link/[\w-]+/", page)
    assert path
    assert Client().get(path.group()).status_code == 302


def test_idle_and_absolute_limits(world: World) -> None:
    with time_machine.travel(time.time(), tick=False) as clock:
        client = Client()
        client.force_login(world.users.nurse)
        client.get(TODAY)
        clock.shift(14 * 60)
        assert client.get(TODAY).status_code == 200
        clock.shift(15 * 60 + 1)
        assert LOGIN in client.get(TODAY)["Location"]

        client.force_login(world.users.nurse)
        client.get(TODAY)
        for _quarter in range(51):
            clock.shift(14 * 60)
            assert client.get(TODAY).status_code == 200
        clock.shift(14 * 60)  # 12 h 8 min after signing in
        assert LOGIN in client.get(TODAY)["Location"]


def test_a_clinic_sets_its_own_limits(world: World) -> None:
    put_setting("session.idle_minutes", 5)
    with time_machine.travel(time.time(), tick=False) as clock:
        client = Client()
        client.force_login(world.users.nurse)
        client.get(TODAY)
        clock.shift(6 * 60)
        assert LOGIN in client.get(TODAY)["Location"]


def test_a_poll_is_no_sign_of_life(world: World) -> None:
    with time_machine.travel(time.time(), tick=False) as clock:
        client = Client()
        client.force_login(world.users.nurse)
        client.get(TODAY)
        for _minute in range(16):
            clock.shift(60)
            response = client.get(TODAY, headers={"X-Surcease-Background": "1"})
        assert LOGIN in response["Location"]


@pytest.fixture
def tablet(world: World) -> Client:
    """A nurse's session bound to a chair."""
    client = Client()
    client.force_login(world.users.nurse)
    session = client.session
    session[CHAIR] = "3"
    session.save()
    client.get(TODAY)
    return client


def test_a_chair_tablet_locks_instead_of_signing_out(world: World, tablet: Client) -> None:
    with time_machine.travel(time.time() + 16 * 60, tick=False):
        assert tablet.get(TODAY)["Location"].startswith(reverse("accounts:unlock"))
        assert LOCKED_KEY in tablet.session


def test_a_badge_resumes_it_for_another_nurse_where_it_was(world: World, tablet: Client) -> None:
    other = make_user("nurse", world.site, name="Second Nurse")
    unlock.give_badge(by=world.users.lead, user=other, badge="04:A2:2B:9C")
    tablet.post(reverse("accounts:lock"))
    response = tablet.post(reverse("accounts:unlock") + f"?next={TODAY}", {"badge": "04:A2:2B:9C"})
    assert response["Location"] == TODAY
    assert tablet.get(TODAY).context["user"] == other
    assert tablet.session[CHAIR] == "3"


def test_a_pin_resumes_it_and_five_wrong_ones_close_the_way(world: World, tablet: Client) -> None:
    unlock.set_pin(by=world.users.nurse, pin="2749")
    tablet.post(reverse("accounts:lock"))
    address, who = reverse("accounts:unlock"), str(world.users.nurse.pk)
    for _try in range(5):
        assert tablet.post(address, {"who": who, "pin": "0000"}).status_code == 200
    assert tablet.post(address, {"who": who, "pin": "2749"}).status_code == 200
    with time_machine.travel(time.time() + 5 * 60 + 1):
        assert tablet.post(address, {"who": who, "pin": "2749"}).status_code == 302
        assert tablet.get(TODAY).status_code == 200


def test_a_badge_of_another_site_opens_nothing(world: World, tablet: Client) -> None:
    stranger = make_user("nurse", Site.objects.create(name="South"), name="Other Nurse")
    unlock.give_badge(by=world.users.lead, user=stranger, badge="04:A2:2B:9C")
    tablet.post(reverse("accounts:lock"))
    assert tablet.post(reverse("accounts:unlock"), {"badge": "04:A2:2B:9C"}).status_code == 200
    assert LOCKED_KEY in tablet.session


def test_unlocking_leads_nowhere_else(world: World, tablet: Client) -> None:
    unlock.give_badge(by=world.users.lead, user=world.users.nurse, badge="04:A2:2B:9C")
    tablet.post(reverse("accounts:lock"))
    response = tablet.post(reverse("accounts:unlock") + "?next=https://evil.example/", {"badge": "04:A2:2B:9C"})
    assert response["Location"] == "/"


@pytest.mark.parametrize("pin", ["", "123", "1234", "9876", "7777", "12a4", "123456789", "１２９４"])
def test_a_poor_pin_is_refused(world: World, pin: str) -> None:
    with pytest.raises(ValueError, match="PIN"):
        unlock.set_pin(by=world.users.nurse, pin=pin)


def test_a_closed_account_is_out_at_the_next_page(world: World) -> None:
    client = Client()
    client.force_login(world.users.nurse)
    assert client.get(TODAY).status_code == 200
    change_staff(by=world.users.lead, user=world.users.nurse, name="N", credentials="", role="nurse",
                 sites=[world.site], is_active=False)  # fmt: skip
    assert LOGIN in client.get(TODAY)["Location"]


def test_the_lead_sets_the_limits_of_sessions_and_adds_a_site(world: World, client_as: Callable[[str], Client]) -> None:
    lead = client_as("lead")
    page = reverse("clinic:settings")
    refused = lead.post(page, {"idle_minutes": "0", "absolute_hours": "30"}).content.decode()
    assert "0 is below 2" in refused
    assert "30 is above 24" in refused
    assert lead.post(page, {"idle_minutes": "5", "absolute_hours": "8", "reason": "open office"}).status_code == 302
    assert setting("session.idle_minutes") == 5
    assert 'value="5"' in lead.get(page).content.decode()
    site = {"name": "West", "zone": "America/Denver", "phone": "555-0100"}
    assert "time zone" in lead.post(reverse("clinic:add_site"), site | {"zone": "Denver"}).content.decode()
    assert lead.post(reverse("clinic:add_site"), site).status_code == 302
    west = Site.objects.get(name="West")
    assert lead.post(reverse("clinic:site", args=[west.pk]), site | {"name": "North"}).status_code == 200  # taken
    assert lead.post(reverse("clinic:site", args=[west.pk]), site | {"phone": "555-0199"}).status_code == 302
    assert AuditRow.objects.filter(action="change site", who=world.users.lead.pk).exists()


def test_the_lead_gives_a_badge(world: World, client_as: Callable[[str], Client]) -> None:
    address = reverse("accounts:badge", args=[world.users.nurse.pk])
    assert client_as("lead").post(address, {"badge": "04A22B9C11"}).status_code == 302
    assert unlock.user_of_badge("04A22B9C11") == world.users.nurse
    assert "at least six" in client_as("lead").post(address, {"badge": "1"}, follow=True).content.decode()


def test_nobody_changes_their_own_role(world: World) -> None:
    with pytest.raises(ValueError, match="own role"):
        change_staff(by=world.users.lead, user=world.users.lead, name="L", credentials="", role="physician",
                     sites=[world.site], is_active=True)  # fmt: skip


def test_a_new_clinic_has_no_password_until_its_first_page(db: None) -> None:
    forget()
    path = first.setup_path()
    assert Client().get(reverse("accounts:first", args=["guess"])).status_code == 404
    client = Client()
    assert client.get(path).status_code == 200
    given = {"organisation": "Harbour", "site": "Main", "zone": "Europe/Berlin", "name": "Helen Marsh",
             "credentials": "MD", "email": "helen@test.example", "password": "a long enough phrase"}  # fmt: skip
    assert "time zone" in client.post(path, {**given, "zone": "Mars"}).content.decode()
    assert "too short" in client.post(path, {**given, "password": "short"}).content.decode()
    assert client.post(path, given)["Location"] == reverse("mfa_index")
    assert Installation.objects.get().kind == "real"
    assert Client().get(path).status_code == 404  # once


def test_the_lead_makes_an_account_and_a_mail_invites(world: World, client_as: Callable[[str], Client]) -> None:
    client = client_as("lead")
    given = {"email": "new@test.example", "name": "New Pharmacist", "role": "pharmacist", "sites": [str(world.site.pk)]}
    assert client.post(reverse("accounts:add"), given).status_code == 302
    assert User.objects.get(email="new@test.example").role == "pharmacist"
    assert "/account/password/reset/key/" in str(mail.outbox[0].body)
    assert "already" in client.post(reverse("accounts:add"), given).content.decode()


def test_a_demo_database_never_becomes_a_real_one(db: None) -> None:
    give_birth(kind="demo", organisation="Demo")
    with pytest.raises(ImproperlyConfigured, match="stays one"):
        give_birth(kind="real", organisation="Real")
    assert Installation.objects.get().kind == "demo"


def test_the_reset_mail_answers_alike_for_anyone(world: World) -> None:
    answers = [Client().post(reverse("account_reset_password"), {"email": email}).status_code
               for email in (world.users.nurse.email, "nobody@test.example")]  # fmt: skip
    assert answers == [302, 302]
    assert [m.to for m in mail.outbox] == [[world.users.nurse.email]]
