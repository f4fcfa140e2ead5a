"""The events of a treatment session: a frozen payload per kind, three times per event, a content hash.

A session's truth is a sequence of these; :mod:`surcease.care.treatment` folds them into its state. The fold
sorts by (at, event_id), never by arrival. Device samples are not events.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass
from datetime import datetime
from decimal import Decimal
from typing import ClassVar


@dataclass(frozen=True, slots=True)
class Payload:
    """What happened. ``kind`` and ``version`` name the shape; old versions have upcasters."""

    kind: ClassVar[str] = ""
    version: ClassVar[int] = 1


@dataclass(frozen=True, slots=True)
class Started(Payload):
    """The pump runs: what the nurse read on it. Rate and volume are typed, never filled in."""

    kind: ClassVar[str] = "start"
    rate_ml_per_h: Decimal | None
    concentration_mg_per_ml: Decimal
    volume_infused_ml: Decimal = Decimal(0)
    rate_mg_per_h: Decimal | None = None
    lot: str = ""
    volume_left_ml: Decimal | None = None  # in the bag


@dataclass(frozen=True, slots=True)
class RateChanged(Payload):
    """A new rate (0 while paused is a Paused event, not this), with its reason; ``volume_left_ml`` is in the bag."""

    kind: ClassVar[str] = "rate"
    rate_mg_per_h: Decimal
    rate_ml_per_h: Decimal | None = None
    volume_infused_ml: Decimal | None = None
    reason: str = ""
    volume_left_ml: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Bolus(Payload):
    """An amount given at once or over minutes; also IM, SC, nasal and oral doses by ``route``."""

    kind: ClassVar[str] = "bolus"
    amount_mg: Decimal
    over_min: Decimal = Decimal(0)
    route: str = "iv"
    device: str = ""
    reason: str = ""
    lot: str = ""
    volume_left_ml: Decimal | None = None


@dataclass(frozen=True, slots=True)
class PumpRead(Payload):
    """Rate and infused volume read from the pump's face; ``new_bag_mg_per_ml`` (and its lot) at a bag change."""

    kind: ClassVar[str] = "pump"
    rate_ml_per_h: Decimal
    volume_infused_ml: Decimal
    new_bag_mg_per_ml: Decimal | None = None
    volume_left_ml: Decimal | None = None
    lot: str = ""


@dataclass(frozen=True, slots=True)
class Paused(Payload):
    """One press. Who and why may come afterwards as a Note that corrects nothing."""

    kind: ClassVar[str] = "pause"
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Resumed(Payload):
    """The drug runs again at a stated rate."""

    kind: ClassVar[str] = "resume"
    rate_mg_per_h: Decimal
    reason: str = ""
    rate_ml_per_h: Decimal | None = None
    volume_infused_ml: Decimal | None = None
    volume_left_ml: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Stopped(Payload):
    """The drug is off for this session. ``why``: planned | limit | request | adverse | other."""

    kind: ClassVar[str] = "stop"
    why: str = ""
    volume_infused_ml: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Reading(Payload):
    """One charted set. A value not taken is None. ``samples`` cites the device samples it stands on."""

    kind: ClassVar[str] = "reading"
    systolic: Decimal | None = None
    diastolic: Decimal | None = None
    heart_rate: Decimal | None = None
    spo2: Decimal | None = None
    resp_rate: Decimal | None = None
    etco2: Decimal | None = None
    temperature: Decimal | None = None
    sedation_moaas: Decimal | None = None
    rass: Decimal | None = None
    poss: Decimal | None = None  # S is charted as 0
    cadss6: Decimal | None = None
    distress: Decimal | None = None
    nausea: Decimal | None = None
    pain: Decimal | None = None
    bother: Decimal | None = None
    samples: tuple[str, ...] = ()
    artefact: tuple[str, ...] = ()  # parameters marked as artefact
    lost: tuple[str, ...] = ()  # signals that are gone, e.g. etco2: no number, and not the number 0


@dataclass(frozen=True, slots=True)
class Symptom(Payload):
    """A named symptom, 0–3."""

    kind: ClassVar[str] = "symptom"
    name: str
    grade: Decimal
    note: str = ""


@dataclass(frozen=True, slots=True)
class DrugGiven(Payload):
    """A rescue or premedication drug that was given."""

    kind: ClassVar[str] = "drug"
    drug: str
    amount: Decimal
    unit: str
    route: str = ""
    ordered_by: str = ""
    verbal: bool = False


