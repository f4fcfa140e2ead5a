"""Read and search over R4. Whoever may open the chart, and the person themself; every request is on the trail."""

from __future__ import annotations

from urllib.parse import urlencode
from uuid import UUID

from django.http import Http404, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from surcease.fhir.elements import Json
from surcease.fhir.search import PARAMETERS, SearchError, search
from surcease.fhir.serve import MEDIA, capability, outcome, searchset
from surcease.fhir.write import dumps, may_pass_on
from surcease.fhir.write_person import patient as write_patient
from surcease.knowledge.catalogue import catalogue
from surcease.knowledge.questionnaire import to_fhir
from surcease.web.accounts.models import Role
from surcease.web.accounts.role import SignedIn
from surcease.web.interop.fhir.resources import person_of, resources_of
from surcease.web.patients.access import NotInCare, open_patient, own_patient
from surcease.web.patients.find import find_patients
from surcease.web.patients.models import Patient
from surcease.web.patients.record import person_of as person_of_row

_MOST = 500
_PAGED = ("_count", "_offset", "_format")


def _answer(body: Json, status: int = 200) -> HttpResponse:
    return HttpResponse(dumps(body), status=status, content_type=MEDIA)


def _address(request: SignedIn) -> str:
    return request.build_absolute_uri("/fhir")


@require_safe
def metadata(request: SignedIn) -> HttpResponse:
    """What this server can do; the one page of it that is open to everyone."""
    return _answer(capability(_address(request), at=timezone.now()))


@require_safe
def read(request: SignedIn, kind: str, resource_id: str) -> HttpResponse:
    """One resource by its id."""
    if kind == "Questionnaire":
        return _one([r for r in _questionnaires() if r["id"] == resource_id])
    try:
        whose = UUID(resource_id) if kind == "Patient" else person_of(resource_id)
        if whose is None or kind not in PARAMETERS:
            return _one([])
        found = resources_of(_open(request, whose, f"FHIR {kind}"))
    except (ValueError, Http404, NotInCare):
        return _one([])
    return _one([r for r in found if (r["resourceType"], r["id"]) == (kind, resource_id)])


def _one(found: list[Json]) -> HttpResponse:
    """The resource, or a 404 that tells nobody whether there is such a person."""
    if found:
        return _answer(found[0])
    return _answer(outcome("not-found", "There is no such resource here, or not for you."), 404)


@require_safe
def find(request: SignedIn, kind: str) -> HttpResponse:
    """Search one type; everything but Patient and Questionnaire needs ``patient``."""
    asked = {name: request.GET.getlist(name) for name in request.GET}
    paging = {name: asked.pop(name)[-1] for name in _PAGED if name in asked}
    try:
        count, offset = _part(paging)
        if kind not in PARAMETERS:
            raise SearchError(f"{kind} is not served: use one of {', '.join(PARAMETERS)}.")
        found = search(_candidates(request, kind, asked), kind, asked)
    except (Http404, NotInCare):
        found = []
    except SearchError as refused:
        return _answer(outcome("invalid", str(refused)), 400)
    return _answer(_page(request, kind, found, count, offset))


def _candidates(request: SignedIn, kind: str, asked: dict[str, list[str]]) -> list[Json]:
    """Resources that may fit; takes the parameters that choose a person out of ``asked``."""
    if kind == "Questionnaire":
        return _questionnaires()
    if kind == "Patient":
        return [write_patient(person_of_row(p)) for p in _people(request, asked)]
    refs = asked.pop("patient", None) or asked.pop("subject", None)
    if refs is None and request.user.role == Role.PATIENT:
        return resources_of(own_patient(request.user, why=f"FHIR {kind}", request=request))
    if refs is None:
        raise SearchError(f"Name the person: {kind}?patient=ID.")
    try:
        whose = UUID(refs[-1].removeprefix("Patient/"))
    except ValueError:
        raise SearchError("patient is the id of a Patient, such as Patient/0b0e….") from None
    return resources_of(_open(request, whose, f"FHIR {kind}"))


def _people(request: SignedIn, asked: dict[str, list[str]]) -> list[Patient]:
    """People in the user's care who may fit: by id, or by a word that narrows the list."""
    if request.user.role == Role.PATIENT:
        return [own_patient(request.user, why="FHIR Patient", request=request)]
    if "_id" in asked:
        ids = [text for value in asked["_id"] for text in value.split(",")]
    else:
        names = ("identifier", "family", "given", "birthdate")
        words = next((asked[name][0].rpartition("|")[2] for name in names if asked.get(name)), "")
        if not words:
            raise SearchError("Name the person by _id, identifier, family, given or birthdate.")
        ids = [str(line.id) for line in find_patients(request.user, words.removeprefix("eq"), most=20)]
    found = []
    for one in ids[:20]:
        try:
            found.append(_open(request, UUID(one), "FHIR Patient"))
        except (ValueError, Http404, NotInCare):
            continue
    return found


def _open(request: SignedIn, whose: UUID, why: str) -> Patient:
    return open_patient(request.user, whose, why=why, request=request)


def _questionnaires() -> list[Json]:
    """The instruments whose words may be passed on."""

    return [to_fhir(i) | {"id": key} for key, i in catalogue().items() if may_pass_on(i)]


def _part(paging: dict[str, str]) -> tuple[int, int]:
    """How many to show, and from where."""
    try:
        count, offset = int(paging.get("_count", 100)), int(paging.get("_offset", 0))
    except ValueError:
        raise SearchError("_count and _offset are whole numbers.") from None
    return max(min(count, _MOST), 0), max(offset, 0)


def _page(request: SignedIn, kind: str, found: list[Json], count: int, offset: int) -> Json:
    """The part of the result that was asked for, with the way to the next."""
    address = _address(request)
    links = [("self", request.build_absolute_uri())]
    if count and offset + count < len(found):
        query = {name: request.GET.getlist(name) for name in request.GET if name != "_offset"}
        links.append(("next", f"{address}/{kind}?{urlencode(query | {'_offset': [str(offset + count)]}, doseq=True)}"))
    return searchset(found[offset : offset + count], address, total=len(found), links=links)


@require_safe
def everything(request: SignedIn, patient_id: UUID) -> HttpResponse:
    """The whole record of one person."""
    try:
        found = resources_of(_open(request, patient_id, "FHIR everything"))
    except (Http404, NotInCare):
        return _one([])
    links = [("self", request.build_absolute_uri())]
    return _answer(searchset(found, _address(request), total=len(found), links=links))
