"""Writes: a questionnaire put in use, changed by a new version, taken out of use."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from django.db import transaction

from surcease.knowledge import instrument_file, load
from surcease.knowledge.catalogue import catalogue
from surcease.knowledge.instrument import Instrument
from surcease.knowledge.library import canonical
from surcease.web.accounts.models import User
from surcease.web.audit import trail
from surcease.web.instruments.models import OwnInstrument
from surcease.web.instruments.queries import read


@transaction.atomic
def keep_instrument(
    *, by: User, now: datetime, instrument: Instrument, how: str, made_from: Mapping[str, Any], reason: str = ""
) -> OwnInstrument:
    """Put an instrument in use; the same id again is its next version. ValueError when the id is a shipped one, its
    words are missing, or nothing has changed."""
    if instrument.id in catalogue(load()):
        raise ValueError(f"{instrument.id} is shipped with Surcease: give yours another title or another short name.")
    if not instrument.has_text:
        raise ValueError(f"{instrument.title}: every question and every answer needs its words.")
    last = _last(instrument.id)
    version = (last.version if last else 0) + 1
    document = canonical(instrument_file.document(replace(instrument, version=version)))
    if last and last.in_use and read(last.document) == replace(read(document), version=last.version):
        raise ValueError(f"{instrument.title} is already in use exactly like this: nothing was changed.")
    return _write(
        by, now, key=instrument.id, version=version, title=instrument.title[:200], how=how, document=document,
        made_from=made_from, reason=reason.strip(),
    )  # fmt: skip


@transaction.atomic
def take_out_of_use(*, by: User, now: datetime, key: str, reason: str) -> OwnInstrument:
    """Nobody is asked it any more; what was answered stays and keeps its score. ValueError without a reason."""
    last = _last(key)
    if last is None or not last.in_use:
        raise ValueError(f"There is no questionnaire {key!r} in use.")
    if not reason.strip():
        raise ValueError("Taking a questionnaire out of use needs its reason.")
    return _write(
        by, now, key=key, version=last.version + 1, title=last.title, how=last.how, document=last.document,
        made_from=last.made_from, reason=reason.strip(), in_use=False,
    )  # fmt: skip


def _last(key: str) -> OwnInstrument | None:
    return OwnInstrument.objects.filter(key=key).order_by("-version").first()


def _write(by: User, now: datetime, **fields: Any) -> OwnInstrument:
    row = OwnInstrument(by=by, at=now, **fields)
    row.save()
    details = {"key": row.key, "version": row.version, "in_use": row.in_use}
    trail.write("keep instrument", by=by, about=row, why=row.reason, details=details)
    return row