@dataclass(frozen=True, slots=True)
class VerbalOrder(Payload):
    """A prescriber said it, a nurse read it back. A rate or an amount in it widens the order of this session; the
    prescriber's own signature follows."""

    kind: ClassVar[str] = "verbal_order"
    prescriber: str
    said: str
    rate_mg_per_h: Decimal | None = None
    amount_mg: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Acknowledged(Payload):
    """A mark was seen. Seeing is not ending."""

    kind: ClassVar[str] = "acknowledge"
    mark: str
    action: str = ""


@dataclass(frozen=True, slots=True)
class Note(Payload):
    """Free words on the log."""

    kind: ClassVar[str] = "note"
    text: str
    topic: str = ""


@dataclass(frozen=True, slots=True)
class HandedOver(Payload):
    """The nurse in charge changes."""

    kind: ClassVar[str] = "handover"
    to: str
    rate_ml_per_h: Decimal | None = None
    volume_infused_ml: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Struck(Payload):
    """The event named in ``corrects`` was wrong; its replacement, if any, is another event."""

    kind: ClassVar[str] = "strike"
    reason: str


@dataclass(frozen=True, slots=True)
class Checked(Payload):
    """A discharge or start item confirmed by a person, e.g. escort seen, cannula out, padss.vital_signs = 2."""

    kind: ClassVar[str] = "check"
    item: str
    value: str = "yes"


@dataclass(frozen=True, slots=True)
class Ended(Payload):
    """How the session closed: criteria | physician | transfer | against_advice | death."""

    kind: ClassVar[str] = "end"
    way: str
    reason: str = ""


PAYLOADS: dict[str, type[Payload]] = {
    p.kind: p
    for p in (
        Started, RateChanged, Bolus, PumpRead, Paused, Resumed, Stopped, Reading, Symptom,
        DrugGiven, VerbalOrder, Acknowledged, Note, HandedOver, Struck, Checked, Ended,
    )
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Event:
    """One line of the log. ``at`` is when it happened, ``received_at`` when we learnt it, ``seq`` the order of
    arrival. ``corrects`` names an earlier event that this one strikes through or replaces."""

    event_id: str  # client UUID
    session: str
    payload: Payload
    at: datetime
    utc_offset_min: int
    received_at: datetime
    seq: int
    by: str
    source: str = "human"  # human | device
    corrects: str = ""

    @property
    def kind(self) -> str:
        """The payload's kind."""
        return self.payload.kind

    @property
    def content_hash(self) -> str:
        """SHA-256 over what happened, not over when we learnt it: the same id with another hash is a conflict."""
        return content_hash(self.kind, self.payload, self.at, self.corrects)


def content_hash(kind: str, payload: Payload, at: datetime, corrects: str = "") -> str:
    """The hash a phone or tablet computes as well: canonical JSON of kind, payload, instant and correction."""
    body = {"kind": kind, "payload": to_json(payload), "at": at.isoformat(), "corrects": corrects}
    text = json.dumps(body, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def to_json(payload: Payload) -> dict[str, object]:
    """A payload as plain JSON; amounts are text, so that no digit is lost."""

    def plain(value: object) -> object:
        if isinstance(value, Decimal):
            return format(value, "f")
        return list(value) if isinstance(value, tuple) else value

    return {"v": payload.version} | {k: plain(v) for k, v in asdict(payload).items()}


def from_json(kind: str, data: dict[str, object]) -> Payload:
    """The frozen payload of stored JSON. Raises ValueError naming the kind or field it does not know."""
    if kind not in PAYLOADS:
        raise ValueError(f"The event kind {kind!r} is not known: it must be one of {', '.join(PAYLOADS)}.")
    shape = PAYLOADS[kind]
    fields = shape.__dataclass_fields__
    values: dict[str, object] = {}
    for name, value in data.items():
        if name == "v":
            continue
        if name not in fields:
            raise ValueError(f"A {kind} event has no field {name!r}: it may have {', '.join(fields)}.")
        wants = str(fields[name].type)
        if "Decimal" in wants and value is not None:
            value = Decimal(str(value))
        elif wants.startswith("tuple") and isinstance(value, list):
            value = tuple(value)
        values[name] = value
    return shape(**values)
