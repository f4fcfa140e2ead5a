"""What stands above a person's pages: who it is, what must not happen, what every step wants seen."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, tzinfo
from decimal import Decimal
from zoneinfo import ZoneInfo

from django.db.models import Q
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext

from surcease.units import plain, say_unit
from surcease.web.patients.models import AllergyRow, BannerItem, LimbRestriction, MeasurementRow, Patient

_ORDER = {BannerItem.Level.RED: 0, BannerItem.Level.AMBER: 1, BannerItem.Level.PLAIN: 2}


@dataclass(frozen=True, slots=True)
class Banner:
    """Template data of the patient banner. ``allergies`` None: nobody has asked."""

    patient: Patient
    identifiers: tuple[str, ...]
    limbs: tuple[str, ...] = ()
    allergies: tuple[str, ...] | None = None
    none_known: bool = False
    weight: str = ""
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
        weight=weight_sentence(patient, now=now or timezone.now()),
        items=tuple(items),
    )


Reference = Callable[[Patient], tuple[Decimal, str] | None]
_weight_reference: list[Reference] = []


def compare_weight_with(reference: Reference) -> None:
    """The plan app says what a weight is compared with: (kg, words), e.g. (62.2, "plan"); None when nothing is."""
    _weight_reference[:] = [reference]


def weight_sentence(patient: Patient, *, now: datetime) -> str:
    """The latest weight as people say it: "61.8 kg, scale 2, today 08:10 (−0.4 since plan)"; "" when unknown."""
    row = (
        MeasurementRow.objects.standing().filter(patient=patient, name="weight").order_by("-at", "-created_at").first()
    )
    if row is None or row.value is None:
        return ""
    words = [f"{plain(row.value)} {say_unit(row.unit)}", row.text, _when(row.at, patient, now)]
    sentence = ", ".join(word for word in words if word)
    known = _weight_reference[0](patient) if _weight_reference and row.unit == "kg" else None
    if known is None:
        return sentence
    change = row.value - known[0]
    sign = "−" if change < 0 else "+" if change > 0 else "±"
    return f"{sentence} ({sign}{plain(abs(change))} {gettext('since')} {known[1]})"


def _when(at: date | datetime | None, patient: Patient, now: datetime) -> str:
    """A day, or today's time, on the person's own clock."""
    if not isinstance(at, datetime):
        return date_format(at, "j M Y") if type(at) is date else str(at or "")
    try:
        zone: tzinfo = ZoneInfo(patient.zone) if patient.zone else UTC
    except (KeyError, ValueError):
        zone = UTC
    local = at.astimezone(zone)
    if local.date() == now.astimezone(zone).date():
        return f"{gettext('today')} {local:%H:%M}"
    return f"{date_format(local, 'j M Y')} {local:%H:%M}"


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
