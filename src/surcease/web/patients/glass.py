"""Breaking the glass with everything that belongs to it: the reason, the row, the notice to the clinic lead."""

from __future__ import annotations

from uuid import UUID

from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from surcease.web.accounts.models import Role, User
from surcease.web.patients.access import break_glass
from surcease.web.patients.models import BrokenGlass
from surcease.web.worklist.actions import ask


@transaction.atomic
def open_in_emergency(*, by: User, patient_id: UUID, reason: str) -> BrokenGlass:
    """Open someone's chart for four hours; the clinic lead finds a review on the worklist at once."""
    glass = break_glass(by, patient_id, reason=reason)
    ask(
        by=by,
        now=timezone.now(),
        key=f"broken-glass:{glass.pk}",
        kind="broken glass",
        what=f"Review an emergency access by {by.printed_name}",
        for_role=Role.LEAD,
        link=reverse("audit:patient", kwargs={"patient_id": glass.patient_id}),
        source=glass,
        urgent=True,
    )
    return glass
