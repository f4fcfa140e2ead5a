"""``{% lifetime patient %}``: a person's ketamine by substance and route, on any page of theirs."""

from __future__ import annotations

from typing import Any

from django import template
from django.utils import timezone

from surcease.web.patients.models import Patient
from surcease.web.treatment.lifetime import lifetime_of

register = template.Library()


@register.inclusion_tag("treatment/lifetime.html")
def lifetime(patient: Patient) -> dict[str, Any]:
    """The card; the page that shows it has opened the person already."""
    return {"lifetime": lifetime_of(patient, now=timezone.now())}
