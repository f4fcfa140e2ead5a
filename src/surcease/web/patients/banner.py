"""What stands above a person's pages: who it is, what must not happen, what every step wants seen."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from django.db.models import Q
from django.utils import timezone

from surcease.web.patients.models import AllergyRow, BannerItem, LimbRestriction, Patient

_ORDER = {BannerItem.Level.RED: 0, BannerItem.Level.AMBER: 1, BannerItem.Level.PLAIN: 2}


@dataclass(frozen=True, slots=True)
class Banner:
    """Template data of the patient banner. ``allergies`` None: nobody has asked."""

    patient: Patient
    identifiers: tuple[str, ...]
    limbs: tuple[str, ...] = ()
    allergies: tuple[str, ...] | None = None
    none_known: bool = False
    items: tuple[BannerItem, ...] = field(default=())


def banner(patient: Patient, *, now: datetime | None = None) -> Banner:
    """The banner of an opened person. A fixed number of queries."""
    allergies = [row for row in AllergyRow.objects.standing().filter(patient=patient) if row.status == "active"]
    named = tuple(dict.fromkeys(str(row) for row in allergies if not row.none_known))
    current = Q(until__isnull=True) | Q(until__gt=now or timezone.now())
    items = sorted(patient.banner_items.filter(current), key=lambda i: (_ORDER.get(i.level, 3), i.since))  # type: ignore[call-overload]
    return Banner(
        patient=patient,
        identifiers=tuple(i.value for i in patient.identifiers.all() if i.ended_at is None),
        limbs=tuple(str(row) for row in LimbRestriction.objects.standing().filter(patient=patient)),
        allergies=named if allergies else None,
        none_known=bool(allergies) and not named,
        items=tuple(items),
    )


def put_item(
    *, patient: Patient, key: str, text: str, now: datetime, level: str = BannerItem.Level.PLAIN, link: str = "",
    until: datetime | None = None,
) -> BannerItem:  # fmt: skip
    """Show something above this person's pages; call it inside an action. The same key replaces its earlier text."""
    row, _new = BannerItem.objects.update_or_create(
        patient=patient,
        key=key,
        defaults={"text": text[:200], "level": level, "link": link, "since": now, "until": until},
    )
    return row


def clear_item(*, patient: Patient, key: str, now: datetime) -> None:
    """Take it away; inside an action."""
    patient.banner_items.filter(key=key).update(until=now)
