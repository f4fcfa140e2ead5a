"""CDS Hooks 2.0: what may be asked, and the answer to what was sent. Nothing of a request is kept but its trail."""

from __future__ import annotations

from django.db import transaction
from django.http import HttpResponse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_safe

from surcease.fhir import FhirError
from surcease.fhir.elements import Json
from surcease.fhir.hook_answer import answer
from surcease.fhir.hooks import services as discovery
from surcease.fhir.serve import outcome
from surcease.fhir.strict import parse
from surcease.fhir.write import dumps
from surcease.knowledge import load
from surcease.web.accounts.role import SignedIn
from surcease.web.audit import trail

_MOST_BYTES = 5_000_000


def _answer(body: Json, status: int = 200) -> HttpResponse:
    return HttpResponse(dumps(body), status=status, content_type="application/json")


@require_safe
def services(request: SignedIn) -> HttpResponse:
    """The discovery document."""
    return _answer(discovery())


@csrf_exempt  # it changes nothing: the request carries all that is read
@require_http_methods(["GET", "HEAD", "POST"])
def call(request: SignedIn, service: str) -> HttpResponse:
    """The cards for one request."""
    known = {one["id"]: one for one in discovery()["services"]}
    if service not in known:
        return _answer(outcome("not-found", f"There is no service {service!r}: use {', '.join(known)}."), 404)
    if request.method != "POST":
        return _answer(known[service])
    try:
        cards = answer(_body(request, known[service]["hook"]), now=timezone.now(), knowledge=load())
    except FhirError as refused:
        return _answer(outcome("invalid", str(refused)), 400)
    with transaction.atomic():
        trail.write("CDS hook", by=request.user, why=service, details={"cards": len(cards["cards"])})
    return _answer(cards)


def _body(request: SignedIn, hook: str) -> Json:
    """The request's JSON, read strictly, for the hook of this service."""
    raw = request.body
    if len(raw) > _MOST_BYTES:
        raise FhirError(f"The request is larger than {_MOST_BYTES // 1_000_000} MB.")
    try:
        body = parse(raw.decode("utf-8"), "The request")
    except UnicodeDecodeError:
        raise FhirError("The request is not UTF-8 text.") from None
    if not isinstance(body, dict) or body.get("hook") != hook:
        raise FhirError(f"This service answers the hook {hook}.")
    return body
