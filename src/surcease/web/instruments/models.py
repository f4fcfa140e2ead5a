"""The clinic's own questionnaires, one row a version. What was asked in an earlier version can be scored for ever."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from surcease.web.append import AppendOnly


class OwnInstrument(AppendOnly):
    """One version. ``document`` is the canonical JSON of the instrument; ``made_from`` the Questionnaire or the rows
    it came from. The latest version holds; one that is not ``in_use`` takes the instrument out of use."""

    class How(models.TextChoices):
        """Where it came from."""

        IMPORTED = "imported", _("imported")
        BUILT = "built", _("built here")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    key = models.CharField(max_length=60)
    version = models.PositiveIntegerField()
    title = models.CharField(_("title"), max_length=200)
    how = models.CharField(max_length=8, choices=How.choices)
    document = models.TextField(help_text="canonical JSON")
    made_from = models.JSONField(default=dict)
    in_use = models.BooleanField(default=True)
    reason = models.TextField(_("reason"), blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        ordering = ["key", "-version"]
        constraints = [models.UniqueConstraint(fields=["key", "version"], name="one_instrument_a_version")]

    def __str__(self) -> str:
        return f"{self.title} {self.version}"
