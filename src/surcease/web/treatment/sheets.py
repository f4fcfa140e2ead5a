"""The papers of a session: the flowsheet as it stands, the slip to take home, the sheet to carry on with by hand."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from surcease.care.discharge import after
from surcease.care.label import Label
from surcease.charts import flowsheet, theme
from surcease.knowledge import load
from surcease.knowledge.finding import Outcome
from surcease.knowledge.rule import Rule
from surcease.units import plain
from surcease.web.clinic.installation import installation
from surcease.web.patients.models import LimbRestriction, Patient
from surcease.web.signing.actions import signatures_of
from surcease.web.treatment.models import TreatmentSession
from surcease.web.treatment.programme import State, steps_said
from surcease.web.treatment.queries import Sheet
from surcease.web.treatment.words import LogLine, log_lines


def flowsheet_data(sheet: Sheet, patient: Patient, *, now: datetime) -> dict[str, Any]:
    """Data of the flowsheet paper: order, picture, what was agreed, log with struck lines, signatures."""
    zone = ZoneInfo(sheet.session.site.zone)
    picture = theme.svg(flowsheet.flowsheet(sheet.state, zone=zone, width=640))
    about = {"number": sheet.session.number}
    return _head(patient, _("Session %(number)s") % about, sheet, now) | {
        "parts": [
            {"facts": _order(sheet)},
            {"svg": picture, "alt": flowsheet.sentence(sheet.state, zone=zone)},
            {"heading": _("Log"), "facts": [_log_line(line, sheet, zone) for line in log_lines(sheet)]},
        ],
        "signatures": [_signature(s) for s in signatures_of("session", sheet.session.pk)],
    }


def _log_line(line: LogLine, sheet: Sheet, zone: ZoneInfo) -> tuple[str, str]:
    """The time (with the day where the session is long), what, who; late and struck lines say so."""
    start = sheet.session.arrived_at.astimezone(zone).date()
    at = line.at.astimezone(zone)
    when = f"{at:%H:%M}" if at.date() == start else f"{at:%d %b %H:%M}"
    late = f" [{_('entered late')}]" if line.late else ""
    struck = f" [{_('struck')}: {line.struck}]" if line.struck else ""
    return when, f"{line.said} – {line.by}{late}{struck}"


def label_data(
    session: TreatmentSession, patient: Patient, state: State, label: Label, *, now: datetime
) -> dict[str, Any]:
    """The programme as it was entered and checked, and the bag's label."""
    made = state.made
    assert made is not None
    steps = [(f"{_('Step')} {n}", words) for n, words in enumerate(steps_said(state), 1)]
    checked = state.checked_by or _("nobody yet: not to be started")
    return _paper_head(patient, _("Pump programme, session %(n)s") % {"n": session.number}, session, now) | {
        "parts": [
            {"text": made.say},
            {"facts": [(_("Prepare"), made.prepare), *steps, (_("Checked by"), checked)]},
            {"heading": _("Label"), "facts": list(label.lines)},
            *([{"heading": _("To know"), "text": " ".join(made.notes)}] if made.notes else []),
        ],
        "signatures": [_signature(s) for s in state.signatures],
    }


def slip_data(sheet: Sheet, patient: Patient, *, now: datetime) -> dict[str, Any]:
    """What the person takes home: rules of the day, what to watch for, whom to call."""
    phone = sheet.session.site.phone or _("the clinic")
    zone = ZoneInfo(sheet.session.site.zone)
    left = sheet.state.ended_at or now
    driving_from = after(left, knowledge=load())["no_driving_before"].astimezone(zone)
    escort = dict(sheet.state.checks).get("escort", "")
    driving = _(
        "Do not drive, ride a bicycle, use machines or sign anything important until tomorrow, after a night's sleep, "
        "and at least 24 hours from now: not before %(when)s."
    )
    rules = [
        (_("Driving"), driving % {"when": f"{driving_from:%d %b %Y, %H:%M}"}),
        (_("Alcohol"), _("None until tomorrow.")),
        (_("Your pain medicine"), _("Your usual opioid may act stronger tonight. Take no extra.")),
        (_("Company"), _("An adult takes you home and stays with you tonight.") + (f" {escort}" if escort else "")),
    ]  # fmt: skip
    flags = _(
        "Call at once for: trouble breathing or waking up, chest pain, a severe headache that came suddenly, weakness "
        "on one side, a seizure, thoughts of harming yourself, or seeing and hearing things that are not there."
    )
    return _head(patient, _("After your treatment today"), sheet, now) | {
        "parts": [
            {"facts": rules},
            {"heading": _("When to call"), "text": flags},
            {"facts": [(_("Call"), phone), (_("We call you"), _("within 24 to 48 hours"))]},
        ]
    }


