"""The last-time card, and what a person wants us to know: what the next session starts from."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from surcease.care.event import Event, Note, Reading
from surcease.units import plain
from surcease.web.treatment.models import TreatmentSession
from surcease.web.treatment.queries import Sheet, sheet_of

LIMBS = ("left_arm", "right_arm", "left_leg", "right_leg")


@dataclass(frozen=True, slots=True)
class LastTime:
    """The last closed session in short. What nobody charted is empty, not invented."""

    session: TreatmentSession
    given: str
    highest_rate: str
    top: str  # 160/90
    top_minute: int | None
    helped: tuple[str, ...]
    next_time: tuple[str, ...]
    cannula: str
    music: str
    stop_word: str
    frightening: str
    way_out: str


def last_time(patient_id: UUID, *, before: datetime) -> LastTime | None:
    """The last session that was closed before; None for a first one."""
    row = TreatmentSession.objects.filter(patient=patient_id, closed_at__lt=before).order_by("-arrived_at").first()
    return None if row is None else _card(row, sheet_of(row, at=row.closed_at or before))


def _card(row: TreatmentSession, sheet: Sheet) -> LastTime:
    state, checks = sheet.state, dict(sheet.state.checks)
    top, minute = _highest(state.counted, state.started_at)
    rate = max((g.rate_mg_per_h for g in state.given), default=Decimal(0))
    return LastTime(
        session=row, given=sheet.watch.given_said, highest_rate=plain(rate.quantize(Decimal("0.1"))) if rate else "",
        top=top, top_minute=minute, helped=notes(state.counted, "helped"),
        next_time=notes(state.counted, "next_time"), cannula=cannula_words(checks),
        music=checks.get("music", ""), stop_word=checks.get("stop_word", ""),
        frightening=checks.get("frightening", ""), way_out=state.way_out,
    )  # fmt: skip


def cannula_words(checks: dict[str, str]) -> str:
    """``left arm, back of the hand, 22 G, 2 tries``; "" when nobody charted a cannula."""
    limb, place, tries = (checks.get(f"cannula.{name}", "") for name in ("limb", "place", "tries"))
    parts = [limb.replace("_", " "), place, f"{tries} {'try' if tries == '1' else 'tries'}" if tries else ""]
    return ", ".join(part for part in parts if part)


def notes(events: Iterable[Event], topic: str) -> tuple[str, ...]:
    """The words noted under a topic, in time order."""
    return tuple(e.payload.text for e in events if isinstance(e.payload, Note) and e.payload.topic == topic)


def _highest(events: Iterable[Event], start: datetime | None) -> tuple[str, int | None]:
    """The highest pressure and its minute after the start."""
    sets = [(e.at, e.payload) for e in events if isinstance(e.payload, Reading) and e.payload.systolic is not None]
    during = [s for s in sets if start is None or s[0] >= start] or sets
    if not during:
        return "", None
    at, top = max(during, key=lambda s: s[1].systolic or Decimal(0))
    low = "–" if top.diastolic is None else plain(top.diastolic)
    minute = int((at - start).total_seconds() // 60) if start is not None and at >= start else None
    return f"{plain(top.systolic or Decimal(0))}/{low}", minute
