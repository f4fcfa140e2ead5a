"""Adverse events: kept with their grade and, apart from it, seriousness, relatedness and outcome.

A serious one is a to-do of one named person until they take it, and of the clinic lead when they do not.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from surcease.care.adverse import Graded, Judgement, grade, refuse_judgement
from surcease.knowledge import load
from surcease.web.accounts.models import User
from surcease.web.audit import trail
from surcease.web.patients.models import Patient
from surcease.web.treatment.models import AdverseEventRow, TreatmentSession
from surcease.web.worklist import actions as worklist

SERIOUS_WITHIN = timedelta(hours=1)  # until it is taken; then the lead is asked as well


@dataclass(frozen=True, slots=True)
class Happening:
    """What a person saw and judged. ``chosen_grade`` counts where no number and no sign decides."""

    term: str
    words: str
    at: datetime
    signs: tuple[str, ...] = ()
    numbers: tuple[tuple[str, Decimal], ...] = ()
    chosen_grade: int | None = None
    judgement: Judgement = field(default_factory=Judgement)


def graded(what: Happening) -> Graded:
    """The grade that numbers and signs give, else the chosen one. ValueError when neither decides."""
    found = grade(what.term, knowledge=load(), numbers=dict(what.numbers), signs=what.signs)
    if found.grade is not None:
        return found
    if what.chosen_grade is None:
        raise ValueError(_("Give a sign, a measured value or a grade: nothing decides how strong it was."))
    return Graded(found.term, what.chosen_grade, found.words, (_("judged at the bedside"),))


@transaction.atomic
def record(
    *, by: User, now: datetime, patient: Patient, what: Happening, responsible: User | None = None,
    session: TreatmentSession | None = None, follows: UUID | None = None,
) -> AdverseEventRow:  # fmt: skip
    """Keep one judgement. ValueError says what contradicts; a serious one needs ``responsible``."""
    found = graded(what)
    if said := refuse_judgement(what.judgement, found, knowledge=load()):
        raise ValueError(said)
    if what.judgement.serious and responsible is None:
        raise ValueError(_("A serious event goes to a named person: say to whom."))
    row = AdverseEventRow(
        patient=patient, session=session, follows=follows, term=what.term, words=what.words.strip(), at=what.at,
        grade=found.grade, because=list(found.because), serious=list(what.judgement.serious),
        related=what.judgement.related, outcome=what.judgement.outcome, created_by=by, created_at=now,
    )  # fmt: skip
    row.save()
    trail.write("adverse event", by=by, about=row, patient=patient, details={"term": what.term, "grade": found.grade})
    if what.judgement.serious and responsible is not None:
        worklist.ask(
            by=by, now=now, key=f"serious:{follows or row.pk}", kind="serious adverse event", for_user=responsible,
            what=f"Serious: {found.term}, grade {found.grade}", due_at=now + SERIOUS_WITHIN, urgent=True,
            patient=patient, site=session.site if session else None, source=row,
            link=f"/treatment/person/{patient.pk}/adverse/",
            escalation=[{"after_min": 0, "role": "lead"}, {"after_min": 60, "role": "physician"}],
        )  # fmt: skip
    return row


@transaction.atomic
def strike(*, by: User, now: datetime, row: AdverseEventRow, reason: str) -> None:
    """An entry that was wrong stays readable with its reason."""
    row.strike(by=by, reason=reason, now=now)
    trail.write("strike adverse event", by=by, about=row, patient=row.patient_id, why=reason.strip())


def standing(patient: Patient) -> tuple[AdverseEventRow, ...]:
    """The latest standing judgement of each happening, newest first."""
    rows = AdverseEventRow.objects.standing().filter(patient=patient).select_related("session", "created_by")
    latest: dict[UUID, AdverseEventRow] = {row.follows or row.pk: row for row in rows.order_by("created_at")}
    return tuple(sorted(latest.values(), key=lambda row: row.at, reverse=True))


def in_words(names: Iterable[str]) -> str:
    """Names of the knowledge file as words."""
    return ", ".join(name.replace("_", " ") for name in names)
