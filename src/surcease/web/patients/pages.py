"""What every page of a person needs around it: ``render(request, page, person_page(patient, "plan") | {…})``."""

from __future__ import annotations

from typing import Any

from surcease.web.patients.banner import banner
from surcease.web.patients.models import Patient
from surcease.web.patients.ribbon import ribbon


def person_page(patient: Patient, step: str = "") -> dict[str, Any]:
    """Context of a template that extends ``patients/person.html``: patient, banner, ribbon."""
    return {"patient": patient, "banner": banner(patient), "ribbon": ribbon(patient, step)}
