"""The person's weight as a sentence: value, where and when measured, and how it moved since it was last used."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from django.utils import timezone
from django.utils.translation import gettext as _

from surcease.units import Quantity, UnitError, plain
from surcease.web.patients.models import MeasurementRow, Patient


def weights(patient: Patient) -> list[MeasurementRow]:
    """Standing weights, newest first."""
    rows = MeasurementRow.objects.standing().filter(patient=patient, name="weight")
    return sorted((r for r in rows if r.value is not None and r.at), key=lambda r: str(r.at), reverse=True)


def weight_sentence(patient: Patient, *, now: datetime | None = None) -> str:
    """``61.8 kg, scale 2, today 08:10 (−0.4 since 2 Mar 2026)``; "" when it was never measured."""
    rows = weights(patient)
    if not rows:
        return ""
    newest, *earlier = rows
    kg = _kg(newest)
    if kg is None:
        return ""
    words = [f"{plain(kg)} kg"]
    if newest.text:
        words.append(newest.text)
    words.append(_when(newest.at, patient, now or timezone.now()))
    said = ", ".join(words)
    before = next((r for r in earlier if _kg(r) is not None and str(r.at)[:10] != str(newest.at)[:10]), None)
    if before is not None:
        change = kg - (_kg(before) or kg)
        sign = "+" if change > 0 else "−" if change < 0 else "±"
        said += f" ({sign}{plain(abs(change))} {_('since')} {_day(before.at)})"
    return said


def _kg(row: MeasurementRow) -> Decimal | None:
    try:
        return Quantity(row.value or Decimal(0), row.unit).to("kg").round(1).value.normalize()
    except UnitError:
        return None


def _when(at: date | datetime | None, patient: Patient, now: datetime) -> str:
    zone = ZoneInfo(patient.zone) if patient.zone else timezone.get_current_timezone()
    if not isinstance(at, datetime):
        return _day(at)
    local = at.astimezone(zone)
    if local.date() == now.astimezone(zone).date():
        return f"{_('today')} {local:%H:%M}"
    return f"{_day(local)} {local:%H:%M}"


def _day(at: date | datetime | None) -> str:
    return f"{at.day} {at:%b %Y}" if at else ""
