"""Writes of a session: each in one transaction with its audit row; the live page hears after the commit."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

from django.db import transaction
from django.utils.translation import gettext as _

from surcease.care.discharge import after
from surcease.care.event import Ended, Payload, Struck, content_hash, to_json
from surcease.care.order import order_of
from surcease.care.record import Plan
from surcease.care.treatment import fold
from surcease.knowledge import load
from surcease.knowledge.product import load_products
from surcease.knowledge.protocol import load_protocols
from surcease.web.accounts.models import User
from surcease.web.audit import trail
from surcease.web.clinic.models import Site
from surcease.web.limits.queries import home_offered
from surcease.web.live.publish import publish
from surcease.web.patients.consents import withdrawn
from surcease.web.patients.models import Patient
from surcease.web.plan.actions import keep_visit
from surcease.web.signing.actions import sign
from surcease.web.treatment.arrival import Arrival
from surcease.web.treatment.models import Chair, OtherText, PatientCall, SessionEvent, TreatmentSession
from surcease.web.treatment.record import events_of, order_json
from surcease.web.worklist import actions as worklist


@dataclass(frozen=True, slots=True)
class Receipt:
    """What the tablet gets back. Only an echo of its own hash lets it forget the event."""

    id: str
    hash: str
    seq: int
    received_at: datetime
    conflict: bool = False


@transaction.atomic
def open_session(
    *, by: User, now: datetime, patient: Patient, plan: Plan, number: int, site: Site, chair: Chair | None = None,
    at_home: bool = False,
) -> TreatmentSession:  # fmt: skip
    """The person has arrived for session ``number`` of a signed plan. ValueError when the plan is not signed."""
    if plan.signed_at is None:
        raise ValueError("The plan is not signed: nothing is given without a signed plan.")
    if said := why_not_begin(patient):
        raise ValueError(said)
    row = TreatmentSession(
        patient=patient, site=site, chair=chair, plan=plan.plan_id, plan_version=plan.version, number=number,
        order=order_json(order_of(plan, number, setting=setting_of(plan))), arrived_at=now, opened_by=by,
        at_home=at_home,
    )  # fmt: skip
    row.save()
    keep_visit(by=by, now=now, patient=patient, number=number)
    trail.write("open session", by=by, about=row, details={"number": number})
    publish(board_channel(site.pk), "board", {})
    return row


def why_not_begin(patient: Patient) -> str:
    """Why no session may be opened for this person: they took their consent back. "" when nothing bars it."""
    back = withdrawn(patient, "treatment")
    if back is None:
        return ""
    return _("Consent to treatment was withdrawn on %(day)s: talk first, and sign it again.") % {
        "day": f"{back.at:%d %b %Y}"
    }


def why_not_home(plan: Plan, site: Site, *, at_home: bool) -> str:
    """Why a home plan, or a session where the person lives, is refused; "" when the clinic offers it, or it is neither.

    The esketamine spray is never taken at home, whatever the clinic offers.
    """
    home = setting_of(plan) == "home" or at_home
    if at_home and load_products()[plan.product].form == "esketamine_spray":
        return load().rule("HOM-07").say
    return "" if not home or home_offered(site) else load().rule("HOM-02").say


def setting_of(plan: Plan) -> str:
    """Where the plan's protocol is given: it decides which observations are due."""
    protocol = load_protocols().get(plan.protocol)
    return protocol.setting if protocol else "outpatient"


@transaction.atomic
def take_chair(*, by: User, now: datetime, session: TreatmentSession, chair: Chair) -> None:
    """The person sits in a chair."""
    session.chair = chair
    session.save(update_fields=["chair"])
    trail.write("take chair", by=by, about=session, details={"chair": chair.name})
    publish(board_channel(session.site_id), "board", {})


def receive(*, by: User | None, by_name: str, now: datetime, session: TreatmentSession, arrival: Arrival) -> Receipt:
    """Keep one event from a tablet: once, however often it comes; another text under its id is kept beside it."""
    with transaction.atomic():
        locked = TreatmentSession.objects.select_for_update().get(pk=session.pk)
        known = SessionEvent.objects.filter(pk=arrival.event_id).first()
        if known is None:
            row = _append(locked, arrival.payload, arrival, by=by, by_name=by_name, now=now)
            return Receipt(str(row.event_id), arrival.sent_hash, row.seq, now)
        if known.sent_hash == arrival.sent_hash and known.session_id == session.pk:
            return Receipt(str(known.event_id), known.sent_hash, known.seq, known.received_at)
        OtherText.objects.get_or_create(
            event_id=arrival.event_id,
            sent_hash=arrival.sent_hash,
            defaults={"session": session, "content": arrival.content, "received_at": now, "by": by},
        )
        trail.write("keep another text", by=by or by_name, about=locked, details={"event": str(arrival.event_id)})
        return Receipt(str(arrival.event_id), arrival.sent_hash, known.seq, now, conflict=True)


@transaction.atomic
def add_event(
    *,
    by: User,
    now: datetime,
    session: TreatmentSession,
    payload: Payload,
    at: datetime | None = None,
    corrects: UUID | None = None,
    event_id: UUID | None = None,
) -> SessionEvent:
    """An event written by the server itself (a form, the demo, an end)."""
    locked = TreatmentSession.objects.select_for_update().get(pk=session.pk)
    own = Arrival(event_id or uuid4(), "", "", payload, at or now, 0, corrects, 0)
    return _append(locked, payload, own, by=by, by_name=by.printed_name, now=now)


