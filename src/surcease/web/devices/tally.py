"""Counting what was heard and what was not taken: in memory, written down each second and at the end.

What is in memory when a process is killed is lost; a sample never is.
"""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterable, Mapping
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
        _keep_ears(ears)
        for (name, day, reason, code), number in counts.items():
            place: dict[str, Any] = {"sent_as": name, "day": day, "reason": reason, "code": code}
            Counted.objects.get_or_create(**place)
            Counted.objects.filter(**place).update(count=F("count") + number)


def _keep_ears(ears: Mapping[str, _Ear]) -> None:
    """Two queries however many monitors there are."""
    known = {row.sent_as: row for row in Heard.objects.filter(sent_as__in=ears)}
    fresh = [Heard(sent_as=n, first_at=e.first_at, last_at=e.last_at) for n, e in ears.items() if n not in known]
    for row in (*known.values(), *fresh):
        ear = ears[row.sent_as]
        row.last_at, row.clock_error_s = max(row.last_at, ear.last_at), ear.clock_error_s
        row.messages += ear.messages
    Heard.objects.bulk_create(fresh, ignore_conflicts=True)
    Heard.objects.bulk_update(known.values(), ["last_at", "messages", "clock_error_s"])


def last_heard(names: Iterable[str]) -> dict[str, datetime]:
    """When each of these was last heard, here or by another process."""
    wanted = set(names)
    if not wanted:
        return {}
    found = dict(Heard.objects.filter(sent_as__in=wanted).values_list("sent_as", "last_at"))
    with _lock:
        here = {name: _ears[name].last_at for name in wanted & set(_ears)}
    return found | {name: max(at, found.get(name, at)) for name, at in here.items()}


def _name(sent_as: str) -> str:
    """The name, or one word for all when a sender makes up new ones without end."""
    return sent_as if sent_as in _ears or len(_ears) < MOST_NAMES else OTHERS


def forget() -> None:
    """For tests: nothing was heard."""
    with _lock:
        _ears.clear()
        _counts.clear()
        _newest.clear()
