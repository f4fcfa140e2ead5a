"""Frames in, answers out: read, keep, acknowledge what was kept. No socket here."""

from __future__ import annotations

import itertools
import logging
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from zoneinfo import ZoneInfo

from django.db import DatabaseError

from surcease.hl7.acknowledge import Verdict, acknowledgements
from surcease.hl7.message import Header, Hl7Error, read_header, read_message
from surcease.hl7.table import SiteCode as Meaning
from surcease.hl7.table import Table, table
from surcease.hl7.vitals import Vitals, device_of, read_vitals
from surcease.knowledge import load
from surcease.web.devices import tally
from surcease.web.devices.ingest import take_samples
from surcease.web.devices.models import Device, SiteCode

log = logging.getLogger(__name__)
NOT_KEPT = Verdict("R", "207", "It could not be kept now: send it again later.")
REMEMBER_S = 2.0
_numbers = itertools.count()
Answers = tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class Book:
    """What the accepted monitors' codes mean at their sites, and in which zone times without offset are."""

    general: Table
    by_device: dict[str, tuple[Table, tzinfo]]

    @classmethod
    def read(cls) -> Book:
        """From the tables, now."""
        general, codes = table(load()), dict[object, dict[tuple[str, str], str]]()
        for row in SiteCode.objects.order_by("at"):
            codes.setdefault(row.site_id, {})[(row.system, row.code)] = row.parameter
        own = {
            site: general.of_site(Meaning(s, c, p) for (s, c), p in lines.items() if p)
            for site, lines in codes.items()
        }  # fmt: skip
        devices = Device.objects.filter(retired_at=None).select_related("site")
        return cls(general, {d.sent_as: (own.get(d.site_id, general), ZoneInfo(d.site.zone)) for d in devices})


_book: tuple[float, Book] | None = None


def book() -> Book:
    """The book, remembered for two seconds."""
    global _book
    if _book is None or time.monotonic() - _book[0] > REMEMBER_S:
        _book = (time.monotonic(), Book.read())
    return _book[1]


def forget() -> None:
    """The next message asks the tables."""
    global _book
    _book = None


def take_messages(frames: Sequence[bytes], *, now: datetime) -> list[Answers]:
    """The answers to each frame, after everything in them that could be kept is committed, together.

    Never raises for what a message holds, nor when the database fails: then nothing is acknowledged.
    """
    read = [_read(data, now) for data in frames]
    good = [v for _header, v in read if isinstance(v, Vitals)]
    verdicts = iter(_keep(good, now))
    return [
        _answer(header, next(verdicts) if isinstance(found, Vitals) else found, now) for header, found in read
    ]  # fmt: skip


def too_long(head: bytes, said: str, *, now: datetime) -> Answers:
    """The answer to a message that was cut off."""
    header = read_header(head)
    tally.count(header.application or "?", "too long")
    return _answer(header, Verdict("E", "102", said), now)


def not_kept(data: bytes, *, now: datetime) -> Answers:
    """The answer when something failed that should not have: nothing is acknowledged."""
    return _answer(read_header(data), NOT_KEPT, now)


def _read(data: bytes, now: datetime) -> tuple[Header, Vitals | Verdict]:
    try:
        message = read_message(data)
        known, zone = book().by_device.get(device_of(message), (book().general, UTC))
        return message.header, read_vitals(message, known, now=now, zone=zone)
    except Hl7Error as error:
        header = read_header(data)
        tally.count(header.application or "?", "malformed")
        return header, Verdict("R" if error.reject else "E", error.code, str(error))
    except DatabaseError:
        log.exception("The table of monitors cannot be read.")
        return read_header(data), NOT_KEPT


def _keep(good: Sequence[Vitals], now: datetime) -> list[Verdict]:
    """Together, and one by one when that fails, so that one message never costs another its answer."""
    if not good:
        return []
    try:
        return [taken.verdict for taken in take_samples(now=now, arrivals=good)]
    except DatabaseError:
        log.exception("Samples could not be kept.")
    return [NOT_KEPT] if len(good) == 1 else [verdict for one in good for verdict in _keep([one], now)]


def _answer(header: Header, verdict: Verdict, now: datetime) -> Answers:
    return acknowledgements(header, verdict, now=now, own_id=f"{time.time_ns():x}{next(_numbers):x}"[-18:])