def strike_event(*, by: User, now: datetime, session: TreatmentSession, event_id: UUID, reason: str) -> SessionEvent:
    """Strike an event through; it stays readable with its reason."""
    if not reason.strip():
        raise ValueError("Striking through needs a reason: say what was wrong with the entry.")
    return add_event(by=by, now=now, session=session, payload=Struck(reason.strip()), corrects=event_id)


@transaction.atomic
def close_session(
    *, by: User, now: datetime, method: str, session: TreatmentSession, way: str, given: Mapping[str, str]
) -> SessionEvent:
    """Close the session one of its five ways, signed over the state it closes in; book what must follow."""
    said = "; ".join(f"{name.replace('_', ' ')}: {value}" for name, value in sorted(given.items()))
    row = add_event(by=by, now=now, session=session, payload=Ended(way, said))
    state = fold(events_of(SessionEvent.objects.filter(session=session).order_by("seq")), at=now)
    content = {"state": state.hash, "given_mg": state.given_mg, "way": way, "given": dict(given)}
    sign(
        by=by, now=now, record_kind="session", record_id=session.pk, version=1, content=content, meaning="author",
        method=method, patient=session.patient_id,
    )  # fmt: skip
    book_calls(by=by, now=now, session=session, way=way, row=row)
    return row


def book_calls(*, by: User, now: datetime, session: TreatmentSession, way: str, row: SessionEvent) -> None:
    """The call at 24 to 48 hours for everybody who went home; within 2 hours for who left against advice."""
    times = after(now, knowledge=load())
    common: dict[str, Any] = {
        "patient": session.patient,
        "site": session.site,
        "link": f"/treatment/{session.pk}/",
        "source": row,
    }
    if way == "against_advice":
        worklist.ask(
            by=by, now=now, key=f"left:{session.pk}", kind="left against advice", for_role="nurse", urgent=True,
            what="Call: left against advice", due_at=times["call_against_advice_by"],
            escalation=[{"after_min": 0, "role": "physician"}], **common,
        )  # fmt: skip
    if way in ("criteria", "physician", "against_advice"):
        zone = ZoneInfo(session.site.zone)
        span = f"{times['call_from'].astimezone(zone):%d %b %H:%M} – {times['call_to'].astimezone(zone):%d %b %H:%M}"
        worklist.ask(
            by=by, now=now, key=f"after:{session.pk}", kind="call after treatment", for_role="nurse",
            what=f"Call after session {session.number}: {span}", due_at=times["call_to"],
            escalation=[{"after_min": 120, "role": "physician"}], **common,
        )  # fmt: skip


@transaction.atomic
def call_nurse(*, now: datetime, session: TreatmentSession) -> PatientCall:
    """The person touched the screen. A second touch before anyone came is the same call."""
    row, new = PatientCall.objects.get_or_create(session=session, answered_at=None, defaults={"called_at": now})
    if new:
        trail.write("call nurse", by=f"chair {session.chair}", about=session)
    publish(board_channel(session.site_id), "call", {"session": str(session.pk), "call": str(row.pk)})
    publish(session_channel(session.pk), "call", {})
    return row


@transaction.atomic
def answer_call(*, by: User, now: datetime, call: PatientCall) -> None:
    """Somebody is there."""
    call.answered_at, call.answered_by = now, by
    call.save(update_fields=["answered_at", "answered_by"])
    trail.write("answer call", by=by, about=call.session, details={"after_s": (now - call.called_at).seconds})
    publish(board_channel(call.session.site_id), "board", {})


def session_channel(session_id: Any) -> str:
    """Where a session's viewers listen."""
    return f"session:{session_id}"


def board_channel(site_id: Any) -> str:
    """Where a site's board listens."""
    return f"board:{site_id}"


def _append(
    session: TreatmentSession, payload: Payload, arrival: Arrival, *, by: User | None, by_name: str, now: datetime
) -> SessionEvent:
    """Add to the log under the session's lock, close the session where the event ends it, tell the viewers."""
    session.last_seq += 1
    if isinstance(payload, Ended):
        session.closed_at = arrival.at
    session.save(update_fields=["last_seq", "closed_at"])
    corrects = str(arrival.corrects) if arrival.corrects else ""
    row = SessionEvent(
        event_id=arrival.event_id, session=session, seq=session.last_seq, kind=payload.kind, payload=to_json(payload),
        at=arrival.at, utc_offset_min=arrival.utc_offset_min, received_at=now, by=by, by_name=by_name,
        corrects=arrival.corrects, sent_hash=arrival.sent_hash, clock_error_s=arrival.clock_error_s,
        content_hash=content_hash(payload.kind, payload, arrival.at, corrects),
    )  # fmt: skip
    row.save(force_insert=True)
    trail.write(f"session {payload.kind}", by=by or by_name, about=row, patient=session.patient_id)
    publish(session_channel(session.pk), "session", {"seq": row.seq, "kind": row.kind})
    publish(board_channel(session.site_id), "board", {"session": str(session.pk)})
    return row
