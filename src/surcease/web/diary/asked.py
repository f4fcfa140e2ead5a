"""What a person is asked now: questionnaires that are due, cards that concern them, the pulse after a dose."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from math import ceil
from typing import Any

from django.utils.translation import get_language

from surcease.care.diary_cards import Card, Place, cards_for, concerns_of, places, pulse_cards
from surcease.care.questionnaires import Asked, Course, asked_now
from surcease.care.record import Record
from surcease.care.reminders import PULSE_H, open_pulse
from surcease.knowledge import load
from surcease.web.diary.arrival import ANSWERS, NotReadable
from surcease.web.diary.models import EntryRow
from surcease.web.intake.at_hand import instruments
from surcease.web.patients.instrument_form import InstrumentForm
from surcease.web.patients.models import Patient
from surcease.web.patients.record import make_record
from surcease.web.plan.queries import signed_plan, visits_of
from surcease.web.treatment.models import TreatmentSession

WEEK = timedelta(days=6)  # a weekly card comes back on the seventh day


@dataclass(frozen=True, slots=True)
class ShownCard:
    """A card in the reader's language."""

    name: str
    type: str
    ask: str
    low: str = ""
    high: str = ""


@dataclass(frozen=True, slots=True)
class Line:
    """One questionnaire on the person's page."""

    id: str
    title: str
    why: str
    minutes: int
    form: str = ""


@dataclass(frozen=True, slots=True)
class Page:
    """Everything beside the one number that a person may be asked today."""

    daily: tuple[ShownCard, ...]
    weekly: tuple[ShownCard, ...]
    questionnaires: tuple[Line, ...]
    pulse: str  # "SESSION:HOURS" of the pulse that is open now, "" when none is
    pulse_hours: int = 0


def askable() -> frozenset[str]:
    """Questionnaires a person may be put: those of the schedule whose words are shipped or loaded."""
    schedule = load().documents["diary/schedule.yaml"]
    wanted = {*schedule["asked"], schedule["kset"]["instrument"]}
    known = instruments()
    return frozenset(i for i in wanted if i in known and known[i].has_text and not _empty(known[i]))


def _empty(one: Any) -> bool:
    """An instrument whose questions come from the site, and that has only its own frame yet."""
    return one.items_from_site and len(one.questions) <= 1


def items_of(instrument_id: str, raw: Mapping[str, Any]) -> dict[str, Any]:
    """The answers as a form reads them; NotReadable in one sentence when they are none of this questionnaire."""
    if instrument_id not in askable():
        raise NotReadable(f"{instrument_id!r} is not a questionnaire that is asked here.")
    form = InstrumentForm(instruments()[instrument_id], dict(raw))
    if unknown := set(raw) - set(form.fields):
        raise NotReadable(f"There is no question {min(unknown)!r} in it.")
    if not form.is_valid():
        name, said = next(iter(form.errors.items()))
        raise NotReadable(f"Question {name}: {said[0]}")
    return form.items()


def page_of(patient: Patient, *, now: datetime, today: date) -> Page:
    """What this person is asked on ``today``, their own local day."""
    record = make_record(patient, without=("diary", "given"))
    concerns = concerns_of_person(patient, record, now=now)
    shown = cards_for(concerns, load())
    weekly = [c for c in shown if c.every == "week" and not _said_this_week(patient, c.name, today)]
    pulse, hours = pulse_now(patient, now=now)
    return Page(
        daily=in_words(c for c in shown if c.every == "day"),
        weekly=in_words(weekly),
        questionnaires=questionnaires_of(patient, record, concerns, today=today),
        pulse=pulse,
        pulse_hours=hours,
    )


def concerns_of_person(patient: Patient, record: Record, *, now: datetime) -> frozenset[str]:
    """What cards and questionnaires hang on: conditions, a standing opioid, doses at home."""
    plan = signed_plan(patient)
    scheme = load().schemes.get(plan.protocol) if plan else None
    return concerns_of(
        record.conditions, record.medications, home=bool(scheme and scheme.setting == "home"), now=now, knowledge=load()
    )


def questionnaires_of(patient: Patient, record: Record, concerns: frozenset[str], *, today: date) -> tuple[Line, ...]:
    """The questionnaires due today, in words."""
    days = [s.date() for s in TreatmentSession.objects.filter(patient=patient).values_list("arrived_at", flat=True)]
    planned = visits_of(patient).filter(kind="session", state="planned").order_by("day").values_list("day", flat=True)
    course = Course(tuple(days), planned.first())
    found = asked_now(record.answers, course, concerns=concerns, at_hand=askable(), today=today, knowledge=load())
    return tuple(_line(one) for one in found)


def _line(one: Asked) -> Line:
    instrument = instruments()[one.instrument]
    return Line(one.instrument, instrument.title, spoken(one.why), ceil(instrument.minutes), one.form)


def pulse_now(patient: Patient, *, now: datetime) -> tuple[str, int]:
    """The pulse that is open now and not answered, as ("SESSION:HOURS", hours); ("", 0) when none is."""
    since = now - timedelta(hours=max(PULSE_H) + 24)
    rows = TreatmentSession.objects.filter(patient=patient, closed_at__gt=since).order_by("-closed_at")
    for session in rows:
        hours = open_pulse(session.closed_at, now) if session.closed_at else None
        key = f"{session.pk}:{hours}"
        if hours and not _pulse_said(patient, key, since):
            return key, hours
    return "", 0


def _pulse_said(patient: Patient, key: str, since: datetime) -> bool:
    rows = EntryRow.objects.filter(patient=patient, kind="pulse", at__gt=since).values_list("values", flat=True)
    return any((values.get("pulse_of") or {}).get("value") == key for values in rows)


def _said_this_week(patient: Patient, name: str, today: date) -> bool:
    rows = EntryRow.objects.filter(patient=patient, local_date__gt=today - WEEK).exclude(kind=ANSWERS)
    return any(name in values for values in rows.values_list("values", flat=True))


def shell_cards() -> dict[str, Any]:
    """The cards anyone may hold offline: those that concern everyone, the pulse, the body."""
    everyone = cards_for((), load())
    return {
        "daily": in_words(c for c in everyone if c.every == "day"),
        "weekly": in_words(c for c in everyone if c.every == "week"),
        "pulse_cards": in_words(pulse_cards(load())),
        "places": body(),
    }


def body() -> tuple[tuple[Place, str], ...]:
    """The places of the body map with their words."""
    return tuple((place, spoken(place.say)) for place in places(load()))


def in_words(cards: Any) -> tuple[ShownCard, ...]:
    """Cards in the reader's language."""
    return tuple(ShownCard(c.name, c.type, spoken(c.ask), spoken(c.low), spoken(c.high)) for c in _cards(cards))


def _cards(cards: Any) -> tuple[Card, ...]:
    return tuple(cards)


def spoken(words: Mapping[str, str]) -> str:
    """The reader's language where it is there, else English."""
    return str(words.get((get_language() or "en")[:2]) or words.get("en", ""))
