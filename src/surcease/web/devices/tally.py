"""Counting what was heard and what was not taken: in memory, written down every two seconds and at the end.

What is in memory when a process is killed is lost; a sample never is.
"""

from __future__ import annotations

import threading
from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db import router, transaction
from django.db.models import F
from django.utils import timezone

from surcease.hl7.vitals import Observed, Vitals
from surcease.web.devices.models import Counted, Heard

MOST_NAMES = 500  # names of monitors that are remembered between two writings; more are counted as "…"
OTHERS = "…"


@dataclass(slots=True)
class _Ear:
    first_at: datetime
    last_at: datetime
    messages: int = 0
    clock_error_s: int | None = None


_lock = threading.Lock()
_ears: dict[str, _Ear] = {}
_counts: Counter[tuple[str, date, str, str]] = Counter()
_newest: dict[tuple[UUID, str], datetime] = {}


def heard(vitals: Vitals, now: datetime) -> None:
    """A message of this monitor came."""
    with _lock:
        name = _name(vitals.device)
        ear = _ears.setdefault(name, _Ear(now, now))
        ear.last_at, ear.messages = now, ear.messages + 1
        if vitals.sent_at is not None:
            ear.clock_error_s = max(-2_000_000, min(2_000_000, round((vitals.sent_at - now).total_seconds())))


def count(sent_as: str, reason: str, number: int = 1, code: str = "") -> None:
    """Count something that was not taken as it came."""
    if number:
        with _lock:
            _counts[(_name(sent_as), timezone.now().date(), reason, code)] += number


def refused(vitals: Vitals) -> None:
    """Count each observation of a message that was refused."""
    for one in vitals.refused:
        count(vitals.device, one.reason, 1, one.code)


def is_late(device: UUID, one: Observed) -> bool:
    """Whether a newer value of this parameter came before it."""
    with _lock:
        place = (device, one.parameter)
        newest = _newest.get(place)
        if newest is None or newest < one.at:
            _newest[place] = one.at
        return newest is not None and one.at < newest


def write_down() -> None:
    """Add what was counted to the tables."""
    with _lock:
        ears, counts = dict(_ears), dict(_counts)
        _ears.clear()
        _counts.clear()
    if not ears and not counts:
        return
    with transaction.atomic(using=router.db_for_write(Heard)):
        for name, ear in ears.items():
            _add_ear(name, ear)
        for (name, day, reason, code), number in counts.items():
            place: dict[str, Any] = {"sent_as": name, "day": day, "reason": reason, "code": code}
            Counted.objects.get_or_create(**place)
            Counted.objects.filter(**place).update(count=F("count") + number)


def _add_ear(name: str, ear: _Ear) -> None:
    Heard.objects.get_or_create(sent_as=name, defaults={"first_at": ear.first_at, "last_at": ear.last_at})
    Heard.objects.filter(sent_as=name).update(
        last_at=ear.last_at, messages=F("messages") + ear.messages, clock_error_s=ear.clock_error_s
    )


def _name(sent_as: str) -> str:
    """The name, or one word for all when a sender makes up new ones without end."""
    return sent_as if sent_as in _ears or len(_ears) < MOST_NAMES else OTHERS


def forget() -> None:
    """For tests: nothing was heard."""
    with _lock:
        _ears.clear()
        _counts.clear()
        _newest.clear()
