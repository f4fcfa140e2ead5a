"""Users and the ways they show who they are."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.utils.translation import gettext_lazy as _

from surcease.web.clinic.models import Site

if TYPE_CHECKING:
    from datetime import datetime


class Role(models.TextChoices):
    """What a person does here. One role each; the matrix says what it may do."""

    PHYSICIAN = "physician", _("physician")
    NURSE = "nurse", _("nurse")
    PHARMACIST = "pharmacist", _("pharmacist")
    LEAD = "lead", _("clinic lead")
    FRONT_DESK = "front_desk", _("front desk")
    PATIENT = "patient", _("patient")


class UserManager(BaseUserManager["User"]):
    """Makes users; e-mail addresses are kept lower-case."""

    def create_user(self, email: str | None, *, name: str, role: str, password: str | None = None, **more: Any) -> User:
        """A user with a hashed password, or with none that works."""
        user: User = self.model(email=self.normalize_email(email).lower() or None, name=name, role=role, **more)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def get_by_natural_key(self, username: str | None) -> User:
        """By e-mail, whatever its case."""
        return self.get(email__iexact=username)


class User(AbstractBaseUser):
    """A person who signs in. ``name`` is printed on signatures; a patient's user is linked by ``patients``."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    email = models.EmailField(_("e-mail"), unique=True, null=True, blank=True)
    name = models.CharField(_("printed name"), max_length=120)
    credentials = models.CharField(_("credentials"), max_length=60, blank=True)
    role = models.CharField(_("role"), max_length=12, choices=Role.choices)
    language = models.CharField(_("language"), max_length=8, blank=True)
    sites = models.ManyToManyField(Site, blank=True, related_name="staff")
    is_active = models.BooleanField(_("may sign in"), default=True)
    joined_at = models.DateTimeField(auto_now_add=True)

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["name", "role"]

    objects = UserManager()

    def __str__(self) -> str:
        return self.printed_name

    @property
    def printed_name(self) -> str:
        """Name and credentials, as on paper."""
        return f"{self.name}, {self.credentials}" if self.credentials else self.name

    @property
    def is_clinic_staff(self) -> bool:
        """Whether this person works here."""
        return self.role != Role.PATIENT

    def get_full_name(self) -> str:
        """For the libraries that ask."""
        return self.name


class QuickUnlock(models.Model):
    """A PIN or badge that resumes a locked chair tablet in seconds. It never signs anything in from nothing."""

    class Kind(models.TextChoices):
        """What the person shows."""

        PIN = "pin", _("PIN")
        BADGE = "badge", _("badge")

    user = models.ForeignKey(User, models.CASCADE, related_name="quick_unlocks")
    kind = models.CharField(max_length=5, choices=Kind.choices)
    secret_hash = models.CharField(max_length=200, help_text="argon2 of the PIN; keyed hash of the badge")
    wrong_in_a_row = models.PositiveSmallIntegerField(default=0)
    locked_until = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "kind"], name="one_unlock_of_a_kind")]
        indexes = [models.Index(fields=["kind", "secret_hash"])]

    def __str__(self) -> str:
        return f"{self.kind} of {self.user_id}"


class PersonalLink(models.Model):
    """A patient's own link to the diary: it expires, can be revoked, writes entries and shows no chart."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(User, models.CASCADE, related_name="personal_links")
    token_hash = models.CharField(max_length=64, unique=True, help_text="SHA-256; the link itself is not kept")
    made_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    made_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True, blank=True)
    last_used_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"link of {self.user_id} until {self.expires_at:%Y-%m-%d}"

    def works(self, now: datetime) -> bool:
        """Whether it still opens the diary."""
        return self.revoked_at is None and now < self.expires_at and self.user.is_active
