"""Who a person is, who cares for them, and what stands in the banner."""

from __future__ import annotations

import unicodedata
import uuid

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from surcease.web.append import AppendOnly
from surcease.web.clinic.models import Site
from surcease.web.fields import DayField


def folded(text: str) -> str:
    """A name as it is searched: accents, case and odd spaces do not matter.

    >>> folded("  Zoë  O'Brien ")
    "zoe o'brien"
    """
    plain = "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c))
    return " ".join(plain.casefold().split())


class Patient(models.Model):
    """A person being treated. Read one only through ``patients.access``; change one only through ``actions``."""

    class Sex(models.TextChoices):
        """Administrative sex."""

        FEMALE = "female", _("female")
        MALE = "male", _("male")
        OTHER = "other", _("other")
        UNKNOWN = "unknown", _("unknown")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    version = models.PositiveIntegerField(default=1, editable=False)
    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="patient", editable=False
    )
    family = models.CharField(_("family name"), max_length=120)
    given = models.CharField(_("given names"), max_length=120, blank=True)
    search_name = models.CharField(max_length=260, editable=False, db_index=True)
    born = DayField(_("born"), null=True, blank=True)
    sex = models.CharField(_("sex"), max_length=7, choices=Sex.choices, default=Sex.UNKNOWN)
    deceased = models.BooleanField(_("has died"), null=True)
    died = DayField(_("died"), null=True, blank=True)
    zone = models.CharField(_("time zone"), max_length=64, blank=True)
    language = models.CharField(_("language"), max_length=16, blank=True)
    phone = models.CharField(_("phone"), max_length=40, blank=True)
    email = models.EmailField(_("e-mail"), blank=True)
    address = models.TextField(_("address"), blank=True)
    contact = models.TextField(_("person to call"), blank=True)
    comfort = models.TextField(_("comfort needs"), blank=True)
    pressing_hand = models.CharField(_("hand that can press"), max_length=40, blank=True)
    usual_gait = models.CharField(_("usual gait"), max_length=160, blank=True)
    usual_orientation = models.CharField(_("usual orientation"), max_length=160, blank=True)
    merged_into = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="+", editable=False)
    created_at = models.DateTimeField(editable=False)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", editable=False
    )

    class Meta:
        indexes = [models.Index(fields=["born"])]

    def __str__(self) -> str:
        return self.name

    @property
    def name(self) -> str:
        """As printed."""
        return f"{self.given} {self.family}".strip()


class PatientChange(AppendOnly):
    """One change of a person's particulars: what stood before, what stands now, who and why."""

    patient = models.ForeignKey(Patient, models.PROTECT, related_name="changes")
    version = models.PositiveIntegerField()
    before = models.JSONField()
    after = models.JSONField()
    reason = models.TextField(blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["patient", "version"], name="one_change_a_version")]

    def __str__(self) -> str:
        return f"{self.patient_id} v{self.version}"


class Identifier(models.Model):
    """What another system calls this person."""

    patient = models.ForeignKey(Patient, models.PROTECT, related_name="identifiers")
    system = models.CharField(max_length=200)
    value = models.CharField(max_length=120, db_index=True)
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["system", "value"], condition=models.Q(ended_at__isnull=True), name="one_person_an_identifier"
            )
        ]

    def __str__(self) -> str:
        return self.value


class CareRelation(models.Model):
    """Who may open this person's chart in the ordinary way: a site's team, or one named user."""

    patient = models.ForeignKey(Patient, models.PROTECT, related_name="care_relations")
    site = models.ForeignKey(Site, models.PROTECT, null=True, blank=True, related_name="+")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    since = models.DateTimeField()
    until = models.DateTimeField(null=True, blank=True)
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(site__isnull=False) | models.Q(user__isnull=False), name="care_by_someone"
            )
        ]
        indexes = [models.Index(fields=["patient", "until"])]

    def __str__(self) -> str:
        return f"{self.patient_id} by {self.site_id or self.user_id}"


class BrokenGlass(AppendOnly):
    """Emergency access: one user, one person, a reason, at most four hours. Someone reviews each."""

    patient = models.ForeignKey(Patient, models.PROTECT, related_name="+")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    reason = models.TextField()
    since = models.DateTimeField()
    until = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["user", "patient", "until"])]

    def __str__(self) -> str:
        return f"{self.user_id} → {self.patient_id}"


class BannerItem(models.Model):
    """Something a step wants everyone to see above this person's pages. ``key`` replaces its earlier self."""

    class Level(models.TextChoices):
        """Worst first when shown."""

        RED = "red", _("red")
        AMBER = "amber", _("amber")
        PLAIN = "plain", _("plain")

    patient = models.ForeignKey(Patient, models.PROTECT, related_name="banner_items")
    key = models.CharField(max_length=80)
    level = models.CharField(max_length=5, choices=Level.choices, default=Level.PLAIN)
    text = models.CharField(max_length=200)
    link = models.CharField(max_length=300, blank=True)
    since = models.DateTimeField()
    until = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["patient", "key"], name="one_banner_item_a_key")]

    def __str__(self) -> str:
        return self.text
