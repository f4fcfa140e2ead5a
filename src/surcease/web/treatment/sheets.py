"""The papers of a session: the flowsheet as it stands, the slip to take home, the sheet to carry on with by hand."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from surcease.charts import flowsheet, theme
from surcease.units import plain
from surcease.web.clinic.installation import installation
from surcease.web.patients.models import Patient
from surcease.web.signing.actions import signatures_of
from surcease.web.treatment.queries import Sheet
from surcease.web.treatment.words import log_lines

HOURS_NO_DRIVING = 24


def flowsheet_data(sheet: Sheet, patient: Patient, *, now: datetime) -> dict[str, Any]:
    """Data of the flowsheet paper: order, picture, log with struck lines, signatures."""
    zone = ZoneInfo(sheet.session.site.zone)
    picture = theme.svg(flowsheet.flowsheet(sheet.state, zone=zone, width=640))
    lines = [
        (
            f"{line.at.astimezone(zone):%H:%M}",
            f"{line.said} – {line.by}" + (f" [struck: {line.struck}]" if line.struck else ""),
        )
        for line in log_lines(sheet)
    ]
    about = {"number": sheet.session.number}
    return _head(patient, _("Session %(number)s") % about, sheet, now) | {
        "parts": [
            {"facts": _order(sheet)},
            {"svg": picture, "alt": flowsheet.sentence(sheet.state, zone=zone)},
            {"heading": _("Log"), "facts": lines},
        ],
        "signatures": [_signature(s) for s in signatures_of("session", sheet.session.pk)],
    }


def slip_data(sheet: Sheet, patient: Patient, *, now: datetime) -> dict[str, Any]:
    """What the person takes home: rules of the day, what to watch for, whom to call."""
    phone = sheet.session.site.phone or _("the clinic")
    driving = _(
        "Do not drive, ride a bicycle, use machines or sign anything important until tomorrow, after a night's sleep, "
        "and at least %(hours)s hours from now."
    )
    rules = [
        (_("Driving"), driving % {"hours": HOURS_NO_DRIVING}),
        (_("Alcohol"), _("None until tomorrow.")),
        (_("Your pain medicine"), _("Your usual opioid may act stronger tonight. Take no extra.")),
        (_("Company"), _("An adult takes you home and stays with you tonight.")),
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
    """A sheet to go on with on paper if everything fails: the order, and empty lines at the planned times."""
    empty = [
        (f"{minute} min", "BP ____/____  HR ____  SpO₂ ____  RR ____  MOAA/S __  mL/h ______")
        for minute in _times(sheet)
    ]
    return _head(patient, _("Session by hand"), sheet, now) | {
        "parts": [{"facts": _order(sheet)}, {"heading": _("Readings"), "facts": empty}]
    }


def _times(sheet: Sheet) -> list[int]:
    total = int(sheet.order.minutes) + 60
    return [0, 5, 10, 15, *range(30, total + 1, 15)]


def _head(patient: Patient, title: str, sheet: Sheet, now: datetime) -> dict[str, Any]:
    row = installation()
    identifiers = ", ".join(i.value for i in patient.identifiers.all() if i.ended_at is None)
    born = patient.born.isoformat() if patient.born else "?"
    return {
        "title": f"{title}, {sheet.session.arrived_at.astimezone(ZoneInfo(sheet.session.site.zone)):%d %b %Y}",
        "organisation": row.organisation if row else "Surcease",
        "made": f"{_('made')} {now:%Y-%m-%d %H:%M} UTC",
        "person": {"name": patient.name, "born": born, "identifiers": identifiers},
    }


def _order(sheet: Sheet) -> list[tuple[str, str]]:
    state, order = sheet.state, sheet.order
    said = [
        (_("Order"), order.text),
        (_("Product"), order.product.replace("_", " ")),
        (_("Weight"), f"{plain(order.weight_kg)} kg ({order.weight_basis})"),
        (_("Given"), f"{plain(state.given_mg)} mg"),
    ]
    if state.pump_mg is not None:
        said.append((_("By the pump"), f"{plain(state.pump_mg)} mg"))
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
