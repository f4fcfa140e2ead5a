"""Where the rows are kept: SQLite under the home folder, or the PostgreSQL that DATABASE_URL names."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from surcease.web.home import Home

# Measured: IMMEDIATE + WAL + FULL gives no lock errors and loses no acknowledged commit at a power cut.
_PRAGMAS = (
    "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA temp_store=MEMORY;"
    "PRAGMA mmap_size=134217728; PRAGMA journal_size_limit=67108864; PRAGMA cache_size=-20000;"
)


def databases(home: Home, url: str = "") -> dict[str, dict[str, Any]]:
    """Django's DATABASES. On SQLite the device samples have a file of their own; on PostgreSQL one database holds all.

    Raises ValueError with one sentence for an address that is not PostgreSQL's.
    """
    if url:
        return {"default": postgresql(url)}
    return {"default": sqlite(str(home.database)), "samples": sqlite(str(home.samples))}


def sqlite(name: str) -> dict[str, Any]:
    """One SQLite database with the settings that start-up insists on."""
    options = {"transaction_mode": "IMMEDIATE", "timeout": 20, "init_command": _PRAGMAS}
    return {"ENGINE": "django.db.backends.sqlite3", "NAME": name, "OPTIONS": options}


def postgresql(url: str) -> dict[str, Any]:
    """``postgresql://user:password@host:port/name?option=value``; an empty host with ?host=/folder is a socket.

    >>> postgresql("postgresql:///clinic?host=/run/pg")["HOST"]
    '/run/pg'
    """
    parts = urlsplit(url)
    if parts.scheme not in ("postgresql", "postgres") or not parts.path.strip("/"):
        raise ValueError("DATABASE_URL must look like postgresql://user:password@host:5432/name.")
    query = dict(parse_qsl(parts.query))
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.lstrip("/")),
        "USER": unquote(parts.username or query.pop("user", "")),
        "PASSWORD": unquote(parts.password or query.pop("password", "")),
        "HOST": query.pop("host", "") or parts.hostname or "",
        "PORT": query.pop("port", "") or parts.port or "",
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": {"pool": {"min_size": 1, "max_size": 12}, **query},
    }


class SamplesRouter:
    """Sends the models marked ``keeps = "samples"`` to the samples file, when there is one."""

    def db_for_read(self, model: Any, **hints: Any) -> str | None:
        """The samples file for its own models."""
        return _home_of(model)

    db_for_write = db_for_read

    def allow_migrate(self, db: str, app_label: str, model_name: str | None = None, **hints: Any) -> bool | None:
        """Each table is made in one database only."""
        from django.apps import apps

        if model_name is None:
            return db == "default"
        try:
            own = _home_of(apps.get_model(app_label, model_name)) or "default"
        except LookupError:
            own = "default"
        return db == own


def _home_of(model: Any) -> str | None:
    from django.conf import settings

    return "samples" if getattr(model, "keeps", "") == "samples" and "samples" in settings.DATABASES else None
