"""Reads of the live feed: what the chair's page shows of a session's monitors, what is silent, what was heard."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from surcease.care.event import Event, Reading
from surcease.hl7.column import CUFFS, Column, Expected, Tile, Value, columns, tiles
from surcease.hl7.table import Table, table
from surcease.knowledge import load
from surcease.web.devices.models import Device, Pairing, Sample, Silence, UseStatement
from surcease.web.devices.scope import scope_of
from surcease.web.treatment.models import TreatmentSession

BACK = timedelta(minutes=30)  # how far back columns are offered


@dataclass(frozen=True, slots=True)
class Feed:
    """What the chair's page shows of the monitors. ``free`` are those that nobody is on."""

    session: TreatmentSession
    now: datetime
    scope: str
    pairings: tuple[Pairing, ...] = ()
    free: tuple[Device, ...] = ()
    tiles: tuple[Tile, ...] = ()
    columns: tuple[Column, ...] = ()
    silences: tuple[Silence, ...] = ()
    expected: Expected | None = None

    @property
    def quiet_after_s(self) -> float:
        """After how many seconds without a word the page says so."""
        return quiet_after(self.expected).total_seconds() if self.expected else 0.0


def feed_of(session: TreatmentSession, events: Sequence[Event], *, now: datetime) -> Feed:
    """The feed of a session; ``events`` are its counted ones, whose cited samples are not offered again."""
    scope = scope_of(session.site_id)
    if scope == UseStatement.Scope.OFF:
        return Feed(session, now, scope)
    pairings = tuple(
        Pairing.objects.filter(session=session, ended_at=None).select_related("device", "chair", "confirmed_by")
    )
    if not pairings:
        return Feed(session, now, scope, free=free_devices(session))
    expected, known = expected_of(p.device for p in pairings), table(load())
    values = _values(session.pk, known, now, expected)
    silences = Silence.objects.filter(pairing__in=pairings, ended_at=None).select_related("pairing__device", "seen_by")
    return Feed(
        session=session,
        now=now,
        scope=scope,
        pairings=pairings,
        free=free_devices(session),
        tiles=tiles(values, now=now, expected=expected),
        columns=columns(values, now=now, expected=expected, cited=cited(events), order=known),
        silences=tuple(silences),
        expected=expected,
    )


def free_devices(session: TreatmentSession) -> tuple[Device, ...]:
    """The site's monitors that are on nobody; the one that belongs to this chair first."""
    busy = Pairing.objects.filter(ended_at=None, session__closed_at=None).values("device")
    rows = Device.objects.filter(site=session.site_id, retired_at=None).exclude(pk__in=busy)
    return tuple(sorted(rows, key=lambda d: (d.chair_id != session.chair_id, d.name)))


def expected_of(devices: Iterable[Device]) -> Expected:
    """What is expected of the monitors together: the slowest one's intervals."""
    found = list(devices)
    return Expected(
        timedelta(seconds=max(d.interval_s for d in found)), timedelta(minutes=max(d.cuff_min for d in found))
    )


def quiet_after(expected: Expected) -> timedelta:
    """After this long without any value, data are lost."""
    return max(expected.interval * 1.5, timedelta(seconds=5))


def cited(events: Iterable[Event]) -> frozenset[str]:
    """The samples that counted readings stand on."""
    return frozenset(n for e in events if isinstance(e.payload, Reading) for n in e.payload.samples)


def _values(session: UUID, known: Table, now: datetime, expected: Expected) -> list[Value]:
    """The newest value of each parameter, the latest measurements of the cuff, and what stood beside those."""
    rows = Sample.objects.filter(session=session, at__gte=now - BACK, at__lte=now + timedelta(minutes=1))
    found: dict[int, Sample] = {}
    for parameter in known.parameters.values():
        keep = CUFFS if parameter.kind == "cuff" else 1
        found |= {row.pk: row for row in rows.filter(parameter=parameter.id).order_by("-at")[:keep]}
    measured = {s.parameter: known.parameters[s.parameter].kind for s in found.values()}
    moments = {s.at for s in found.values() if measured[s.parameter] == "cuff"}
    for moment in moments:
        for name in (p for p, kind in measured.items() if kind == "continuous"):
            near = _nearest(rows.filter(parameter=name), moment, expected.together)
            found |= {near.pk: near} if near is not None else {}
    return [value_of(s, known) for s in found.values()]


def _nearest(rows: QuerySet[Sample], moment: datetime, reach: timedelta) -> Sample | None:
    """The last one at a moment or shortly before it, else the first one shortly after."""
    before = rows.filter(at__lte=moment, at__gte=moment - reach).order_by("-at").first()
    return before or rows.filter(at__gt=moment, at__lte=moment + reach).order_by("at").first()


def value_of(sample: Sample, known: Table) -> Value:
    """A row as the columns know it."""
    assert sample.value is not None
    return Value(known.parameters[sample.parameter], sample.value, sample.at, sample.name)


def samples_named(session: UUID, names: Iterable[str]) -> list[Sample]:
    """The samples of a session by the names they are cited under. ValueError for a name that is none of them."""
    found = []
    for name in names:
        device, parameter, at = _parts(name)
        row = Sample.objects.filter(session=session, device=device, parameter=parameter, at=at).first()
        if row is None:
            raise ValueError("A value of this column is not of this session any more: look again.")
        found.append(row)
    return found


def _parts(name: str) -> tuple[UUID, str, datetime]:
    device, _, rest = name.partition("/")
    parameter, _, at = rest.partition("/")
    try:
        return UUID(device), parameter, datetime.strptime(at, "%Y-%m-%dT%H:%M:%S.%fZ").replace(tzinfo=UTC)
    except ValueError as error:
        raise ValueError("This is not a value of a monitor: load the page again.") from error


def silent(sessions: Iterable[Any]) -> Mapping[Any, Silence]:
    """The oldest open silence of each session, for the board."""
    rows = Silence.objects.filter(pairing__session__in=list(sessions), ended_at=None, pairing__ended_at=None)
    found: dict[Any, Silence] = {}
    for row in rows.select_related("pairing__device").order_by("since"):
        found.setdefault(row.pairing.session_id, row)
    return found
