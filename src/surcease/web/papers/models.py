"""A Document is a named file of the clinic; its bytes lie in home/files under their SHA-256."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from surcease.web.append import AppendOnly
from surcease.web.patients.models import Patient


class Document(AppendOnly):
    """One file: made by a template or received from outside. Two documents may share the same bytes."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    patient = models.ForeignKey(Patient, models.PROTECT, null=True, blank=True, related_name="documents")
    title = models.CharField(_("title"), max_length=200)
    kind = models.CharField(max_length=60)
    template = models.CharField(max_length=80, blank=True)
    media_type = models.CharField(max_length=100)
    sha256 = models.CharField(max_length=64)
    size = models.PositiveBigIntegerField()
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    made_at = models.DateTimeField()
    source_kind = models.CharField(max_length=60, blank=True)
    source_id = models.CharField(max_length=80, blank=True)

    class Meta:
        indexes = [models.Index(fields=["patient", "-made_at"]), models.Index(fields=["sha256"])]

    def __str__(self) -> str:
        return self.title
