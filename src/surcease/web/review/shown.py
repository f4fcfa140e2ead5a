"""The forecast as the page shows it: picture, sentence, table, what it stands on, and how earlier words were kept."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

from django.utils.translation import gettext as _

from surcease.care.facts import derive
from surcease.care.forecast import Forecast, from_json
from surcease.care.record import Record
from surcease.care.response import daily_means
from surcease.charts import timeline
from surcease.charts.timeline import Timeline
from surcease.knowledge import load
from surcease.knowledge.effect import relief_prior
from surcease.web.accounts.models import User
from surcease.web.patients.models import Patient
from surcease.web.patients.record import make_record
from surcease.web.review import outlook
from surcease.web.review.queries import until

BEFORE = timedelta(days=60)  # of the diary beside the band


def shown_forecast(patient: Patient, *, by: User, now: datetime, compare: bool = False) -> dict[str, Any]:
    """The context of the fragment; ``said`` where there is no forecast at all."""
    record = until(make_record(patient), now)
    indication = str(derive(record, now=now, knowledge=load()).value("indication") or "")
    here = outlook.ground(patient, record, indication, now=now)
    row = outlook.show(patient, here, by=by, now=now)
    if row is None:
        return {"found": None, "said": _("No weight is recorded, so no forecast is made: measure it first.")}
    found = from_json(row.result)
    shown = {
        "row": row, "found": found, "picture": picture_of(found, record), "headline": _headline(found),
        "knowing": _knowing(found), "planned": here.planned, "basis": _basis(found),
        "words": outlook.words(patient, record, today=here.as_of), "release": outlook.released(patient),
        "weight": here.weight_kg, "indication": indication,
    }  # fmt: skip
    if compare:
        shown["plans"] = [(name, _compared(one)) for name, one in outlook.compared(here).items()]
    return shown


def picture_of(found: Forecast, record: Record) -> dict[str, Any]:
    """The band beside the last weeks of the diary, in words and as a table."""
    means = {d: v for d, v in daily_means(record.diary).items() if found.as_of - BEFORE < d <= found.as_of}
    drawn = Timeline(
        pain=[{"day": d.isoformat(), "pain": float(v)} for d, v in means.items()],
        forecast=outlook.band_rows(found),
        forecast_made=found.as_of,
        sessions=[
            {"day": g.started.date().isoformat(), "mg": float(g.amount_mg or 0)}
            for g in record.given if found.as_of - BEFORE < g.started.date() <= found.as_of
        ],
    )  # fmt: skip
    return {
        "spec": timeline.spec(drawn),
        "sentence": timeline.forecast_sentence(drawn),
        "table": outlook.weeks_of(found),
        "heads": [_("week"), _("its last day"), _("pain, half of days below (8 in 10 between)")],
    }


def _headline(found: Forecast) -> list[tuple[str, str]]:
    low, middle, high = found.loss
    lines = [
        (_("responder to the drug"), f"{found.responder:.0%} ({_('before the diary')} {found.responder_before:.0%})"),
        (_("learned from"), _("%(n)s days; %(m)s missing, %(a)s within a day of a dose")
         % {"n": found.used, "m": found.missing, "a": found.acute}),
    ]  # fmt: skip
    if found.inside:
        lines.append((_("loss of response"), _loss(low, middle, high)))
    lines.append((_("booster window"), _window(found)))
    return lines


def _loss(low: date | None, middle: date | None, high: date | None) -> str:
    if low is None:
        return _("no day within twelve weeks is expected, or it is lost already")
    end = f"{high:%d %b %Y}" if high else _("after twelve weeks")
    half = f"{middle:%d %b %Y}" if middle else _("after twelve weeks")
    return _("half by %(half)s (8 in 10 between %(low)s and %(high)s)") % {
        "half": half, "low": f"{low:%d %b %Y}", "high": end
    }  # fmt: skip


def _window(found: Forecast) -> str:
    booster = found.booster
    if booster.first is None:
        return booster.why
    return f"{booster.first:%d %b %Y} – " + (f"{booster.last:%d %b %Y}" if booster.last else _("open"))


def _knowing(found: Forecast) -> list[tuple[int, date, str]]:
    return [(k.session, k.on, f"{k.chance:.0%}") for k in found.knowing]


def _basis(found: Forecast) -> list[tuple[str, str]]:
    prior = relief_prior(load(), found.prior)
    sources = load().documents["sources.yaml"]
    named = "; ".join(str(sources[key]["title"]) for key in prior.sources if key in sources)
    rows = [(_("model"), found.model), (_("prior"), f"{prior.title} ({prior.label})"), (_("sources"), named)]
    rows += [(_("version"), found.version), (_("seed"), str(found.seed)), (_("inputs"), found.inputs[:16])]
    names = {"baseline": _("baseline pain"), "c50_ng_per_ml": "C50, ng/mL", "half_life_days": _("half-life, days"),
             "day_to_day_sd": _("day-to-day scatter")}  # fmt: skip
    for name, band in found.parameters.items():
        low, middle, high = (band[q][0] for q in ("q10", "q50", "q90"))
        rows.append((str(names[name]), f"{middle:.3g} ({low:.3g}–{high:.3g})"))
    return rows


def _compared(found: Forecast) -> list[str]:
    """Pain at four, eight and twelve weeks."""
    cells = []
    for week in (4, 8, 12):
        low, middle, high = (found.bands[q][7 * week - 1] for q in ("q10", "q50", "q90"))
        cells.append(f"{middle:.1f} ({low:.1f}–{high:.1f})")
    return cells
