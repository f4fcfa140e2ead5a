"""Papers: typeset offline with our own font, typed text is never code, files kept once and checked."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse
from tests.web_fixtures import World

from surcease.web.audit.models import AuditRow
from surcease.web.papers.actions import FileIsBroken, content_of, keep, make
from surcease.web.papers.models import Document
from surcease.web.papers.typeset import NoTemplate, fonts, render

pytestmark = pytest.mark.django_db
HOSTILE = '#import "@preview/x:1.0.0" $a$ #read("/settings.py") *b* \\ ] } #panic("x") “é” → ≥ µ'


def plain(**more: Any) -> dict[str, Any]:
    """Data of a plain paper."""
    return {"title": "Letter", "organisation": "Test", "made": "2 Mar 2026", "parts": [{"text": "Hello"}], **more}


def test_a_paper_is_pdf_a_with_our_font() -> None:
    pdf = render("papers/plain", plain())
    assert pdf.startswith(b"%PDF-1.7")
    assert b"Inter" in pdf
    assert b"pdfaid" in pdf
    assert (fonts() / "OFL.txt").is_file()


def test_typed_text_is_never_code() -> None:
    parts = [{"heading": HOSTILE, "text": HOSTILE, "facts": [[HOSTILE, HOSTILE]]}]
    assert render("papers/plain", plain(title=HOSTILE, parts=parts)).startswith(b"%PDF")


def test_amounts_and_days_are_written_as_on_screen() -> None:
    assert render("papers/plain", plain(parts=[{"facts": [["Dose", Decimal("5.0")], ["On", date(2026, 3, 2)]]}]))
    with pytest.raises(TypeError, match="cannot hold"):
        render("papers/plain", plain(extra=object()))


@pytest.mark.parametrize("name", ["papers/none", "../settings", "papers/../../settings", "plain", "papers/house/x", ""])
def test_only_templates_are_templates(name: str) -> None:
    with pytest.raises(NoTemplate):
        render(name, {})


def test_a_file_is_kept_once_under_its_sha256(world: World, now: Any) -> None:
    first, second = (
        keep(by=world.users.nurse, now=now, title="A", kind="scan", content=b"same bytes", media_type="text/plain")
        for _n in range(2)
    )
    digest = hashlib.sha256(b"same bytes").hexdigest()
    assert first.sha256 == second.sha256 == digest
    place = Path(settings.HOME / "files") / digest[:2] / digest
    assert place.read_bytes() == b"same bytes"
    assert place.stat().st_mode & 0o077 == 0
    assert [p.name for p in place.parent.iterdir()] == [digest]
    assert content_of(first) == b"same bytes"


@pytest.mark.parametrize("damage", [b"other bytes", b"", None])
def test_a_damaged_file_is_refused_before_use(world: World, now: Any, damage: bytes | None) -> None:
    content = f"bytes {damage!r}".encode()
    row = keep(by="server", now=now, title="A", kind="scan", content=content, media_type="text/plain")
    place = Path(settings.HOME / "files") / row.sha256[:2] / row.sha256
    place.unlink() if damage is None else place.write_bytes(damage)
    with pytest.raises(FileIsBroken, match="backup"):
        content_of(row)


def test_an_oversize_file_is_refused(world: World, now: Any) -> None:
    with pytest.raises(ValueError, match="25 MB"):
        keep(by="server", now=now, title="A", kind="scan", content=bytes(25_000_001), media_type="text/plain")
    assert not Document.objects.exists()


def test_reading_a_paper_goes_through_the_door(world: World, now: Any, client_as: Callable[[str], Client]) -> None:
    row = make(by=world.users.physician, now=now, template="papers/plain", data=plain(), title="Letter to Dr X",
               kind="letter", patient=world.patient)  # fmt: skip
    address = reverse("papers:document", args=[row.pk])
    response = client_as("nurse").get(address)
    assert response["Content-Type"] == "application/pdf"
    assert response["Content-Disposition"].startswith('inline; filename="letter-')
    assert "Lindqvist" not in response["Content-Disposition"]
    assert AuditRow.objects.filter(action="open", why="paper: Letter to Dr X").exists()
    assert client_as("patient").get(address).status_code == 200  # their own
    assert client_as("front_desk").get(address).status_code == 403


@pytest.mark.parametrize("media", ["text/html", "image/svg+xml", "application/octet-stream"])
def test_what_a_browser_could_run_is_a_download_in_a_sandbox(
    world: World, now: Any, client_as: Callable[[str], Client], media: str
) -> None:
    row = keep(by="server", now=now, title="A", kind="scan", content=b"<script>1</script>", media_type=media,
               patient=world.patient)  # fmt: skip
    response = client_as("nurse").get(reverse("papers:document", args=[row.pk]))
    assert response["Content-Disposition"].startswith("attachment")
    assert "sandbox" in response["Content-Security-Policy"]
    assert response["X-Content-Type-Options"] == "nosniff"
