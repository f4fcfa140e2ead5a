"""The home folder, its secrets, its lock, and a SQLite that start-up insists on."""

from __future__ import annotations

import os
import sqlite3
import stat
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.checks import Error
from django.core.management.base import SystemCheckError
from django.db import connections

from surcease.web import checks, start
from surcease.web.accounts.first import setup_path
from surcease.web.database import databases, postgresql
from surcease.web.home import Home
from surcease.web.lock import HomeIsBusy, held
from surcease.web.serve import greeting


def test_everything_lies_under_the_home_and_only_its_owner_reads_it(tmp_path: Path) -> None:
    home = Home.at(tmp_path / "clinic")
    assert {"files", "secrets", "backups", "outbox", "audit", "static"} <= {p.name for p in home.path.iterdir()}
    assert stat.S_IMODE(home.path.stat().st_mode) == 0o700


def test_the_home_comes_from_the_environment_or_the_platform(tmp_path: Path) -> None:
    assert Home.from_environment({"SURCEASE_HOME": str(tmp_path)}).path == tmp_path


def test_a_secret_is_made_once_and_kept_0600(tmp_path: Path) -> None:
    home = Home.at(tmp_path)
    first = home.secret("django")
    assert home.secret("django") == first
    assert len(first) >= 50
    assert stat.S_IMODE((tmp_path / "secrets" / "django").stat().st_mode) == 0o600


def test_a_secret_that_others_can_read_is_refused(tmp_path: Path) -> None:
    home = Home.at(tmp_path)
    home.secret("django")
    (tmp_path / "secrets" / "django").chmod(0o644)
    with pytest.raises(PermissionError, match="chmod 600"):
        home.secret("django")


def test_an_empty_secret_is_refused(tmp_path: Path) -> None:
    home = Home.at(tmp_path)
    os.close(os.open(tmp_path / "secrets" / "key", os.O_CREAT, 0o600))
    with pytest.raises(ValueError, match="empty"):
        home.secret("key")


def test_one_holder_at_a_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DATABASE_URL", raising=False)
    home = Home.at(tmp_path)
    with held(home), pytest.raises(HomeIsBusy, match=str(os.getpid())), held(home):
        pass
    with held(home):
        pass


def test_postgresql_serves_many_writers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql:///clinic")
    with held(Home.at(tmp_path)), held(Home.at(tmp_path)):
        pass


def test_the_database_address(tmp_path: Path) -> None:
    read = postgresql("postgresql://ann:p%40ss@db.example:5433/clinic?sslmode=require")
    assert (read["HOST"], read["PORT"], read["NAME"], read["USER"], read["PASSWORD"]) == (
        "db.example", 5433, "clinic", "ann", "p@ss",
    )  # fmt: skip
    assert read["OPTIONS"]["sslmode"] == "require"
    assert set(databases(Home.at(tmp_path))) == {"default", "samples"}
    assert set(databases(Home.at(tmp_path), "postgresql:///c")) == {"default"}


@pytest.mark.parametrize("address", ["mysql://x/y", "postgresql://host", "clinic"])
def test_another_address_is_refused_in_one_sentence(address: str) -> None:
    with pytest.raises(ValueError, match="must look like"):
        postgresql(address)


class Planted:
    """A SQLite file with settings of the test's choosing, seen by the check as the database ``planted``."""

    def __init__(self, path: Path, pragmas: str, transaction_mode: str | None = "IMMEDIATE") -> None:
        from django.db.backends.sqlite3.base import DatabaseWrapper

        options = {"init_command": pragmas, "transaction_mode": transaction_mode}
        template = connections["default"].settings_dict
        self.wrapper = DatabaseWrapper({**template, "ENGINE": "django.db.backends.sqlite3", "NAME": str(path),
                                        "OPTIONS": options, "TEST": {}}, "planted")  # fmt: skip


GOOD = "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;"


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("pragmas", "mode", "wrong"),
    [
        (GOOD, "IMMEDIATE", set()),
        ("PRAGMA journal_mode=DELETE; PRAGMA synchronous=FULL;", "IMMEDIATE", {"surcease.E-journal_mode"}),
        ("PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;", "IMMEDIATE", {"surcease.E-synchronous"}),
        (GOOD + "PRAGMA foreign_keys=OFF;", "IMMEDIATE", {"surcease.E-foreign_keys"}),
        (GOOD, None, {"surcease.E-transaction_mode"}),
    ],
)
def test_start_up_refuses_an_unsafe_sqlite(
    pragmas: str, mode: str | None, wrong: set[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    planted = Planted(tmp_path / "planted.sqlite3", pragmas, mode)
    monkeypatch.setattr(checks, "connections", {"planted": planted.wrapper})
    try:
        found = checks.sqlite_is_safe(databases=["planted"])
    finally:
        planted.wrapper.close()
    assert {m.id for m in found if isinstance(m, Error)} == wrong


@pytest.mark.django_db
def test_serving_ends_before_it_begins_on_an_unsafe_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    planted = Planted(tmp_path / "planted.sqlite3", "PRAGMA journal_mode=DELETE;")
    connections["planted"] = planted.wrapper
    monkeypatch.setattr(start, "_aliases", lambda: ["planted"])
    try:
        with pytest.raises(SystemCheckError, match="could lose what it said was saved"):
            start.insist()
    finally:
        planted.wrapper.close()
        del connections["planted"]


@pytest.mark.django_db(transaction=True)
def test_a_copy_is_made_before_the_tables_change() -> None:
    backups = settings.HOME / "backups"
    before = set(backups.iterdir())
    start._snapshot("default")
    made = set(backups.iterdir()) - before
    if connections["default"].vendor != "sqlite":
        assert not made
        return
    (copy,) = made
    with sqlite3.connect(copy) as kept:
        assert kept.execute("PRAGMA quick_check").fetchone() == ("ok",)
        assert kept.execute("SELECT count(*) FROM django_migrations").fetchone()[0] > 20
    assert stat.S_IMODE(copy.stat().st_mode) == 0o600


@pytest.mark.django_db
def test_the_words_at_the_start(users: Any) -> None:
    assert greeting(8000, "", secure=False) == "http://localhost:8000"  # a real clinic prints no sign-ins
    assert greeting(8000, "clinic.example", secure=True) == "https://clinic.example"


@pytest.mark.django_db
def test_the_words_at_the_very_first_start(db: None) -> None:
    assert f"http://localhost:8000{setup_path()}" in greeting(8000, "", secure=False)


@pytest.mark.parametrize(
    ("version", "buggy"),
    [
        ((3, 6, 23), False), ((3, 7, 0), True), ((3, 40, 1), True), ((3, 44, 5), True), ((3, 44, 6), False),
        ((3, 46, 1), True), ((3, 50, 6), True), ((3, 50, 7), False), ((3, 51, 2), True), ((3, 51, 3), False),
        ((3, 52, 0), False),
    ],
)  # fmt: skip
def test_which_sqlite_has_the_wal_reset_bug(version: tuple[int, ...], buggy: bool) -> None:
    """Versions: SQLite's own list of fixes (3.51.3, backported to 3.50.7 and 3.44.6)."""
    assert checks.reset_bug(version) is buggy


@pytest.mark.django_db(databases=["default"])
def test_the_suite_itself_runs_on_the_settings_it_promises() -> None:
    connection: Any = connections["default"]
    found = checks.sqlite_is_safe(databases=["default"])
    assert [m for m in found if isinstance(m, Error)] == []
    if connection.vendor == "sqlite":
        expected = checks.reset_bug(sqlite3.sqlite_version_info)
        assert any(m.id == "surcease.W-wal-reset" for m in found) is expected
