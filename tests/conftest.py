"""Fixtures of the web floor: a clinic, one person of each role, a patient, and clients signed in as any of them."""

from __future__ import annotations

from importlib.util import find_spec

if find_spec("django"):
    pytest_plugins = ["tests.web_fixtures"]
