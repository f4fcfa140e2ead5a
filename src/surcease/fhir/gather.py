"""One person's resources, each mapped by its kind into the parts of a record, each accounted for."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from surcease.care.record import (
    Allergy,
    Answers,
    Condition,
    DiaryEntry,
    Given,
    Measurement,
    Medication,
    Person,
    Record,
)
from surcease.fhir.answers import response, sittings
from surcease.fhir.book import Book
from surcease.fhir.bundle import Entry, World
from surcease.fhir.condition import allergy, condition
from surcease.fhir.elements import Json, ShapeError, objs, text, words
from surcease.fhir.medication import KINDS, medication
from surcease.fhir.observation import Part, observation
from surcease.fhir.origin import LeftOut, origin_of
from surcease.fhir.read_own import diary_entry, fact, given
from surcease.fhir.report import Tally
from surcease.knowledge.fact import Fact

# Why a whole kind of resource has no place in the record. The file itself is kept.
_NO_PLACE = {
    "CarePlan": "plans of other systems are not ours to follow",
    "CareTeam": "who else cares for the person is not kept",
    "Claim": "billing is not kept",
    "Coverage": "billing is not kept",
    "Device": "implants and devices are not kept",
    "DiagnosticReport": "its results stand as observations",
    "DocumentReference": "documents are not read",
    "Encounter": "visits elsewhere are not kept",
    "ExplanationOfBenefit": "billing is not kept",
    "Goal": "goals are asked for at intake, in the person's words",
    "ImagingStudy": "images are not kept",
    "Immunization": "immunisations are not kept",
    "Procedure": "what was done before is asked for at intake, with its effect",
    "Provenance": "who signed elsewhere is not kept",
    "ServiceRequest": "orders of other systems are not ours to follow",
}
_OTHER = "this kind of resource has no place here"
_SUPPORTING = {"Practitioner", "PractitionerRole", "Organization", "Location", "Medication", "Questionnaire"}
NO_NAME = "kept as a result without a name of ours: no rule reads it"


@dataclass(slots=True)
class Gathered:
    """The growing record of one person."""

    world: World
    book: Book
    tally: Tally
    conditions: list[Condition] = field(default_factory=list)
    allergies: list[Allergy] = field(default_factory=list)
    medications: list[Medication] = field(default_factory=list)
    measurements: list[Measurement] = field(default_factory=list)
    answers: list[Answers] = field(default_factory=list)
    given: list[Given] = field(default_factory=list)
    diary: list[DiaryEntry] = field(default_factory=list)
    statements: dict[str, Fact] = field(default_factory=dict)
    parts: list[Part] = field(default_factory=list)

    def take(self, entry: Entry) -> None:
        """Map one resource, or say why not."""
        handler = _HANDLERS.get(entry.kind)
        if handler is None:
            why = "it only supports the others" if entry.kind in _SUPPORTING else _NO_PLACE.get(entry.kind, _OTHER)
            self.tally.unmapped(entry.kind, "", why)
            return
        try:
            handler(self, entry)
        except (LeftOut, ShapeError) as reason:
            self.tally.unmapped(entry.kind, _about(entry.resource), str(reason))

    def record(self, person: Person) -> Record:
        """The finished record, every list in the order of the file."""
        return Record(
            person=person,
            conditions=tuple(self.conditions),
            medications=tuple(self.medications),
            allergies=tuple(self.allergies),
            measurements=tuple(self.measurements),
            answers=tuple(self.answers + sittings(self.parts, self.book)),
            diary=tuple(self.diary),
            given=tuple(self.given),
            statements=self.statements,
        )


def _about(resource: Json) -> str:
    """What a resource is about, in its own words, for the account."""
    for name in ("code", "medicationCodeableConcept", "vaccineCode", "type"):
        concept = resource.get(name)
        try:
            if isinstance(concept, dict) and (said := words(concept)):
                return said[:120]
        except ShapeError:
            continue
    return ""


def _condition(of: Gathered, entry: Entry) -> None:
    of.conditions.append(condition(entry.resource, origin_of(entry.resource, entry.ref)))
    of.tally.mapped(entry.kind)


def _allergy(of: Gathered, entry: Entry) -> None:
    of.allergies.append(allergy(entry.resource, origin_of(entry.resource, entry.ref)))
    of.tally.mapped(entry.kind)


def _medication(of: Gathered, entry: Entry) -> None:
    if entry.kind == "MedicationDispense" and (order := _order(of.world, entry)):
        raise LeftOut(f"it supplies {order}, which is on the list")
    of.medications.append(medication(entry.resource, origin_of(entry.resource, entry.ref), of.world))
    of.tally.mapped(entry.kind)


def _order(world: World, entry: Entry) -> str:
    """The kind of the order in this file that a dispense was made for, "" when it stands alone."""
    found = (world.find(text(r, "reference")) for r in objs(entry.resource, "authorizingPrescription"))
    return next((e.kind for e in found if e), "")


def _observation(of: Gathered, entry: Entry) -> None:
    if (said := fact(entry.resource)) or (written := diary_entry(entry.resource)):
        if said:
            of.statements[said[0]] = said[1]
        elif written:
            of.diary.append(written)
        of.tally.mapped(entry.kind)
        return
    seen = observation(entry.resource, origin_of(entry.resource, entry.ref), of.book)
    about = {p.about for p in seen.parts if p.about and of.world.find(p.about)}
    if about:
        raise LeftOut("the same answers stand in a QuestionnaireResponse")
    of.measurements += seen.measurements
    of.parts += seen.parts
    if seen.plain:
        of.tally.unmapped(entry.kind, _about(entry.resource), NO_NAME)
    else:
        of.tally.mapped(entry.kind)


def _administration(of: Gathered, entry: Entry) -> None:
    session = given(entry.resource)
    if session is None:
        raise LeftOut("a dose given elsewhere is not a medicine on the list")
    of.given.append(session)
    of.tally.mapped(entry.kind)


def _response(of: Gathered, entry: Entry) -> None:
    of.answers.append(response(entry.resource, origin_of(entry.resource, entry.ref), of.book))
    of.tally.mapped(entry.kind)


_HANDLERS: dict[str, Callable[[Gathered, Entry], None]] = {
    "Condition": _condition,
    "AllergyIntolerance": _allergy,
    "Observation": _observation,
    "QuestionnaireResponse": _response,
    "MedicationAdministration": _administration,
    **dict.fromkeys(KINDS, _medication),
}
