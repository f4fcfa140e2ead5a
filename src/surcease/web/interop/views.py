"""Pages of the border: choose files, see what they would do, decide; and a person's record as a file."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.db import transaction
from django.db.models import Q, QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from surcease.fhir.write import dumps, write_bundle
from surcease.web.accounts.role import SignedIn
from surcease.web.audit import trail
from surcease.web.forms import once
from surcease.web.interop import actions
from surcease.web.interop.forms import ImportForm
from surcease.web.interop.models import ImportBatch
from surcease.web.interop.preview import previews, reads_of
from surcease.web.patients.access import lines_of, open_patient, own_patient
from surcease.web.patients.models import Patient
from surcease.web.patients.record import make_record

GET_OR_POST = require_http_methods(["GET", "HEAD", "POST"])


@GET_OR_POST
def upload(request: SignedIn) -> HttpResponse:
    """Choose files; what is broken is said at the field and nothing of it is kept."""
    sites = request.user.sites.order_by("name")
    form = ImportForm(request.POST or None, request.FILES or None, sites=sites)
    if request.method == "POST" and form.is_valid():
        with once(form.cleaned_data["form_token"], by=request.user) as ticket:
            if ticket.first:
                batch = actions.keep_batch(
                    by=request.user, now=timezone.now(), site=form.cleaned_data["site"], sources=form.sources
                )
                ticket.result = str(batch.pk)
        return redirect("interop:batch", batch_id=ticket.result)
    mine = _mine(request).select_related("made_by").prefetch_related("files__document")
    waiting = mine.filter(state=ImportBatch.State.WAITING).order_by("-made_at")[:20]
    return render(request, "interop/upload.html", {"form": form, "waiting": waiting})


def _mine(request: SignedIn) -> QuerySet[ImportBatch]:
    """Imports of the user's sites, and their own."""
    return ImportBatch.objects.filter(Q(site__in=request.user.sites.all()) | Q(made_by=request.user)).distinct()


@GET_OR_POST
def batch(request: SignedIn, batch_id: UUID) -> HttpResponse:
    """The preview of a waiting import, the decision, and afterwards what became of everyone."""
    row = _mine(request).filter(pk=batch_id).first()
    if row is None:
        raise Http404
    if request.method == "POST":
        return _decide(request, row)
    if row.state == ImportBatch.State.WAITING:
        with transaction.atomic():
            trail.write("preview import", by=request.user, about=row)
        return render(request, "interop/preview.html", {"batch": row, "people": previews(row, request.user)})
    people = list(row.people.order_by("name", "pk"))
    lines = lines_of(request.user, {p.patient_id for p in people if p.patient_id}, why="import")
    shown = [(person, lines.get(person.patient_id) if person.patient_id else None) for person in people]
    return render(request, "interop/done.html", {"batch": row, "people": shown})


def _decide(request: SignedIn, row: ImportBatch) -> HttpResponse:
    try:
        if "discard" in request.POST:
            actions.discard(by=request.user, now=timezone.now(), batch=row)
        else:
            chosen = {int(n) for n in request.POST.getlist("person") if n.isdecimal()}
            reads = [read for number, read in enumerate(reads_of(row)) if number in chosen]
            if not reads:
                messages.error(request, _("Nobody is chosen: tick at least one person, or discard the import."))
                return redirect("interop:batch", batch_id=row.pk)
            actions.accept(by=request.user, now=timezone.now(), batch=row, reads=reads)
    except ValueError as refused:
        messages.warning(request, str(refused))
    return redirect("interop:batch", batch_id=row.pk)


@require_safe
def export(request: SignedIn, patient_id: UUID) -> HttpResponse:
    """A person's whole record as an R4 Bundle."""
    return _file(open_patient(request.user, patient_id, why="export FHIR", request=request))


@require_safe
def own_export(request: SignedIn) -> HttpResponse:
    """The same, for the person themself."""
    return _file(own_patient(request.user, why="export FHIR", request=request))


def _file(patient: Patient) -> HttpResponse:
    now = timezone.now()
    text = dumps(write_bundle(make_record(patient), now=now))
    name = f"{slugify(patient.name) or 'record'}-{now:%Y-%m-%d}.fhir.json"
    return HttpResponse(
        text, content_type="application/fhir+json", headers={"Content-Disposition": f'attachment; filename="{name}"'}
    )
