"""What a test of the web floor starts from. The same tests run on SQLite and PostgreSQL (SURCEASE_TEST_DB)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from types import SimpleNamespace
from typing import Any

import pytest
from django.conf import settings
from django.test import Client, override_settings
from django.utils import timezone

PASSWORD = "correct horse battery"
TOTP_SECRET = "JBSWY3DPEHPK3PXP"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """A page may read the device samples, which have a file of their own on SQLite: every test has both files."""
    for item in items:
        marker = item.get_closest_marker("django_db")
        wants = marker is not None or {"db", "transactional_db"} & set(getattr(item, "fixturenames", ()))
        if wants and (marker is None or "databases" not in marker.kwargs):
            given = dict(marker.kwargs) if marker else {}
            both = pytest.mark.django_db(*(marker.args if marker else ()), **given, databases="__all__")
            item.add_marker(both, append=False)


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings_parallel_suffix: None) -> None:
    """SQLite tests use a real file with the real settings: an in-memory database has no WAL to test."""
    from django.db import connections

    for alias in connections:
        database = connections[alias].settings_dict
        if database["ENGINE"].endswith("sqlite3"):
            suffix = database["TEST"].get("NAME") or alias
            name = f"test-{alias}-{str(suffix).rpartition('/')[2].replace(':', '')}.sqlite3"
            database["TEST"]["NAME"] = str(settings.HOME / name.replace("?", ""))


@pytest.fixture(scope="session", autouse=True)
def _test_settings() -> Iterator[None]:
    """Plain static files and a quick password hasher: what slows tests and changes nothing they ask."""
    storages = {
        **settings.STORAGES,
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
    }
    with override_settings(
        STORAGES=storages,
        PASSWORD_HASHERS=["django.contrib.auth.hashers.MD5PasswordHasher"],
        WHITENOISE_AUTOREFRESH=True,
    ):
        yield


@pytest.fixture(autouse=True)
def _forget_between_tests() -> Iterator[None]:
    """What a process remembers of its database must not outlive the test's rows."""
    from surcease.web.clinic import installation
    from surcease.web.clinic import settings as clinic_settings

    installation.forget()
    clinic_settings.forget()
    yield
    installation.forget()
    clinic_settings.forget()


@dataclass(slots=True)
class World:
    """A clinic with one site, one person of each role, and one patient in its care."""

    site: Any
    users: SimpleNamespace
    patient: Any
    now: datetime
    more: dict[str, Any] = field(default_factory=dict)  # what an app's samples add

    def user(self, role: str) -> Any:
        """The user of a role; a personal link is the patient's own."""
        return getattr(self.users, "patient" if role == "link" else role)


@pytest.fixture
def now() -> datetime:
    """This test's now."""
    return timezone.now()


@pytest.fixture
def clinic(db: None) -> Any:
    """A real installation with one site."""
    from surcease.web.clinic.installation import give_birth
    from surcease.web.clinic.models import Site

    give_birth(kind="real", organisation="Test Clinic")
    return Site.objects.create(name="North", zone="Europe/Berlin")


@pytest.fixture
def users(clinic: Any) -> SimpleNamespace:
    """One user of each role at the site; staff have a second factor."""
    return SimpleNamespace(**{role: make_user(role, clinic) for role in roles()})


@pytest.fixture
def patient(clinic: Any, users: SimpleNamespace, now: datetime) -> Any:
    """A registered person in the site's care, linked to the user of role patient."""
    from surcease.web.patients.actions import register_patient
    from surcease.web.patients.models import Patient

    row = register_patient(
        by=users.front_desk, now=now, family="Lindqvist", given="Mara", born=date(1988, 3, 24), sex="female",
        site=clinic, zone="Europe/Berlin", identifiers=[("urn:mrn", "MRN-1001")],
    )  # fmt: skip
    Patient.objects.filter(pk=row.pk).update(user=users.patient)
    row.refresh_from_db()
    return row


@pytest.fixture
def world(clinic: Any, users: SimpleNamespace, patient: Any, now: datetime) -> World:
    """All of it in one."""
    return World(clinic, users, patient, now)


@pytest.fixture
def client_as(users: SimpleNamespace) -> Callable[[str], Client]:
    """``client_as("nurse")``: a client signed in as that role; also "link" and "anonymous"."""

    def make(role: str) -> Client:
        client = Client()
        if role == "link":
            from surcease.web.accounts.links import make_link

            _row, path = make_link(by=users.nurse, now=timezone.now(), user=users.patient)
            client.get(path)
        elif role != "anonymous":
            client.force_login(getattr(users, role))
        return client

    return make


def roles() -> list[str]:
    """The six."""
    from surcease.web.accounts.models import Role

    return list(Role.values)


def make_user(role: str, site: Any, *, name: str = "", second_factor: bool = True, **more: Any) -> Any:
    """A user with the test password, at a site, with a second factor when they are staff."""
    from allauth.mfa.models import Authenticator

    from surcease.web.accounts.models import User

    name = name or f"{role.replace('_', ' ').title()} Person"
    user = User.objects.create_user(f"{name.replace(' ', '.').lower()}@test.example", name=name, role=role,
                                    password=PASSWORD, **more)  # fmt: skip
    user.sites.add(site)
    if second_factor and user.is_clinic_staff:
        Authenticator.objects.create(user=user, type=Authenticator.Type.TOTP, data={"secret": totp_secret()})
    return user


def totp_secret() -> str:
    """A second-factor secret as it is kept: encrypted."""
    from surcease.web.accounts.adapter import SecondFactorAdapter

    return SecondFactorAdapter().encrypt(TOTP_SECRET)


def totp() -> str:
    """The code that the authenticator of every test user shows now."""
    from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value, yield_hotp_counters_from_time

    return format_hotp_value(hotp_value(TOTP_SECRET, next(iter(yield_hotp_counters_from_time()))))
