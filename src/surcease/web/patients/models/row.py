"""The base of every clinical row: added once, struck through with a reason, never changed."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any, TypeVar

from django.conf import settings
from django.db import models
from django.db.models import QuerySet

from surcease.web.accounts.models import User
from surcease.web.append import AppendOnlyQuerySet, FixedRow, RowIsFixed
from surcease.web.patients.models.person import Patient

M = TypeVar("M", bound=models.Model, covariant=True)


class ClinicalQuerySet(AppendOnlyQuerySet[M]):
    """Adds what a reader of the record wants: the rows that stand."""

    def standing(self) -> QuerySet[M]:
        """Rows not struck through."""
        return self.filter(struck_at__isnull=True)


class ClinicalRow(FixedRow):
    """Who wrote it and when, where it came from, and whether it was struck through.

    ``origin`` is a care.record.Origin as JSON. ``origin_key`` names the item of another system it was read from:
    reading the same item twice adds nothing.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    patient = models.ForeignKey(Patient, models.PROTECT, related_name="%(class)ss")
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    created_at = models.DateTimeField()
    origin = models.JSONField(default=dict)
    origin_key = models.CharField(max_length=300, blank=True)
    struck_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    struck_at = models.DateTimeField(null=True)
    struck_reason = models.TextField(blank=True)

    objects = ClinicalQuerySet.as_manager()

    class Meta:
        abstract = True
        constraints = [
            models.UniqueConstraint(
                fields=["patient", "origin_key"],
                condition=models.Q(struck_at__isnull=True) & ~models.Q(origin_key=""),
                name="%(app_label)s_%(class)s_read_once",
            )
        ]

    @property
    def stands(self) -> bool:
        """Whether it has not been struck through."""
        return self.struck_at is None

    def strike(self, *, by: User, reason: str, now: datetime) -> None:
        """Strike it through. Once; with a reason. Call it from an action, inside its transaction."""
        if not reason.strip():
            raise ValueError("Striking through needs a reason: say what was wrong with the entry.")
        self._strike(by, reason.strip(), now)

    def strike_as_replaced(self, *, by: User | None, now: datetime) -> None:
        """Strike it through because the system it was read from now says something else."""
        self._strike(by, "replaced by a newer version of the same item", now)

    def _strike(self, by: User | None, reason: str, now: datetime) -> None:
        rows: QuerySet[Any] = QuerySet(type(self)).filter(pk=self.pk, struck_at__isnull=True)
        if rows.update(struck_by=by, struck_at=now, struck_reason=reason) != 1:
            raise RowIsFixed("This entry is already struck through: nothing was changed.")
        self.struck_by, self.struck_at, self.struck_reason = by, now, reason
