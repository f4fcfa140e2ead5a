"""Whose trail may be read by whom; reading it is itself on the trail."""

from __future__ import annotations

from uuid import UUID

from django.db.models import QuerySet

from surcease.web.accounts.models import Role, User
from surcease.web.audit.models import AuditRow
from surcease.web.patients import access


def rows_of_patient(patient_id: UUID) -> QuerySet[AuditRow]:
    """Every row about one person and the records merged into theirs."""
    return AuditRow.objects.filter(patient__in=[patient_id, *access.merged_ids(patient_id)])


def header_of(user: User, patient_id: UUID) -> access.PatientLine:
    """Name and birth date for the page's head. The clinic lead sees events without the chart; others need care."""
    if user.role == Role.LEAD:
        return access.name_for_trail(user, patient_id)
    return access.line_of(access.open_patient(user, patient_id, why="audit trail"))
