"""The forecast of a session for its page and its replay: picture, sentence, table, and what to doubt."""

from __future__ import annotations

from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from surcease.care.session_forecast import predict
from surcease.knowledge import load
from surcease.web.patients.models import MeasurementRow
from surcease.web.treatment.queries import Sheet


def predicted(sheet: Sheet) -> dict[str, Any] | None:
    """What the figure needs, at the sheet's own minute; None where nothing runs yet or no model fits."""
    from surcease.charts import session_forecast, theme

    found = predict(sheet.order, sheet.state, weight_kg=_weight(sheet), knowledge=load())
    if found is None:
        return None
    zone = ZoneInfo(sheet.session.site.zone)
    return {
        "spec": theme.spec(session_forecast.forecast(found, now=sheet.state.at, zone=zone)),
        "sentence": session_forecast.sentence(found, zone=zone),
        "table": session_forecast.table(found, zone=zone),
        "heads": [_("time"), _("plasma, ng/mL"), _("8 of 10 people"), _("effect site, ng/mL")],
        "half_life_min": f"{found.half_life_min:g}",
        "limits": found.limits,
    }


def _weight(sheet: Sheet) -> Decimal:
    """The body's own weight: the order's when that is it, else the latest one measured before."""
    if sheet.order.weight_basis == "actual":
        return sheet.order.weight_kg
    rows = MeasurementRow.objects.standing().filter(patient=sheet.session.patient_id, name="weight", unit="kg")
    row = rows.filter(created_at__lte=sheet.state.at).order_by("-at", "-created_at").first()
    return row.value if row is not None and row.value is not None else sheet.order.weight_kg
