"""One signature on one version of one record. A change is a new version, signed anew."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from surcease.web.append import AppendOnly


class Meaning(models.TextChoices):
    """What the signer says by signing."""

    AUTHOR = "author", _("written by")
    VERIFY = "verify", _("checked by")
    WITNESS = "witness", _("witnessed by")
    CONSENT = "consent", _("consents")
    OVERRIDE = "override", _("departs from a finding")
    COUNTERSIGN = "countersign", _("countersigned by")


class Signature(AppendOnly):
    """Bound to content by the SHA-256 of its canonical JSON, which is kept beside it."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    record_kind = models.CharField(max_length=60)
    record_id = models.CharField(max_length=80)
    version = models.PositiveIntegerField()
    content = models.TextField(help_text="canonical JSON of what was signed")
    sha256 = models.CharField(max_length=64)
    meaning = models.CharField(max_length=12, choices=Meaning.choices)
    reason = models.TextField(blank=True)
    signer = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="signatures")
    printed_name = models.CharField(max_length=200)
    role = models.CharField(max_length=12)
    at = models.DateTimeField()
    method = models.CharField(max_length=20, help_text="password, totp, passkey, code")
    patient = models.UUIDField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["record_kind", "record_id", "version", "meaning", "signer"], name="signs_a_version_once"
            )
        ]
        indexes = [models.Index(fields=["record_kind", "record_id", "version"])]

    def __str__(self) -> str:
        return f"{self.get_meaning_display()} {self.printed_name} {self.at:%Y-%m-%d %H:%M} UTC"
