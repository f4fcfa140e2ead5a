"""Questionnaires over time, for the person themselves and for the team; and what is due to be looked at."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from surcease.care.record import Record
from surcease.care.score_trends import Trend, trend
from surcease.care.surveillance import due_tests
from surcease.care.surveillance_history import history_of
from surcease.charts import scores as chart
from surcease.charts.theme import spec
from surcease.knowledge import load
from surcease.units import plain
from surcease.web.accounts.role import SignedIn
from surcease.web.diary.asked import concerns_of_person, questionnaires_of
from surcease.web.intake.at_hand import instruments
from surcease.web.patients.access import open_patient, own_patient
from surcease.web.patients.models import Patient
from surcease.web.patients.pages import person_page
from surcease.web.patients.record import make_record


@require_safe
def own(request: SignedIn) -> HttpResponse:
    """My questionnaires: my own scores, without what belongs to the team."""
    patient = own_patient(request.user, why="my questionnaires", request=request)
    return render(request, "diary/scores.html", {"patient": patient} | _shown(patient))


@require_safe
def person(request: SignedIn, patient_id: UUID) -> HttpResponse:
    """The same for the team, with bladder, liver and cognition and when they are due."""
    patient = open_patient(request.user, patient_id, why="questionnaires", request=request)
    return render(request, "diary/person_scores.html", person_page(patient, "diary") | _shown(patient))


def _shown(patient: Patient) -> dict[str, Any]:
    now, today = timezone.now(), timezone.localdate()
    record = make_record(patient, without=("diary",))
    history = history_of(record)
    due = due_tests(history, today=today, knowledge=load())
    return {
        "pictures": [_picture(t) for t in _trends(record)],
        "asked": questionnaires_of(patient, record, concerns_of_person(patient, record, now=now), today=today),
        "checks": [(test, test.overdue_days(today)) for test in due],
    }


def _trends(record: Record) -> list[Trend]:
    """A trend for every instrument that was ever answered, the most often answered first."""
    known = instruments()
    found = [trend(known[i], record.answers) for i in dict.fromkeys(a.instrument for a in record.answers) if i in known]
    return sorted(found, key=lambda t: (-len(t.sittings), t.instrument.id))


def _picture(one: Trend) -> dict[str, Any]:
    drawn = chart.scores(one)
    return {
        "id": f"scores-{one.instrument.id}",
        "title": one.instrument.title,
        "spec": spec(drawn) if drawn is not None else None,
        "sentence": chart.sentence(one),
        "heads": [_("Day"), _("Score"), _("Band")],
        "table": [
            (s.day.isoformat(), s.status if s.value is None else plain(s.value), s.band or "–")
            for s in reversed(one.sittings)
        ],
    }
