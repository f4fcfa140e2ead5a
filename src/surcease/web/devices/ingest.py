"""From messages to samples: who a monitor is on, what is new, one transaction for everything that waits.

The answer to a message is given after the commit: what was accepted is kept. The pages hear after it too.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import router, transaction

from surcease.hl7.acknowledge import ACCEPTED, Verdict
from surcease.hl7.vitals import Vitals
from surcease.web.devices import tally
from surcease.web.devices.models import Device, Pairing, Sample
from surcease.web.devices.scope import scopes_of
from surcease.web.live.publish import publish
from surcease.web.treatment.actions import session_channel

OFF = Verdict("R", "207", "The live feed is off: the clinic has not signed its intended use.")
UNKNOWN = Verdict("R", "204", "This monitor is not known here: somebody must accept it first.")
OTHER_PERSON = Verdict("E", "204", "The message names another person than the one the monitor was confirmed on.")
USELESS = Verdict("E", "102", "No observation in the message could be taken: check codes, units and times.")
USE = "secondary display; not a patient monitor"


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of one message. ``kept`` are new samples, ``known`` ones that were there with the same value,
    ``other`` ones whose place holds another value (the first stays), ``late`` those older than the newest."""

    verdict: Verdict = ACCEPTED
    kept: int = 0
    known: int = 0
    other: int = 0
    late: int = 0


@dataclass(slots=True)
class _Ground:
    """What one batch stands on."""

    devices: dict[str, Device]
    pairings: dict[UUID, Pairing]
    scopes: dict[Any, str] = field(default_factory=dict)

    @classmethod
    def of(cls, arrivals: Iterable[Vitals]) -> _Ground:
        names = {a.device for a in arrivals}
        devices = {d.sent_as: d for d in Device.objects.filter(sent_as__in=names, retired_at=None)}
        rows = Pairing.objects.filter(device__in=devices.values(), ended_at=None, session__closed_at=None)
        pairings = {row.device_id: row for row in rows.only("device_id", "session_id", "person_ids")}
        return cls(devices, pairings, scopes_of({d.site_id for d in devices.values()}))

    def verdict(self, arrival: Vitals) -> tuple[Verdict, str]:
        """The answer, and the reason it is counted under when nothing is kept."""
        device = self.devices.get(arrival.device)
        if device is None:
            return UNKNOWN, "unknown monitor"
        if self.scopes.get(device.site_id, "off") == "off":
            return OFF, "feed off"
        pairing = self.pairings.get(device.pk)
        if pairing is None:
            return ACCEPTED, "on nobody"
        if arrival.person and not set(arrival.person) & set(pairing.person_ids):
            return OTHER_PERSON, "other person"
        return (USELESS, "useless") if arrival.useless else (ACCEPTED, "")


def take_samples(*, now: datetime, arrivals: Sequence[Vitals]) -> tuple[Taken, ...]:
    """Keep the values of these messages, in one transaction; one answer each, in their order.

    ``now`` is when they were received. A value is kept once by (device, parameter, at): a repeated one is known, one
    with other content does not replace it. Raises what the database raises; then nothing was kept.
    """
    ground = _Ground.of(arrivals)
    answers, fresh = list[Taken](), list[list[Sample]]()
    known = _known(ground, arrivals)
    for arrival in arrivals:
        verdict, reason = ground.verdict(arrival)
        tally.heard(arrival, now)
        if reason:
            tally.count(arrival.device, reason)
            answers.append(Taken(verdict))
            continue
        tally.refused(arrival)
        fresh.append([])
        answers.append(_sort(arrival, ground.devices[arrival.device].pk, ground.pairings, known, fresh[-1], now))
    if any(fresh):
        with transaction.atomic(using=router.db_for_write(Sample)):
            Sample.objects.bulk_create([s for samples in fresh for s in samples], ignore_conflicts=True)
        for samples in fresh:
            _tell(samples, now)
    return tuple(answers)


def _known(ground: _Ground, arrivals: Sequence[Vitals]) -> dict[tuple[UUID, str, datetime], str]:
    """The values that stand already at the places of these messages."""
    paired = [a for a in arrivals if (d := ground.devices.get(a.device)) is not None and d.pk in ground.pairings]
    moments = {o.at for a in paired for o in a.observed}
    if not moments:
        return {}
    devices = {ground.devices[a.device].pk for a in paired}
    rows = Sample.objects.filter(device__in=devices, at__in=moments).values_list("device", "parameter", "at", "value")
    return {(device, parameter, at): format(value, "f") for device, parameter, at, value in rows}


def _sort(
    arrival: Vitals, device: UUID, pairings: dict[UUID, Pairing], known: dict[tuple[UUID, str, datetime], str],
    fresh: list[Sample], now: datetime,
) -> Taken:  # fmt: skip
    """Which values of a message are new; they are added to ``fresh`` and ``known``."""
    found = Counter[str]()
    for one in arrival.observed:
        place, text = (device, one.parameter, one.at), format(one.value, "f")
        if place in known:
            found["known" if known[place] == text else "other"] += 1
            continue
        known[place] = text
        found["kept"] += 1
        found["late"] += tally.is_late(device, one)
        fresh.append(Sample(
            device=device, session=pairings[device].session_id, parameter=one.parameter, value=one.value, at=one.at,
            received_at=now,
        ))  # fmt: skip
    for reason, words in (("known", "repeated"), ("other", "other value"), ("late", "late")):
        tally.count(arrival.device, words, found[reason])
    return Taken(ACCEPTED, found["kept"], found["known"], found["other"], found["late"])


def _tell(samples: Sequence[Sample], now: datetime) -> None:
    """The pages hear what was new in one message: the newest value of each parameter."""
    newest: dict[str, Sample] = {}
    for sample in samples:
        if sample.parameter not in newest or newest[sample.parameter].at < sample.at:
            newest[sample.parameter] = sample
    if newest:
        said = {name: [format(s.value, "f"), s.at.isoformat()] for name, s in newest.items()}
        data = {"device": str(samples[0].device), "received": now.isoformat(), "values": said, "use": USE}
        publish(session_channel(samples[0].session), "samples", data)
