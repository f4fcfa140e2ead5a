"""One installation is one organisation; its sites; its dated settings; every knowledge release it has run on."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from surcease.web.append import AppendOnly


class Site(models.Model):
    """A place where people are treated. Staff, chairs, sessions and stock belong to one."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    name = models.CharField(_("name"), max_length=120, unique=True)
    zone = models.CharField(_("time zone"), max_length=64, default="UTC")
    address = models.TextField(_("address"), blank=True)
    phone = models.CharField(_("phone"), max_length=40, blank=True)

    def __str__(self) -> str:
        return self.name


class Installation(models.Model):
    """The one row that says what this database is, from birth: demo or real. It is never changed."""

    class Kind(models.TextChoices):
        """Invented people, or real ones. Never both."""

        DEMO = "demo", _("demo")
        REAL = "real", _("real")

    id = models.PositiveSmallIntegerField(primary_key=True, default=1, editable=False)
    organisation_id = models.UUIDField(default=uuid.uuid4, editable=False)
    kind = models.CharField(max_length=4, choices=Kind.choices)
    organisation = models.CharField(_("organisation"), max_length=160)
    born_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.CheckConstraint(condition=models.Q(id=1), name="one_installation")]

    def __str__(self) -> str:
        return f"{self.organisation} ({self.kind})"

    @property
    def is_demo(self) -> bool:
        """Whether every person in it is invented."""
        return self.kind == self.Kind.DEMO


class SiteSetting(AppendOnly):
    """One dated value of one setting, of one site or of the whole organisation. The latest one holds."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    site = models.ForeignKey(Site, models.PROTECT, null=True, blank=True, related_name="+")
    key = models.CharField(max_length=120)
    value = models.JSONField()
    reason = models.TextField(blank=True)
    effective_at = models.DateTimeField()
    set_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    set_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["key", "effective_at"])]

    def __str__(self) -> str:
        return f"{self.key} = {self.value}"


class KnowledgeRelease(AppendOnly):
    """The rules, protocols, instruments and models as they were: a decision points at the release it stood on."""

    hash = models.CharField(primary_key=True, max_length=64, editable=False)
    content = models.TextField(help_text="canonical JSON")
    first_seen_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.hash[:12]


class JobRun(models.Model):
    """The latest slot in which a periodic job ran: with several processes, one of them runs each slot."""

    name = models.CharField(primary_key=True, max_length=80)
    slot = models.BigIntegerField(default=-1)

    def __str__(self) -> str:
        return self.name


class FormSent(models.Model):
    """A form that was sent: its token is unique, so that sending it twice makes one record."""

    token = models.CharField(primary_key=True, max_length=64)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField(auto_now_add=True)
    result = models.CharField(max_length=300, blank=True)

    def __str__(self) -> str:
        return self.token[:8]
