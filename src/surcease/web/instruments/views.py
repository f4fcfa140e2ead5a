"""Pages on which a clinic lead imports a questionnaire, builds one without code, looks at it, takes it out of use."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from surcease.fhir.write import dumps
from surcease.knowledge.instrument import Instrument
from surcease.knowledge.questionnaire import to_fhir
from surcease.knowledge.score import score
from surcease.web.accounts.role import SignedIn
from surcease.web.instruments import actions
from surcease.web.instruments.forms import BuildForm, ImportForm, Rows, built, rows_kept
from surcease.web.instruments.models import OwnInstrument
from surcease.web.instruments.queries import latest, read
from surcease.web.patients.instrument_form import InstrumentForm

FIRST_ROWS, MORE_ROWS = 4, 3


@require_safe
def page(request: SignedIn) -> HttpResponse:
    """What this clinic has added, and the two ways to add more."""
    return render(request, "instruments/page.html", {"rows": latest()})


@require_http_methods(["GET", "POST"])
def take_over(request: SignedIn) -> HttpResponse:
    """Import a FHIR R4 Questionnaire: read, shown as it will be asked, then kept."""
    form = ImportForm(request.POST or None, request.FILES or None)
    shown: dict[str, Any] = {"form": form}
    if request.method == "POST" and form.is_valid() and form.instrument is not None:
        if "keep" in request.POST:
            said = _keep(request, form.instrument, how="imported", made_from={"resource": form.kept_text})
            if said is None:
                return redirect("instruments:look", form.instrument.id)
            form.add_error(None, said)
        shown |= {"instrument": form.instrument, "preview": InstrumentForm(form.instrument), "text": form.kept_text}
    return render(request, "instruments/import.html", shown, status=400 if form.errors else 200)


@require_http_methods(["GET", "POST"])
def build_page(request: SignedIn, key: str = "") -> HttpResponse:
    """Build one without code, or change one that was built here. *More rows* and *Look* keep nothing."""
    head, rows = _builder(request, key)
    shown: dict[str, Any] = {"form": head, "rows": rows, "key": key}
    if request.method == "POST" and "more" not in request.POST:
        made = built(head, rows, key=key)
        if made is not None and "keep" in request.POST:
            kept = {"head": dict(head.cleaned_data), "rows": rows_kept(rows)}
            said = _keep(request, made, how="built", made_from=kept)
            if said is None:
                return redirect("instruments:look", made.id)
            head.add_error(None, said)
        if made is not None:
            shown |= {"instrument": made, "preview": InstrumentForm(made)}
        wrong = made is None
    else:
        wrong = False
    return render(request, "instruments/build.html", shown, status=400 if wrong else 200)


def _builder(request: SignedIn, key: str) -> tuple[BuildForm, Any]:
    if request.method == "POST":
        data = request.POST.copy()
        if "more" in data:
            data["rows-TOTAL_FORMS"] = str(_count(data.get("rows-TOTAL_FORMS")) + MORE_ROWS)
            if not any(data.get(f"rows-{n}-text") for n in range(200)):
                return BuildForm(initial=data.dict()), Rows(
                    initial=[{}] * _count(data["rows-TOTAL_FORMS"]), prefix="rows"
                )
        return BuildForm(data), Rows(data, prefix="rows")
    kept = _row(key).made_from if key else {}
    if key and "rows" not in kept:
        raise Http404  # it was imported: a new version comes by importing again
    filled = [*kept.get("rows", []), *[{}] * (MORE_ROWS if key else FIRST_ROWS)]
    return BuildForm(initial=kept.get("head")), Rows(initial=filled, prefix="rows")


def _count(typed: Any) -> int:
    return min(int(typed), 190) if str(typed).isdecimal() else FIRST_ROWS


def _keep(request: SignedIn, made: Instrument, *, how: str, made_from: dict[str, Any]) -> str | None:
    """Kept; or the sentence that says why not."""
    try:
        row = actions.keep_instrument(
            by=request.user, now=timezone.now(), instrument=made, how=how, made_from=made_from
        )  # fmt: skip
    except ValueError as error:
        return str(error)
    messages.success(request, _("In use: %(title)s, version %(n)s.") % {"title": row.title, "n": row.version})
    return None


@require_http_methods(["GET", "POST"])
def look(request: SignedIn, key: str) -> HttpResponse:
    """The questionnaire as it is asked; filled in here it is scored and nothing is kept."""
    row = _row(key)
    instrument = read(row.document)
    form = InstrumentForm(instrument, request.POST or None)
    found = score(instrument, form.items()) if request.method == "POST" and form.is_valid() else None
    versions = OwnInstrument.objects.filter(key=key).select_related("by")
    shown = {"row": row, "instrument": instrument, "form": form, "found": found, "versions": versions}
    return render(request, "instruments/look.html", shown)


@require_POST
def end(request: SignedIn, key: str) -> HttpResponse:
    """Take it out of use."""
    try:
        actions.take_out_of_use(by=request.user, now=timezone.now(), key=key, reason=request.POST.get("reason", ""))
    except ValueError as error:
        messages.error(request, str(error))
    return redirect("instruments:look", key)


@require_safe
def as_fhir(request: SignedIn, key: str) -> HttpResponse:
    """The questionnaire as a FHIR R4 Questionnaire."""
    row = _row(key)
    response = HttpResponse(dumps(to_fhir(read(row.document))), content_type="application/fhir+json")
    response["Content-Disposition"] = f'attachment; filename="{row.key}-{row.version}.json"'
    return response


def _row(key: str) -> OwnInstrument:
    row = OwnInstrument.objects.filter(key=key).select_related("by").order_by("-version").first()
    if row is None:
        raise Http404
    return row
