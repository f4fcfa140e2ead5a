"""What a read-only R4 server says of itself and of errors: CapabilityStatement, OperationOutcome, searchset."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from surcease import __version__
from surcease.fhir.elements import Json
from surcease.fhir.search import PARAMETERS

MEDIA = "application/fhir+json"
#: types whose resources are about one person
COMPARTMENT = tuple(kind for kind in PARAMETERS if kind not in ("Patient", "Questionnaire"))
_KINDS = {"uri": "uri", "token": "token", "date": "date", "string": "string"}


def capability(address: str, *, at: datetime) -> Json:
    """The CapabilityStatement: read and search of a few types, sign-in by session."""
    return {
        "resourceType": "CapabilityStatement",
        "status": "active",
        "date": at.isoformat(),
        "kind": "instance",
        "software": {"name": "Surcease", "version": __version__},
        "implementation": {"description": "Ketamine treatment of chronic pain, read only", "url": address},
        "fhirVersion": "4.0.1",
        "format": ["json"],
        "rest": [
            {
                "mode": "server",
                "security": {
                    "description": "The session of a signed-in clinician in whose care the person is, or of the person."
                },
                "resource": [_resource(kind) for kind in PARAMETERS],
            }
        ],
    }


def _resource(kind: str) -> Json:
    named = {name: how for name, (how, _) in PARAMETERS[kind].items()} | {"_id": "token"}
    if kind in COMPARTMENT:
        named["patient"] = "reference"
    made: Json = {"type": kind, "interaction": [{"code": "read"}, {"code": "search-type"}]}
    made["searchParam"] = [{"name": name, "type": _KINDS.get(how, how)} for name, how in sorted(named.items())]
    if kind == "Patient":
        everything = "http://hl7.org/fhir/OperationDefinition/Patient-everything"
        made["operation"] = [{"name": "everything", "definition": everything}]
    return made


def outcome(code: str, words: str) -> Json:
    """An OperationOutcome with one sentence."""
    issue = {"severity": "error", "code": code, "details": {"text": words}}
    return {"resourceType": "OperationOutcome", "issue": [issue]}


def searchset(found: Sequence[Json], address: str, *, total: int, links: Sequence[tuple[str, str]]) -> Json:
    """A page of a search."""
    return {
        "resourceType": "Bundle",
        "type": "searchset",
        "total": total,
        "link": [{"relation": relation, "url": url} for relation, url in links],
        "entry": [
            {"fullUrl": f"{address}/{r['resourceType']}/{r['id']}", "resource": r, "search": {"mode": "match"}}
            for r in found
        ],
    }
