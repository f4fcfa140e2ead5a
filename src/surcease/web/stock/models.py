"""The tables of the ledger. All are append-only: a wrong row stays, its counter-entry takes it back."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from surcease.web.append import AppendOnly
from surcease.web.clinic.models import Site
from surcease.web.fields import AmountField
from surcease.web.treatment.models import TreatmentSession


def who() -> models.ForeignKey:
    """The person who did it."""
    return models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")


class Lot(AppendOnly):
    """One lot of one strength of one product, at one site, with its last day. ``content_mg`` is one full vial."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    site = models.ForeignKey(Site, models.PROTECT, related_name="+")
    product = models.CharField(max_length=40)
    strength = models.CharField(max_length=40)
    container = models.CharField(max_length=40)
    content_mg = AmountField()
    lot = models.CharField(_("lot"), max_length=30)
    expires = models.DateField(_("expires"))

    class Meta:
        constraints = [models.UniqueConstraint(fields=["site", "product", "lot"], name="one_lot_a_site")]

    def __str__(self) -> str:
        return f"{self.lot} {self.strength}"


class VialRow(AppendOnly):
    """One vial, with the code on its label: the lot and a running number."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    lot = models.ForeignKey(Lot, models.PROTECT, related_name="vials")
    number = models.PositiveIntegerField()
    code = models.CharField(max_length=40)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["lot", "number"], name="one_vial_a_number")]

    def __str__(self) -> str:
        return self.code


class MovementRow(AppendOnly):
    """An amount that went from one account to another (care.ledger.Movement)."""

    class Kind(models.TextChoices):
        """In the register's words."""

        RECEIVE = "receive", _("received")
        DRAW = "draw", _("drawn up")
        WASTE = "waste", _("wasted from the vial")
        WASTE_DRAWN = "waste_drawn", _("wasted of what was drawn up")
        SEND = "send", _("sent away")
        LOSE = "lose", _("count: less than the books")
        FIND = "find", _("count: more than the books")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    site = models.ForeignKey(Site, models.PROTECT, related_name="+")
    kind = models.CharField(max_length=12, choices=Kind.choices)
    vial = models.ForeignKey(VialRow, models.PROTECT, null=True, related_name="movements")
    session = models.ForeignKey(TreatmentSession, models.PROTECT, null=True, related_name="drug_movements")
    amount_mg = AmountField()
    at = models.DateTimeField()
    entered_at = models.DateTimeField()
    by = who()
    reason = models.CharField(max_length=300, blank=True)
    paper = models.CharField(max_length=120, blank=True, help_text="supplier and invoice, or where it was sent")
    witness_needed = models.BooleanField(default=False)
    corrects = models.ForeignKey("self", models.PROTECT, null=True, related_name="counter_entries")

    class Meta:
        indexes = [models.Index(fields=["site", "at"])]

    def __str__(self) -> str:
        return f"{self.kind} {self.amount_mg} mg"


class Verdict(AppendOnly):
    """A second person saw it, or says that it was not so."""

    movement = models.OneToOneField(MovementRow, models.PROTECT, primary_key=True, related_name="verdict")
    by = who()
    at = models.DateTimeField()
    refused = models.CharField(max_length=300, blank=True)

    def __str__(self) -> str:
        return "refused" if self.refused else "witnessed"


class DrugRecord(AppendOnly):
    """The drug record of a session, closed on these figures. The latest one holds."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    session = models.ForeignKey(TreatmentSession, models.PROTECT, related_name="drug_records")
    drawn_mg = AmountField()
    wasted_mg = AmountField()
    given_mg = AmountField()
    reason = models.CharField(max_length=300, blank=True)
    by = who()
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"drug record of {self.session}"


class Count(AppendOnly):
    """Somebody counted, before they saw what should be there."""

    class Kind(models.TextChoices):
        """Each shift, or the full inventory of 21 CFR 1304.11."""

        SHIFT = "shift", _("shift count")
        INVENTORY = "inventory", _("full inventory (at least every two years)")

    class Moment(models.TextChoices):
        """Which a full inventory must say."""

        OPENING = "opening", _("opening of business")
        CLOSE = "close", _("close of business")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    site = models.ForeignKey(Site, models.PROTECT, related_name="+")
    kind = models.CharField(max_length=10, choices=Kind.choices)
    moment = models.CharField(max_length=8, choices=Moment.choices, blank=True)
    by = who()
    at = models.DateTimeField()
    note = models.CharField(max_length=300, blank=True)

    def __str__(self) -> str:
        return f"{self.kind} {self.at:%Y-%m-%d %H:%M}"


class CountLineRow(AppendOnly):
    """What was counted of one lot, and what the books said at that moment."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    count = models.ForeignKey(Count, models.PROTECT, related_name="lines")
    lot = models.ForeignKey(Lot, models.PROTECT, related_name="+")
    counted_whole = models.PositiveIntegerField()
    counted_open_mg = AmountField()
    expected_whole = models.PositiveIntegerField()
    expected_open_mg = AmountField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["count", "lot"], name="one_line_a_lot")]

    def __str__(self) -> str:
        return f"{self.lot}: {self.counted_whole}"


class CountClosed(AppendOnly):
    """The count's balance stands; signed."""

    count = models.OneToOneField(Count, models.PROTECT, primary_key=True, related_name="closed")
    by = who()
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"closed {self.at:%Y-%m-%d %H:%M}"


class Discrepancy(AppendOnly):
    """A difference that somebody must look into: of a count's line, or of a session's drug record."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    site = models.ForeignKey(Site, models.PROTECT, related_name="+")
    line = models.OneToOneField(CountLineRow, models.PROTECT, null=True, related_name="discrepancy")
    record = models.OneToOneField(DrugRecord, models.PROTECT, null=True, related_name="discrepancy")
    difference_mg = AmountField()
    said = models.CharField(max_length=300)
    at = models.DateTimeField()
    by = who()

    class Meta:
        indexes = [models.Index(fields=["site", "at"])]

    def __str__(self) -> str:
        return self.said


class Settlement(AppendOnly):
    """What became of a discrepancy, and whether the authority was told."""

    discrepancy = models.OneToOneField(Discrepancy, models.PROTECT, primary_key=True, related_name="settlement")
    explanation = models.TextField(_("explanation"))
    told = models.CharField(_("reported to"), max_length=200, blank=True)
    by = who()
    at = models.DateTimeField()

    def __str__(self) -> str:
        return self.explanation[:40]
