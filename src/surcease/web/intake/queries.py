"""Reads of the intake step: the person assessed now, the battery staged, the decision."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from surcease.care.change import Flip, what_would_change
from surcease.care.eligibility import Eligibility, assess
from surcease.care.facts import derive
from surcease.care.override import Override
from surcease.care.record import Record
from surcease.knowledge import load
from surcease.knowledge.catalogue import catalogue
from surcease.knowledge.instrument import Instrument, sittings
from surcease.knowledge.score import Score, score
from surcease.web.clinic.models import Site
from surcease.web.instruments.queries import own_versions
from surcease.web.intake.at_hand import instruments
from surcease.web.intake.models import EligibilityDecision, SetAside
from surcease.web.intake.sections import BASELINE
from surcease.web.limits.queries import limits_for
from surcease.web.patients.models import Patient
from surcease.web.patients.record import make_record
from surcease.web.patients.ribbon import StepState


@dataclass(frozen=True, slots=True)
class Assessed:
    """A person with everything the intake rules say of them now."""

    record: Record
    result: Eligibility
    flip: Flip | None


def assessed(patient: Patient, *, now: datetime, site: Site | None = None, flip: bool = False) -> Assessed:
    """Assess now, with signed limits and what was set aside. ``flip`` also searches what would change the outcome."""
    knowledge, record = load(), make_record(patient)
    result = assess(
        derive(record, now=now, knowledge=knowledge),
        knowledge,
        now=now,
        site=limits_for(patient, site, now=now),
        overrides=overrides_of(patient),
    )
    return Assessed(record, result, what_would_change(result, knowledge) if flip else None)


def overrides_of(patient: Patient) -> tuple[Override, ...]:
    """Everything that was set aside, as the rules read it; what no longer holds is left alone by them."""
    rows = SetAside.objects.filter(patient=patient).select_related("by", "second").order_by("at")
    return tuple(
        Override(
            rule=row.rule,
            by=row.by.printed_name,
            at=row.at,
            reason=row.reason,
            second_by=row.second.printed_name if row.second else "",
            facts=tuple((name, value) for name, value in row.facts),
        )
        for row in rows
    )


def latest_decision(patient: Patient) -> EligibilityDecision | None:
    """The decision in force."""
    return EligibilityDecision.objects.filter(patient=patient).select_related("by").order_by("-version").first()


def instrument(instrument_id: str) -> Instrument:
    """A shipped or loaded instrument. KeyError when there is none."""
    return instruments()[instrument_id]


def baseline_sittings() -> tuple[tuple[Instrument, ...], ...]:
    """The baseline battery in sittings of at most twelve minutes."""
    known = catalogue(load())
    return sittings(tuple(known[i] for i in BASELINE), minutes=Decimal(12))


def scores_of(record: Record) -> dict[str, tuple[Score, object]]:
    """The latest score of each instrument in the record with its day; answers that cannot be scored are left out."""
    known = catalogue(load())
    mine = own_versions({a.instrument for a in record.answers} - set(known))
    found: dict[str, tuple[Score, object]] = {}
    for answers in sorted(record.answers, key=lambda a: str(a.at)):
        asked = known.get(answers.instrument) or mine.get((answers.instrument, answers.version))
        if asked is not None and answers.items:
            try:
                found[answers.instrument] = (score(asked, answers.items), answers.at)
            except ValueError:
                continue
    return found


def step_state(patient: Patient) -> StepState:
    """For the ribbon: done when decided, blocked by what the decision says."""
    row = latest_decision(patient)
    if row is None:
        return StepState()
    blocked = row.verdict in (EligibilityDecision.Verdict.DEFERRED, EligibilityDecision.Verdict.NOT)
    return StepState(done=not blocked, blocked_by=row.get_verdict_display() if blocked else "")
