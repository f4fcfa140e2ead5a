"""Person → Patient."""

from __future__ import annotations

from surcease.care.record import Person
from surcease.fhir.elements import Json
from surcease.fhir.own import iso


def patient(person: Person) -> Json:
    """The Patient. What is not known is left out."""
    made: Json = {"resourceType": "Patient", "id": person.id}
    if person.zone:
        zone = {"url": "http://hl7.org/fhir/StructureDefinition/timezone", "valueCode": person.zone}
        made["extension"] = [zone]
    if person.identifiers:
        made["identifier"] = [{"system": s, "value": v} if s else {"value": v} for s, v in person.identifiers]
    if person.family or person.given:
        made["name"] = [_name(person)]
    ways = [("phone", person.phone), ("email", person.email)]
    if any(value for _, value in ways):
        made["telecom"] = [{"system": system, "value": value} for system, value in ways if value]
    made["gender"] = str(person.sex)
    if person.born:
        made["birthDate"] = iso(person.born)
    if person.died:
        made["deceasedDateTime"] = iso(person.died)
    elif person.deceased is not None:
        made["deceasedBoolean"] = person.deceased
    if person.language:
        spoken = {"coding": [{"system": "urn:ietf:bcp:47", "code": person.language}]}
        made["communication"] = [{"language": spoken, "preferred": True}]
    return made


def _name(person: Person) -> Json:
    name: Json = {"use": "official"}
    if person.family:
        name["family"] = person.family
    if person.given:
        name["given"] = person.given.split(" ")
    return name
