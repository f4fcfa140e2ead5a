"""Counting blind, closing a count, the report of differences, settling one."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from surcease.units import plain
from surcease.web.accounts.role import SignedIn, can
from surcease.web.accounts.stepup import SignForm
from surcease.web.forms import once
from surcease.web.stock import counting, queries
from surcease.web.stock.forms import CountForm, SettleForm
from surcease.web.stock.models import Count, CountClosed, CountLineRow, Discrepancy
from surcease.web.stock.record import exact, line_of
from surcease.web.stock.views.shelf import read, today_at


@require_safe
def history(request: SignedIn) -> HttpResponse:
    """Every count, and when the next full inventory is due."""
    site = queries.site_of(request.user)
    read(request, site, "counts")
    shown = {"counts": queries.counts(site), "state": queries.count_state(site, today=today_at(site)), "site": site}
    return render(request, "stock/counts.html", shown | {"may_count": can(request, "stock.count")})


@require_http_methods(["GET", "POST"])
def count(request: SignedIn) -> HttpResponse:
    """The blind count: what should be there is shown after it was entered, not before."""
    site = queries.site_of(request.user)
    lots = queries.shelf(site, today=today_at(site))
    form = CountForm(request.POST or None, lots=lots)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            with once(data["form_token"], by=request.user) as ticket:
                if ticket.first:
                    row = counting.count(
                        by=request.user, now=timezone.now(), site=site, kind=data["kind"], moment=data["moment"],
                        note=data["note"], counted=form.counted(),
                    )  # fmt: skip
                    ticket.result = str(row.pk)
        except ValueError as error:
            form.add_error(None, str(error))
        else:
            return redirect("stock:counted", ticket.result)
    return render(request, "stock/count.html", {"form": form, "site": site})


@require_http_methods(["GET", "POST"])
def counted(request: SignedIn, count_id: UUID) -> HttpResponse:
    """A count beside the books, and its closing."""
    row = _count(request, count_id)
    form = SignForm(request.POST or None)
    if request.method == "POST" and form.is_valid() and (method := form.method_of(request)):
        try:
            counting.close_count(by=request.user, now=timezone.now(), method=method, row=row)
        except ValueError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, _("The count is closed."))
            return redirect("stock:counted", row.pk)
    read(request, row.site, f"count {row.pk}")
    lines = [_line(line) for line in row.lines.select_related("lot", "discrepancy", "discrepancy__settlement")]
    shown = {
        "count": row,
        "lines": sorted(lines, key=lambda pair: (pair[0].lot.expires, pair[0].lot.lot)),
        "waits": counting.waits_for(row),
        "closed": CountClosed.objects.filter(count=row).select_related("by").first(),
        "form": form,
        "may_close": can(request, "stock.count"),
    }
    return render(request, "stock/counted.html", shown)


def _count(request: SignedIn, count_id: UUID) -> Count:
    found = Count.objects.filter(pk=count_id, site__in=request.user.sites.all()).select_related("site", "by").first()
    if found is None:
        raise Http404
    return found


def _line(row: CountLineRow) -> tuple[CountLineRow, str]:
    """A line and its difference in mg, as written; "" when it agrees."""
    line = line_of(row)
    return row, "" if line.agrees else f"{line.difference_mg:+f}".replace("-", "−")


@require_safe
def report(request: SignedIn) -> HttpResponse:
    """The report of differences: found, by whom, what became of them."""
    site = queries.site_of(request.user)
    read(request, site, "differences")
    return render(request, "stock/discrepancies.html", {"differences": queries.discrepancies(site), "site": site})


@require_http_methods(["GET", "POST"])
def discrepancy(request: SignedIn, discrepancy_id: UUID) -> HttpResponse:
    """One difference; a pharmacist or the clinic lead settles it."""
    found = Discrepancy.objects.filter(pk=discrepancy_id, site__in=request.user.sites.all())
    row = found.select_related("site", "by", "settlement", "settlement__by", "line", "record").first()
    if row is None:
        raise Http404
    may = can(request, "stock.settle")
    form = SettleForm(request.POST or None)
    if row.line_id is None:
        del form.fields["adjust"]
    if request.method == "POST" and may and form.is_valid() and (method := form.method_of(request)):
        data = form.cleaned_data
        try:
            counting.settle(
                by=request.user, now=timezone.now(), method=method, discrepancy=row, explanation=data["explanation"],
                told=data["told"], adjust=data.get("adjust", False),
            )  # fmt: skip
        except ValueError as error:
            form.add_error(None, str(error))
        else:
            return redirect("stock:discrepancy", row.pk)
    read(request, row.site, f"difference {row.pk}")
    shown = {"row": row, "form": form, "may_settle": may, "difference": plain(exact(row.difference_mg))}
    return render(request, "stock/discrepancy.html", shown)
