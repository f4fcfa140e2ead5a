"""What a person has agreed to: the latest row of each kind holds."""

from __future__ import annotations

from datetime import date

from surcease.web.patients.models import Consent, Patient, StatementRow
from surcease.web.patients.record import value_from

SIGNED = "consent_signed_on"  # the fact that a clinician states when the written consent was signed


def latest(patient: Patient, kind: str) -> Consent | None:
    """The row that holds; None when nothing was recorded."""
    return Consent.objects.standing().filter(patient=patient, kind=kind).order_by("-at", "-created_at").first()


def withdrawn(patient: Patient, kind: str) -> Consent | None:
    """The row in which the person took it back; None while it is not taken back, or was signed again since."""
    row = latest(patient, kind)
    return row if row is not None and is_taken_back(row) else None


def is_taken_back(row: Consent) -> bool:
    """Whether the row that holds takes back, and nothing was signed since."""
    return not row.given and not (row.kind == Consent.Kind.TREATMENT and _signed_since(row.patient, row))


def signed_on(patient: Patient) -> date | None:
    """The day of the written consent as a clinician stated it; None when none stands."""
    row = StatementRow.objects.standing().filter(patient=patient, name=SIGNED).order_by("-created_at", "-pk").first()
    value = None if row is None else value_from(row.value)
    return value if isinstance(value, date) else None


def _signed_since(patient: Patient, row: Consent) -> bool:
    """Whether a clinician has stated a new written consent after the withdrawal."""
    rows = StatementRow.objects.standing().filter(patient=patient, name=SIGNED, created_at__gt=row.at)
    return any(value_from(statement.value) is not None for statement in rows)
