"""From a home folder to a working Django: environment, migrations, cache table, static files, checks."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

from surcease.web.home import Home


def set_up(home: Home, **environment: str) -> None:
    """Make Django ready in this process for ``home``. Raises SystemCheckError or ValueError in plain words."""
    os.environ["SURCEASE_HOME"] = str(home.path)
    os.environ.update(environment)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "surcease.web.settings")
    os.environ.setdefault("NUMBA_CACHE_DIR", str(home / "cache"))
    import django

    django.setup()


def prepare(*, static: bool = True) -> None:
    """Bring the database and the static files to this version, then refuse to go on with a database that is unsafe.

    A command that serves no pages leaves the static files alone.
    """
    from django.core.management import call_command

    for alias in _aliases():
        if _behind(alias):
            _snapshot(alias)
            call_command("migrate", database=alias, verbosity=0, interactive=False)
    call_command("createcachetable", verbosity=0)
    if static:
        _collect_static()
    insist()


def insist() -> None:
    """Raise SystemCheckError when the system checks find an error, the database's own included."""
    from django.core.checks import Tags, run_checks
    from django.core.management.base import SystemCheckError

    found = run_checks(tags=[Tags.database], databases=list(_aliases()))
    wrong = [message for message in found if message.is_serious() and not message.is_silenced()]
    if wrong:
        raise SystemCheckError(" ".join(f"{message.msg} {message.hint or ''}".strip() for message in wrong))


def _aliases() -> list[str]:
    from django.conf import settings

    return list(settings.DATABASES)


def _behind(alias: str) -> bool:
    from django.db import connections
    from django.db.migrations.executor import MigrationExecutor

    executor = MigrationExecutor(connections[alias])
    return bool(executor.migration_plan(executor.loader.graph.leaf_nodes()))


def is_empty() -> bool:
    """Whether the database has no tables yet."""
    from django.db import connection

    return not connection.introspection.table_names()


def _snapshot(alias: str) -> None:
    """Before the tables of a SQLite clinic change: a copy in home/backups, the way back if this version disappoints."""
    from django.conf import settings
    from django.db import connections
    from django.utils import timezone

    connection = connections[alias]
    if connection.vendor != "sqlite" or not connection.introspection.table_names():
        return
    copy = settings.HOME / f"backups/before-migrate-{alias}-{timezone.now():%Y%m%d-%H%M%S}.sqlite3"
    with connection.cursor() as cursor:
        cursor.execute("VACUUM INTO %s", [str(copy)])
    copy.chmod(0o600)


def _collect_static() -> None:
    """Collect only when a static file changed since the last start."""
    from django.conf import settings
    from django.contrib.staticfiles.finders import get_finders
    from django.core.management import call_command

    digest = hashlib.sha256()
    for finder in get_finders():
        for path, storage in finder.list(ignore_patterns=None):
            file = Path(storage.path(path))
            digest.update(f"{path} {file.stat().st_size} {file.stat().st_mtime_ns}\n".encode())
    stamp = Path(settings.STATIC_ROOT) / ".stamp"
    if stamp.exists() and stamp.read_text() == digest.hexdigest():
        return
    call_command("collectstatic", verbosity=0, interactive=False, clear=True)
    stamp.write_text(digest.hexdigest())


def empty() -> None:
    """Take everything out of a demo database. Refused for any other: nothing clinical is ever deleted."""
    from django.core.exceptions import PermissionDenied
    from django.core.management import call_command

    from surcease.web.clinic import installation

    if not installation.is_demo():
        raise PermissionDenied("Only a demo clinic can be emptied.")
    for alias in _aliases():
        call_command("flush", database=alias, verbosity=0, interactive=False)
    installation.forget()
