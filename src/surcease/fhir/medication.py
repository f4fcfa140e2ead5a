"""MedicationRequest, MedicationStatement, MedicationDispense → care.record.Medication."""

from __future__ import annotations

from surcease.care.record import Code, Day, Medication, Origin
from surcease.fhir.bundle import World
from surcease.fhir.dosage import directions, dose
from surcease.fhir.elements import Json, ShapeError, boolean, codes, day, display, obj, objs, reference, text, words
from surcease.fhir.origin import LeftOut
from surcease.fhir.own import find, has_origin

KINDS = ("MedicationRequest", "MedicationStatement", "MedicationDispense")
_STATUS = {
    "MedicationRequest": {
        "active": "active", "on-hold": "on-hold", "cancelled": "stopped", "completed": "completed",
        "stopped": "stopped", "draft": "intended",
    },
    "MedicationStatement": {
        "active": "active", "on-hold": "on-hold", "completed": "completed", "intended": "intended",
        "stopped": "stopped", "not-taken": "stopped",
    },
    # A dispense that is complete says nothing of whether the medicine is still taken.
    "MedicationDispense": {"cancelled": "stopped", "stopped": "stopped", "declined": "stopped", "on-hold": "on-hold"},
}  # fmt: skip


def medication(resource: Json, origin: Origin | None, world: World) -> Medication:
    """One line of the medicines list. ``dose`` stays None unless the order states an amount."""
    kind = str(resource["resourceType"])
    status = text(resource, "status")
    if status == "entered-in-error":
        raise LeftOut("its source marked it as entered in error")
    if boolean(resource, "doNotPerform"):
        raise LeftOut("it orders that the medicine is not to be given")
    found, name = _what(resource, world)
    name_of_dosage = "dosage" if kind == "MedicationStatement" else "dosageInstruction"
    dosages = objs(resource, name_of_dosage)
    ours = _STATUS[kind].get(status, "unknown")
    if text(resource, "intent") in ("proposal", "plan", "option") and ours == "active" and not _reported(resource):
        ours = "intended"
    return Medication(
        codes=found,
        text=name,
        status=ours,
        dose=dose(dosages, own=has_origin(resource)),
        started=_started(resource),
        stopped=_stopped(resource, dosages),
        changed=day(find(resource, "changed"), "valueDateTime"),
        directions=directions(dosages),
        origin=origin,
    )


def _what(resource: Json, world: World) -> tuple[tuple[Code, ...], str]:
    """The coded medicine and its words, following a reference to a Medication, contained or beside it."""
    concept = obj(resource, "medicationCodeableConcept")
    said = words(concept)
    if not concept:
        entry = world.find(reference(resource, "medicationReference"), resource)
        concept = obj(entry.resource, "code") if entry and entry.kind == "Medication" else {}
        said = words(concept) or display(resource, "medicationReference")
    if not said:
        raise ShapeError("it names no medicine")
    return codes(concept), said


def _reported(resource: Json) -> bool:
    """A plan that the person reports as taken already (an over-the-counter medicine) is on the list."""
    return boolean(resource, "reportedBoolean") is True or bool(obj(resource, "reportedReference"))


def _started(resource: Json) -> Day:
    places = (
        (obj(resource, "effectivePeriod"), "start"),
        (resource, "effectiveDateTime"),
        (resource, "authoredOn"),
        (resource, "whenHandedOver"),
        (resource, "whenPrepared"),
        (resource, "dateAsserted"),
    )
    return next((d for where, name in places if (d := day(where, name)) is not None), None)


def _stopped(resource: Json, dosages: list[Json]) -> Day:
    """The end of the stated period; the end of a supply is not an end of taking."""
    ended = day(obj(resource, "effectivePeriod"), "end")
    if ended is not None:
        return ended
    bounds = [obj(obj(obj(d, "timing"), "repeat"), "boundsPeriod") for d in dosages]
    return next((d for b in bounds if (d := day(b, "end")) is not None), None)
