"""Imports: the files as they came, what was decided about them, and what became of each person in them."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from surcease.web.append import AppendOnly
from surcease.web.clinic.models import Site
from surcease.web.fields import DayField
from surcease.web.papers.models import Document
from surcease.web.patients.models import ClinicalRow, Patient


class ImportBatch(models.Model):
    """The files of one command or one upload. Nothing of it enters a record before it is accepted."""

    class State(models.TextChoices):
        """What was decided."""

        WAITING = "waiting", _("waiting for a decision")
        ACCEPTED = "accepted", _("accepted")
        DISCARDED = "discarded", _("discarded")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    site = models.ForeignKey(Site, models.PROTECT, null=True, related_name="+")
    state = models.CharField(max_length=9, choices=State.choices, default=State.WAITING)
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    made_at = models.DateTimeField()
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    decided_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["site", "-made_at"])]

    def __str__(self) -> str:
        return f"{self.made_at:%Y-%m-%d} {self.state}"


class ImportFile(AppendOnly):
    """One file of a batch, in the order they were chosen; its bytes are a document."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    batch = models.ForeignKey(ImportBatch, models.PROTECT, related_name="files")
    document = models.ForeignKey(Document, models.PROTECT, related_name="+")
    number = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["number"]

    def __str__(self) -> str:
        return self.document.title


class ImportedPerson(AppendOnly):
    """What became of one person of a batch: the account of every resource, and what was kept."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    batch = models.ForeignKey(ImportBatch, models.PROTECT, related_name="people")
    patient = models.ForeignKey(Patient, models.PROTECT, null=True, related_name="imports")
    name = models.CharField(max_length=260, blank=True)
    registered = models.BooleanField(default=False)
    added = models.PositiveIntegerField(default=0)
    replaced = models.PositiveIntegerField(default=0)
    unchanged = models.PositiveIntegerField(default=0)
    refused = models.TextField(blank=True)
    report = models.JSONField()
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["patient", "-at"])]

    def __str__(self) -> str:
        return self.name


class ElsewhereRow(ClinicalRow):
    """A diary entry or a session of another clinic that runs Surcease, as its R4 resource."""

    class Kind(models.TextChoices):
        """Which part of the record it belongs to."""

        DIARY = "diary", _("diary entry")
        GIVEN = "given", _("ketamine given")

    kind = models.CharField(max_length=5, choices=Kind.choices)
    resource = models.TextField(help_text="FHIR R4 JSON, digits kept")
    at = DayField(null=True)

    class Meta(ClinicalRow.Meta):
        pass

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.at}"
