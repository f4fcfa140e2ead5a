"""Keeping files: the bytes once, by their SHA-256, on disk before the row that names them is committed."""

from __future__ import annotations

import hashlib
import os
from datetime import datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import transaction

from surcease.web.accounts.models import User
from surcease.web.audit import trail
from surcease.web.papers.models import Document
from surcease.web.papers.typeset import render
from surcease.web.patients.models import Patient

MOST_BYTES = 25_000_000


class FileIsBroken(RuntimeError):
    """The kept bytes are missing or are not what was kept."""


@transaction.atomic
def keep(
    *,
    by: User | str,
    now: datetime,
    title: str,
    kind: str,
    content: bytes,
    media_type: str,
    patient: Patient | None = None,
    source: Any = None,
    template: str = "",
) -> Document:
    """Keep a file as a document. The same bytes lie on disk once, however many documents name them."""
    if len(content) > MOST_BYTES:
        raise ValueError("A file may have at most 25 MB: this one is larger.")
    digest = hashlib.sha256(content).hexdigest()
    _write(digest, content)
    row = Document(
        patient=patient, title=title[:200], kind=kind, template=template, media_type=media_type, sha256=digest,
        size=len(content), made_by=by if isinstance(by, User) else None, made_at=now,
        source_kind=source._meta.label_lower if source is not None else "",
        source_id=str(source.pk) if source is not None else "",
    )  # fmt: skip
    row.save()
    trail.write("keep paper", by=by, patient=patient, about=row, details={"title": row.title, "kind": kind})
    return row


def make(
    *, by: User | str, now: datetime, template: str, data: dict[str, Any], title: str, kind: str,
    patient: Patient | None = None, source: Any = None,
) -> Document:  # fmt: skip
    """Typeset a paper and keep it."""
    content = render(template, data)
    return keep(
        by=by, now=now, title=title, kind=kind, content=content, media_type="application/pdf", patient=patient,
        source=source, template=template,
    )  # fmt: skip


def content_of(document: Document) -> bytes:
    """The bytes, checked against their name. Raises FileIsBroken."""
    file = _place(document.sha256)
    content = file.read_bytes() if file.is_file() else b""
    if hashlib.sha256(content).hexdigest() != document.sha256:
        raise FileIsBroken(f"The file of the document {document.pk} is missing or damaged: restore it from a backup.")
    return content


def _place(digest: str) -> Path:
    return Path(settings.HOME / "files") / digest[:2] / digest


def _write(digest: str, content: bytes) -> None:
    """Write once, durably: first aside, then renamed into place."""
    place = _place(digest)
    if place.is_file() and hashlib.sha256(place.read_bytes()).hexdigest() == digest:
        return
    place.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    aside = place.with_suffix(f".{os.getpid()}.{os.urandom(4).hex()}")
    with open(os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as out:
        out.write(content)
        out.flush()
        os.fsync(out.fileno())
    aside.rename(place)
    folder = os.open(place.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
