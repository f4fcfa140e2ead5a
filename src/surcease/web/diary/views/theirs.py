"""What is kept of the person is theirs: to see, and to take away as a paper, as a table or as FHIR R4."""

from __future__ import annotations

import csv
import io

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from surcease.fhir.write import dumps, write_bundle
from surcease.web.accounts.role import SignedIn
from surcease.web.diary.paper import record_data
from surcease.web.diary.queries import entries_of
from surcease.web.papers.typeset import render as typeset
from surcease.web.patients.access import own_patient
from surcease.web.patients.record import make_record


@require_safe
def mine(request: SignedIn) -> HttpResponse:
    """Everything that is kept of the person, to take away."""
    patient = own_patient(request.user, why="my record", request=request)
    return render(request, "diary/mine.html", {"patient": patient})


@require_safe
def record_pdf(request: SignedIn) -> HttpResponse:
    """The whole record as one paper to print or to take along."""
    patient = own_patient(request.user, why="download my record (PDF)", request=request)
    content = typeset("papers/plain", record_data(patient, now=timezone.now()))
    return HttpResponse(
        content, content_type="application/pdf", headers={"Content-Disposition": 'inline; filename="record.pdf"'}
    )


@require_safe
def diary_csv(request: SignedIn) -> HttpResponse:
    """The diary as a table: at, score, site, kind, note."""
    patient = own_patient(request.user, why="download my diary", request=request)
    out = io.StringIO()
    table = csv.writer(out)
    table.writerow(["at", "score", "site", "kind", "note"])
    for e in reversed(entries_of(patient, days=None, today=timezone.localdate())):
        score = "" if e.pain is None else format(e.pain, "f")
        table.writerow([e.at.isoformat(), score, _plain(e.site), e.kind, _plain(e.note)])
    return _download(out.getvalue(), "text/csv", "diary.csv")


@require_safe
def record_fhir(request: SignedIn) -> HttpResponse:
    """Everything as FHIR R4, as another system or we ourselves can read it again."""
    patient = own_patient(request.user, why="download my record", request=request)
    bundle = write_bundle(make_record(patient), now=timezone.now())
    return _download(dumps(bundle), "application/fhir+json", "record.json")


def _plain(text: str) -> str:
    """A cell that a spreadsheet does not take for a formula."""
    return f"'{text}" if text[:1] in ("=", "+", "-", "@", "\t", "\r") else text


def _download(text: str, kind: str, name: str) -> HttpResponse:
    response = HttpResponse(text, content_type=f"{kind}; charset=utf-8")
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
