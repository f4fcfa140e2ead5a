"""The clinical channel: what a rule says about a person. (Status and exceptions are other channels.)"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Outcome(StrEnum):
    """What a finding asks for, worst first. STOP cannot be overridden; it ends when a fact changes."""

    STOP = "STOP"
    DEFER = "DEFER"
    REVIEW = "REVIEW"
    CAUTION = "CAUTION"
    INFO = "INFO"

    @property
    def rank(self) -> int:
        """0 is worst."""
        return list(Outcome).index(self)


@dataclass(frozen=True, slots=True)
class Source:
    """Where a statement comes from: a key of knowledge/sources.yaml, its title and its address."""

    key: str
    title: str
    url: str = ""


@dataclass(frozen=True, slots=True)
class Finding:
    """One rule evaluated on one person.

    ``fired`` is True, False or None (unknown: inputs are missing). ``outcome`` is what it asks for now:
    a STOP rule with missing inputs asks DEFER. ``applies`` is False when the rule is not about this person
    (then it never fires). ``covered_by`` names a stronger rule that says the same.
    """

    id: str
    version: str
    stage: str
    outcome: Outcome
    fired: bool | None
    say: str
    do: str
    source: Source
    grade: str
    applies: bool = True
    used: tuple[tuple[str, str], ...] = ()  # fact name, value as shown
    missing: tuple[str, ...] = ()
    covered_by: str = ""
    owner: str = ""  # who settles what is missing
    title: str = ""
    kind: str = "rule"  # rule | schedule | card | statement
    persons: int = 1  # how many must agree to override
    note: str = ""
    unknown_because: tuple[tuple[str, str], ...] = ()  # missing fact, why it counts as unknown
    limits: tuple[str, ...] = ()  # numbers or outcomes signed by the site or for this person, beside the default

    @property
    def counts(self) -> bool:
        """Whether this finding weighs in the decision."""
        return self.applies and self.fired is not False and not self.covered_by


def worst(findings: tuple[Finding, ...]) -> Outcome | None:
    """The worst outcome among the findings that count, None when nothing fired."""
    return min((f.outcome for f in findings if f.counts), key=lambda o: o.rank, default=None)
