"""Before anything is imported: tests get a home folder of their own and, unless they ask for PostgreSQL, SQLite."""

from __future__ import annotations

import atexit
import os
import shutil
import sys
import tempfile
from importlib.util import find_spec

if find_spec("django"):
    _home = tempfile.mkdtemp(prefix="surcease-test-")
    atexit.register(shutil.rmtree, _home, ignore_errors=True)
    os.environ["SURCEASE_HOME"] = _home
    os.environ["DJANGO_SETTINGS_MODULE"] = "surcease.web.settings"
    os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")  # Playwright's loop runs in the test's own thread
    if os.environ.get("SURCEASE_TEST_DB") == "postgresql":
        if not os.environ.get("DATABASE_URL"):
            raise RuntimeError("SURCEASE_TEST_DB=postgresql needs DATABASE_URL: use tests/with_postgresql.py.")
    else:
        os.environ.pop("DATABASE_URL", None)
    import django

    try:
        django.setup()
    except Exception as error:  # the pure floors' tests must not fall with the web's
        sys.stderr.write(f"The web floor does not start, its tests will fail: {type(error).__name__}: {error}\n")
    # A worker that inherited this would read the settings before it has a home of its own.
    del os.environ["DJANGO_SETTINGS_MODULE"]
