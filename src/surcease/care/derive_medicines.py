"""Facts of the medicine list: classes, opioids, morphine equivalents, and what could not be converted."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal

from surcease.care.medicines import medicine_facts
from surcease.care.mme import mme, mme_facts
from surcease.care.record import Medication, Record
from surcease.knowledge.fact import Fact
from surcease.knowledge.formulary import formulary
from surcease.knowledge.library import Knowledge


def list_facts(record: Record, now: datetime, knowledge: Knowledge) -> dict[str, Fact]:
    """The facts of a record's medicine list. No medicine on it means none is taken only where somebody said that the
    list is complete; otherwise nothing is known."""
    said = record.statements.get("medication_list_done")
    complete = said is not None and said.value is True
    return medicines_as_facts(record.medications, knowledge, today=now.date(), complete=complete)


def medicines_as_facts(
    medications: Sequence[Medication], knowledge: Knowledge, *, today: date, complete: bool = False
) -> dict[str, Fact]:
    """The facts of a list of medicines; of an empty one only when it is ``complete``."""
    if not medications:
        nothing = Fact(Decimal(0), "mg/d", today, "no medicine taken")
        totals = {"mme_per_day": nothing, "mme_at_least_per_day": nothing}
        listed = medicine_facts((), formulary(knowledge), today=today, none_taken=complete)
        return {**listed, **totals, "mme_unconverted": Fact((), "", today)} if complete else {}
    counted = mme(medications, today=today, knowledge=knowledge)
    unconverted = tuple(line.medicine for line in counted.lines if line.mme is None)
    return {
        **medicine_facts(tuple(medications), formulary(knowledge), today=today),
        **mme_facts(counted, today=today),
        "mme_unconverted": Fact(unconverted, "", today, f"computed, {counted.edition}"),
    }
