"""CDS Hooks 2.0: what a request carries → a record; findings → cards. Pure; nothing of a request is kept."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from surcease.care.record import Medication, Record
from surcease.fhir.bundle import Entry, World
from surcease.fhir.elements import Json, ShapeError, obj, objs, text, words
from surcease.fhir.read import of_world
from surcease.fhir.strict import FhirError
from surcease.knowledge.finding import Finding, Outcome

HOOKS = ("patient-view", "order-sign")
SOURCE = {"label": "Surcease"}
_INDICATOR = {Outcome.STOP: "critical", Outcome.DEFER: "warning", Outcome.REVIEW: "warning", Outcome.CAUTION: "info"}
_MOST_CARDS = 12
_SUMMARY = 140  # characters, by the standard
PREFETCH = {
    "patient": "Patient/{{context.patientId}}",
    "conditions": "Condition?patient={{context.patientId}}",
    "medications": "MedicationRequest?patient={{context.patientId}}",
    "allergies": "AllergyIntolerance?patient={{context.patientId}}",
    "vitals": "Observation?patient={{context.patientId}}&category=vital-signs",
    "labs": "Observation?patient={{context.patientId}}&category=laboratory",
    "surveys": "Observation?patient={{context.patientId}}&category=survey",
}


@dataclass(frozen=True, slots=True)
class Asked:
    """One request: its hook, the person's record as far as it was sent, and the orders about to be signed."""

    hook: str
    record: Record
    drafts: tuple[Medication, ...]
    draft_resources: tuple[Json, ...] = ()


def services() -> Json:
    """The discovery document."""
    listed = [
        {
            "hook": "patient-view",
            "id": "ketamine-eligibility",
            "title": "Ketamine for chronic pain: what speaks against it",
            "description": "Contraindications, cautions and interactions that this record shows. Nothing is stored.",
            "prefetch": PREFETCH,
        },
        {
            "hook": "order-sign",
            "id": "ketamine-order",
            "title": "Ketamine orders and what they meet",
            "description": "Dose limits of a ketamine order, interactions, opioid equivalents. Nothing is stored.",
            "prefetch": PREFETCH,
        },
    ]
    return {"services": listed}


def read_request(body: Any) -> Asked:
    """The request as a record. Raises FhirError with one sentence when it is not a CDS Hooks request we serve."""
    if not isinstance(body, dict) or body.get("hook") not in HOOKS:
        raise FhirError(f"The request names no hook of ours: hook must be one of {', '.join(HOOKS)}.")
    try:
        context, prefetch = obj(body, "context"), obj(body, "prefetch")
        whose = text(context, "patientId").removeprefix("Patient/")
        drafts = _resources(context.get("draftOrders"))
    except ShapeError as error:
        raise FhirError(f"The request has not the shape of CDS Hooks: {error}.") from None
    if not whose:
        raise FhirError("The request names no patient: context.patientId is missing.")
    found = [r for value in prefetch.values() for r in _resources(value)]
    return Asked(body["hook"], _record(found, whose), _record(drafts, whose).medications, tuple(drafts))


def _resources(value: Any) -> list[Json]:
    """A prefetched value: null, one resource, or a Bundle of them."""
    if not isinstance(value, dict):
        return []
    if value.get("resourceType") != "Bundle":
        return [value] if isinstance(value.get("resourceType"), str) else []
    inside = (entry.get("resource") for entry in objs(value, "entry"))
    return [r for r in inside if isinstance(r, dict) and isinstance(r.get("resourceType"), str)]


def _record(found: Iterable[Json], whose: str) -> Record:
    """The one person's record; what is about anybody else is left out."""
    world = World("The request", "")
    for resource in found:
        world.add(Entry(resource))
    if not any(e.kind == "Patient" for e in world.entries):
        world.add(Entry({"resourceType": "Patient", "id": whose}))
    return next(r.record for r in of_world(world) if r.record.person.id in (whose, ""))


def cards(findings: Sequence[Finding]) -> list[Json]:
    """A card per finding that fired and asks for something, worst first; the rest is one line."""
    fired = [f for f in findings if f.counts and f.fired and f.outcome in _INDICATOR]
    fired.sort(key=lambda f: f.outcome.rank)
    made = [card(f) for f in fired[:_MOST_CARDS]]
    if len(fired) > _MOST_CARDS:
        made.append(plain_card(f"{len(fired) - _MOST_CARDS} more findings: open the person in Surcease.", "info"))
    return made


def card(finding: Finding) -> Json:
    """One finding: what it says, what to do, its source."""
    link = {"url": finding.source.url} if finding.source.url.startswith("http") else {}
    return plain_card(finding.title or finding.say, _INDICATOR[finding.outcome]) | {
        "uuid": str(uuid.uuid5(uuid.NAMESPACE_URL, finding.id)),
        "detail": f"{finding.say}\n\n{finding.do}\n\n{finding.id}, {finding.source.title} ({finding.grade})",
        "source": {**SOURCE, **link},
    }


def plain_card(summary: str, indicator: str) -> Json:
    """A card of one sentence."""
    short = summary if len(summary) <= _SUMMARY else f"{summary[: _SUMMARY - 1]}…"
    return {
        "uuid": str(uuid.uuid5(uuid.NAMESPACE_URL, summary)),
        "summary": short,
        "indicator": indicator,
        "source": SOURCE,
    }


def dose_texts(asked: Asked) -> list[str]:
    """The dose texts of drafted ketamine orders, as they are written."""
    found = []
    for resource in asked.draft_resources:
        named = words(obj(resource, "medicationCodeableConcept")).lower()
        if "ketamine" in named:
            found += [said for d in objs(resource, "dosageInstruction") if (said := text(d, "text"))]
    return found
