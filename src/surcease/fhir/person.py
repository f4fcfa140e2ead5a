"""Patient → care.record.Person."""

from __future__ import annotations

from datetime import date, datetime

from surcease.care.record import Person, Sex
from surcease.fhir.elements import Json, boolean, code_of, day, obj, objs, reference, text, texts, words


def person(resource: Json, identity: str) -> Person:
    """The person a Patient describes. What it does not say stays unknown."""
    family, given = _name(resource)
    died = day(resource, "deceasedDateTime")
    dead = boolean(resource, "deceasedBoolean")
    return Person(
        id=identity,
        family=family,
        given=given,
        born=_plain_day(day(resource, "birthDate")),
        sex=_sex(text(resource, "gender")),
        deceased=True if died else dead,
        died=_plain_day(died),
        identifiers=_identifiers(resource),
        language=_language(resource),
        zone=_zone(resource),
        phone=_telecom(resource, "phone"),
        email=_telecom(resource, "email"),
    )


def replaced_by(resource: Json) -> str:
    """The Patient that this one was merged into, "" when it stands for itself."""
    links = (link for link in objs(resource, "link") if text(link, "type") == "replaced-by")
    return next((reference(link, "other") for link in links), "")


def _name(resource: Json) -> tuple[str, str]:
    """The official name, else the usual, else the first that is not old."""
    names = [n for n in objs(resource, "name") if text(n, "use") != "old" and not text(obj(n, "period"), "end")]
    names.sort(key=lambda n: {"official": 0, "usual": 1, "": 2}.get(text(n, "use"), 3))
    if not names:
        return "", ""
    first = names[0]
    family, given = text(first, "family"), " ".join(texts(first, "given"))
    return (family, given) if family or given else (text(first, "text"), "")


def _sex(gender: str) -> Sex:
    return Sex(gender) if gender in set(Sex) else Sex.UNKNOWN


def _plain_day(value: date | datetime | None) -> date | None:
    return value.date() if isinstance(value, datetime) else value


def _identifiers(resource: Json) -> tuple[tuple[str, str], ...]:
    found = ((text(i, "system"), text(i, "value")) for i in objs(resource, "identifier") if text(i, "use") != "old")
    return tuple(dict.fromkeys(pair for pair in found if pair[1]))


def _language(resource: Json) -> str:
    spoken = objs(resource, "communication")
    spoken.sort(key=lambda c: boolean(c, "preferred") is not True)
    return next((code for c in spoken if (code := code_of(obj(c, "language")) or words(obj(c, "language")))), "")


def _zone(resource: Json) -> str:
    url = "http://hl7.org/fhir/StructureDefinition/timezone"
    return next((text(e, "valueCode") for e in objs(resource, "extension") if text(e, "url") == url), "")


def _telecom(resource: Json, system: str) -> str:
    ways = [t for t in objs(resource, "telecom") if text(t, "system") == system and text(t, "use") != "old"]
    ways.sort(key=lambda t: {"mobile": 0, "home": 1}.get(text(t, "use"), 2))
    return next((text(t, "value") for t in ways if text(t, "value")), "")
