"""The decisions that wait for a physician: who may be treated, with what plan, and whether it helped."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Exists, Max, OuterRef, QuerySet, Subquery
from django.urls import reverse

from surcease.web.accounts.models import User
from surcease.web.intake.models import EligibilityDecision
from surcease.web.patients.access import PatientLine, in_care, lines_of
from surcease.web.patients.models import Patient
from surcease.web.plan.models import PlanVersion
from surcease.web.review.models import ReviewDecision
from surcease.web.treatment.models import TreatmentSession

SHOWN = 12  # of each kind; the count says how many more
RESPONSE_DAYS = 14  # the response window closes on day 14 after the last session
MAY_HAVE_A_PLAN = (EligibilityDecision.Verdict.ELIGIBLE, EligibilityDecision.Verdict.CONDITIONS)


@dataclass(frozen=True, slots=True)
class Waiting:
    """One kind of decision, and the people it waits for, the longest wait first."""

    word: str
    route: str
    count: int
    people: tuple[tuple[PatientLine, str], ...]


def decisions(user: User, now: datetime) -> dict[str, Any]:
    """What waits, by kind: a fixed number of queries however many people there are."""
    kinds = [("eligibility", "intake:person", _undecided(user, now)), ("plan", "plan:person", _unplanned(user, now)),
             ("review", "review:person", _unreviewed(user, now))]  # fmt: skip
    found = [(word, route, rows.count(), [row.pk for row in rows[:SHOWN]]) for word, route, rows in kinds]
    names = lines_of(user, {pk for *_rest, pks in found for pk in pks}, why="decisions waiting")
    return {
        "kinds": [
            Waiting(word, route, count, tuple((names[pk], reverse(route, args=[pk])) for pk in pks if pk in names))
            for word, route, count, pks in found
            if count
        ]
    }


def _undecided(user: User, now: datetime) -> QuerySet[Patient]:
    decided = EligibilityDecision.objects.filter(patient=OuterRef("pk"))
    return in_care(user, now).filter(~Exists(decided)).order_by("created_at")


def _unplanned(user: User, now: datetime) -> QuerySet[Patient]:
    newest = EligibilityDecision.objects.filter(patient=OuterRef("pk")).order_by("-version")
    plans = PlanVersion.objects.filter(patient=OuterRef("pk"))
    rows = in_care(user, now).annotate(verdict=Subquery(newest.values("verdict")[:1]))
    return rows.filter(~Exists(plans), verdict__in=MAY_HAVE_A_PLAN).order_by("created_at")


def _unreviewed(user: User, now: datetime) -> QuerySet[Patient]:
    """The response window after the last session has closed and nobody has decided since."""
    closed = TreatmentSession.objects.filter(patient=OuterRef("pk")).values("patient")
    reviewed = ReviewDecision.objects.filter(patient=OuterRef("pk"), at__gte=OuterRef("last_session"))
    rows = in_care(user, now).annotate(last_session=Subquery(closed.annotate(last=Max("closed_at")).values("last")))
    due = rows.filter(last_session__lte=now - timedelta(days=RESPONSE_DAYS)).filter(~Exists(reviewed))
    return due.order_by("last_session")