def by_hand_data(sheet: Sheet, patient: Patient, *, now: datetime) -> dict[str, Any]:
    """A sheet to go on with on paper if everything fails: the order, where it stands, the limits, empty lines."""
    line = "BP ____/____  HR ____  SpO₂ ____  RR ____  EtCO₂ ____  MOAA/S __  mL/h ______  mL ______"
    ends = [("", _("End: time ______  mg ______  PADSS __  escort ______  signed ______________"))]
    return _head(patient, _("Session by hand"), sheet, now) | {
        "parts": [
            {"facts": [*_order(sheet), *_standing(sheet)]},
            {"heading": _("Stop and call"), "text": _reds()},
            {"heading": _("Readings"), "facts": [*((f"{minute} min", line) for minute in _times(sheet)), *ends]},
        ]
    }


def _standing(sheet: Sheet) -> list[tuple[str, str]]:
    """Where the session stands at the moment of printing, and what the person asked for."""
    zone, checks = ZoneInfo(sheet.session.site.zone), dict(sheet.state.checks)
    start = sheet.state.started_at
    said = [(_("Started"), f"{start.astimezone(zone):%H:%M}" if start else "________")]
    said.append((_("Rate now"), f"{sheet.watch.rate_said} mg/h" if start else "________"))
    for name, title in (("stop_word", _("Stop word")), ("cuff.limb", _("Cuff on")), ("escort", _("Escort"))):
        said.append((title, checks.get(name, "").replace("_", " ") or "________"))
    restricted = ", ".join(
        str(row) for row in LimbRestriction.objects.standing().filter(patient=sheet.session.patient_id)
    )
    return [*said, (_("Limbs"), restricted or _("none restricted on record"))]


def _reds() -> str:
    """The red limits as shipped: what is watched, with its numbers."""
    reds = [rule for rule in load().rules if rule.topic == "alarms" and rule.outcome is Outcome.DEFER]
    return "; ".join(rule.title + _numbers(rule) for rule in reds) + "."


def _numbers(rule: Rule) -> str:
    """`` (systolic red 180, systolic low red 90)``; nothing where the rule compares no number."""
    said = ", ".join(f"{name.replace('_', ' ')} {plain(value)}" for name, value in rule.thresholds.items())
    return f" ({said})" if said else ""


def _times(sheet: Sheet) -> list[int]:
    """Minutes of the planned readings; of a long course its first day."""
    total = min(int(sheet.order.minutes) + 60, 24 * 60)
    step = 15 if total <= 6 * 60 else 60
    return [0, 5, 10, 15, *range(30, 61, 15), *range(60 + step, total + 1, step)]


def _head(patient: Patient, title: str, sheet: Sheet, now: datetime) -> dict[str, Any]:
    return _paper_head(patient, title, sheet.session, now)


def _paper_head(patient: Patient, title: str, session: TreatmentSession, now: datetime) -> dict[str, Any]:
    row = installation()
    identifiers = ", ".join(i.value for i in patient.identifiers.all() if i.ended_at is None)
    born = patient.born.isoformat() if patient.born else "?"
    return {
        "title": f"{title}, {session.arrived_at.astimezone(ZoneInfo(session.site.zone)):%d %b %Y}",
        "organisation": row.organisation if row else "Surcease",
        "made": f"{_('made')} {now:%Y-%m-%d %H:%M} UTC",
        "person": {"name": patient.name, "born": born, "identifiers": identifiers},
    }


def _mg(amount: Decimal) -> str:
    """An amount to a tenth, as it is read."""
    return plain(amount.quantize(Decimal("0.1")))


def _order(sheet: Sheet) -> list[tuple[str, str]]:
    state, order = sheet.state, sheet.order
    said = [
        (_("Order"), order.text),
        (_("Product"), order.product.replace("_", " ")),
        (_("Weight"), f"{plain(order.weight_kg)} kg ({order.weight_basis})"),
        (_("Given"), f"{_mg(state.given_mg)} mg"),
    ]
    if state.pump_mg is not None:
        said.append((_("By the pump"), f"{_mg(state.pump_mg)} mg"))
    return said


def _signature(row: Any) -> dict[str, str]:
    return {
        "meaning": row.get_meaning_display(),
        "name": row.printed_name,
        "role": row.role,
        "at": f"{row.at:%Y-%m-%d %H:%M}",
        "method": row.method,
        "sha256": row.sha256,
    }
