"""The forecast on the review page: made from the record and the plan, stored as it was shown, and held to its word."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db import transaction
from django.utils import timezone

from surcease import __version__
from surcease.care.derive_body import body
from surcease.care.derive_course import last_series
from surcease.care.diary_scores import Treated, from_given
from surcease.care.forecast import CRPS, Forecast, as_json, from_json, inputs_of
from surcease.care.forecast import of as forecast_of
from surcease.care.kept_word import KeptWord, kept_word
from surcease.care.record import Given, Record
from surcease.care.visits import Kept, Kind
from surcease.knowledge import load
from surcease.web.accounts.models import User
from surcease.web.audit import trail
from surcease.web.patients.models import Patient
from surcease.web.plan.queries import current
from surcease.web.review.models import ForecastShown, OutlookRelease, ReviewDecision

SEED = 1
MORNING = time(9)
Doses = tuple[tuple[datetime, str], ...]
SUBSTANCES = {"racemic": "racemic", "s_ketamine": "esketamine"}


@dataclass(frozen=True, slots=True)
class Ground:
    """What a forecast of this person is made from. ``weight_kg`` None: no weight is recorded, and none is made."""

    record: Record
    treated: Treated | None
    indication: str
    as_of: date
    planned: Doses
    weight_kg: float | None


def ground(patient: Patient, record: Record, indication: str, *, now: datetime) -> Ground:
    """The record, the doses still planned, the person's own day."""
    zone = ZoneInfo(patient.zone) if patient.zone else timezone.get_current_timezone()
    as_of = now.astimezone(zone).date()
    found = body(record, now)
    weight = None if found is None else float(found.weight_kg)
    treated = None if weight is None else from_given(record.given, weight_kg=weight, otherwise=as_of)
    return Ground(record, treated, indication, as_of, planned(patient, as_of), weight)


def planned(patient: Patient, as_of: date) -> Doses:
    """The open sessions of the plan in force, each at nine on its day, with its own order."""
    plan = current(patient)
    if plan is None:
        return ()
    texts = [step["text"] for step in plan.order["session_steps"]]
    rows = plan.visits.filter(kind=Kind.SESSION, state__in=(Kept.PLANNED, Kept.MOVED), day__gte=as_of).order_by("day")
    return tuple(
        (datetime.combine(v.day, MORNING), texts[min(v.number, len(texts)) - 1]) for v in rows if texts
    )  # fmt: skip


@transaction.atomic
def show(patient: Patient, here: Ground, *, by: User, now: datetime, seed: int = SEED) -> ForecastShown | None:
    """The forecast as it stands now: made once for the same inputs, model and version, and stored. None: no weight."""
    if here.treated is None:
        return None
    key = inputs_of(here.record.diary, here.treated, here.planned, here.indication, here.as_of)
    row = ForecastShown.objects.filter(patient=patient, inputs_hash=key, code_version=__version__, seed=seed).first()
    if row is None:
        found = _of(here, here.planned, seed)
        row = ForecastShown(
            patient=patient, at=now, inputs_hash=key, model=f"{found.model}+{found.prior}"[:60],
            code_version=__version__, seed=seed, result=as_json(found) | {"knowledge": load().hash},
        )  # fmt: skip
        row.save()
        trail.write("show forecast", by=by, about=row, patient=patient, details={"inputs": key})
    return row


def compared(here: Ground) -> dict[str, Forecast]:
    """Other plans under the same person's posterior: nothing more, the plan as signed, the last series once more."""
    if here.treated is None:
        return {}
    plans: dict[str, Doses] = {"no further dose": ()}
    if here.planned:
        plans["the plan as signed"] = here.planned
    if again := _again(here):
        plans[f"the last series again from {again[0][0]:%d %b}"] = again
    return {name: _of(here, doses, SEED) for name, doses in plans.items()}


def _of(here: Ground, doses: Doses, seed: int) -> Forecast:
    assert here.treated is not None
    return forecast_of(
        here.record.diary, here.treated, indication=here.indication, knowledge=load(), as_of=here.as_of,
        planned=doses, seed=seed,
    )  # fmt: skip


def _again(here: Ground) -> Doses:
    """The last series with the same gaps, from four weeks after today at the earliest."""
    series = last_series(sorted(here.record.given, key=lambda g: g.started))
    usable = [g for g in series if g.amount_mg and g.substance in SUBSTANCES]
    if not usable:
        return ()
    start = datetime.combine(here.as_of + timedelta(days=28), MORNING)
    return tuple((start + (g.started - usable[0].started), _text(g)) for g in usable)


def _text(given: Given) -> str:
    minutes = round(((given.ended or given.started) - given.started).total_seconds() / 60) or 40
    how = f"over {minutes} min " if given.route == "iv" else ""
    return f"{given.amount_mg} mg {how}{given.route} {SUBSTANCES[given.substance]}"


def studied(indication: str) -> bool:
    """Whether the trial's people had this pain."""
    return indication.lower() in CRPS


@dataclass(frozen=True, slots=True)
class Word:
    """What was said at a past decision and what became of it."""

    decision: ReviewDecision
    forecast: Forecast
    kept: KeptWord


def words(patient: Patient, record: Record, *, today: date) -> Sequence[Word]:
    """Every decision that was taken with a forecast before one's eyes, newest first."""
    rows = ReviewDecision.objects.filter(patient=patient, forecast__isnull=False).select_related("forecast", "by")
    found = []
    for row in rows[:6]:
        assert row.forecast is not None
        said = from_json(row.forecast.result)
        found.append(Word(row, said, kept_word(said, record.diary, until=today)))
    return found


def released(patient: Patient) -> OutlookRelease | None:
    """The release in force, None when nothing is released or it was taken back."""
    row = OutlookRelease.objects.filter(patient=patient).select_related("by", "forecast").order_by("-at").first()
    return row if row is not None and row.shown else None


def weeks_of(found: Forecast) -> list[tuple[str, str, str]]:
    """Week, its last day, and the band of that day's score in words."""
    rows = []
    for n in range(6, len(found.days), 7):
        low, middle, high = (found.bands[q][n] for q in ("q10", "q50", "q90"))
        rows.append((str(n // 7 + 1), found.days[n].isoformat(), f"{middle:.1f} ({low:.1f}–{high:.1f})"))
    return rows


def band_rows(found: Forecast) -> list[dict[str, Any]]:
    """The band by day, as the chart takes it."""
    return [
        {"day": d.isoformat(), **{q: round(found.bands[q][n], 2) for q in ("q10", "q50", "q90")}}
        for n, d in enumerate(found.days)
    ]
