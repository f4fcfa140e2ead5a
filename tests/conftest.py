"""Fixtures of the web floor: a clinic, one person of each role, a patient, and clients signed in as any of them."""

from __future__ import annotations

from importlib.util import find_spec

import pytest

if find_spec("django"):
    pytest_plugins = ["tests.web_fixtures"]


@pytest.fixture(autouse=True, scope="session")
def _charts_are_checked() -> None:
    """Every chart that a test draws is checked against Vega-Lite's schema, which the running program leaves out."""
    if find_spec("altair"):
        from altair.utils import schemapi

        import surcease.charts.theme  # noqa: F401  # its import switches the checks off

        schemapi.enable_debug_mode()
