"""What is kept of the person is theirs: to see, and to take away as a paper, as a table or as FHIR R4."""

from __future__ import annotations

import csv
import io
from datetime import timedelta
from datetime import timezone as tz
from decimal import Decimal

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from surcease.care.record import DiaryEntry
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
    """The diary as a table, oldest first: time, score, site, kind, day, note, and a column for each other answer.

    `surcease response` and `surcease forecast` read it as it is.
    """
    patient = own_patient(request.user, why="download my diary", request=request)
    entries = entries_of(patient, days=None, today=timezone.localdate())[::-1]
    more = sorted({name for e in entries for name in e.values})
    out = io.StringIO()
    table = csv.writer(out)
    table.writerow(["at", "score", "site", "kind", "day", "late", "note", *more])
    table.writerows(_row(e, more) for e in entries)
    return _download(out.getvalue(), "text/csv", "diary.csv")


def _row(e: DiaryEntry, more: list[str]) -> list[str]:
    """One entry; its time with the offset it was made at."""
    at = e.at.astimezone(tz(timedelta(minutes=e.utc_offset_min)))
    score = "" if e.pain is None else format(e.pain, "f")
    late = "yes" if e.late else ""
    told = [_plain(_said(e.values.get(name))) for name in more]
    return [at.isoformat(), score, _plain(e.site), e.kind, e.local_date.isoformat(), late, _plain(e.note), *told]


def _said(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, tuple | list):
        return ", ".join(map(str, value))
    return "" if value is None else format(value, "f") if isinstance(value, Decimal) else str(value)


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
