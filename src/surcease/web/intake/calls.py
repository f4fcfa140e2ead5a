"""Who is asked to call after an answer that needs somebody, by when, and whom it reaches until somebody takes it."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from surcease.care.urgency import DOCUMENT, Urgency, urgency
from surcease.knowledge import load
from surcease.knowledge.instrument import Trigger
from surcease.web.accounts.models import Role, User
from surcease.web.clinic.models import Site
from surcease.web.clinic.settings import setting
from surcease.web.intake.models import EligibilityDecision
from surcease.web.patients.models import Patient
from surcease.web.worklist import actions as worklist
from surcease.web.worklist.models import Todo

PATHWAY = "diary.pathway"
STEPS: tuple[dict[str, Any], ...] = (
    {"after_min": 0, "role": "physician"},
    {"after_min": 0, "role": "nurse"},
    {"after_min": 30, "role": "lead"},
)
OTHERWISE_MIN = 60


def site_of(patient: Patient) -> Site | None:
    """The site in whose care this person is now, None when it is a person's alone."""
    relation = patient.care_relations.filter(site__isnull=False, until=None).select_related("site").first()
    return relation.site if relation else None


def responsible(patient: Patient) -> User | None:
    """The named physician: one who cares for this person by name, else who decided on their treatment; None when
    neither can be asked."""
    named = patient.care_relations.filter(user__role=Role.PHYSICIAN, user__is_active=True, until=None)
    relation = named.select_related("user").order_by("-since").first()
    if relation is not None:
        return relation.user
    decided = EligibilityDecision.objects.filter(patient=patient, by__is_active=True).select_related("by")
    row = decided.order_by("-version").first()
    return row.by if row is not None else None


def pathway(site: Site | None, *, asked: str = "") -> list[dict[str, Any]]:
    """Whom an answer nobody has taken reaches next: the clinic's own steps, else physicians, nurses, the lead.

    ``asked`` is the role that is asked already: to it nothing escalates.
    """
    return [step for step in setting(PATHWAY, list(STEPS), site=site) if step["role"] != asked]


def call(*, by: Any, now: datetime, patient: Patient, trigger: Trigger, points: Decimal | None, before: Decimal | None,
         source: Any) -> Todo:  # fmt: skip
    """Ask somebody to call. Item 9 of the PHQ-9 by its rise, another trigger within the hour."""
    how = _soon(trigger, points, before)
    named, site = responsible(patient), site_of(patient)
    steps = pathway(site, asked="" if named else Role.PHYSICIAN)
    return worklist.ask(
        by=by, now=now, key=f"trigger:{source.pk}:{trigger.item}", kind="red flag", urgent=True,
        for_user=named, for_role="physician", site=site, what=how.say[:300], patient=patient, source=source,
        due_at=now + timedelta(minutes=how.minutes), link=f"/intake/person/{patient.pk}/", escalation=steps,
    )  # fmt: skip


def _soon(trigger: Trigger, points: Decimal | None, before: Decimal | None) -> Urgency:
    knowledge = load()
    entry = knowledge.documents[DOCUMENT]["item_9"]
    if points is not None and trigger.item == entry["item"] and trigger.then == "c-ssrs":
        found = urgency(points, before, knowledge=knowledge)
        if found is not None:
            return found
    return Urgency(OTHERWISE_MIN, trigger.say)
