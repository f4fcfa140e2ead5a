"""An override is a record, never a flag: who, when, why, on which findings. A STOP has none; it ends by a new fact."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from surcease.knowledge.finding import Finding, Outcome
from surcease.knowledge.library import Knowledge


class OverrideError(ValueError):
    """An override that may not be; the sentence says why and what to do instead."""


@dataclass(frozen=True, slots=True)
class Override:
    """One rule's finding set aside. It holds only while the facts it was signed on stay as they were."""

    rule: str
    by: str
    at: datetime
    reason: str
    second_by: str = ""
    facts: tuple[tuple[str, str], ...] = ()

    def holds(self, finding: Finding) -> bool:
        """Whether it still stands for this finding: same rule, same facts."""
        return finding.id == self.rule and finding.used == self.facts


def override(
    finding: Finding, knowledge: Knowledge, *, by: str, at: datetime, reason: str, second_by: str = ""
) -> Override:
    """Set one finding aside; OverrideError when it may not be."""
    rule = knowledge.rule(finding.id)
    if finding.outcome is Outcome.STOP:
        raise OverrideError(f"{finding.id} is a STOP: it ends when a fact changes, with its date. Record the new fact.")
    if finding.fired is None and Outcome.STOP in (rule.outcome, rule.signed_outcome):
        raise OverrideError(
            f"{finding.id} waits for facts that could make it a STOP: record {', '.join(finding.missing)}."
        )
    if not finding.counts:
        raise OverrideError(f"{finding.id} asks for nothing now: there is nothing to set aside.")
    if not by or not reason.strip():
        raise OverrideError(f"{finding.id} is set aside only with a name and a reason: write both.")
    if finding.persons > 1 and (not second_by or second_by == by):
        raise OverrideError(f"{finding.id} needs a second person: another signed-in colleague agrees.")
    return Override(finding.id, by, at, reason.strip(), second_by, finding.used)
