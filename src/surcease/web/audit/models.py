"""One row per access or act, plain inserts; the seals that chain them come a second later."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from surcease.web.append import AppendOnly


class AuditRow(AppendOnly):
    """Who did what. Names are copied, not linked: the row must stand when everything else changes."""

    id = models.BigAutoField(primary_key=True)
    at = models.DateTimeField(_("when"))
    who = models.UUIDField(null=True)
    who_name = models.CharField(_("who"), max_length=200)
    role = models.CharField(_("role"), max_length=12)
    action = models.CharField(_("what"), max_length=80)
    patient = models.UUIDField(null=True)
    object_kind = models.CharField(max_length=60, blank=True)
    object_id = models.CharField(max_length=80, blank=True)
    came_from = models.CharField(_("from where"), max_length=200, blank=True)
    why = models.TextField(_("why"), blank=True)
    broke_glass = models.BooleanField(default=False)
    details = models.JSONField(default=dict)

    class Meta:
        indexes = [models.Index(fields=["patient", "-at"]), models.Index(fields=["who", "-at"])]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M:%S} {self.who_name} {self.action}"


class Seal(AppendOnly):
    """The n-th link of the chain: SHA-256 over the previous link and one audit row."""

    seq = models.BigIntegerField(primary_key=True)
    row_id = models.BigIntegerField(unique=True)
    hash = models.CharField(max_length=64)

    def __str__(self) -> str:
        return f"{self.seq} {self.hash[:12]}"


class ChainHead(models.Model):
    """Where the chain stands. One row; sealers take turns on it."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    seq = models.BigIntegerField(default=0)
    row_id = models.BigIntegerField(default=0)
    hash = models.CharField(max_length=64, default="0" * 64)

    def __str__(self) -> str:
        return f"{self.seq} {self.hash[:12]}"
