"""The plan tested on 1,000 simulated people, beside one or two others where the physician asks for a comparison."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal

from surcease.care.plan_forecast import Whom, compare, side_by_side
from surcease.care.record import Record
from surcease.knowledge import load
from surcease.knowledge.fact import Facts
from surcease.web.plan.record import Worked, work_out

MOST = 3


@dataclass(frozen=True, slots=True)
class Tested:
    """Lines to read side by side; ``heads`` names the plans, the signed or drafted one first."""

    heads: tuple[str, ...]
    lines: tuple[tuple[str, tuple[str, ...]], ...]
    limits: tuple[str, ...]
    lacks: tuple[str, ...]
    people: int


def in_silico(
    worked: Worked, record: Record, facts: Facts, *, now: datetime, others: Sequence[str] = (), people: int = 1000
) -> Tested:
    """Simulate the whole course, and those of ``others`` (protocol ids) for the same person."""
    plans = [worked, *_others(worked, record, facts, others, now)][:MOST]
    weight, age, pressure = worked.dose.weight, facts.value("age_years"), facts.value("systolic_clinic_mean")
    whom = Whom(
        weight_kg=float(weight.actual_kg),
        age_years=float(age) if isinstance(age, Decimal) else None,
        systolic=float(pressure) if isinstance(pressure, Decimal) else None,
    )
    rest = worked.protocol.observation.to("h").value
    found = compare(
        [plan.course for plan in plans], whom, knowledge=load(), dose_kg=float(weight.kg), observation_h=float(rest),
        people=people,
    )  # fmt: skip
    return Tested(
        heads=tuple(plan.protocol.id for plan in plans),
        lines=side_by_side(found),
        limits=found[0].limits,
        lacks=found[0].lacks,
        people=people,
    )


def _others(worked: Worked, record: Record, facts: Facts, others: Sequence[str], now: datetime) -> list[Worked]:
    made = [
        work_out(replace(worked.choices, protocol=other, own_dose="", sessions="", route=""), record, facts, now=now)
        for other in others
        if other != worked.protocol.id
    ]
    return [plan for plan in made if plan is not None]
