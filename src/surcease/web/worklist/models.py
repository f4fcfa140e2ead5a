"""A to-do is one thing one role or person is asked to do by a time."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from surcease.web.accounts.models import Role
from surcease.web.clinic.models import Site
from surcease.web.patients.models import Patient


class Todo(models.Model):
    """What is asked, of whom, by when. ``key`` makes asking twice the same as asking once.

    ``escalation`` is a list of steps ``{"after_min": 60, "role": "lead"}`` or ``{"after_min": 60, "user": uuid}``,
    counted from the due time; ``escalated`` says how many were taken.
    """

    class State(models.TextChoices):
        """Open until someone takes it; a taken one is still open for its taker."""

        OPEN = "open", _("open")
        TAKEN = "taken", _("taken")
        DONE = "done", _("done")
        DROPPED = "dropped", _("no longer needed")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    key = models.CharField(max_length=160, unique=True)
    kind = models.CharField(max_length=60)
    what = models.CharField(_("what"), max_length=300)
    link = models.CharField(max_length=300, blank=True)
    patient = models.ForeignKey(Patient, models.PROTECT, null=True, blank=True, related_name="todos")
    site = models.ForeignKey(Site, models.PROTECT, null=True, blank=True, related_name="+")
    source_kind = models.CharField(max_length=60, blank=True)
    source_id = models.CharField(max_length=80, blank=True)
    for_role = models.CharField(_("who"), max_length=12, choices=Role.choices, blank=True)
    for_user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="todos")
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    asked_at = models.DateTimeField(_("since"))
    due_at = models.DateTimeField(_("by"), null=True, blank=True)
    urgent = models.BooleanField(default=False)
    escalation = models.JSONField(default=list, blank=True)
    escalated = models.PositiveSmallIntegerField(default=0)
    also_role = models.JSONField(default=list, blank=True, help_text="roles it has escalated to")
    also_user = models.JSONField(default=list, blank=True, help_text="users it has escalated to")
    state = models.CharField(max_length=8, choices=State.choices, default=State.OPEN)
    taken_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    taken_at = models.DateTimeField(null=True, blank=True)
    ended_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    ended_at = models.DateTimeField(null=True, blank=True)
    end_note = models.TextField(blank=True)

    class Meta:
        indexes = [
            models.Index(fields=["state", "for_role", "due_at"]),
            models.Index(fields=["state", "for_user", "due_at"]),
            models.Index(fields=["patient", "state"]),
        ]

    def __str__(self) -> str:
        return self.what

    @property
    def is_open(self) -> bool:
        """Whether someone still has to do it."""
        return self.state in (self.State.OPEN, self.State.TAKEN)
