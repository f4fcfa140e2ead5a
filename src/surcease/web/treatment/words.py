"""A session in words and pictures: one line for each event, the flowsheet's spec with its sentence and table."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from surcease.care import event as care
from surcease.care.event import Event, Payload
from surcease.units import plain
from surcease.web.treatment.queries import Sheet

WINDOW = timedelta(hours=6)  # what the flowsheet shows at full width


@dataclass(frozen=True, slots=True)
class LogLine:
    """One event as read by a person."""

    event_id: UUID
    at: Any
    by: str
    said: str
    late: bool
    struck: str = ""


def log_lines(sheet: Sheet) -> list[LogLine]:
    """The log in time order; struck lines keep their place and their reason."""
    lines = [_line(e, "") for e in sheet.state.counted] + [_line(e, why) for e, why in sheet.state.struck]
    return sorted(lines, key=lambda line: (line.at, str(line.event_id)))


def _line(event: Event, struck: str) -> LogLine:
    late = (event.received_at - event.at).total_seconds() > 180
    return LogLine(UUID(event.event_id), event.at, event.by, say(event.payload), late, struck)


def say(payload: Payload) -> str:
    """What happened, in one line."""
    match payload:
        case care.Started() as p:
            rate = "" if p.rate_ml_per_h is None else f"{plain(p.rate_ml_per_h)} mL/h of "
            return f"{_('started')}: {rate}{plain(p.concentration_mg_per_ml)} mg/mL" + (
                f", {_('lot')} {p.lot}" if p.lot else ""
            )
        case care.RateChanged() as p:
            return _because(f"{_('rate')} {plain(p.rate_mg_per_h)} mg/h" + _left(p.volume_left_ml), p.reason)
        case care.Bolus() as p:
            over = f" {_('over')} {plain(p.over_min)} min" if p.over_min else ""
            device = "".join(f", {word}" for word in (p.device, f"{_('lot')} {p.lot}" if p.lot else "") if word)
            return _because(f"{plain(p.amount_mg)} mg {p.route}{over}{device}", p.reason)
        case care.PumpRead() as p:
            said = f"{_('pump shows')} {plain(p.rate_ml_per_h)} mL/h, {plain(p.volume_infused_ml)} mL {_('infused')}"
            bag = "" if p.new_bag_mg_per_ml is None else f"; {_('new bag')} {plain(p.new_bag_mg_per_ml)} mg/mL"
            return said + bag + (f", {_('lot')} {p.lot}" if p.lot else "") + _left(p.volume_left_ml)
        case care.Paused() as p:
            return _because(_("paused"), p.reason)
        case care.Resumed() as p:
            return _because(f"{_('resumed at')} {plain(p.rate_mg_per_h)} mg/h" + _left(p.volume_left_ml), p.reason)
        case care.Stopped() as p:
            return _because(_("stopped"), p.why)
        case care.Reading() as p:
            return say_reading(p)
        case care.Symptom() as p:
            return f"{symptom_words(p.name)} {plain(p.grade)}/3" + (f", {p.note}" if p.note else "")
        case care.DrugGiven() as p:
            return _because(f"{p.drug} {plain(p.amount)} {p.unit} {p.route}".strip(), p.ordered_by)
        case care.VerbalOrder() as p:
            return f"{_('ordered by word of mouth, read back')}: {p.said} ({p.prescriber})"
        case care.Acknowledged() as p:
            return _because(f"{_('seen')}: {p.mark}", p.action)
        case care.Note() as p:
            return p.text
        case care.HandedOver() as p:
            return f"{_('handed over to')} {p.to}"
        case care.Checked() as p:
            return f"{p.item.replace('_', ' ').replace('.', ' ')}: {p.value.replace('_', ' ')}"
        case care.Ended() as p:
            return _because(f"{_('closed')}: {p.way.replace('_', ' ')}", p.reason)
    return payload.kind


def _left(volume_ml: Decimal | None) -> str:
    return "" if volume_ml is None else f", {plain(volume_ml)} mL {_('left')}"


#: symptoms charted by name, 0–3, in the order of the page
SYMPTOMS = {
    "dizzy": gettext_lazy("dizzy"), "nausea": gettext_lazy("nausea"), "vomiting": gettext_lazy("vomiting"),
    "world_unreal": gettext_lazy("the world unreal"), "outside_myself": gettext_lazy("outside myself"),
    "double_vision": gettext_lazy("double vision"), "headache": gettext_lazy("headache"),
    "anxious": gettext_lazy("anxious"), "drowsy": gettext_lazy("drowsy"),
    "urinary_urgency": gettext_lazy("urinary urgency"), "palpitations": gettext_lazy("palpitations"),
    "chest_pain": gettext_lazy("chest pain"), "asks_to_stop": gettext_lazy("asks to stop"),
}  # fmt: skip


def symptom_words(name: str) -> str:
    """A symptom as it is called; one of another system by its own name."""
    return str(SYMPTOMS.get(name, name.replace("_", " ")))


_READ = (
    ("heart_rate", "HR", ""),
    ("spo2", "SpO₂", " %"),
    ("resp_rate", "RR", ""),
    ("etco2", "EtCO₂", ""),
    ("temperature", "T", " °C"),
    ("sedation_moaas", "MOAA/S", ""),
    ("rass", "RASS", ""),
    ("cadss6", "CADSS-6", ""),
    ("distress", "distress", ""),
    ("nausea", "nausea", ""),
    ("pain", "pain", ""),
    ("bother", "bother", ""),
)


def say_reading(reading: care.Reading) -> str:
    """``160/90, HR 82, SpO₂ 97 %``; what was not taken is not said."""
    parts = []
    if reading.systolic is not None:
        low = "–" if reading.diastolic is None else plain(reading.diastolic)
        parts.append(f"{plain(reading.systolic)}/{low}")
    for name, label, unit in _READ:
        value: Decimal | None = getattr(reading, name)
        if value is not None:
            parts.append(f"{label} {plain(value)}{unit}")
    titles = {name: label for name, label, _unit in _READ} | {"systolic": "BP", "diastolic": "BP"}
    if reading.artefact:
        names = dict.fromkeys(titles.get(name, name) for name in reading.artefact)
        parts.append(f"{_('artefact')}: {', '.join(names)}")
    if reading.lost:
        parts.append(f"{_('no signal')}: {', '.join(titles.get(name, name) for name in reading.lost)}")
    if reading.samples:
        parts.append(_("from the monitor"))
    return ", ".join(parts) or _("an empty set")


def _because(what: str, why: str) -> str:
    return f"{what} ({why})" if why else what


def picture(sheet: Sheet) -> dict[str, Any]:
    """Spec, sentence and table of the flowsheet, in the site's time."""
    from surcease.charts import flowsheet, theme

    zone = ZoneInfo(sheet.session.site.zone)
    rows = flowsheet.readings(sheet.state, zone=zone)
    heads = [_("time"), _("blood pressure"), _("pulse"), "SpO₂", _("breaths"), "EtCO₂", _("pain")]
    return {
        "spec": theme.spec(flowsheet.flowsheet(sheet.state, zone=zone, since=_since(sheet), until=_until(sheet))),
        "sentence": flowsheet.sentence(sheet.state, zone=zone),
        "heads": heads,
        "table": [_row(r) for r in rows],
    }


def _since(sheet: Sheet) -> datetime | None:
    """Of a long course the last hours; the whole stands above them as a strip."""
    start = sheet.state.started_at
    return sheet.state.at - WINDOW if start is not None and sheet.state.at - start > WINDOW else None


def _until(sheet: Sheet) -> datetime:
    """To the projected end where it is near, so that one sees how far it is."""
    end = sheet.projection.ends_at
    ahead = max(end, sheet.state.at) if end is not None and sheet.state.ended_at is None else sheet.state.at
    return min(ahead, sheet.state.at + WINDOW)


def _row(reading: dict[str, Any]) -> list[str]:
    def shown(name: str) -> str:
        value = reading[name]
        return "" if value is None else f"{value:g}"

    pressure = "/".join(p for p in (shown("systolic"), shown("diastolic")) if p)
    return [reading["at"][11:16], pressure, *(shown(n) for n in ("heart_rate", "spo2", "resp_rate", "etco2", "pain"))]
