"""Reads of a session: its log, its sheet for the page, the board of chairs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db import transaction
from django.http import Http404, HttpRequest

from surcease.care.event import Event, Reading
from surcease.care.order import Order, Projection, project
from surcease.care.treatment import Phase, Session, fold
from surcease.units import plain
from surcease.web.accounts.models import User
from surcease.web.audit import trail
from surcease.web.clinic.models import Site
from surcease.web.limits.queries import limits_for
from surcease.web.patients.access import lines_of
from surcease.web.patients.models import Patient
from surcease.web.patients.ribbon import StepState
from surcease.web.treatment.chair_parts import notes_of
from surcease.web.treatment.models import Chair, PatientCall, SessionEvent, TreatmentSession
from surcease.web.treatment.record import events_of, order_from
from surcease.web.treatment.watch import Watch, watch


@dataclass(frozen=True, slots=True)
class Sheet:
    """All that a session's page shows, at one minute."""

    session: TreatmentSession
    order: Order
    state: Session
    events: tuple[Event, ...]
    projection: Projection
    watch: Watch
    call: PatientCall | None = None

    @property
    def minute(self) -> int:
        """Minutes since the start."""
        start = self.state.started_at
        return 0 if start is None else max(0, int((self.state.at - start).total_seconds() // 60))

    @property
    def mg_at_end_said(self) -> str:
        """The amount when the session ends as it runs now, to a tenth."""
        return plain(self.projection.mg_at_end.quantize(Decimal("0.1")))

    @property
    def left_said(self) -> str:
        """What is left in the bag, to a millilitre; "" while nobody has read it."""
        left = self.state.volume_left_ml
        return "" if left is None else plain(left.quantize(Decimal(1)))

    @property
    def latest(self) -> Reading | None:
        """The latest charted set."""
        return next((e.payload for e in reversed(self.state.counted) if isinstance(e.payload, Reading)), None)


def session_of(user: User, session_id: UUID | str) -> TreatmentSession:
    """A session at one of the user's sites. Http404 otherwise; the person is opened through ``patients.access``."""
    row = (
        TreatmentSession.objects.filter(pk=session_id, site__in=user.sites.all())
        .select_related("chair", "site", "patient")
        .first()
    )
    if row is None:
        raise Http404
    return row


def log_of(session: TreatmentSession) -> tuple[Event, ...]:
    """The whole log as events."""
    return events_of(SessionEvent.objects.filter(session=session).order_by("seq"))


def sheet_of(session: TreatmentSession, *, at: datetime, known_by: datetime | None = None) -> Sheet:
    """The sheet at a minute; ``known_by`` replays what was known then."""
    events = log_of(session)
    call = PatientCall.objects.filter(session=session, answered_at=None).first()
    return _sheet(session, events, at, known_by, call)


def _sheet(
    session: TreatmentSession,
    events: tuple[Event, ...],
    at: datetime,
    known_by: datetime | None = None,
    call: PatientCall | None = None,
) -> Sheet:
    state = fold(events, at=at, known_by=known_by)
    order = order_from(session)
    signed = limits_for(session.patient, session.site, now=at)
    return Sheet(session, order, state, events, project(order, state), watch(order, state, signed), call)


@dataclass(frozen=True, slots=True)
class ChairCard:
    """One chair on the board."""

    chair: Chair
    sheet: Sheet | None = None
    name: str = ""
    waiting: tuple[Any, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def vitals(self) -> str:
        """``152/88  84  97 %``: pressure, pulse, saturation as charted."""
        newest = self.sheet.watch.newest if self.sheet else None
        if newest is None:
            return ""
        r = newest.reading
        pressure = "/".join(plain(v) for v in (r.systolic, r.diastolic) if v is not None)
        pulse = "" if r.heart_rate is None else plain(r.heart_rate)
        return "  ".join(part for part in (pressure, pulse, "" if r.spo2 is None else f"{plain(r.spo2)} %") if part)

    @property
    def word(self) -> str:
        """Arrived, in chair, running, paused, observing, ready: one word."""
        if self.sheet is None:
            return "free"
        phase = self.sheet.state.phase
        if phase is Phase.WAITING:
            return "in chair"
        return "ready" if self.sheet.watch.may_leave else str(phase)


@dataclass(frozen=True, slots=True)
class Board:
    """All chairs of a site, and who has arrived without one."""

    site: Site
    at: datetime
    cards: tuple[ChairCard, ...]
    without_chair: tuple[ChairCard, ...] = ()


def board(user: User, site: Site, *, now: datetime) -> Board:
    """The board: a fixed number of queries however many chairs."""
    sessions = list(
        TreatmentSession.objects.filter(site=site, closed_at=None).select_related("chair").order_by("arrived_at")
    )
    logs = _logs(sessions)
    calls = {c.session_id: c for c in PatientCall.objects.filter(session__in=sessions, answered_at=None)}
    names = lines_of(user, {s.patient_id for s in sessions}, why="board")
    sheets = {s.pk: _sheet(s, logs[s.pk], now, None, calls.get(s.pk)) for s in sessions}
    by_chair, notes = {s.chair_id: s for s in sessions if s.chair_id}, notes_of(s.pk for s in sessions)

    def card(chair: Chair, session: TreatmentSession | None) -> ChairCard:
        if session is None:
            return ChairCard(chair)
        line = names.get(session.patient_id)
        return ChairCard(chair, sheets[session.pk], line.name if line else "", notes=notes.get(session.pk, ()))

    cards = tuple(card(chair, by_chair.get(chair.pk)) for chair in Chair.objects.filter(site=site))
    without = tuple(card(Chair(name="–"), s) for s in sessions if s.chair_id is None)
    return Board(site, now, cards, without)


def _logs(sessions: Sequence[TreatmentSession]) -> dict[Any, tuple[Event, ...]]:
    rows: dict[Any, list[SessionEvent]] = {s.pk: [] for s in sessions}
    for row in SessionEvent.objects.filter(session__in=sessions).order_by("seq"):
        rows[row.session_id].append(row)
    return {key: events_of(found) for key, found in rows.items()}


def step_state(patient: Patient) -> StepState:
    """Where treatment stands for the ribbon: done when a session was closed and none is open."""
    rows = list(TreatmentSession.objects.filter(patient=patient).values_list("closed_at", flat=True))
    return StepState(done=bool(rows) and all(rows))


def may_watch_session(request: HttpRequest, key: str) -> bool:
    """Whether this user may hear what happens in a session: it is at one of their sites. Leaves the opening."""
    session = _at_own_site(request, pk=key)
    if session is not None:
        with transaction.atomic():
            trail.write("watch session", by=request.user, about=session)
    return session is not None


def may_watch_board(request: HttpRequest, key: str) -> bool:
    """Whether this is one of the user's sites."""
    return Site.objects.filter(pk=key, staff=request.user.pk).exists()


def _at_own_site(request: HttpRequest, **which: Any) -> TreatmentSession | None:
    return TreatmentSession.objects.filter(site__staff=request.user.pk, **which).first()
